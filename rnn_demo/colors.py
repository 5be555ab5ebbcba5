"""The colours of every page: one for each label, and one diverging scale for hidden states. Nothing else may choose.

All hold 3:1 against the white and against the dark page, and white text on a label's colour 4.5:1 (WCAG 2.2 AA);
the label colours are told apart by people with any of the three common kinds of colour blindness.
"""

LABEL_COLORS = {"O": "#6b7280", "PER": "#0072b2", "ORG": "#b84f00", "LOC": "#007a59", "MISC": "#a8478f"}

# -1 and +1; 0 is the colour of the page, so that what is not there is not seen.
NEGATIVE, POSITIVE = "#7b5bb5", "#d97706"

"""Numbers in words, kinds of words, and how marks are shown, the same on every page. Standard library only."""

from rnn_demo.text import END, START, UNKNOWN

_SMALL = """
a an the this that these those my your his her its our their some any no every each all both much many more most few
i you he she it we they me him us them who what which whose myself yourself himself herself itself ourselves themselves
am is are was were be been being do does did have has had having will would shall should can could may might must ca wo 'm 's
're 've 'll 'd n't not to of in on at by for with from about into over under after before between through during without
against among up down out off and or but if because as than so when while where how why there here very too also just only
le la les l' un une des du de d' au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs
je j' tu il elle on nous vous ils elles me m' te t' se s' lui y en qui que qu' quoi dont où ne n' pas plus et ou mais si
est sont était ai as a ont avons avez suis es sommes êtes dans sur sous avec sans pour par chez à c'est ça cela
"""
SMALL_WORDS = frozenset(_SMALL.split())
KINDS = ("small word", "other word", "sign or end")
END_SIGN = "■"  # the end mark, wherever it is shown: no word looks like it
# How the marks of text.py are shown. None of them is a word that somebody may type: "end" and the end mark must not look alike.
FACES = {START: "start ▷", END: END_SIGN, UNKNOWN: "a rare word"}
END_ALOUD = "the end mark"
ALOUD = FACES | {START: "the start mark", END: END_ALOUD}


def percent(p: float) -> str:
    """Never quite sure: 0.997 -> ">99 %", 0.704 -> "70 %" """
    return ">99 %" if p > 0.995 else "<1 %" if p < 0.005 else f"{p * 100:.0f} %"


def signed(value: float) -> str:
    """To a tenth: 0.42 -> "+0.4", -0.42 -> "−0.4", 0.01 -> "±0" """
    return "±0" if abs(value) < 0.05 else f"{'+' if value > 0 else '−'}{abs(value):.1f}"


def times(log2: float) -> str:
    """A ratio, from its logarithm to base 2: 0.32 -> "1.2 times", 8.7 -> "416 times", 24.2 -> "19 million times"."""
    if log2 > 50:
        return f"10^{log2 * 0.30103:.0f} times"
    ratio = 2**log2
    for size, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if ratio >= size:
            return f"{ratio / size:.{ratio < 10 * size:d}f}{name} times"
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


def trust(rows: list[dict], answers: str) -> str:
    """How far to trust a probability, in a sentence: that of the row with the most answers; "" without any.

    [{"confidence": 0.842, "right": 0.81, "count": 900}], "ratings"
    -> "Of 100 ratings given about 84 %, 81 were right."
    """
    if not rows:
        return ""
    row = max(rows, key=lambda row: row["count"])
    return f"Of 100 {answers} given about {100 * row['confidence']:.0f} %, {100 * row['right']:.0f} were right."


def kind_of(word: str) -> str:
    """One of KINDS, for English and French alike; what stands between "<" and ">" is a sign. "the" -> "small word" """
    if not any(c.isalnum() for c in word) or word.startswith("<") and len(word) > 1:
        return "sign or end"
    return "small word" if word.lower() in SMALL_WORDS else "other word"

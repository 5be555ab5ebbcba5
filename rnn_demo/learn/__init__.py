"""Small networks that learn before your eyes: what there is to learn, and how it is learnt, without Streamlit.

A new job is a file here and a line in JOBS. Importing this needs no torch; learning.py and network.py do.
"""

from rnn_demo.learn import brackets, curve, first, labels, names, parity
from rnn_demo.learn.base import Job

JOBS: dict[str, Job] = {module.JOB.name: module.JOB for module in (first, parity, brackets, curve, names, labels)}

"""The QR code of a link, read back by zxing as a phone would read it from the screen."""

import re

import numpy as np
import pytest
import zxingcpp

from rnn_demo.app.qr import LARGEST, qr_code


def drawn(link: str, scale: int = 4) -> np.ndarray:
    """The SVG as a browser draws it: white, and strokes one square high."""
    code = qr_code(link)
    picture = np.full((code.size, code.size), 255, dtype=np.uint8)
    x = y = 0
    for start, dash, gap in re.findall(r"M(\d+ \d+)\.5|h(\d+)|m(\d+) 0", code.path):
        if start:
            x, y = map(int, start.split())
        elif dash:
            picture[y, x : x + int(dash)] = 0
        x += int(dash or gap or 0)
    return picture.repeat(scale, 0).repeat(scale, 1)


@pytest.mark.parametrize(
    "link",
    ["http://localhost:8501/", "https://rnn.example/tag?text=Zo%C3%AB&cell=lstm&step=2", "https://a.example/?text=" + "x" * 800],
)
def test_a_phone_reads_the_link_that_it_was_made_of(link):
    assert [found.text for found in zxingcpp.read_barcodes(drawn(link))] == [link]


def test_it_says_nothing_of_the_link_but_its_squares():
    assert set(qr_code('https://rnn.example/?text="><script>alert(1)</script>').path) <= set("Mhm. 0123456789")


@pytest.mark.parametrize("length", [1_000, 8_000])
def test_a_link_that_would_be_too_fine_is_refused_with_what_to_do(length):
    with pytest.raises(ValueError, match="Share the link itself, or a file"):
        qr_code("https://rnn.example/?text=" + "x" * length)
    assert qr_code("x" * 858).size <= 17 + 4 * LARGEST + 8

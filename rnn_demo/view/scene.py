"""What a stop of the story does with the view: what it marks, what it takes away, and what the reader is to guess first."""

from typing import NamedTuple

# Each has a rule for being marked, and one for being taken away, in story.css.
PARTS = ("out", "block", "arrows", "start", "words", "memory", "folded", "feedback", "context", "verdict", "legend")


class Guess(NamedTuple):
    """A question about what comes out at a step, and the right answer, as Reading.answers names it, where the network's need not
    be right. Guess("Which label will Microsoft get?", 4)"""

    question: str
    step: int
    right: str = ""


class Scene(NamedTuple):
    """`away`: the network is not drawn, since something else stands in its place."""

    light: tuple[str, ...] = ()
    dim: tuple[str, ...] = ()
    guess: Guess | None = None
    away: bool = False

    @property
    def drawn(self) -> dict:
        """As the view takes it."""
        return self._asdict() | {"guess": self.guess and self.guess._asdict()}

"""How inputs and answers of a network lie to each other: the drawings on the tabs and the classes of the view come from here."""

from typing import NamedTuple

STEPS = range(4)  # of the drawing of a shape


class Shape(NamedTuple):
    """What a shape looks like in four steps, and what that means for the view.

    name, caption   the field's term, and how the tab says it
    reads           at which of the four steps something from outside goes in
    answers         at which of them an answer comes out
    feeds_back      an answer is the next input
    guesses         an answer is a guess at the next input, which comes from outside
    lists           there are many possible answers, and the likeliest are listed: "letters", "words", or "" for none
    two_networks    one reads, and another one, beside it, answers

    Shape("many-to-one", "many-to-one", (0, 1, 2, 3), (3,)).flags -> ["answers-last"]
    """

    name: str
    caption: str
    reads: tuple[int, ...]
    answers: tuple[int, ...]
    feeds_back: bool = False
    guesses: bool = False
    lists: str = ""
    two_networks: bool = False

    @property
    def flags(self) -> list[str]:
        """The classes of the view, each with "uv-" before it."""
        found = {
            "answers-each": self.answers == tuple(STEPS),
            "answers-last": self.answers == (STEPS[-1],),
            "feeds-back": self.feeds_back,
            "guesses": self.guesses,
            "lists": bool(self.lists),
            f"lists-{self.lists}": bool(self.lists),
            "two-networks": self.two_networks,
        }
        return [name for name, holds in found.items() if holds]


EACH = tuple(STEPS)
MANY_TO_MANY = Shape("many-to-many", "one label per token", EACH, EACH)
MANY_TO_ONE = Shape("many-to-one", "many-to-one", EACH, (3,))
ONE_TO_MANY = Shape("one-to-many", "one-to-many", (0,), EACH, feeds_back=True, lists="letters")
ENCODER_DECODER = Shape("encoder-decoder", "encoder-decoder", (0, 1), (2, 3), feeds_back=True, lists="words", two_networks=True)
NEXT_WORD = Shape("next-word", "next word", EACH, EACH, guesses=True, lists="words")

"""What a network without recurrence cannot do: FiveWords, a real torch layer for five one-hot words, which needs padding for
three and refuses six."""

import torch
from torch import Tensor, nn


class FiveWords:
    """A feed-forward layer for sentences of five words. All its weights are random: it is about what fits, not what is learnt.

    FiveWords(("he", "is", "great")).layer has 5 x 3 inputs and 10 outputs.
    """

    PLACES, NEURONS = 5, 10

    def __init__(self, vocabulary: tuple[str, ...]):
        self.vocabulary = vocabulary
        self.layer = nn.Linear(self.PLACES * len(vocabulary), self.NEURONS)

    def one_hot(self, words: list[str | None]) -> Tensor:
        """(words x vocabulary,) a 1 for each word in its own place; None, which is padding, has none. A word outside the
        vocabulary raises ValueError."""
        ids = torch.tensor([-1 if word is None else self.vocabulary.index(word) for word in words])
        return (ids[:, None] == torch.arange(len(self.vocabulary))).float().flatten()

    def padded(self, words: list[str]) -> list[str | None]:
        """As many places as there are, or more if there are more words. ["he", "is"] -> ["he", "is", None, None, None]"""
        return [*words, *[None] * (self.PLACES - len(words))]

    def read(self, words: list[str | None]) -> Tensor:
        """(10,) what comes out. Any other number of words than five raises torch's own RuntimeError."""
        with torch.inference_mode():
            return self.layer(self.one_hot(words)[None])[0]

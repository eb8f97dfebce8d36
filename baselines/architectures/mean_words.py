"""The mean of a small perceptron over a text's word vectors: text without any order."""

from torch import Tensor, nn

from ...datasets.base import Modality
from .base import Architecture
from .words import WordModel


class MeanWords(WordModel):
    """One hidden layer on each word vector, the mean over the words, logits.

    The layer comes before the mean: after it, the gradient would be the same for every word of a text.

    Source:
        zaheer2017deep, a sum (here a mean) of transformed elements, with one layer on either side of it.
    """

    def __init__(self, classes: int, vectors: Tensor | None = None, *, hidden: int = 64, dropout: float = 0.2) -> None:
        super().__init__(vectors)
        self.layer = nn.Sequential(nn.Linear(self.width, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.linear = nn.Linear(hidden, classes)

    def classify(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """Word vectors (N, T, E) to logits (N, K); a text without words has the mean zero."""
        total = (self.layer(embeddings) * present.unsqueeze(2)).sum(dim=1)
        logits: Tensor = self.linear(total / present.sum(dim=1, keepdim=True).clamp(min=1))
        return logits


def build_mean_words(shape: tuple[int, ...], classes: int, vectors: Tensor | None = None) -> nn.Module:
    """A `MeanWords` for texts of shape (T,), with its table of word vectors (V, E)."""
    return MeanWords(classes, vectors)


MEAN_WORDS = Architecture(
    name="mean_words",
    version=1,
    build=build_mean_words,
    modalities=frozenset({Modality.TEXT}),
    description="trained word vectors, 64 units on each, dropout 0.2, mean over the words",
    reference="zaheer2017deep",
)

"""Models of text: word ids to embeddings, and embeddings to logits, so that a map can explain the embeddings."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

PADDING = 0  # the word id behind the end of a text
UNTRAINED_WORDS, UNTRAINED_WIDTH = 1000, 50  # of a random table, where no word vectors are given


class WordModel(nn.Module, ABC):
    """A classifier of word ids (N, T), whose first half is a table of word vectors.

    `forward` is `classify(embed(tokens), present(tokens))`. What lies behind the end of a text changes no logit.

    Args:
        vectors: the table to start from, shape (V, E); row 0, the padding, is set to zero and stays so. None draws a
            random one of 1000 words and 50 dimensions, for trials of the architecture alone.
        trained: whether the table is trained with the rest.
    """

    def __init__(self, vectors: Tensor | None, *, trained: bool = True) -> None:
        super().__init__()
        if vectors is None:
            vectors = torch.randn(UNTRAINED_WORDS, UNTRAINED_WIDTH)
        if vectors.ndim != 2 or not vectors.is_floating_point():
            raise ValueError(f"vectors must be floats of shape (V, E), got {vectors.dtype} {tuple(vectors.shape)}")
        self.words = nn.Embedding(len(vectors), vectors.shape[1], padding_idx=PADDING)
        with torch.no_grad():
            self.words.weight.copy_(vectors)
            self.words.weight[PADDING] = 0
        self.words.weight.requires_grad_(trained)

    @property
    def width(self) -> int:
        """The number of dimensions of a word vector, E."""
        return self.words.embedding_dim

    def embed(self, tokens: Tensor) -> Tensor:
        """Word ids (N, T) to word vectors (N, T, E)."""
        vectors: Tensor = self.words(tokens)
        return vectors

    @staticmethod
    def present(tokens: Tensor) -> Tensor:
        """Which places lie before the end of each text, bool, shape (N, T); a gap in a text is part of it."""
        return (tokens != PADDING).flip(1).cummax(dim=1).values.flip(1)

    @abstractmethod
    def classify(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """Word vectors (N, T, E) of the places that are present, bool (N, T), to logits (N, K)."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Word ids (N, T) to logits (N, K)."""
        return self.classify(self.embed(tokens), self.present(tokens))


def word_model(model: nn.Module) -> WordModel:
    """The model itself, out of torch.compile's wrapper, once it is known to be a `WordModel`; else a TypeError."""
    plain = getattr(model, "_orig_mod", model)
    if not isinstance(plain, WordModel):
        raise TypeError(f"texts are explained through a WordModel's embeddings, got {type(plain).__name__}")
    return plain

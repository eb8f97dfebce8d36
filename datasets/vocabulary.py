"""Words and their ids: what turns tokens into the integers that a model of text reads."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

PADDING, UNKNOWN, SEPARATOR = 0, 1, 2
RESERVED = ("[PAD]", "[UNK]", "[SEP]")  # the words of the first ids


@dataclass(frozen=True)
class Vocabulary:
    """Words in the order of their ids, which begin behind the reserved ones."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]], *, at_least: int = 1) -> "Vocabulary":
        """The words that occur often enough in some texts, the most frequent first and equals by the alphabet."""
        counts = Counter(word for text in texts for word in text)
        for word in RESERVED:
            del counts[word]
        words = [word for word, count in counts.items() if count >= at_least]
        return cls(tuple(sorted(words, key=lambda word: (-counts[word], word))))

    def __len__(self) -> int:
        return len(RESERVED) + len(self.words)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: place for place, word in enumerate((*RESERVED, *self.words))}

    def ids(self, text: Iterable[str]) -> list[int]:
        """The id of each word; that of [UNK] for words which are not there."""
        return [self._ids.get(word, UNKNOWN) for word in text]

    def encode(self, texts: Sequence[Sequence[str]], length: int) -> Tensor:
        """Texts as rows of ids, cut off after `length` words or padded with 0 to it, shape (N, length), int64."""
        rows = torch.zeros((len(texts), length), dtype=torch.int64)
        for row, text in zip(rows, texts, strict=True):
            ids = self.ids(text[:length])
            row[: len(ids)] = torch.tensor(ids, dtype=torch.int64)
        return rows

    def decode(self, ids: Tensor) -> list[str]:
        """The words of one row of ids, without the padding."""
        names = (*RESERVED, *self.words)
        return [names[place] for place in ids.tolist() if place != PADDING]

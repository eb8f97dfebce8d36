"""Saliency guided training on text: predictions must not change when the least salient words give way."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from ...datasets.base import Samples
from ...datasets.vocabulary import RESERVED, SEPARATOR, UNKNOWN
from ...metrics.units import without_tokens
from ..architectures.words import word_model
from ..models import evaluation, same_in_both_modes
from .base import TrainingState
from .saliency_guided import SaliencyGuided

Replacement = Literal["previous_salient", "removed", "unknown", "separator", "random"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaliencyGuidedWords(SaliencyGuided):
    """`SaliencyGuided` where the features are the words of a text, and the texts have their own lengths.

    A word's score is the sum of the gradient over its vector. Of each text's removable words the k of lowest score
    are chosen, and replaced by the last word before them that is not chosen; padding, queries and separators stay.

    Source:
        ismail2021improving, section 3 and the supplement on language, which names the five replacements and takes the
        previous salient word. Not said there and chosen here: a word with no salient word before it takes the next
        one, a text in which all words are chosen stays as it is, and random words are uniform over the vocabulary.
    """

    masked_fraction: float = 0.6  # k over the number of a text's removable words; table 5: 0.6, 0.8, 0.7
    replacement: Replacement = "previous_salient"

    def __post_init__(self) -> None:
        SaliencyGuided.__post_init__(self)
        if self.replacement not in get_args(Replacement):
            raise ValueError(f"replacement must be one of {get_args(Replacement)}, got {self.replacement!r}")

    def start(self, samples: Samples, state: TrainingState) -> None:
        """Nothing is kept, and word ids are what the method is for."""

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy on the clean texts, plus the weighted mean divergence."""
        words = word_model(model)
        present = words.present(batch.inputs)
        if same_in_both_modes(model):
            embeddings = words.embed(batch.inputs)
            if not embeddings.requires_grad:
                embeddings.requires_grad_()
            clean = words.classify(embeddings, present)
            gradient = self._gradient(clean, embeddings, batch.targets, retain_graph=True)
        else:
            with evaluation(model):
                embeddings = words.embed(batch.inputs).detach().requires_grad_()
                logits = words.classify(embeddings, present)
                gradient = self._gradient(logits, embeddings, batch.targets, retain_graph=False)
            clean = model(batch.inputs)
        removable = present if batch.removable is None else batch.removable
        vocabulary = words.words.num_embeddings
        masked = self.mask_words(batch.inputs, gradient.sum(dim=2), removable, state.generator, vocabulary=vocabulary)
        return self._objective(clean, model(masked), batch.targets)

    def mask_words(
        self, tokens: Tensor, scores: Tensor, removable: Tensor, generator: torch.Generator, *, vocabulary: int
    ) -> Tensor:
        """The texts with the k words of lowest score replaced.

        Args:
            tokens: word ids, shape (N, T).
            scores: the gradient of each word, shape (N, T).
            removable: which words may be replaced, bool, shape (N, T).
            generator: of random words; on the device of the tokens.
            vocabulary: the number of word ids, V.

        Returns:
            Shape (N, T); shorter texts, padded, if the replacement is "removed".
        """
        chosen = self._lowest(scores, removable)
        if self.replacement == "removed":
            return without_tokens(tokens, chosen)
        if self.replacement == "previous_salient":
            return torch.where(chosen, tokens.gather(1, _nearest_salient(removable & ~chosen)), tokens)
        if self.replacement == "random":
            low = len(RESERVED)
            drawn = torch.randint(low, vocabulary, tokens.shape, generator=generator, device=tokens.device)
            return torch.where(chosen, drawn, tokens)
        return tokens.masked_fill(chosen, UNKNOWN if self.replacement == "unknown" else SEPARATOR)

    def _lowest(self, scores: Tensor, removable: Tensor) -> Tensor:
        """Which words are chosen, bool, shape (N, T): k of each text, at least one of any."""
        if self.ranking == "absolute":
            scores = scores.abs()
        totals = removable.sum(dim=1, keepdim=True)
        shares = (self.masked_fraction * totals.double()).mul(1e6).round().div(1e6)  # 0.57 * 100 is less than 57
        counts = shares.long().clamp(min=1).minimum(totals)  # k
        order = scores.masked_fill(~removable, torch.inf).argsort(dim=1, stable=True)
        return (order.argsort(dim=1) < counts) & removable


def _nearest_salient(salient: Tensor) -> Tensor:
    """For each place the last salient one up to it, else the next one after it, else itself, shape (N, T)."""
    places = torch.arange(salient.shape[1], device=salient.device).expand_as(salient)
    before = places.masked_fill(~salient, -1).cummax(dim=1).values
    none = salient.shape[1]
    after = places.masked_fill(~salient, none).flip(1).cummin(dim=1).values.flip(1)
    found = torch.where(before >= 0, before, after)
    return torch.where(found < none, found, places)

"""Saliency guided training on text: which words give way to which, and the loss against its formula."""

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from salbench.baselines.architectures.bilstm import BiLSTMClassifier
from salbench.baselines.architectures.mean_words import MeanWords
from salbench.baselines.saliency import GRADIENT, attribute
from salbench.baselines.training import TrainingState
from salbench.baselines.training.saliency_guided_words import SaliencyGuidedWords
from salbench.datasets import Samples

TOKENS = torch.tensor([[11, 12, 13, 14, 15, 2, 9, 2], [21, 22, 0, 0, 0, 0, 0, 0], [2, 9, 2, 0, 0, 0, 0, 0]])
REMOVABLE = torch.zeros(3, 8, dtype=torch.bool)
REMOVABLE[0, :5] = REMOVABLE[1, :2] = True
SCORES = torch.tensor(
    [[-0.3, 0.9, 0.1, 0.5, -2.0, -9.0, -9.0, -9.0], [0.2, 0.1, -5.0, 0.0, 0.0, 0.0, 0.0, 0.0], [-1.0] * 8]
)


def masked(**settings: Any) -> list[list[int]]:
    recipe = SaliencyGuidedWords(**settings)
    generator = torch.Generator().manual_seed(0)
    return recipe.mask_words(TOKENS, SCORES, REMOVABLE, generator, vocabulary=40).tolist()


def test_low_words_become_the_last_salient_one_before_them_or_else_the_next() -> None:
    # 3 of 5 words give way: the first, third and last; of two words one; of none, none
    assert masked() == [[12, 12, 12, 14, 14, 2, 9, 2], [21, 21, 0, 0, 0, 0, 0, 0], TOKENS[2].tolist()]


def test_other_replacements() -> None:
    assert masked(replacement="unknown")[0] == [1, 12, 1, 14, 1, 2, 9, 2]
    assert masked(replacement="separator")[0] == [2, 12, 2, 14, 2, 2, 9, 2]
    assert masked(replacement="removed")[:2] == [[12, 14, 2, 9, 2, 0, 0, 0], [21, 0, 0, 0, 0, 0, 0, 0]]
    drawn = masked(replacement="random")
    assert [row[1] for row in drawn[:1]] == [12]
    assert drawn[0][5:] == [2, 9, 2]
    assert drawn[2] == TOKENS[2].tolist()
    assert all(3 <= drawn[0][place] < 40 for place in (0, 2, 4))


def test_absolute_ranking_takes_the_scores_nearest_zero() -> None:
    assert masked(ranking="absolute", replacement="unknown")[0] == [1, 12, 1, 1, 15, 2, 9, 2]


def test_counts_are_each_texts_own_and_at_least_one() -> None:
    assert [sum(word == 1 for word in row) for row in masked(masked_fraction=0.01, replacement="unknown")] == [1, 1, 0]
    assert [sum(word == 1 for word in row) for row in masked(masked_fraction=0.8, replacement="unknown")] == [4, 1, 0]


def test_a_text_without_a_salient_word_stays_as_it_is() -> None:
    assert masked(masked_fraction=1.0) == TOKENS.tolist()


def batch() -> Samples:
    return Samples(
        inputs=TOKENS, targets=torch.tensor([0, 1, 2]), ids=torch.arange(3), fill=TOKENS, removable=REMOVABLE
    )


@pytest.mark.parametrize("kind", [MeanWords, BiLSTMClassifier])
def test_the_loss_is_that_of_the_paper(kind: type[MeanWords] | type[BiLSTMClassifier]) -> None:
    torch.manual_seed(0)
    model = kind(3, torch.randn(40, 5), dropout=0.0).double().train()
    recipe, samples = SaliencyGuidedWords(divergence_weight=0.7), batch()
    state = TrainingState(generator=torch.Generator().manual_seed(0))
    loss = recipe.loss(model, samples, state)
    scores = attribute(GRADIENT, model, samples, seed=0)
    tokens = recipe.mask_words(TOKENS, scores, REMOVABLE, state.generator, vocabulary=40)
    clean, other = model(TOKENS), model(tokens)
    divergence = (clean.softmax(1) * (clean.log_softmax(1) - other.log_softmax(1))).sum(dim=1).mean()
    expected = cross_entropy(clean, samples.targets) + 0.7 * divergence
    torch.testing.assert_close(loss, expected)
    parameters = list(model.parameters())
    for found, wanted in zip(
        torch.autograd.grad(loss, parameters), torch.autograd.grad(expected, parameters), strict=True
    ):
        torch.testing.assert_close(found, wanted)


def test_dropout_is_off_for_the_map_and_the_mode_is_left_alone() -> None:
    torch.manual_seed(0)
    model = BiLSTMClassifier(3, torch.randn(40, 5), dropout=0.5).train()
    seen: list[Tensor] = []

    class Watching(SaliencyGuidedWords):
        def mask_words(self, tokens: Tensor, scores: Tensor, *others: Any, **options: Any) -> Tensor:
            seen.append(scores)
            return SaliencyGuidedWords.mask_words(self, tokens, scores, *others, **options)

    loss = Watching().loss(model, batch(), TrainingState(generator=torch.Generator().manual_seed(0)))
    assert model.training
    torch.testing.assert_close(
        seen[0][REMOVABLE], attribute(GRADIENT, model, batch(), seed=0)[REMOVABLE], rtol=1e-4, atol=1e-6
    )
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.filterwarnings("ignore")  # torch warns of what it imports itself
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_a_compiled_model_has_the_loss_of_the_plain_one(dropout: float) -> None:
    torch.manual_seed(0)
    model = MeanWords(3, torch.randn(40, 5), dropout=dropout).train()
    compiled = cast(nn.Module, torch.compile(model, backend="eager"))
    losses = []
    for called in (model, compiled):
        torch.manual_seed(1)
        state = TrainingState(generator=torch.Generator().manual_seed(0))
        losses.append(SaliencyGuidedWords().loss(called, batch(), state))
    torch.testing.assert_close(losses[1], losses[0])


def test_frozen_word_vectors_are_explained_too() -> None:
    torch.manual_seed(0)
    model = MeanWords(3, torch.randn(40, 5), dropout=0.0)
    model.words.weight.requires_grad_(False)
    loss = SaliencyGuidedWords().loss(model, batch(), TrainingState(generator=torch.Generator()))
    loss.backward()
    assert model.words.weight.grad is None


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="replacement must be one of"):
        SaliencyGuidedWords(replacement="white")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="masked_fraction"):
        SaliencyGuidedWords(masked_fraction=0.0)

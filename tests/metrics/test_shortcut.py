from itertools import pairwise, permutations, product

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Predictions
from salbench.metrics.base import Changed
from salbench.metrics.shortcut import (
    ACCURACY_ABSENT,
    ACCURACY_FLIPPED,
    ACCURACY_INFORMATIVE,
    ACCURACY_TRAINING,
    SHORTCUT_AUROC,
    SHORTCUT_AUROC_ABSENT,
    any_channel_share,
    correctness_without_irrelevant,
    irrelevant_in_top,
    shortcut_auroc,
    told_apart,
)

LAST = torch.tensor([[False, False, True]])  # the third feature must not matter


class Sum(nn.Module):
    """Class 1 if the features add up to more than 0."""

    def __init__(self, weights: list[float]) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor(weights))

    def forward(self, inputs: Tensor) -> Tensor:
        evidence = inputs @ self.weights
        return torch.stack([-evidence, evidence], dim=1)


def some_samples() -> Samples:
    """The first feature tells the class; the last one is a shortcut that tells it too, but for the last sample."""
    inputs = torch.tensor([[1.0, 0.0, 3.0], [-1.0, 0.0, -3.0], [1.0, 0.0, -3.0]])
    return Samples(
        inputs=inputs,
        targets=torch.tensor([1, 0, 1]),
        ids=torch.tensor([4, 7, 2]),
        fill=torch.zeros_like(inputs),
        irrelevant=LAST.expand_as(inputs),
    )


def test_accuracy_without_what_must_not_matter_by_hand() -> None:
    samples = some_samples()
    honest, cheating = Sum([1.0, 0.0, 0.0]).eval(), Sum([0.0, 0.0, 1.0]).eval()
    assert correctness_without_irrelevant(honest, samples).tolist() == [1.0, 1.0, 1.0]
    assert correctness_without_irrelevant(cheating, samples).tolist() == [0.0, 1.0, 0.0]  # a tie counts for class 0


def test_a_sample_without_annotation_is_nan_and_none_at_all_is_an_error() -> None:
    samples = some_samples()
    masks = LAST.expand_as(samples.inputs).clone()
    masks[1] = False
    partly = Samples(
        inputs=samples.inputs, targets=samples.targets, ids=samples.ids, fill=samples.fill, irrelevant=masks
    )
    assert correctness_without_irrelevant(Sum([1.0, 0.0, 0.0]).eval(), partly).isnan().tolist() == [False, True, False]
    bare = Samples(inputs=samples.inputs, targets=samples.targets, ids=samples.ids, fill=samples.fill)
    with pytest.raises(ValueError, match="must have irrelevant"):
        correctness_without_irrelevant(Sum([1.0, 0.0, 0.0]).eval(), bare)


def test_a_map_on_the_shortcut_alone_ranks_it_first() -> None:
    irrelevant = LAST.expand(3, -1)
    maps = torch.tensor([[0.0, 0.1, -5.0], [2.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    assert shortcut_auroc(maps, irrelevant).tolist() == [1.0, 0.0, 0.5]


def test_models_are_told_apart_by_the_pairs() -> None:
    first, second = torch.tensor([0.9, 0.5, float("nan")]), torch.tensor([0.5, 0.1, 0.7])
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product([0.9, 0.5], second.tolist())]
    assert told_apart(first, second) == pytest.approx(sum(pairs) / len(pairs))
    assert told_apart(first, second) == pytest.approx(1 - told_apart(second, first))


def test_a_method_that_does_not_see_the_model_tells_nothing_apart() -> None:
    scores = torch.rand(50, generator=torch.Generator().manual_seed(0))
    assert told_apart(scores, scores) == pytest.approx(0.5)
    assert told_apart(scores, torch.full((3,), torch.nan)) != told_apart(scores, scores)  # NaN


def test_the_gradient_tells_a_relying_model_from_an_honest_one() -> None:
    samples = some_samples()
    scores = [
        shortcut_auroc(model.weights.detach().expand_as(samples.inputs), LAST.expand_as(samples.inputs))
        for model in (Sum([0.1, 0.0, 1.0]), Sum([1.0, 0.0, 0.1]), Sum([1.0, 0.5, 0.0]))
    ]
    assert told_apart(scores[0], scores[2]) == 1.0
    assert told_apart(scores[0], scores[1]) == 1.0


def test_irrelevant_features_in_the_top_by_hand() -> None:
    maps = torch.tensor([[5.0, -4.0, 3.0, 2.0], [1.0, 1.0, 1.0, 1.0]])
    irrelevant = torch.tensor([[False, True, False, True]]).expand(2, -1)
    assert irrelevant_in_top(maps, irrelevant, top=3).tolist() == [1.0, 1.5]  # of equals, each with the same chance
    assert irrelevant_in_top(maps, irrelevant, top=10).tolist() == [2.0, 2.0]
    assert irrelevant_in_top(maps, torch.zeros_like(irrelevant)).isnan().all()
    with pytest.raises(ValueError, match="at least 1, got 0"):
        irrelevant_in_top(maps, irrelevant, top=0)


@pytest.mark.parametrize("top", [1, 2, 4, 6])
def test_irrelevant_features_in_the_top_are_the_mean_over_all_orders_of_ties(top: int) -> None:
    maps = [2.0, -1.0, 1.0, 2.0, 1.0, 0.0]
    irrelevant = [True, False, True, False, True, True]
    orders = [
        order
        for order in permutations(range(6))
        if all(abs(maps[first]) >= abs(maps[second]) for first, second in pairwise(order))
    ]
    expected = sum(irrelevant[place] for order in orders for place in order[:top]) / len(orders)
    found = irrelevant_in_top(torch.tensor([maps]), torch.tensor([irrelevant]), top=top)
    assert found.item() == pytest.approx(expected)


def test_a_pixel_counts_by_any_of_its_channels() -> None:
    maps = torch.zeros(1, 3, 1, 3)
    maps[0, 0, 0, 0], maps[0, 1, 0, 0] = 1.0, -1.0  # their mean is 0
    maps[0, 2, 0, 2] = 0.9
    masks = torch.zeros(1, 3, 1, 3, dtype=torch.bool)
    masks[0, :, 0, 0] = True
    assert any_channel_share(maps, masks, Modality.IMAGE).tolist() == [0.5]
    assert any_channel_share(maps, masks, Modality.IMAGE, cutoff=0.95).tolist() == [1.0]
    assert any_channel_share(torch.zeros_like(maps), masks, Modality.IMAGE).isnan().all()
    with pytest.raises(ValueError, match=r"\[0, 1\), got 1"):
        any_channel_share(maps, masks, Modality.IMAGE, cutoff=1.0)


def case(**given: object) -> Case:
    samples = some_samples()
    return Case(samples=samples, attributions=samples.inputs, modality=Modality.TABULAR, **given)  # type: ignore[arg-type]


def changed(shortcut: float) -> Changed:
    """The samples with another value of the shortcut, and what a model that reads nothing else makes of them."""
    samples = some_samples()
    inputs = samples.inputs.clone()
    inputs[:, 2] = shortcut
    logits = Sum([0.0, 0.0, 1.0])(inputs).detach()
    others = Samples(
        inputs=inputs, targets=samples.targets, ids=samples.ids, fill=samples.fill, irrelevant=samples.irrelevant
    )
    return Changed(others, Predictions(logits, samples.targets))


def test_accuracy_is_that_of_the_samples_it_names() -> None:
    asked = case(
        counterfactuals={"flipped": changed(-1.0), "absent": changed(1.0), "informative": changed(0.0)},
        training=Predictions(torch.tensor([[0.0, 1.0], [0.0, 1.0]]), torch.tensor([1, 0])),
    )
    assert ACCURACY_FLIPPED.score(asked).tolist() == [0.0, 1.0, 0.0]
    assert ACCURACY_ABSENT.score(asked).tolist() == [1.0, 0.0, 1.0]
    assert ACCURACY_INFORMATIVE.score(asked).tolist() == [0.0, 1.0, 0.0]  # a tie counts for class 0
    assert ACCURACY_TRAINING.score(asked).tolist() == [1.0, 0.0]


def test_maps_of_samples_without_the_shortcut_are_made_anew() -> None:
    asked = case(
        counterfactuals={"absent": changed(0.0)},
        model=Sum([1.0, 0.0, 1.0]),
        explain=lambda model, samples: samples.inputs * model.weights,
    )
    assert SHORTCUT_AUROC.score(asked).tolist() == [1.0, 1.0, 1.0]  # the map is the input
    assert SHORTCUT_AUROC_ABSENT.score(asked).tolist() == [0.25, 0.25, 0.25]  # behind one, in a tie with the other

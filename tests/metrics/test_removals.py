from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import expand_units, unit_maps
from salbench.metrics.removals import random_subsets, removals


def pairs_of_units(maps: Tensor, ids: Tensor) -> Tensor:
    """The sets {0, 1} and {1, 2}."""
    sets = torch.zeros(2, maps.shape[1], dtype=torch.bool)
    sets[0, :2] = sets[1, 1:3] = True
    return sets.expand(len(maps), -1, -1)


def test_relevance_and_drops_by_hand() -> None:
    class Sum(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return torch.stack([torch.zeros(len(inputs)), inputs.sum(dim=1)], dim=1)

    inputs = torch.tensor([[1.0, 2.0, -4.0]])
    samples = Samples(
        inputs=inputs, targets=torch.tensor([1]), ids=torch.tensor([3]), fill=torch.full_like(inputs, 0.5)
    )
    removed = removals(Sum().eval(), samples, torch.tensor([[5.0, -1.0, 2.0]]), Modality.TABULAR, pairs_of_units)
    assert removed.relevance.tolist() == [[4.0, 1.0]]
    assert removed.clean.tolist() == [[0.0, -1.0]]
    assert removed.logits.tolist() == [[[0.0, -3.0]], [[0.0, 2.0]]]  # 0.5 + 0.5 - 4 and 1 + 0.5 + 0.5
    assert removed.logit_drops(samples.targets).tolist() == [[2.0, -3.0]]
    expected = torch.sigmoid(torch.tensor(-1.0)) - torch.sigmoid(torch.tensor([-3.0, 2.0]))
    assert removed.drops(samples.targets)[0].tolist() == pytest.approx(expected.tolist())


def test_equals_the_plain_loop_in_every_modality_and_with_any_number_of_rows(
    modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    maps = unit_maps(samples.inputs, modality)

    def choose(maps: Tensor, ids: Tensor) -> Tensor:
        return random_subsets(maps, ids, size=3, draws=5, seed=0, purpose="test")

    found = [removals(model, samples, maps, modality, choose, pairs=pairs) for pairs in (1, 7, 10, 1000)]
    sets = choose(maps, samples.ids)
    for row in range(len(samples)):
        for draw in range(5):
            features = expand_units(sets[row, draw], samples.inputs.shape[1:], modality)
            perturbed = torch.where(features, samples.fill[row], samples.inputs[row])[None]
            for result in found:
                torch.testing.assert_close(result.logits[draw, row], model(perturbed)[0])
                torch.testing.assert_close(result.relevance[row, draw], maps[row, sets[row, draw]].sum())


def test_no_forward_has_more_rows_than_allowed(make_samples: Callable[..., Samples]) -> None:
    rows: list[int] = []

    class Counting(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            rows.append(len(inputs))
            return inputs[:, :2]

    samples = make_samples(Modality.TABULAR)
    removals(Counting().eval(), samples, samples.inputs, Modality.TABULAR, pairs_of_units, pairs=5)
    assert rows == [4, 4, 4, 5, 1]  # two whole samples at a time, then the clean inputs


def test_subsets_have_their_size_and_depend_on_the_id_alone() -> None:
    ids = torch.tensor([8, 3, 5])
    drawn = random_subsets(torch.rand(3, 10), ids, size=4, draws=50, seed=0, purpose="test")
    assert drawn.shape == (3, 50, 10)
    assert (drawn.sum(dim=2) == 4).all()
    assert drawn.any(dim=1).all()
    assert torch.equal(
        drawn[1:2], random_subsets(torch.rand(1, 10), ids[1:2], size=4, draws=50, seed=0, purpose="test")
    )
    assert not torch.equal(drawn, random_subsets(torch.rand(3, 10), ids, size=4, draws=50, seed=1, purpose="test"))


def test_refuses_what_it_cannot_run(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.TABULAR)
    with pytest.raises(ValueError, match="eval mode"):
        removals(nn.Identity().train(), samples, samples.inputs, Modality.TABULAR, pairs_of_units)
    with pytest.raises(ValueError, match="got 0 and 6"):
        removals(nn.Identity().eval(), samples, samples.inputs, Modality.TABULAR, pairs_of_units, pairs=0)
    with pytest.raises(ValueError, match="draws must be at least 2, got 1"):
        random_subsets(samples.inputs, samples.ids, size=2, draws=1, seed=0, purpose="test")

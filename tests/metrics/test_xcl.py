from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Sign, expand_units
from salbench.metrics.xcl import PERCENTILES, XCL_FAITHFULNESS, XCL_MORF, xcl_faithfulness, xcl_morf, xcl_removals


class First(nn.Module):
    """Probability 0.8 of class 1 while the first unit is there, and 0.4 without it."""

    def forward(self, inputs: Tensor) -> Tensor:
        likely = 0.4 + 0.4 * (inputs[:, 0] != 0)
        return torch.stack([1 - likely, likely], dim=1).log()


def table(maps: Tensor, target: int = 1) -> Samples:
    return Samples(
        inputs=torch.ones_like(maps),
        targets=torch.full((len(maps),), target),
        ids=torch.arange(len(maps)),
        fill=torch.full_like(maps, 7.0),  # not used
    )


def test_the_grid_has_twenty_whole_percentiles() -> None:
    assert PERCENTILES == (100, 94, 89, 84, 78, 73, 68, 63, 57, 52, 47, 42, 36, 31, 26, 21, 15, 10, 5, 0)


def test_area_by_hand() -> None:
    # The first unit is above every percentile but the 100th, so half the probability is lost from 94 on; or it is
    # the least of the non-zero and stays; or the map does not have it.
    maps = torch.tensor([[3.0, 2.0, 1.0, 0.0], [1.0, 2.0, 3.0, 0.0], [0.0, 2.0, 1.0, 3.0]])
    removed = xcl_removals(First().eval(), table(maps), maps, Modality.TABULAR)
    assert removed.relevance[0, [0, 1, -1]].tolist() == [0.0, 3.0, 5.0]
    assert xcl_morf(removed).tolist() == pytest.approx([0.06 * 0.25 + 0.94 * 0.5, 0.0, 0.0])


def test_the_predicted_class_counts_for_the_area_and_the_true_one_for_the_correlation() -> None:
    maps = torch.tensor([[3.0, 2.0, 1.0, 0.0]])
    right, wrong = (xcl_removals(First().eval(), table(maps, k), maps, Modality.TABULAR) for k in (1, 0))
    assert torch.equal(xcl_morf(right), xcl_morf(wrong))
    ones, zeros = (xcl_faithfulness(right, torch.tensor([target])) for target in (1, 0))
    assert ones.item() == pytest.approx(-zeros.item())
    # removed: nothing; 3 from the 94th to the 52nd percentile; 5 from the 47th on
    relevance = [0.0] + [3.0] * 9 + [5.0] * 10
    drops = [0.0] + [0.4] * 19
    assert ones.item() == pytest.approx(np.corrcoef(relevance, drops)[0, 1])


def test_maps_that_remove_nothing_are_nan() -> None:
    for maps in (torch.zeros(1, 4), torch.full((1, 4), 0.1), torch.tensor([[0.0, 2.0, 2.0, 0.0]]), torch.ones(1, 1)):
        removed = xcl_removals(First().eval(), table(maps), maps, Modality.TABULAR)
        assert xcl_morf(removed).isnan().all()
        assert xcl_faithfulness(removed, torch.tensor([1])).isnan().all()


def test_equals_the_plain_loop_over_percentiles(
    modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    attributions = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    attributions[..., :2] = 0
    case = Case(samples=samples, attributions=attributions, modality=modality, model=model)
    maps = case.maps(Sign.ABSOLUTE).numpy()
    area, faithfulness = XCL_MORF.score(case), XCL_FAITHFULNESS.score(case)
    for row, target in enumerate(samples.targets.tolist()):
        clean = model(samples.inputs[row : row + 1]).softmax(dim=1)[0]
        relative, masses, drops = [], [], []
        for percentile in PERCENTILES:
            above = maps[row] > np.percentile(maps[row][maps[row] != 0], percentile)
            features = expand_units(torch.from_numpy(above), samples.inputs.shape[1:], modality)
            masked = samples.inputs[row].masked_fill(features, 0.0)
            likely = model(masked[None]).softmax(dim=1)[0]
            relative.append((likely[clean.argmax()] / clean.max()).item())
            masses.append(maps[row][above].sum())
            drops.append((clean[target] - likely[target]).item())
        expected = np.trapezoid(1 - np.array(relative), 1 - np.array(PERCENTILES) / 100)
        assert area[row].item() == pytest.approx(expected)
        assert faithfulness[row].item() == pytest.approx(np.corrcoef(masses, drops)[0, 1])


def test_the_area_is_at_least_one_minus_the_number_of_classes() -> None:
    class Opposite(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            gone = 50.0 * (inputs == 0).any(dim=1)
            return torch.stack([gone + 1e-6, torch.zeros_like(gone), torch.zeros_like(gone)], dim=1)

    maps = torch.arange(1.0, 101.0)[None]
    score = xcl_morf(xcl_removals(Opposite().eval(), table(maps), maps, Modality.TABULAR)).item()
    assert -2.0 <= score < -1.9


def test_both_metrics_share_their_forwards(make_case: Callable[..., Case]) -> None:
    rows: list[int] = []

    class Counting(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            rows.append(len(inputs))
            return inputs[:, :3]

    given = make_case(Modality.TABULAR)
    case = Case(
        samples=given.samples, attributions=given.attributions, modality=Modality.TABULAR, model=Counting().eval()
    )
    XCL_MORF.score(case)
    XCL_FAITHFULNESS.score(case)
    assert sum(rows) == 6 * (20 + 1)


def test_what_is_not_removable_stays_as_if_the_map_were_zero_there() -> None:
    maps = torch.tensor([[9.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 0.5]])
    removable = torch.tensor([[False, True, True, True], [True, True, False, True]])
    some = replace(table(maps), removable=removable)
    found = xcl_removals(First().eval(), some, maps, Modality.TABULAR)
    expected = xcl_removals(First().eval(), table(maps), maps * removable, Modality.TABULAR)
    assert torch.equal(found.relevance, expected.relevance)
    assert torch.equal(found.logits, expected.logits)
    assert torch.equal(found.logits[:, 0], found.clean[0].expand(20, 2))  # the first unit is never removed

import pytest
import torch
from torch import Tensor

from salbench.datasets import Modality
from salbench.metrics import expand_units, unit_maps, unit_masks
from salbench.metrics.units import in_chunks


def test_a_pixel_is_the_signed_mean_over_its_channels() -> None:
    attributions = torch.tensor([[[[3.0, 1.0]], [[-1.0, 1.0]]]])  # (1, C=2, H=1, W=2)
    assert unit_maps(attributions, Modality.IMAGE).tolist() == [[1.0, 1.0]]
    assert unit_maps(torch.tensor([[[[2.0]], [[-2.0]]]]), Modality.IMAGE).item() == 0.0


def test_elsewhere_each_attribution_is_a_unit() -> None:
    series = torch.arange(12.0).view(1, 4, 3)
    assert unit_maps(series, Modality.SERIES).tolist() == [list(range(12))]
    for modality in (Modality.TABULAR, Modality.TEXT):
        assert unit_maps(torch.tensor([[1.0, -2.0]]), modality).tolist() == [[1.0, -2.0]]


def test_a_pixel_is_evidence_if_any_channel_is() -> None:
    masks = torch.tensor([[[[True, False]], [[False, False]]]])
    assert unit_masks(masks, Modality.IMAGE).tolist() == [[True, False]]


def test_expanding_gives_all_channels_of_a_pixel_one_value() -> None:
    units = torch.tensor([[True, False, False, False, False, True]])
    expanded = expand_units(units, (3, 2, 3), Modality.IMAGE)
    assert expanded.shape == (1, 3, 2, 3)
    assert torch.equal(expanded[0, 0], units.view(2, 3))
    assert torch.equal(expanded[0, 0], expanded[0, 2])


def test_expanding_undoes_the_reduction(modality: Modality) -> None:
    shape = {Modality.IMAGE: (1, 2, 3), Modality.SERIES: (2, 3)}.get(modality, (6,))
    maps = torch.arange(12.0).view(2, *shape)
    assert torch.equal(expand_units(unit_maps(maps, modality), shape, modality), maps)


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_attributions_that_are_not_finite_are_refused_and_counted(value: float) -> None:
    attributions = torch.zeros(5, 3)
    attributions[1, 0] = attributions[1, 2] = attributions[4, 1] = value
    with pytest.raises(ValueError, match="2 of 5 samples"):
        unit_maps(attributions, Modality.TABULAR)


def test_the_shape_must_suit_the_modality() -> None:
    with pytest.raises(ValueError, match=r"image samples have 3 dimensions, got \(2, 8, 8\)"):
        unit_maps(torch.zeros(2, 8, 8), Modality.IMAGE)


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
def test_chunks_change_nothing(rows: int) -> None:
    first, second = torch.arange(14.0).view(7, 2), torch.arange(7.0)

    def score(first: Tensor, second: Tensor) -> Tensor:
        return first.sum(dim=1) * second

    assert torch.equal(in_chunks(score, first, second, rows=rows), score(first, second))

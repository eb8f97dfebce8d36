import pytest
import torch

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Predictions
from salbench.metrics.roar import ROAR, ROAR_PERCENTS, without_most_relevant


@pytest.fixture
def row() -> Samples:
    inputs = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    return Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.full_like(inputs, 9.0))


def test_the_most_relevant_half_is_replaced_or_kept(row: Samples) -> None:
    maps = torch.tensor([[0.1, -5.0, 0.2, 3.0]])
    removed = without_most_relevant(row, maps, Modality.TABULAR, percent=50)
    assert removed.inputs.tolist() == [[1.0, 9.0, 3.0, 9.0]]
    kept = without_most_relevant(row, maps, Modality.TABULAR, percent=50, keep=True)
    assert kept.inputs.tolist() == [[9.0, 2.0, 9.0, 4.0]]


def test_a_pixel_goes_with_all_its_channels() -> None:
    inputs = torch.arange(12.0).view(1, 3, 2, 2)
    image = Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.zeros_like(inputs) - 1)
    maps = torch.zeros_like(inputs)
    maps[0, 1, 0, 1] = 1.0
    removed = without_most_relevant(image, maps, Modality.IMAGE, percent=25).inputs
    assert (removed[0, :, 0, 1] == -1).all()
    assert (removed == -1).sum() == 3


@pytest.mark.parametrize("percent", [0, 100])
def test_all_or_nothing_is_refused(row: Samples, percent: int) -> None:
    with pytest.raises(ValueError, match="percent must lie in 1 to 99"):
        without_most_relevant(row, row.inputs, Modality.TABULAR, percent=percent)


def test_shapes_must_agree(row: Samples) -> None:
    with pytest.raises(ValueError, match=r"\(1, 3\) and inputs \(1, 4\)"):
        without_most_relevant(row, row.inputs[:, :3], Modality.TABULAR, percent=50)


def test_area_by_hand(row: Samples) -> None:
    """Right with 0, 10 and 30 % removed, wrong from 50 % on: 10·100 + 20·100 + 20·50."""
    right, wrong = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    logits = dict(zip(ROAR_PERCENTS, (right, right, wrong, wrong, wrong), strict=True))
    case = Case(
        samples=row,
        attributions=row.inputs,
        modality=Modality.TABULAR,
        predictions=Predictions(right, row.targets),
        retrained={percent: Predictions(tensor, row.targets) for percent, tensor in logits.items()},
    )
    assert ROAR.score(case).tolist() == [4000.0]
    assert ROAR.curve is not None
    assert ROAR.curve(case)["accuracy"] == [100.0, 100.0, 100.0, 0.0, 0.0, 0.0]

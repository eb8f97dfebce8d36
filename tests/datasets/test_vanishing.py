"""The vanishing-saliency sets: where the boxes are, how they are scaled, what random scores reach."""

from pathlib import Path

import pytest
import torch

from salbench.datasets import Samples, Split
from salbench.datasets.vanishing import BOXES, VANISHING, VANISHING_EARLIER, Boxes, draw

SMALL = Boxes(name="small", time=(3, 5), features=((0, 2), (4, 5)))
IDS = torch.arange(60)


@pytest.fixture(scope="module")
def train() -> Samples:
    return VANISHING_EARLIER.load(Path(), Split.TRAIN)


@pytest.fixture(scope="module")
def test() -> Samples:
    return VANISHING_EARLIER.load(Path(), Split.TEST)


def test_a_mask_worked_by_hand() -> None:
    mask = SMALL.mask()
    assert mask[3:5, [0, 1, 4]].all()
    assert mask.sum() == 6
    assert SMALL.share == pytest.approx(6 / 10_000)


def test_the_box_is_shifted_and_the_rest_is_noise() -> None:
    boxes = Boxes(name="wide", time=(0, 40), features=((0, 30), (70, 100)))
    samples = draw(boxes, IDS, seed=0)
    assert samples.masks is not None
    for target, shift in ((0, -1.0), (1, 1.0)):
        chosen = samples.targets == target
        inside = samples.inputs[chosen][samples.masks[chosen]]
        outside = samples.inputs[chosen][~samples.masks[chosen]]
        assert (inside.mean().item(), inside.std().item()) == pytest.approx((shift, 1.0), abs=0.02)
        assert (outside.mean().item(), outside.std().item()) == pytest.approx((0.0, 1.0), abs=0.02)
    pair = torch.stack([samples.inputs.flatten(), samples.fill.flatten()])
    assert torch.corrcoef(pair)[0, 1].abs() < 0.01


def test_a_sample_depends_on_its_id_only() -> None:
    everything, some = draw(SMALL, IDS, seed=0), torch.tensor([59, 2, 7])
    expected, found = everything[some], draw(SMALL, some, seed=0)
    assert torch.equal(found.inputs, expected.inputs)
    assert torch.equal(found.fill, expected.fill)
    assert torch.equal(found.targets, expected.targets)


@pytest.mark.parametrize(
    ("name", "time", "random_aup"),
    [
        ("vanishing_earlier", (0, 30), "0.192"),
        ("vanishing_middle", (20, 80), "0.288"),
        ("vanishing_later", (70, 100), "0.192"),
        ("vanishing_three_earlier", (0, 40), "0.288"),
        ("vanishing_three_middle", (25, 65), "0.288"),
    ],
)
def test_the_published_boxes(name: str, time: tuple[int, int], random_aup: str) -> None:
    mask = BOXES[name].mask()
    steps = mask.any(dim=1).nonzero().flatten()
    assert steps.tolist() == list(range(*time))
    assert mask[time[0]].equal(mask[time[1] - 1])
    assert f"{0.8 * BOXES[name].share:.3f}" == random_aup
    assert f"AUP of {random_aup}" in {dataset.name: dataset for dataset in VANISHING}[name].description


def test_every_cell_is_standardized_by_the_training_samples(train: Samples, test: Samples) -> None:
    assert train.inputs.mean(dim=0).abs().max() < 1e-5
    assert (train.inputs.std(dim=0, correction=0) - 1).abs().max() < 1e-5
    assert test.inputs.mean(dim=0).abs().max() > 0.05
    raw = draw(BOXES["vanishing_earlier"], torch.arange(1000), seed=0)
    mean, deviation = raw.inputs.double().mean(dim=0), raw.inputs.double().std(dim=0, correction=0)
    assert ((raw.fill - mean) / deviation - train.fill).abs().max() < 1e-4


def test_train_and_test_are_disjoint(train: Samples, test: Samples) -> None:
    assert train.ids.tolist() == list(range(1000))
    assert test.ids.tolist() == list(range(1000, 1300))
    assert 440 < train.targets.sum().item() < 560

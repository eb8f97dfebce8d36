"""Synthetic series: what is in the box, what is outside, and what depends on what."""

from pathlib import Path

import pytest
import torch

from salbench.datasets import LAYOUTS, MIDDLE, RARE_FEATURE, Dataset, Layout, Samples, Split
from salbench.datasets.series import draw, series

IDS = torch.arange(400)


@pytest.fixture(scope="module", params=[MIDDLE, RARE_FEATURE], ids=lambda dataset: dataset.name)
def dataset(request: pytest.FixtureRequest) -> Dataset:
    assert isinstance(request.param, Dataset)
    return request.param


@pytest.fixture(scope="module")
def train(dataset: Dataset) -> Samples:
    return dataset.load(Path(), Split.TRAIN)


@pytest.fixture(scope="module")
def test(dataset: Dataset) -> Samples:
    return dataset.load(Path(), Split.TEST)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_box_is_shifted_and_the_rest_is_noise(layout: Layout) -> None:
    samples = draw(layout, IDS, seed=0)
    assert samples.masks is not None
    for target, shift in ((0, 1.0 if layout.positional else -1.0), (1, 1.0)):
        chosen = samples.targets == target
        inside = samples.inputs[chosen][samples.masks[chosen]]
        outside = samples.inputs[chosen][~samples.masks[chosen]]
        assert (inside.mean().item(), inside.std().item()) == pytest.approx((shift, 1.0), abs=0.02)
        assert (outside.mean().item(), outside.std().item()) == pytest.approx((0.0, 1.0), abs=0.02)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_a_sample_depends_on_its_id_only(layout: Layout) -> None:
    everything, some = draw(layout, IDS, seed=0), torch.tensor([399, 2, 77])
    expected, found = everything[some], draw(layout, some, seed=0)
    assert torch.equal(found.inputs, expected.inputs)
    assert torch.equal(found.targets, expected.targets)
    assert torch.equal(found.fill, expected.fill)
    assert expected.masks is not None
    assert found.masks is not None
    assert torch.equal(found.masks, expected.masks)


def test_seeds_and_layouts_give_independent_samples() -> None:
    first = draw(LAYOUTS["middle"], IDS, seed=0).inputs[:, 0]
    for other in (draw(LAYOUTS["middle"], IDS, seed=1), draw(LAYOUTS["rare_feature"], IDS, seed=0)):
        assert torch.corrcoef(torch.stack([first.flatten(), other.inputs[:, 0].flatten()]))[0, 1].abs() < 0.03


def test_the_fill_is_independent_of_the_input() -> None:
    samples = draw(LAYOUTS["middle"], IDS, seed=0)
    pair = torch.stack([samples.inputs.flatten(), samples.fill.flatten()])
    assert torch.corrcoef(pair)[0, 1].abs() < 0.01
    for target in (0, 1):
        assert samples.fill[samples.targets == target].mean().abs() < 0.01


def test_the_classes_are_about_equal(train: Samples) -> None:
    assert 440 < train.targets.sum().item() < 560


def test_train_and_test_are_disjoint(train: Samples, test: Samples) -> None:
    assert train.ids.tolist() == list(range(1000))
    assert test.ids.tolist() == list(range(1000, 1100))


def test_the_scale_is_fitted_on_the_training_samples(dataset: Dataset, train: Samples, test: Samples) -> None:
    assert train.inputs.amin(dim=0).eq(0).all()
    assert train.inputs.amax(dim=0).eq(1).all()
    raw = draw(LAYOUTS[dataset.name], torch.arange(1100), seed=0)
    lowest, highest = raw.inputs[:1000].amin(dim=0), raw.inputs[:1000].amax(dim=0)
    assert torch.equal(test.inputs, (raw.inputs[1000:] - lowest) / (highest - lowest))
    assert torch.equal(test.fill, (raw.fill[1000:] - lowest) / (highest - lowest))
    assert test.inputs.dtype is torch.float32


def test_masks_are_the_box(dataset: Dataset, test: Samples) -> None:
    assert test.masks is not None
    assert torch.equal(test.masks, LAYOUTS[dataset.name].masks(test.ids, test.targets, seed=0))


def test_any_layout_can_be_declared() -> None:
    moving = series(LAYOUTS["moving_rare_time"], description="a short box anywhere")
    assert moving.load(Path(), Split.TEST).inputs.shape == (100, *moving.shape)

"""Synthetic series: what is in the box, what is outside, and what depends on what."""

from pathlib import Path

import pytest
import torch

from salbench.datasets import LAYOUTS, MIDDLE, RARE_FEATURE, Dataset, Layout, Samples, Split
from salbench.datasets.layouts import VARIANTS
from salbench.datasets.processes import GAUSSIAN, Process
from salbench.datasets.series import GAUSSIAN_SERIES, PROCESS_SERIES, UNSCALED_SERIES, draw, series
from salbench.datasets.signals import NARMA_AS_PUBLISHED, PROCESSES

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


def test_unscaled_series_are_those_that_were_drawn() -> None:
    assert [dataset.name for dataset in UNSCALED_SERIES] == [f"{layout}_unscaled" for layout in LAYOUTS]
    dataset = next(dataset for dataset in UNSCALED_SERIES if dataset.name == "rare_feature_unscaled")
    raw, test = draw(LAYOUTS["rare_feature"], torch.arange(1100), seed=0), dataset.load(Path(), Split.TEST)
    assert torch.equal(test.inputs, raw.inputs[1000:])
    assert torch.equal(test.fill, raw.fill[1000:])
    assert torch.equal(dataset.load(Path(), Split.TRAIN).inputs, raw.inputs[:1000])


def test_masks_are_the_box(dataset: Dataset, test: Samples) -> None:
    assert test.masks is not None
    assert torch.equal(test.masks, LAYOUTS[dataset.name].masks(test.ids, test.targets, seed=0))


def test_the_ten_layouts_are_declared_with_gaussian_noise() -> None:
    assert [dataset.name for dataset in GAUSSIAN_SERIES] == list(LAYOUTS)


def test_two_layouts_are_declared_with_every_process() -> None:
    others = [name for name in PROCESSES if name != "gaussian"]
    expected = [f"{layout}_{process}" for layout in ("middle", "rare_feature") for process in others]
    assert [dataset.name for dataset in PROCESS_SERIES] == expected


@pytest.mark.parametrize("layout", VARIANTS.values(), ids=VARIANTS)
def test_any_layout_and_process_can_be_declared(layout: Layout) -> None:
    variant = series(layout, process=NARMA_AS_PUBLISHED)
    samples = draw(layout, torch.arange(3), seed=0, process=NARMA_AS_PUBLISHED)
    assert variant.name == f"{layout.name}_narma_as_published"
    assert samples.inputs.shape == (3, *variant.shape)


SIGNALS = [process for process in PROCESSES.values() if process != GAUSSIAN]


@pytest.mark.parametrize("process", SIGNALS, ids=lambda process: process.name)
@pytest.mark.parametrize("name", ["middle", "positional_time"])
def test_the_box_of_a_signal_is_shifted_and_not_redrawn(name: str, process: Process) -> None:
    layout, ids = LAYOUTS[name], torch.arange(40)
    samples = draw(layout, ids, seed=0, process=process)
    assert samples.masks is not None
    flat = draw(Layout(name=name, size=(0, 0), start=layout.start), ids, seed=0, process=process)
    assert torch.equal(samples.targets, flat.targets)
    added = (samples.inputs - flat.inputs).to(torch.float64).round(decimals=5)
    shifts = torch.ones(40) if layout.positional else 2.0 * samples.targets - 1
    assert torch.equal(added, shifts[:, None, None] * samples.masks)


@pytest.mark.parametrize("process", SIGNALS, ids=lambda process: process.name)
def test_the_fill_of_a_signal_is_another_draw_of_it(process: Process) -> None:
    samples = draw(LAYOUTS["rare_feature"], torch.arange(200), seed=0, process=process)
    outside, fill = samples.inputs[:, :, :20], samples.fill[:, :, :20]
    moments = [[part.mean().item(), part.std().item()] for part in (outside, fill)]
    assert moments[1] == pytest.approx(moments[0], abs=0.05)
    rest = torch.stack([(part - part.mean(dim=0)).flatten() for part in (outside, fill)])
    assert torch.corrcoef(rest)[0, 1].abs() < 0.05


def test_the_processes_of_a_layout_share_classes_and_boxes_and_nothing_else() -> None:
    ids = torch.arange(50)
    noise, signal = (draw(LAYOUTS["moving_middle"], ids, seed=0, process=PROCESSES[p]) for p in ("gaussian", "car"))
    assert torch.equal(noise.targets, signal.targets)
    assert noise.masks is not None
    assert signal.masks is not None
    assert torch.equal(noise.masks, signal.masks)
    for field in ("inputs", "fill"):
        outside = torch.stack([getattr(samples, field)[~noise.masks] for samples in (noise, signal)])
        assert torch.corrcoef(outside)[0, 1].abs() < 0.02


def test_a_signal_is_scaled_by_its_own_training_samples() -> None:
    dataset = next(dataset for dataset in PROCESS_SERIES if dataset.name == "rare_feature_autoregressive")
    raw = draw(LAYOUTS["rare_feature"], torch.arange(1100), seed=0, process=PROCESSES["autoregressive"])
    lowest, highest = raw.inputs[:1000].amin(dim=0), raw.inputs[:1000].amax(dim=0)
    test = dataset.load(Path(), Split.TEST)
    assert torch.equal(test.inputs, (raw.inputs[1000:] - lowest) / (highest - lowest))
    assert torch.equal(test.fill, (raw.fill[1000:] - lowest) / (highest - lowest))


def test_numbers_stay_as_they_are(dataset: Dataset, test: Samples) -> None:
    """Stored results depend on them; other numbers ask for a higher version."""
    expected = {
        "middle": [0.3945340, 0.3326908, 0.1426362, 0.4755830, 0.5095151, 0, 0, 0, 0, 1],
        "rare_feature": [0.5038462, 0.5241754, 0.4435600, 0.5176644, 0.3846036, 0, 0, 1, 1, 0],
    }[dataset.name]
    assert dataset.version == 1
    found = [*test.inputs[7, 25, 24:27].tolist(), *test.fill[7, 25, 24:26].tolist(), *test.targets[:5].tolist()]
    assert found == pytest.approx(expected, abs=1e-6)

"""The work itself, where samples are read lazily, padded, or scaled."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.saliency import CONSTANT, GRADIENT, SaliencyMethod, attribute
from salbench.benchmark import tasks
from salbench.benchmark.planning import Model, make_plan
from salbench.datasets import Dataset, Modality, Samples, Split
from salbench.datasets.lazy import LazyInputs, lazy_samples
from salbench.datasets.pixels import UNIT_PIXELS
from salbench.metrics import ROAD, XCL_MORF, Case
from salbench.metrics.retraining import ROAR_ENTRIES, ROAR_MEAN, ROAR_SHARED, Retraining
from salbench.metrics.sensitivity import MAX_SENSITIVITY

from .conftest import POINTS, make_entries, make_suite

CPU = torch.device("cpu")
PIXELS = torch.randint(0, 256, (6, 3, 5, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
MAPS = torch.randn(6, 3, 5, 4, generator=torch.Generator().manual_seed(1))


def load_images(root: Path, split: Split) -> Samples:
    return lazy_samples(
        lambda places: PIXELS[list(places)],
        UNIT_PIXELS,
        (3, 5, 4),
        targets=torch.arange(6) % 3,
        ids=torch.arange(6),
        fill=UNIT_PIXELS.black,
    )


IMAGES = replace(POINTS, name="lazy_images", modality=Modality.IMAGE, shape=(3, 5, 4), classes=3, load=load_images)


def model(dataset: Dataset) -> Model:
    return replace(make_plan(make_suite(), make_entries(), seeds=(3,)).models[0], dataset=dataset)


@pytest.mark.parametrize("count", [None, 6, 2])
def test_explained_samples_are_tensors_that_every_metric_can_read(count: int | None, tmp_path: Path) -> None:
    samples = tasks.explained_samples(IMAGES, count, tmp_path, CPU)
    assert not isinstance(samples.inputs, LazyInputs)
    assert not isinstance(samples.fill, LazyInputs)
    assert len(samples) == (count or 6)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(60, 3)).eval()
    case = Case(
        samples=samples,
        attributions=MAPS[: len(samples)],
        modality=Modality.IMAGE,
        model=network,
        explain=lambda network, samples: attribute(GRADIENT, network, samples, seed=0),
    )
    for metric in (ROAD, XCL_MORF, MAX_SENSITIVITY):
        assert metric.score(case).shape == (len(samples),)


@pytest.mark.parametrize("retraining", [ROAR_SHARED, ROAR_MEAN, ROAR_ENTRIES], ids=lambda item: item.name)
def test_lazy_splits_are_degraded_as_tensors_are(retraining: Retraining, tmp_path: Path) -> None:
    eager = replace(IMAGES, load=lambda root, split: load_images(root, split)[:])
    maps = {str(split): MAPS for split in Split}
    found, expected = (
        tasks.degraded(model(dataset), retraining, 30, maps, data=tmp_path, device=CPU) for dataset in (IMAGES, eager)
    )
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours.inputs, theirs.inputs)


def test_the_mean_is_made_only_where_it_is_a_replacement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "mean_of_channels", lambda *_: pytest.fail("the mean is not needed"))
    maps = {str(split): MAPS for split in Split}
    tasks.degraded(model(IMAGES), ROAR_SHARED, 30, maps, data=tmp_path, device=CPU)


def gap(network: nn.Module, samples: Samples, seed: int) -> Tensor:
    return samples.inputs - samples.fill


GAP = SaliencyMethod(
    name="gap", version=1, explain=gap, signed=True, description="input minus fill", reference="ross2017right"
)


def test_inputs_and_fill_are_scaled_together_whether_read_or_lazy(tmp_path: Path) -> None:
    lazy = load_images(tmp_path, Split.TEST)
    lazy = replace(lazy, fill=torch.full((6, 3, 5, 4), 0.25))
    for samples in (lazy, lazy[:]):
        found = tasks.explain(nn.Identity(), GAP, samples, seed=0, scale=4.0)
        torch.testing.assert_close(found, 4 * PIXELS.float() / 255 - 1)


def test_a_map_is_degenerate_if_it_is_constant_over_what_is_removable() -> None:
    lengths = torch.tensor([4, 2, 0])
    removable = torch.arange(4) < lengths[:, None]
    inputs = removable.long() * 5
    samples = Samples(
        inputs=inputs, targets=torch.zeros(3).long(), ids=torch.arange(3), fill=inputs, removable=removable
    )
    network = nn.Identity()
    constant = attribute(CONSTANT, network, samples, seed=0)
    assert tasks.flaws(network, CONSTANT, samples, constant)["degenerate"] == 3
    telling = torch.tensor([[1.0, 2.0, 1.0, 1.0], [1.0, 2.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0]])
    assert tasks.flaws(network, CONSTANT, samples, telling)["degenerate"] == 1  # nothing is said of an empty text
    whole = replace(samples, removable=None)
    assert tasks.flaws(network, CONSTANT, whole, constant)["degenerate"] == 2

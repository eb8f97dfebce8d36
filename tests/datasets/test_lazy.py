"""Lazy inputs stand in for a tensor wherever samples are used."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salbench.baselines.training import Regular, RightForRightReasons, TrainingState, find_another_explanation
from salbench.baselines.training.fit import fit
from salbench.baselines.training.input_range import channel_range
from salbench.baselines.training.stacked import fit_stacked
from salbench.benchmark.tasks import predict
from salbench.datasets import Budget, Modality, Samples
from salbench.datasets.lazy import LazyInputs, lazy_samples, read_each
from salbench.metrics.retraining import mean_of_channels

COUNT = 7


class Rows:
    """Row i holds i in each of its 1×2×2 places; what was read is remembered."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, places: Sequence[int]) -> Tensor:
        self.asked.append(list(places))
        return torch.tensor(list(places), dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2)


def halved(rows: Tensor) -> Tensor:
    return rows.float() / 2


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def samples(rows: Rows) -> Samples:
    targets = torch.arange(COUNT) % 2
    return lazy_samples(
        rows, halved, (1, 2, 2), targets=targets, ids=torch.arange(COUNT) + 100, fill=torch.full((1, 1, 1, 1), -1.0)
    )


@pytest.fixture
def eager(samples: Samples) -> Samples:
    inputs = torch.arange(COUNT)[:, None, None, None].expand(-1, 1, 2, 2) / 2
    return Samples(inputs=inputs, targets=samples.targets, ids=samples.ids, fill=torch.full_like(inputs, -1))


def test_nothing_is_read_before_it_is_asked_for(samples: Samples, rows: Rows) -> None:
    moved = samples.to("cpu")
    assert (len(moved), moved.inputs.shape, moved.inputs.ndim) == (COUNT, (COUNT, 1, 2, 2), 4)
    assert (moved.inputs.dtype, moved.inputs.device, moved.fill.shape) == (
        torch.float32,
        torch.device("cpu"),
        (COUNT, 1, 2, 2),
    )
    assert rows.asked == []


@pytest.mark.parametrize(
    "index",
    [
        slice(None),
        slice(2, 5),
        slice(5, 99),
        slice(3, 3),
        slice(None, None, -2),
        torch.tensor([6, 0, 0, 3]),
        torch.tensor([-1]),
        torch.tensor([], dtype=torch.int64),
        torch.arange(COUNT) % 3 == 0,
    ],
    ids=str,
)
def test_a_subset_is_that_of_the_tensors(samples: Samples, eager: Samples, index: slice | Tensor) -> None:
    if isinstance(index, slice) and index.step is not None:
        expected = eager.inputs.flip(0)[::2]
        assert torch.equal(samples.inputs[index], expected)
        return
    lazy, real = samples[index], eager[index]
    for name in ("inputs", "targets", "ids", "fill"):
        assert torch.equal(getattr(lazy, name), getattr(real, name))
    assert (lazy.inputs.dtype, lazy.inputs.shape) == (real.inputs.dtype, real.inputs.shape)


def test_the_fill_of_a_batch_is_an_expanded_view(samples: Samples) -> None:
    fill = samples[:5].fill
    assert (fill.shape, fill.untyped_storage().nbytes()) == ((5, 1, 2, 2), 4)


def test_only_the_rows_of_a_batch_are_read(samples: Samples, rows: Rows) -> None:
    samples[torch.tensor([4, 2])]
    assert rows.asked == [[4, 2]]


def test_a_part_of_a_split_is_read_when_its_turn_comes(samples: Samples, rows: Rows) -> None:
    parts = iter(samples.inputs.split(3))
    assert torch.equal(next(parts), samples.inputs[:3])
    assert rows.asked == [[0, 1, 2], [0, 1, 2]]
    assert [len(part) for part in parts] == [3, 1]


@pytest.mark.parametrize("index", [torch.tensor([7]), torch.tensor([0, -8]), torch.ones(3, dtype=torch.bool)], ids=str)
def test_places_out_of_range_are_an_error(samples: Samples, index: Tensor) -> None:
    with pytest.raises(IndexError, match=r"0 to 6, got|7 items, got 3"):
        samples.inputs[index]


def test_other_indices_are_an_error(samples: Samples) -> None:
    with pytest.raises(TypeError, match="a slice or a tensor of places, got 3"):
        samples.inputs[3]


def test_rows_are_prepared_on_the_device_of_the_samples(samples: Samples) -> None:
    devices = []

    def as_they_are(rows: Tensor) -> Tensor:
        devices.append(rows.device.type)
        return rows

    assert isinstance(samples.inputs, LazyInputs)
    moved = replace(samples, inputs=replace(samples.inputs, prepare=as_they_are)).to("meta")
    assert moved.inputs.device.type == "meta"
    assert {tensor.device.type for tensor in (moved[:2].inputs, moved[:2].fill, moved[:2].targets)} == {"meta"}
    assert devices == ["meta"] * 3
    assert samples.inputs.device.type == "cpu"


def test_a_model_is_trained_on_them_as_on_tensors(samples: Samples, eager: Samples) -> None:
    logits = []
    for given in (samples, eager):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        fit(model, given, recipe=Regular(), budget=Budget(epochs=2, batch_size=3), seed=0)
        logits.append(predict(model, given.inputs))
    assert torch.equal(*logits)


def test_the_range_of_a_channel_is_that_of_the_tensors(samples: Samples, eager: Samples) -> None:
    low, high = channel_range(samples.inputs)
    expected = channel_range(eager.inputs)
    assert torch.equal(low, expected[0])
    assert torch.equal(high, expected[1])


def test_reading_ends_once_a_range_can_grow_no_more(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salbench.datasets.lazy.CHUNK", 2)
    inputs = LazyInputs(read=rows, prepare=halved, shape=torch.Size((COUNT, 1, 2, 2)))
    assert inputs.amin(dim=(0, 2, 3), keepdim=True).item() == 0
    assert rows.asked == [[0, 1]]
    assert inputs.amax(dim=(0, 2, 3), keepdim=True).item() == 3
    assert rows.asked[1:] == [[0, 1], [2, 3], [4, 5], [6]]
    with pytest.raises(ValueError, match="image channels"):
        inputs.amin(dim=(0, 1), keepdim=True)


def test_rows_are_read_in_threads_and_stay_in_order() -> None:
    together = threading.Barrier(2, timeout=10)

    def read_one(place: int) -> NDArray[np.uint8]:
        if place < 2:
            together.wait()  # passed by none before both are there
        return np.array([place], dtype=np.uint8)

    assert read_each(read_one, [1, 0, 5, 3])[:, 0].tolist() == [1, 0, 5, 3]


def test_an_error_in_a_thread_is_raised() -> None:
    def read_one(place: int) -> NDArray[np.uint8]:
        raise OSError(f"row {place}")

    with pytest.raises(OSError, match="row 4"):
        read_each(read_one, [4])


def test_the_mean_of_a_channel_is_read_in_parts(
    samples: Samples, eager: Samples, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salbench.datasets.lazy.CHUNK", 3)
    found = mean_of_channels(samples, Modality.IMAGE)
    torch.testing.assert_close(found, mean_of_channels(eager, Modality.IMAGE))
    assert found.shape == (1, 1, 1, 1)
    assert rows.asked == [[0, 1, 2], [3, 4, 5], [6]]
    with pytest.raises(ValueError, match="image channels"):
        samples.inputs.mean(dim=(0, 1), keepdim=True)


def two_of(samples: Samples) -> list[nn.Module]:
    networks: list[nn.Module] = []
    for seed in range(2):
        torch.manual_seed(seed)
        networks.append(nn.Sequential(nn.Flatten(), nn.Linear(samples.inputs.shape[1:].numel(), 2)))
    return networks


def test_a_stack_is_trained_on_them_as_on_tensors(samples: Samples, eager: Samples) -> None:
    budget = Budget(epochs=2, batch_size=3)
    weights = []
    for data in (samples, eager):
        networks = two_of(samples)
        fit_stacked(networks, [data] * 2, recipe=Regular(), budget=budget, seeds=[0, 1], watched=[data] * 2)
        weights.append([parameter for network in networks for parameter in network.parameters()])
    assert all(map(torch.equal, *weights))


def test_another_explanation_is_found_on_them_as_on_tensors(samples: Samples, eager: Samples) -> None:
    found = [
        find_another_explanation(
            data, data, lambda: two_of(samples)[0], Budget(epochs=2, batch_size=3), recipe=BARE, rounds=2
        )
        for data in (samples, eager)
    ]
    for lazy, real in zip(*found, strict=True):
        assert torch.equal(lazy.mask, real.mask)
        assert torch.equal(lazy.annotation, real.annotation)
        assert lazy.test_accuracy == real.test_accuracy


def test_deviations_are_read_only_for_an_annotation(samples: Samples, rows: Rows) -> None:
    standardized = RightForRightReasons(form="standardized")
    state = TrainingState(generator=torch.Generator())
    standardized.start(samples, state)
    assert (rows.asked, state.memory) == ([], {})
    standardized.start(replace(samples, irrelevant=torch.zeros(COUNT, 1, 2, 2, dtype=torch.bool)), state)
    assert state.memory["deviation"].flatten().tolist() == pytest.approx([1.0] * 4)  # of 0, 0.5, …, 3


BARE = RightForRightReasons(penalty_weight=1.0, parameter_weight=0.0)

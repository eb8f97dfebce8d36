"""What all processes share: streams by sample, irregular times, noise."""

import numpy as np
import pytest
import torch
from scipy import stats

from salbench.datasets.processes import GAUSSIAN, Process, generate, irregular_times
from salbench.datasets.randomness import normal, stream
from salbench.datasets.signals import NARMA_AS_PUBLISHED, PROCESSES, AutoRegressive, Harmonic

EVERY = [*PROCESSES.values(), NARMA_AS_PUBLISHED]


@pytest.mark.parametrize("process", EVERY, ids=lambda process: process.name)
def test_a_sample_depends_on_its_id_only(process: Process) -> None:
    everything = generate(process, torch.arange(9), (50, 7), seed=0, purpose="test")
    some = torch.tensor([8, 2, 5])
    assert torch.equal(generate(process, some, (50, 7), seed=0, purpose="test"), everything[some])
    assert everything.shape == (9, 50, 7)
    assert everything.dtype is torch.float32
    assert everything.isfinite().all()


@pytest.mark.parametrize("process", EVERY, ids=lambda process: process.name)
def test_seeds_purposes_and_samples_differ(process: Process) -> None:
    first = generate(process, torch.tensor([4]), (50, 7), seed=0, purpose="test")
    for other in (
        generate(process, torch.tensor([4]), (50, 7), seed=1, purpose="test"),
        generate(process, torch.tensor([4]), (50, 7), seed=0, purpose="fill"),
        generate(process, torch.tensor([5]), (50, 7), seed=0, purpose="test"),
    ):
        assert not torch.equal(first, other)


def test_gaussian_noise_is_that_of_the_stream() -> None:
    ids = torch.tensor([7, 0])
    drawn = generate(GAUSSIAN, ids, (6, 5), seed=3, purpose="test")
    assert torch.equal(drawn, normal(ids, (6, 5), seed=3, purpose="test"))


def test_times_ascend_within_the_jittered_span() -> None:
    times = np.array([irregular_times(stream("times", 0, sample), 50) for sample in range(400)])
    assert times.shape == (400, 50)
    assert (np.diff(times, axis=1) >= 0).all()
    assert times.min() > -1.2  # six deviations of 0.2
    assert times.max() < 21.2
    assert times.mean() == pytest.approx(10, abs=0.05)


def test_times_are_even_ones_plus_normal_jitter() -> None:
    """All kept times at once: a uniform choice of the hundred even ones, blurred by N(0, 0.2²)."""
    times = np.concatenate([irregular_times(stream("times", 0, sample), 50) for sample in range(400)])
    even = np.linspace(0, 20, 100)
    expected = stats.norm.cdf(np.linspace(-1, 21, 12)[:, None], loc=even, scale=0.2).mean(axis=1)
    found = (times <= np.linspace(-1, 21, 12)[:, None]).mean(axis=1)
    assert found == pytest.approx(expected, abs=0.01)


def test_the_noise_is_added_to_the_signal() -> None:
    quiet, loud = Harmonic(noise_deviation=0.0), Harmonic()
    ids = torch.arange(40)
    noise = generate(loud, ids, (50, 50), seed=0, purpose="t") - generate(quiet, ids, (50, 50), seed=0, purpose="t")
    assert (noise.mean().item(), noise.std().item()) == pytest.approx((0, 0.3), abs=0.005)


def test_a_name_is_part_of_the_process() -> None:
    assert AutoRegressive() == PROCESSES["autoregressive"]
    assert AutoRegressive(coefficient=0.5) != AutoRegressive()
    assert [process.name for process in PROCESSES.values()] == list(PROCESSES)
    assert len(PROCESSES) == 7


EXPECTED = {
    "gaussian": [-0.3118, -2.981],
    "harmonic": [0.0166, -0.0342],
    "gaussian_process": [-1.5585, -0.4898],
    "pseudo_periodic": [-0.9689, -0.4027],
    "autoregressive": [-1.5956, -1.1689],
    "car": [-0.349, -0.4133],
    "narma": [0.254, 0.1581],
    "narma_as_published": [0.2163, 0.1654],
}


def test_numbers_stay_as_they_are() -> None:
    """The data sets are made of these; other numbers ask for a higher version."""
    drawn = {
        process.name: generate(process, torch.tensor([3]), (50, 2), seed=0, purpose="test")[0, 20].tolist()
        for process in EVERY
    }
    assert drawn == {name: pytest.approx(values, abs=1e-4) for name, values in EXPECTED.items()}

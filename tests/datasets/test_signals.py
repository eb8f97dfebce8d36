"""Each process against its known moments, its analytic covariance or an independent implementation."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import gamma, kv

from salbench.datasets.processes import Signal
from salbench.datasets.randomness import stream
from salbench.datasets.signals import (
    NARMA_AS_PUBLISHED,
    AutoRegressive,
    ContinuousAutoRegressive,
    GaussianProcess,
    Harmonic,
    Narma,
    PseudoPeriodic,
)

Floats = NDArray[np.float64]
TIMES = np.sort(stream("times", 0, 0).uniform(0, 20, 50))


def signals(process: Signal, times: Floats = TIMES, features: int = 20_000) -> Floats:
    return process.signals(stream("signals", 0, 0), times, features)


def test_a_harmonic_is_the_same_for_all_features() -> None:
    found = signals(Harmonic(), np.array([0.0, 0.125, 0.25, 0.375, 0.5]), features=3)
    assert found == pytest.approx(np.array([[0.0], [1.0], [0.0], [-1.0], [0.0]]).repeat(3, axis=1), abs=1e-12)


def test_a_gaussian_process_has_the_matern_covariance() -> None:
    """Against the general Matérn kernel with its Bessel function, at ν = 3/2."""
    times = np.array([0.0, 0.1, 0.5, 1.3, 4.0, 20.0])
    found = np.cov(signals(GaussianProcess(), times))
    distances = np.sqrt(2 * 1.5) * np.abs(times[:, None] - times) + np.finfo(float).tiny
    expected = 2 ** (1 - 1.5) / gamma(1.5) * distances**1.5 * kv(1.5, np.maximum(distances, 1e-9))
    np.fill_diagonal(expected, 1.0)
    assert found == pytest.approx(expected, abs=0.03)


def test_the_length_scale_stretches_time() -> None:
    short = signals(GaussianProcess(length_scale=1.0), TIMES, 3)
    long = signals(GaussianProcess(length_scale=3.0), 3 * TIMES, 3)
    assert long == pytest.approx(short)


def test_equal_times_do_no_harm() -> None:
    found = signals(GaussianProcess(), np.array([0.0, 1.0, 1.0, 1.0, 2.0]), 4)
    assert found[1] == pytest.approx(found[2], abs=1e-5)


def test_pseudo_periodic_moments() -> None:
    found = signals(PseudoPeriodic())
    # E sin(ft) and E sin²(ft) for f ~ N(2, s²), and a ~ N(1, 0.5²) independent of it
    fade = 0.01 * TIMES
    mean = np.exp(-(fade**2) / 2) * np.sin(2 * TIMES)
    square = 1.25 * (1 - np.exp(-2 * fade**2) * np.cos(4 * TIMES)) / 2
    assert found.mean(axis=1) == pytest.approx(mean, abs=0.02)
    assert (found**2).mean(axis=1) == pytest.approx(square, abs=0.04)
    assert abs(np.corrcoef(found[3] - mean[3], found[4] - mean[4])[0, 1]) < 0.03  # drawn anew for every time


def test_an_autoregression_is_a_filter_of_its_shocks() -> None:
    found = signals(AutoRegressive(), features=30)
    shocks = stream("signals", 0, 0).normal(scale=0.5, size=(50, 30))
    assert found == pytest.approx(lfilter([1.0], [1.0, -0.9], shocks, axis=0))


def test_an_autoregression_becomes_stationary() -> None:
    found = signals(AutoRegressive(), np.arange(200.0), 5000)
    assert found[0].var() == pytest.approx(0.25, rel=0.06)
    assert found[-1].var() == pytest.approx(0.25 / (1 - 0.9**2), rel=0.06)
    assert [np.corrcoef(found[-1], found[-1 - lag])[0, 1] for lag in (1, 5)] == pytest.approx([0.9, 0.9**5], abs=0.03)


def test_a_continuous_autoregression_step_by_step() -> None:
    found = signals(ContinuousAutoRegressive(), features=30)
    shocks = stream("signals", 0, 0).standard_normal((50, 30))
    expected = np.full((50, 30), 0.01)
    for step in range(1, 50):
        kept = 0.9 ** (TIMES[step] - TIMES[step - 1])
        expected[step] = kept * expected[step - 1] + 0.01 * np.sqrt(1 - kept) * shocks[step]
    assert found == pytest.approx(expected)


def test_a_continuous_autoregression_at_even_times() -> None:
    process = ContinuousAutoRegressive(deviation=2.0, start=0.0)
    found = signals(process, np.arange(0, 100, 0.5), 5000)
    kept = 0.9**0.5
    assert found[-1].var() == pytest.approx(4.0 / (1 + kept), rel=0.06)  # the published root is of 1 - φ^Δ
    assert np.corrcoef(found[-1], found[-2])[0, 1] == pytest.approx(kept, abs=0.03)


def narma(inputs: list[float], steps: int) -> list[float]:
    """The recursion by the letter, from x_0 = 0 with nothing before it; inputs[k] is u_{k-9}."""
    x = [0.0]
    for i in range(steps):
        history = sum(x[i - j] for j in range(10) if i - j >= 0)
        x.append(0.3 * x[i] + 0.05 * x[i] * history + 1.5 * inputs[i] * inputs[i + 9] + 0.1)
    return x[1:]


def test_narma_by_the_letter() -> None:
    found = signals(Narma(), features=3)
    inputs = stream("signals", 0, 0).uniform(0, 0.5, size=(60, 3))
    for feature in range(3):
        assert found[:, feature] == pytest.approx(narma(inputs[:, feature].tolist(), 50))


def test_narma_differs_between_features_and_samples_and_stays_bounded() -> None:
    found = signals(Narma())
    assert np.asarray(np.corrcoef(found[:, :10], rowvar=False))[np.triu_indices(10, 1)].max() < 0.9
    assert np.abs(found).max() < 2


@pytest.mark.parametrize("sample", [0, 1])
def test_published_narma_is_one_series(sample: int) -> None:
    found = NARMA_AS_PUBLISHED.signals(stream("signals", 0, sample), TIMES, 4)
    assert (found == found[:, :1]).all()
    inputs = np.asarray(np.random.RandomState(42).uniform(0, 0.5, size=60))
    driven = 1.5 * inputs[:50] * inputs[10:] + 0.1
    assert found[:, 0] == pytest.approx(lfilter([1.0], [1.0, -0.3], driven))  # without the sum it is linear


@pytest.mark.parametrize(
    "process", [GaussianProcess(), PseudoPeriodic(), AutoRegressive(), ContinuousAutoRegressive(), Narma()]
)
def test_features_are_independent(process: Signal) -> None:
    found = signals(process)[25]
    assert np.corrcoef(found[::2], found[1::2])[0, 1] == pytest.approx(0, abs=0.03)

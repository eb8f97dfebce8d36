"""The six generating processes besides Gaussian noise, and the list of all seven."""

from dataclasses import dataclass
from math import pi, sqrt
from typing import ClassVar

import numpy as np

from .processes import GAUSSIAN, Floats, Process, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Harmonic(Signal):
    """sin(2π·frequency·t): nothing is random but the times, so the features of a sample differ by their noise alone."""

    name: str = "harmonic"
    words: ClassVar[str] = "a sine wave, one for all features, under noise"
    frequency: float = 2.0

    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """The wave at each time, once for every feature."""
        wave: Floats = np.sin(2 * pi * self.frequency * times)
        return np.tile(wave[:, None], features)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianProcess(Signal):
    """A Gaussian process of mean 0 and variance 1 with the Matérn 3/2 kernel (1 + √3 d/ℓ) exp(-√3 d/ℓ)."""

    name: str = "gaussian_process"
    words: ClassVar[str] = "smooth random curves, a Gaussian process, under noise"
    length_scale: float = 1.0
    jitter: float = 1e-12  # added to the variance, so that two close times do no harm

    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """The kernel's Cholesky root times standard normal numbers."""
        distances = sqrt(3) / self.length_scale * np.abs(times[:, None] - times)
        covariance = (1 + distances) * np.exp(-distances) + self.jitter * np.eye(len(times))
        curves: Floats = np.linalg.cholesky(covariance) @ generator.standard_normal((len(times), features))
        return curves


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudoPeriodic(Signal):
    """a·sin(f·t) with amplitude a and angular frequency f drawn anew for every time and feature.

    The published code multiplies the frequency by t without the 2π of the harmonic process.
    """

    name: str = "pseudo_periodic"
    words: ClassVar[str] = "sine waves of unsteady amplitude and frequency under noise"
    frequency: float = 2.0
    frequency_deviation: float = 0.01
    amplitude_deviation: float = 0.5  # around 1

    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """Waves of which every point has an amplitude and a frequency of its own."""
        amplitudes = generator.normal(1.0, self.amplitude_deviation, size=(len(times), features))
        frequencies = generator.normal(self.frequency, self.frequency_deviation, size=(len(times), features))
        waves: Floats = amplitudes * np.sin(frequencies * times[:, None])
        return waves


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoRegressive(Signal):
    """x_i = φ x_{i-1} + ε_i with ε ~ N(0, deviation²) and nothing before the first step; the times play no part."""

    name: str = "autoregressive"
    words: ClassVar[str] = "autoregressive series of order 1 under noise"
    coefficient: float = 0.9  # phi
    deviation: float = 0.5

    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """The decayed sums of the innovations up to each step."""
        shocks = generator.normal(scale=self.deviation, size=(len(times), features))
        return _decayed_sums(shocks, self.coefficient, np.arange(len(times), dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuousAutoRegressive(Signal):
    """x_i = φ^Δ x_{i-1} + deviation · √(1 - φ^Δ) ε_i with ε ~ N(0, 1) and Δ the time passed; x_0 is the start.

    A process that is the same for any spacing of the times has √(1 - φ^(2Δ)); the published code does not square. With
    its deviation of 0.01 the signal is lost in the noise of 0.3, so that the set is Gaussian noise for most purposes.
    """

    name: str = "car"
    words: ClassVar[str] = "continuous autoregressive series, far weaker than the noise upon them"
    coefficient: float = 0.9  # phi, over one unit of time
    deviation: float = 0.01
    start: float = 0.01

    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """The decayed sums of the start and the innovations up to each time."""
        shocks = generator.standard_normal((len(times), features))
        shocks[0] = self.start
        shocks[1:] *= self.deviation * np.sqrt(1 - self.coefficient ** np.diff(times))[:, None]
        return _decayed_sums(shocks, self.coefficient, times)


def _decayed_sums(shocks: Floats, coefficient: float, times: Floats) -> Floats:
    """The sums over all j ≤ i of coefficient^(t_i - t_j) · shock_j, for shocks of shape (T, features)."""
    passed = times[:, None] - times
    weights: Floats = np.tril(coefficient ** np.maximum(passed, 0))
    return weights @ shocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Narma(Signal):
    """NARMA of order 10: x_{i+1} = 0.3 x_i + 0.05 x_i Σ_{j<10} x_{i-j} + 1.5 u_{i-9} u_i + 0.1.

    Inputs u ~ U(0, 0.5), drawn for every feature; everything before the first step is 0. The times play no part.

    Attributes:
        as_published: three faults of the published code. The inputs come from a generator seeded with 42 for every
            feature of every sample, so all of them are one fixed series and only the noise differs. The sum runs over
            the zeros before the first step, so it is 0. The product is u_{i-9} u_{i+1}, one step further apart.

    Source:
        atiya2000new for the recursion; maat2017timesynth for the faults.
    """

    name: str = "narma"
    words: ClassVar[str] = "nonlinear autoregressive moving averages of order 10 under noise"
    as_published: bool = False

    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """The recursion, step by step for all features at once."""
        order, length = 10, 10 + len(times)
        if self.as_published:
            one = np.random.RandomState(42).uniform(0, 0.5, size=length)  # what the code draws
            inputs = np.tile(one[:, None], features)
        else:
            inputs = generator.uniform(0, 0.5, size=(length, features))
        values = np.zeros((length, features))
        for step in range(order, length):
            last = values[step - 1]
            total = 0.0 if self.as_published else values[step - order : step].sum(axis=0)
            product = inputs[step - order] * inputs[step if self.as_published else step - 1]
            values[step] = 0.3 * last + 0.05 * last * total + 1.5 * product + 0.1
        return values[order:]


PROCESSES: dict[str, Process] = {
    process.name: process
    for process in (
        GAUSSIAN,
        Harmonic(),
        GaussianProcess(),
        PseudoPeriodic(),
        AutoRegressive(),
        ContinuousAutoRegressive(),
        Narma(),
    )
}
NARMA_AS_PUBLISHED = Narma(name="narma_as_published", as_published=True)

"""What draws synthetic series: the protocol, independent noise, and signals seen at irregular times under noise."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .randomness import stream

Floats = NDArray[np.float64]

_DURATION = 20.0  # of a series, in the unit of its times


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(ABC):
    """A source of random series.

    Source:
        ismail2020benchmarking, whose code draws all but the Gaussian with maat2017timesynth. The definitions and
        constants are those of that code; its departures from the textbook are named at each process.
    """

    name: str
    words: ClassVar[str]  # what it looks like

    @abstractmethod
    def draw(self, generator: np.random.Generator, steps: int, features: int) -> NDArray[np.floating]:
        """One sample, shape (steps, features)."""


def generate(process: Process, ids: Tensor, shape: Sequence[int], *, seed: int, purpose: str) -> Tensor:
    """Draw one series a sample, each from its own random stream.

    Args:
        process: what to draw from.
        ids: sample ids, shape (N,), non-negative.
        shape: (steps, features).
        seed: another seed gives independent series.
        purpose: names the stream, so that two uses of one seed stay independent.

    Returns:
        Shape (N, steps, features), float32, on the device of `ids`. Signals are computed in double precision; on
        another machine their last digits may differ, as its sines and matrix products do.
    """
    steps, features = shape
    drawn = np.empty((len(ids), steps, features), dtype=np.float32)
    for row, sample_id in enumerate(ids.tolist()):
        drawn[row] = process.draw(stream(purpose, seed, sample_id), steps, features)
    return torch.from_numpy(drawn).to(ids.device)


def irregular_times(generator: np.random.Generator, steps: int) -> Floats:
    """The times of one sample: every second of 2 × steps even times, chosen at random, jittered by one spacing, sorted.

    The jitter has a standard deviation of 20 / (2 × steps), and may carry a time a little below 0 or above 20.
    """
    even = np.linspace(0, _DURATION, 2 * steps)
    kept = generator.choice(even, steps, replace=False)
    return np.sort(kept + generator.normal(scale=_DURATION / (2 * steps), size=steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaussian(Process):
    """Independent N(0, 1) in every cell, without times."""

    name: str = "gaussian"
    words: ClassVar[str] = "Gaussian noise"

    def draw(self, generator: np.random.Generator, steps: int, features: int) -> NDArray[np.floating]:
        """One sample in single precision, as `randomness.normal` draws it."""
        return generator.standard_normal((steps, features), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Process, ABC):
    """A signal seen at irregular times, the same for all features of a sample, under white noise."""

    noise_deviation: float = 0.3

    def draw(self, generator: np.random.Generator, steps: int, features: int) -> NDArray[np.floating]:
        """One sample: times, signals, noise, in this order."""
        signals = self.signals(generator, irregular_times(generator, steps), features)
        return signals + generator.normal(scale=self.noise_deviation, size=(steps, features))

    @abstractmethod
    def signals(self, generator: np.random.Generator, times: Floats, features: int) -> Floats:
        """The series without noise at ascending times (T,), shape (T, features)."""


GAUSSIAN = Gaussian()

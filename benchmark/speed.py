"""How close the work comes to what it cannot do without: ratios within one run, since times alone mean little."""

import multiprocessing
import re
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd
import torch
from torch import nn

from ..baselines.architectures import LSTM, SGT_CNN, TCN
from ..baselines.architectures.base import Architecture
from ..baselines.training import Regular, SaliencyGuided, fit
from ..baselines.training.base import Recipe
from ..datasets.base import Budget, Modality, Samples
from ..metrics.base import Case, Metric
from ..metrics.curves import perturbation_curves
from ..metrics.entropy import ENTROPY
from ..metrics.gini import GINI
from ..metrics.protocol import SHARED

IMAGE, SERIES = (1, 28, 28), (50, 50)
ROWS = 256  # rows a forward, as the perturbation engine takes them on a CPU


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The time of one piece of work over that of another, pair by pair."""

    what: str
    goal: float
    pairs: tuple[float, ...]

    def row(self) -> dict[str, object]:
        """For a table."""
        return {
            "what": self.what,
            "ratio": f"{median(self.pairs):.2f}",
            "range": f"{min(self.pairs):.2f} to {max(self.pairs):.2f}",
            "goal": f"at most {self.goal:.2f}",
        }


def speed(*, rounds: int = 5, threads: int = 1) -> pd.DataFrame:
    """Measure every ratio of the design.

    Args:
        rounds: pairs of runs, one after the other; the median counts.
        threads: of torch.

    Returns:
        A row a ratio, with its median, range and goal.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        ratios = [
            _curves_over_forwards(SGT_CNN, IMAGE, Modality.IMAGE, 128, rounds),
            _curves_over_forwards(TCN, SERIES, Modality.SERIES, 128, rounds),
            *(_step_over_regular(architecture, shape, rounds) for architecture, shape in _TRAINED),
            *(_metric_over_sort(metric, rounds) for metric in (GINI, ENTROPY)),
        ]
    finally:
        torch.set_num_threads(before)
    return pd.DataFrame([*(ratio.row() for ratio in ratios), _memory_growth()])


_TRAINED = ((SGT_CNN, IMAGE), (TCN, SERIES), (LSTM, SERIES))


def _curves_over_forwards(
    architecture: Architecture, shape: tuple[int, ...], modality: Modality, count: int, rounds: int
) -> Ratio:
    """The whole perturbation family over the bare forward passes that it needs."""
    model, samples = architecture.build(shape, 10).eval(), _samples(count, shape)
    maps = torch.randn(samples.inputs.shape)
    rows = samples.inputs.repeat(ROWS // count + 1, *[1] * len(shape))[:ROWS]
    forwards = count * (1 + SHARED.steps)

    def bare() -> None:
        with torch.inference_mode():
            for start in range(0, forwards, ROWS):
                model(rows[: min(ROWS, forwards - start)])

    ours = lambda: perturbation_curves(model, samples, maps, modality)  # noqa: E731
    return Ratio(
        what=f"perturbation family over bare forwards, {architecture.name}", goal=1.1, pairs=_pairs(ours, bare, rounds)
    )


def _step_over_regular(architecture: Architecture, shape: tuple[int, ...], rounds: int) -> Ratio:
    """Saliency guided over regular training; by pass count 8/3, for the three forwards and two backwards it needs."""
    samples = _samples(1024, shape)
    times = [_training(architecture, shape, samples, recipe) for recipe in (SaliencyGuided(), Regular())]
    what = f"saliency guided step over regular step, {architecture.name}"
    return Ratio(what=what, goal=1.15 * 8 / 3, pairs=_pairs(times[0], times[1], rounds))


def _training(
    architecture: Architecture, shape: tuple[int, ...], samples: Samples, recipe: Recipe
) -> Callable[[], object]:
    model = architecture.build(shape, 2)
    return lambda: fit(model, samples, recipe=recipe, budget=Budget(epochs=1, batch_size=256), seed=0)


def _metric_over_sort(metric: Metric, rounds: int) -> Ratio:
    """A metric of maps alone over one sort of the same 10,000 maps of 28×28."""
    samples = _samples(10_000, IMAGE)
    maps = torch.randn(samples.inputs.shape)
    score = lambda: metric.score(Case(samples=samples, attributions=maps, modality=Modality.IMAGE))  # noqa: E731
    pairs = _pairs(score, lambda: maps.flatten(1).sort(dim=1), rounds)
    return Ratio(what=f"{metric.name} of 10,000 maps over one sort of them", goal=3.0, pairs=pairs)


def _memory_growth() -> dict[str, object]:
    """Peak memory beyond the inputs and outputs with ten times the samples."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:  # a fresh process each, since a peak never falls
        few, many = pool.map(_extra_bytes, [1_000, 10_000], chunksize=1)
    return {
        "what": "peak memory of the perturbation family, ten times the samples",
        "ratio": f"{many / few:.2f}",
        "range": f"{few / 1e6:.0f} MB to {many / 1e6:.0f} MB",
        "goal": "at most 1.20",
    }


def _extra_bytes(count: int) -> float:
    """What the perturbation family takes beyond its inputs and outputs."""
    torch.set_num_threads(1)
    model, samples = nn.Sequential(nn.Flatten(), nn.Linear(784, 2)).eval(), _samples(count, IMAGE)
    maps = torch.randn(samples.inputs.shape)
    before = _peak_bytes()
    curves = perturbation_curves(model, samples, maps, Modality.IMAGE)
    outputs = sum(tensor.nbytes for tensor in (curves.clean, curves.most, curves.least))
    return _peak_bytes() - before - outputs


def _peak_bytes() -> int:
    """Peak memory of this process; where there is no /proc, of the process that it was forked from too."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _samples(count: int, shape: tuple[int, ...]) -> Samples:
    inputs, ids = torch.rand(count, *shape), torch.arange(count)
    return Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros(1).expand_as(inputs))


def _pairs(work: Callable[[], object], base: Callable[[], object], rounds: int) -> tuple[float, ...]:
    """Work and base in turn, after one warm-up of each."""
    work(), base()
    return tuple(_seconds(work) / _seconds(base) for _ in range(rounds))


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started

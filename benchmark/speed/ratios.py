"""How close the work comes to what it cannot do without: ratios within one run, since times alone mean little."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from time import perf_counter

import pandas as pd
import torch
from torch import nn

from ...baselines.architectures import LSTM, SGT_CNN, TCN
from ...baselines.architectures.base import Architecture
from ...baselines.training import SCAAT, Regular, RightForRightReasons, SaliencyGuided, SaliencyRegularized, fit
from ...baselines.training.base import Recipe
from ...baselines.training.penalties import Consistency, Fidelity, InputGradient, Locality, Smoothness, Symmetry
from ...datasets.base import Budget, Modality, Samples
from ...metrics import METRICS
from ...metrics.base import Case, Metric
from ...metrics.curves import perturbation_curves
from ...metrics.entropy import ENTROPY
from ...metrics.gini import GINI
from ...metrics.protocol import SHARED
from ..engines.freed_memory import keep_freed_memory
from .peak import peak_bytes

IMAGE, SERIES = (1, 28, 28), (50, 50)
_FAMILY = tuple(metric for metric in METRICS if metric.protocols == (SHARED,))
_LEAST_FIRST = {"aopc_lerf", "sufficiency", "insertion_auc"}
ROWS = 128  # rows a forward, as the perturbation engine takes them on a CPU


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The time of one piece of work over that of another, pair by pair."""

    what: str
    goal: float
    pairs: tuple[float, ...]
    at_least: bool = False

    def row(self) -> dict[str, object]:
        """For a table."""
        return {
            "what": self.what,
            "ratio": f"{median(self.pairs):.2f}",
            "range": f"{min(self.pairs):.2f} to {max(self.pairs):.2f}",
            "goal": f"at {'least' if self.at_least else 'most'} {self.goal:.2f}",
        }


def speed(*, rounds: int = 5, threads: int = 1, count: int = 128) -> pd.DataFrame:
    """Measure every ratio of the design.

    Args:
        rounds: pairs of runs, one after the other; the median counts.
        threads: of torch.
        count: samples that are perturbed.

    Returns:
        A row a ratio, with its median, range and goal; one that says so where Quantus is not installed.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    keep_freed_memory()  # as in every run
    try:
        ratios = [
            _curves_over_forwards(SGT_CNN, IMAGE, Modality.IMAGE, count, rounds),
            _curves_over_forwards(TCN, SERIES, Modality.SERIES, count, rounds),
            *(
                _quantus_over_curves(network, shape, kind, count, rounds, same_points=same_points)
                for same_points in (True, False)
                for network, shape, kind in _COMPARED
                if find_spec("quantus")
            ),
            *(_step_over_regular(architecture, shape, rounds) for architecture, shape in _TRAINED),
            *(_other_step_over_regular(name, recipe, min(rounds, 3)) for name, recipe in _OTHERS.items()),
            *(_metric_over_sort(metric, rounds) for metric in (GINI, ENTROPY)),
        ]
    finally:
        torch.set_num_threads(before)
    missing = [] if find_spec("quantus") else [_QUANTUS_IS_MISSING]
    return pd.DataFrame([*(ratio.row() for ratio in ratios), *missing, _memory_growth()])


_TRAINED = ((SGT_CNN, IMAGE), (TCN, SERIES), (LSTM, SERIES))
_OTHERS: dict[str, SCAAT | SaliencyRegularized | RightForRightReasons] = {
    "SCAAT (PGD-4)": SCAAT(steps=4),
    "SCAAT (FGSM)": SCAAT(steps=1),
    **{
        f"{type(penalty).__name__} penalty": SaliencyRegularized(penalties=(penalty,))
        for penalty in (InputGradient(), Consistency(), Smoothness(), Locality(), Fidelity(), Symmetry())
    },
    "right for the right reasons": RightForRightReasons(),
}
_COMPARED = ((SGT_CNN, IMAGE, Modality.IMAGE), (TCN, SERIES, Modality.SERIES))
_QUANTUS_IS_MISSING = {
    "what": "perturbation family by calls of Quantus over ours",
    "ratio": "not measured",
    "range": "Quantus is not installed",
    "goal": "at least 4.00",
}


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


def _quantus_over_curves(
    architecture: Architecture,
    shape: tuple[int, ...],
    modality: Modality,
    count: int,
    rounds: int,
    *,
    same_points: bool,
) -> Ratio:
    """The family by one call of Quantus a metric over our one pass and the metrics read from it.

    The calls are PixelFlipping's, in batches of 64 as by default and with our fill, for each metric that reads the
    shared curves: the one curve that it reads, most or least relevant first. PixelFlipping takes equal steps alone,
    whose size divides the number of features (in a series, had it not been given as an image, that of one time). To
    reach the points of our grid, of which the first is at 1 %, it needs a step no wider than that. The other row gives
    it only as many steps as our grid has points: it then lacks those at 1 and 5 %, and measures something coarser.
    """
    quantus = import_module("quantus")
    model, samples = architecture.build(shape, 10).eval(), _samples(count, shape)
    maps = torch.rand(samples.inputs.shape)
    features = maps[0].numel()
    fewest = 100 if same_points else max(len(SHARED.most), len(SHARED.least))
    step = next(step for step in range(-(-features // fewest), 0, -1) if features % step == 0)
    seen = nn.Sequential(nn.Flatten(), nn.Unflatten(1, shape), model).eval()
    inputs, targets = samples.inputs.flatten(1).numpy()[:, None, None], samples.targets.numpy()

    def theirs() -> None:
        for asked in _FAMILY:
            metric = quantus.PixelFlipping(
                features_in_step=step, perturb_baseline=0.0, normalise=False, disable_warnings=True
            )
            ranked = (1 - maps if asked.name in _LEAST_FIRST else maps).view(count, 1, 1, -1).numpy()
            metric(model=seen, x_batch=inputs, y_batch=targets, a_batch=ranked, channel_first=True, batch_size=64)

    def ours() -> None:
        curves = {SHARED: perturbation_curves(model, samples, maps, modality)}
        case = Case(samples=samples, attributions=maps, modality=modality, curves=curves)
        for metric in _FAMILY:
            metric.score(case)

    points = "the same points" if same_points else "as many points"
    what = (
        f"perturbation family by {len(_FAMILY)} calls of Quantus's PixelFlipping ({points}: {features // step} steps) "
        f"over ours ({len(SHARED.most)} and {len(SHARED.least)} points), {architecture.name}"
    )
    return Ratio(what=what, goal=4.0, pairs=_pairs(theirs, ours, 1 if same_points else rounds), at_least=True)


def _step_over_regular(architecture: Architecture, shape: tuple[int, ...], rounds: int) -> Ratio:
    """Saliency guided over regular training, against the least passes that the recipe itself names, over 3."""
    samples, recipe = _samples(1024, shape), SaliencyGuided()
    ours, base = (_training(architecture, shape, samples, each) for each in (recipe, Regular()))
    passes = recipe.passes(architecture.build(shape, 2))
    what = f"saliency guided step over regular step, {architecture.name}; {passes} passes over 3"
    return Ratio(what=what, goal=1.15 * passes / 3, pairs=_pairs(ours, base, rounds))


def _other_step_over_regular(
    name: str, recipe: SCAAT | SaliencyRegularized | RightForRightReasons, rounds: int
) -> Ratio:
    """A step of 256 images over a regular one, against the least passes that the recipe itself names, over 3."""
    samples = _samples(256, IMAGE)
    samples = replace(samples, irrelevant=samples.inputs > 0.5)
    ours, base = (_training(SGT_CNN, IMAGE, samples, each) for each in (recipe, Regular()))
    passes = recipe.passes(SGT_CNN.build(IMAGE, 2))
    what = f"{name} step over regular step, {SGT_CNN.name}; {passes} passes over 3"
    return Ratio(what=what, goal=1.15 * passes / 3, pairs=_pairs(ours, base, rounds))


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
    """Peak memory beyond the inputs and outputs with ten times the samples: the medians of three processes each.

    Small images, so that the peak is that of the work. With tensors of 10 MB and more the gaps of the heap come on top:
    up to twice the memory, more of them the longer a process runs, until there are enough; then it stays.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:  # a fresh process each, since a peak never falls
        extra = pool.map(_extra_bytes, [300] * 3 + [3_000] * 3, chunksize=1)
    return {
        "what": f"peak memory of the perturbation family, 3,000 over 300 samples of 16×16, {SGT_CNN.name}",
        "ratio": f"{median(extra[3:]) / median(extra[:3]):.2f}",
        "range": f"{min(extra) / 1e6:.0f} MB to {max(extra) / 1e6:.0f} MB",
        "goal": "at most 1.20",
    }


def _extra_bytes(count: int) -> float:
    """What the perturbation family takes beyond its inputs and outputs."""
    torch.set_num_threads(1)
    keep_freed_memory()
    shape = (1, 16, 16)
    model, samples = SGT_CNN.build(shape, 10).eval(), _samples(count, shape)
    maps = torch.randn(samples.inputs.shape)
    with torch.inference_mode():
        model(samples.inputs[:8])  # what the libraries take once for themselves
    before = peak_bytes()
    curves = perturbation_curves(model, samples, maps, Modality.IMAGE)
    outputs = sum(tensor.nbytes for tensor in (curves.clean, curves.most, curves.least))
    return peak_bytes() - before - outputs


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

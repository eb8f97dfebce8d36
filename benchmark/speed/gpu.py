"""What a GPU makes of the work: ratios within one run, printed with the device's name; a CPU gets a smaller size."""

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import pandas as pd
import torch
from torch import nn

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN, TRANSFORMER
from ...baselines.architectures.base import Architecture
from ...baselines.training import Recipe, Regular, SaliencyGuided, fit
from ...baselines.training.stacked import fit_stacked
from ...datasets.base import Budget, Modality, Samples
from ...metrics.curves import perturbation_curves
from ...metrics.protocol import SHARED

IMAGE, SERIES = (1, 28, 28), (50, 50)
TOGETHER = (1, 4, 16)  # models in one stack
FORWARD = "passes of the bare model that it needs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    explained: int  # samples of the perturbation family
    rows: int  # of them in one forward, as the perturbation engine takes them on the device
    trained: int  # samples of a training
    batch: int
    rounds: int  # pairs of runs, after one that warms up; the median counts


GPU_SIZE = Size(explained=1024, rows=4096, trained=2048, batch=256, rounds=5)
CPU_SIZE = Size(explained=16, rows=128, trained=40, batch=20, rounds=2)


def gpu_speed(
    device: torch.device, size: Size, *, together: tuple[int, ...] = TOGETHER, report: Callable[[str], object] = print
) -> pd.DataFrame:
    """Measure the ratios on a device.

    Args:
        device: where to work.
        size: how much.
        together: numbers of models whose training at once is compared with that one after another.
        report: is told of each ratio as it is known.

    Returns:
        A row a ratio: what over what, its median and its range.
    """
    rows: list[dict[str, object]] = []

    def note(what: str, pairs: list[float]) -> None:
        rows.append({"what": what, "ratio": median(pairs), "least": min(pairs), "most": max(pairs)})
        report(f"{what}: {median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f})")

    for architecture, shape, modality in (
        (SGT_CNN, IMAGE, Modality.IMAGE),
        (TCN, SERIES, Modality.SERIES),
        (LSTM, SERIES, Modality.SERIES),
    ):
        note(
            f"{architecture.name}: perturbation family over the {FORWARD}",
            _curves(architecture, shape, modality, device, size),
        )
        note(f"{architecture.name}: saliency guided step over regular step", _guided(architecture, shape, device, size))
    for architecture, shape in ((MLP, SERIES), (TCN, SERIES), (LSTM, SERIES), (TRANSFORMER, SERIES), (SGT_CNN, IMAGE)):
        for recipe in (Regular(), SaliencyGuided()):
            for count in together:
                what = f"{architecture.name}, {type(recipe).__name__}: {count} models one after another over at once"
                note(what, _stacked(architecture, shape, recipe, count, device, size))
    return pd.DataFrame(rows)


def _curves(
    architecture: Architecture, shape: tuple[int, ...], modality: Modality, device: torch.device, size: Size
) -> list[float]:
    model, samples = _built(architecture, shape, device).eval(), _samples(size.explained, shape, device)
    maps = torch.randn_like(samples.inputs)
    forwards = size.explained * (1 + SHARED.steps)
    rows = torch.rand(size.rows, *shape, device=device)

    def bare() -> None:
        with torch.inference_mode():
            for start in range(0, forwards, size.rows):
                model(rows[: min(size.rows, forwards - start)])

    return _pairs(lambda: perturbation_curves(model, samples, maps, modality), bare, device, size.rounds)


def _guided(architecture: Architecture, shape: tuple[int, ...], device: torch.device, size: Size) -> list[float]:
    samples, model = _samples(size.trained, shape, device), _built(architecture, shape, device)
    budget = Budget(epochs=1, batch_size=size.batch)
    guided, regular = (
        lambda recipe=recipe: fit(model, samples, recipe=recipe, budget=budget, seed=0)
        for recipe in (SaliencyGuided(), Regular())
    )
    return _pairs(guided, regular, device, size.rounds)


def _stacked(
    architecture: Architecture, shape: tuple[int, ...], recipe: Recipe, count: int, device: torch.device, size: Size
) -> list[float]:
    """One after another over at once: above 1 the stack is faster. Two epochs, as the first has a measured step."""
    samples, budget = _samples(size.trained, shape, device), Budget(epochs=2, batch_size=size.batch)
    models = [_built(architecture, shape, device) for _ in range(count)]

    def one_by_one() -> None:
        for seed, model in enumerate(models):
            fit(model, samples, recipe=recipe, budget=budget, seed=seed)

    def at_once() -> None:
        fit_stacked(models, [samples] * count, recipe=recipe, budget=budget, seeds=range(count))

    return _pairs(one_by_one, at_once, device, size.rounds)


def _built(architecture: Architecture, shape: tuple[int, ...], device: torch.device) -> nn.Module:
    return architecture.build(shape, 2).to(device)


def _samples(count: int, shape: tuple[int, ...], device: torch.device) -> Samples:
    inputs, ids = torch.rand(count, *shape, device=device), torch.arange(count, device=device)
    return Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros((), device=device).expand_as(inputs))


def _pairs(work: Callable[[], object], base: Callable[[], object], device: torch.device, rounds: int) -> list[float]:
    """Work over base, in turn, after one run of each."""
    _seconds(work, device), _seconds(base, device)
    return [_seconds(work, device) / _seconds(base, device) for _ in range(rounds)]


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    started = perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return perf_counter() - started


@contextmanager
def _threads(device: torch.device) -> Iterator[None]:
    """One thread on a CPU, as a run takes them."""
    before = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def device_name(device: torch.device) -> str:
    """The device in words, for whoever reads a ratio."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"no GPU; one thread of {platform.processor() or platform.machine()}, at a smaller size"


def main() -> None:
    """Measure on the GPU if there is one, and print the device and every ratio."""
    gpu = torch.cuda.is_available()
    device = torch.device("cuda", 0) if gpu else torch.device("cpu")
    print(f"{device_name(device)}; torch {torch.__version__}", flush=True)  # noqa: T201
    with _threads(device):
        gpu_speed(device, GPU_SIZE if gpu else CPU_SIZE, report=lambda line: print(line, flush=True))  # noqa: T201


if __name__ == "__main__":
    main()

"""A small world in which whole runs take a fraction of a second: 60 points, two features that decide."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.architectures import Architecture
from salbench.baselines.saliency import GRADIENT, ORACLE, RANDOM, SaliencyMethod
from salbench.baselines.training import Recipe, Regular
from salbench.benchmark import Suite
from salbench.benchmark.engines.events import Event, State
from salbench.benchmark.entry import Entry, entries
from salbench.datasets import Budget, Dataset, Modality, Samples, Split
from salbench.datasets.randomness import normal
from salbench.metrics import ACCURACY, AUP_COUNT, GINI, SUFFICIENCY_AOPC
from salbench.metrics.base import Metric

loads: list[Split] = []  # every time the data set below is opened


def load_points(root: Path, split: Split) -> Samples:
    """Points of six features; the class is the sign of the sum of the first two."""
    loads.append(split)
    ids = torch.arange(40) if split is Split.TRAIN else torch.arange(40, 60)
    inputs = normal(ids, (6,), seed=0, purpose="points")
    masks = torch.zeros(len(ids), 6, dtype=torch.bool)
    masks[:, :2] = True
    targets = (inputs[:, :2].sum(dim=1) > 0).long()
    return Samples(inputs=inputs, targets=targets, ids=ids, fill=torch.zeros_like(inputs), masks=masks)


POINTS = Dataset(
    name="points",
    version=1,
    modality=Modality.TABULAR,
    shape=(6,),
    classes=2,
    load=load_points,
    fill="zero",
    evidence=True,
    budget=Budget(epochs=3, batch_size=10, learning_rate=0.05),
    description="two of six features decide",
    reference="ross2017right",
)


def build_linear(shape: tuple[int, ...], classes: int) -> nn.Module:
    return nn.Linear(shape[0], classes)


LINEAR = Architecture(
    name="linear",
    version=1,
    build=build_linear,
    modalities=frozenset({Modality.TABULAR}),
    description="one linear layer",
    reference="ross2017right",
)


def make_suite(
    *, metrics: tuple[Metric, ...] = (ACCURACY, SUFFICIENCY_AOPC, GINI, AUP_COUNT), seeds: tuple[int, ...] = (0, 1)
) -> Suite:
    return Suite(
        name="tiny",
        title="A tiny suite",
        datasets=(POINTS,),
        architectures=(LINEAR,),
        saliency=(GRADIENT,),
        controls=(ORACLE, RANDOM),
        metrics=metrics,
        seeds=seeds,
    )


def make_entries(
    training: str = "regular",
    *,
    recipe: Recipe | None = None,
    architecture: Architecture = LINEAR,
    saliency: tuple[SaliencyMethod, ...] = (GRADIENT,),
) -> list[Entry]:
    return entries(
        training=training,
        recipe=recipe or Regular(),
        datasets=[POINTS],
        architectures=[architecture],
        saliency=saliency,
    )


@dataclass
class Heard:
    """A listener that remembers."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def names(self, state: State) -> list[str]:
        return [f"{event.kind} {event.name}" for event in self.events if event.state is state]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def broken(message: str) -> Callable[..., Tensor]:
    """A function that fails."""

    def fail(*arguments: object) -> Tensor:
        raise RuntimeError(message)

    return fail


def hear_interrupts() -> None:
    """As at a terminal: a shell lets its jobs in the background, these tests among them, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

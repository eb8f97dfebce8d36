"""The six saliency regularizers on MNIST and Fashion-MNIST, beside the numbers of their public notebook.

The weight of the penalties is 0.1, as in the configuration that was published for Fashion-MNIST. That of the MNIST
numbers was not recorded: suites of their own take 1, the default of four of the six published classes, and 0.01. The
eight epochs are what the published curves of the loss show; one suite stops after the first.
"""

from dataclasses import replace
from functools import partial

from ...baselines.architectures import CNN3B, CNN4B, Architecture
from ...baselines.saliency import CONTROLS, PUBLISHED_XCL, RANDOM
from ...baselines.training import Recipe, Regular, SaliencyRegularized
from ...datasets import FASHION_MNIST_UNIT, MNIST_UNIT, Dataset
from ...datasets.subset import subset
from ...metrics import (
    ACCURACY,
    BLOCK_ACCURACY_AREA,
    COMPLEXITY_XCL,
    GAUSSIAN_ACCURACY_AREA,
    GAUSSIAN_ACCURACY_AREA_PUBLISHED,
    XCL_FAITHFULNESS,
    XCL_MORF,
    XCL_ROAR_AREA,
)
from ...results.xcl_claims import claims
from ..entries.regularizers import PUBLISHED as PENALTIES
from ..entries.regularizers import WEIGHT
from ..entry import Entry, entries
from ..publications.regularizer_figures import draw_cross_table
from ..suite import Figure, Published, Suite


def _trainings(weight: float) -> dict[str, Recipe]:
    """Regular training and each penalty alone."""
    penalized = {
        f"{name}_regularized": SaliencyRegularized(penalties=(replace(penalty, weight=weight),))
        for name, penalty in PENALTIES.items()
    }
    return {"regular": Regular(), **penalized}


TRAININGS = _trainings(WEIGHT)
_SHORT = replace(MNIST_UNIT.budget, epochs=1)


def _models(dataset: Dataset, architecture: Architecture, weight: float) -> tuple[Entry, ...]:
    """The unconstrained and the six constrained models with the published budget."""
    return tuple(
        entry
        for training, recipe in _trainings(weight).items()
        for entry in entries(
            training=training,
            recipe=recipe,
            datasets=[dataset],
            architectures=[architecture],
            saliency=PUBLISHED_XCL,
        )
    )


def _published(of: str, dataset: Dataset, architecture: Architecture) -> Published:
    return Published(
        title=f"xaiconstrained, {of}",
        claims=partial(claims, of, measured_on=dataset.name, architecture=architecture.name),
        methods=tuple(name for name in TRAININGS if name != "regular"),
    )


def _suite(
    name: str, of: str, title: str, dataset: Dataset, architecture: Architecture, *, weight: float = WEIGHT
) -> Suite:
    full = Suite(
        name=name,
        title=f"Six saliency regularizers on {title}: is a constrained model's map better?",
        datasets=(dataset,),
        architectures=(architecture,),
        saliency=PUBLISHED_XCL,
        controls=CONTROLS,
        metrics=(
            ACCURACY,
            XCL_MORF,
            XCL_FAITHFULNESS,
            COMPLEXITY_XCL,
            XCL_ROAR_AREA,
            GAUSSIAN_ACCURACY_AREA,
            GAUSSIAN_ACCURACY_AREA_PUBLISHED,
            BLOCK_ACCURACY_AREA,
        ),
        seeds=(0, 1, 2, 3, 4),
        entries=_models(dataset, architecture, weight),
        samples=1000,
        reference="xaiconstrained",
        published=(_published(of, dataset, architecture),),
        figures=(Figure(name="cross_table", draw=draw_cross_table),),
    )
    part = subset(dataset, train=2000, test=1000)
    small = replace(
        full,
        datasets=(part,),
        architectures=(CNN3B,),
        saliency=PUBLISHED_XCL[:1],
        controls=(RANDOM,),
        seeds=(0,),
        entries=_models(part, CNN3B, weight),
        samples=100,
        published=(_published(of, part, CNN3B),),
        obstacle="2,000 training images instead of 60,000, and 100 explained test images"
        + ("" if architecture is CNN3B else f", with {CNN3B.name} instead of {architecture.name}"),
    )
    return replace(full, small=small)


SUITES = (
    _suite("regularizers-mnist", "mnist", "MNIST", MNIST_UNIT, CNN3B),
    _suite("regularizers-mnist-weight-1", "mnist", "MNIST, with a weight of 1", MNIST_UNIT, CNN3B, weight=1.0),
    _suite("regularizers-mnist-weight-0.01", "mnist", "MNIST, with a weight of 0.01", MNIST_UNIT, CNN3B, weight=0.01),
    _suite("regularizers-mnist-1-epoch", "mnist", "MNIST, after one epoch", replace(MNIST_UNIT, budget=_SHORT), CNN3B),
    _suite("regularizers-fashion", "fashion_mnist", "Fashion-MNIST", FASHION_MNIST_UNIT, CNN4B),
)

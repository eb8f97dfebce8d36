"""Common ground: every training method on the same data, architectures, seeds and budget, as no publication has it."""

from collections.abc import Sequence
from dataclasses import replace

from ...baselines.architectures import CNN3B, MLP, SGT_CNN, Architecture
from ...baselines.saliency import CONTROLS, GRADIENT, INTEGRATED_GRADIENTS, RANDOM, SMOOTHGRAD
from ...baselines.training import SCAAT, Recipe, Regular, RightForRightReasons, SaliencyGuided, SaliencyRegularized
from ...datasets import DIGITS, FASHION_MNIST, Budget, Dataset
from ...datasets.decoy import DECOY_DIGITS_SCALED, DECOY_FASHION_MNIST_SCALED
from ...metrics import (
    ACCURACY,
    AOPC_LERF,
    AOPC_MORF,
    CALIBRATION_ERROR,
    ENTROPY,
    GAUSSIAN_ACCURACY_AREA,
    GINI,
    IRRELEVANT_MASS,
    MAX_SENSITIVITY,
    NORMALIZED_AOPC_LERF,
    NORMALIZED_AOPC_MORF,
)
from ..entries.regularizers import PUBLISHED as PENALTIES
from ..entry import Entry, entries
from ..pareto import draw_pareto
from ..suite import Figure, Suite

_SCAAT = SCAAT(radius=0.1)
RECIPES: dict[str, Recipe] = {
    "regular": Regular(),
    "saliency_guided": SaliencyGuided(masked_fraction=0.5),
    "scaat": _SCAAT,
    "scaat_fixed": replace(_SCAAT, proportion_step=0.0),
    "scaat_fgsm": replace(_SCAAT, steps=1),
    **{f"{name}_regularized": SaliencyRegularized(penalties=(penalty,)) for name, penalty in PENALTIES.items()},
}
ANNOTATED: dict[str, Recipe] = {  # where the data say what must not matter; inputs in [0, 1] ask for this form
    "right_for_right_reasons": RightForRightReasons(penalty_weight=1.0, form="standardized"),
}
SALIENCY = (GRADIENT, SMOOTHGRAD, INTEGRATED_GRADIENTS)
_SMALL_IMAGES = Budget(epochs=30, batch_size=50)
_LARGE_IMAGES = Budget(epochs=10, batch_size=128)


def methods_on(
    datasets: Sequence[Dataset],
    architectures: Sequence[Architecture],
    *,
    budget: Budget,
    annotated: bool = False,
) -> tuple[Entry, ...]:
    """Every training method with one budget.

    Args:
        datasets: on which data.
        architectures: of the models.
        budget: of every method.
        annotated: whether the data say what must not matter, as right for the right reasons asks.
    """
    recipes = RECIPES | (ANNOTATED if annotated else {})
    return tuple(
        entry
        for training, recipe in recipes.items()
        for entry in entries(
            training=training,
            recipe=recipe,
            datasets=datasets,
            architectures=architectures,
            saliency=SALIENCY,
            budget=budget,
        )
    )


_FULL = (SGT_CNN, MLP)
_FEW = replace(_SMALL_IMAGES, epochs=15)

SMALL = Suite(
    name="training-methods",
    title="Every training method on common ground: what does which kind of explanation cost?",
    datasets=(DIGITS, DECOY_DIGITS_SCALED),
    architectures=(CNN3B,),
    saliency=(GRADIENT,),
    controls=(RANDOM,),
    metrics=(
        ACCURACY,
        CALIBRATION_ERROR,
        NORMALIZED_AOPC_MORF,
        NORMALIZED_AOPC_LERF,
        AOPC_MORF,
        AOPC_LERF,
        GINI,
        ENTROPY,
        MAX_SENSITIVITY,
        GAUSSIAN_ACCURACY_AREA,
        IRRELEVANT_MASS,
    ),
    seeds=(0, 1),
    entries=(
        *methods_on([DIGITS], [CNN3B], budget=_FEW),
        *methods_on([DECOY_DIGITS_SCALED], [CNN3B], budget=_FEW, annotated=True),
    ),
    samples=40,
    figures=(Figure(name="pareto", of_numbers=True, draw=draw_pareto),),
)
SUITE = replace(
    SMALL,
    datasets=(DIGITS, DECOY_DIGITS_SCALED, FASHION_MNIST, DECOY_FASHION_MNIST_SCALED),
    architectures=_FULL,
    saliency=SALIENCY,
    controls=CONTROLS,
    seeds=(0, 1, 2, 3, 4),
    entries=(
        *methods_on([DIGITS], _FULL, budget=_SMALL_IMAGES),
        *methods_on([DECOY_DIGITS_SCALED], _FULL, budget=_SMALL_IMAGES, annotated=True),
        *methods_on([FASHION_MNIST], _FULL, budget=_LARGE_IMAGES),
        *methods_on([DECOY_FASHION_MNIST_SCALED], _FULL, budget=_LARGE_IMAGES, annotated=True),
    ),
    samples=500,
    small=SMALL,
)

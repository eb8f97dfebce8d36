"""Ablations of SCAAT: what its settings do, of which the publication names none.

The paper says that it varied the proportion, the divergence and the radius, and defers them to a supplement that could
not be found, so that nothing published stands beside these numbers.
"""

from dataclasses import replace

from ...baselines.architectures import RESNET18
from ...baselines.saliency import CONTROLS, GRADIENT, RANDOM
from ...baselines.training import SCAAT, Recipe, Regular
from ...datasets import CIFAR10
from ...metrics import ACCURACY, CALIBRATION_ERROR, ENTROPY, GINI, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF
from ..publications.scaat_figures import draw_times
from ..publications.scaat_models import (
    SETTINGS,
    SMALL_ARCHITECTURE,
    SMALL_DATASET,
    SMALL_OBSTACLE,
    SMALL_SETTINGS,
    models,
)
from ..suite import Figure, Suite

_QUESTIONS = {
    "q": "does an adaptive proportion do better than any fixed one?",
    "divergence": "the printed divergence or Jensen-Shannon, of equal weight and of equal size",
    "epsilon": "how large may perturbations be?",
    "lambda": "how much does the divergence count?",
    "map": "does it matter which map chooses what is perturbed?",
}


def _variants(settings: SCAAT) -> dict[str, dict[str, SCAAT]]:
    """The trainings of each ablation by their names; those that equal the plain method are called scaat."""
    weight = settings.divergence_weight
    fixed = {
        f"scaat_q{percent}": replace(
            settings, initial_proportion=percent / 100, proportion_step=0.0, proportion_range=(0.0, 1.0)
        )
        for percent in (10, 30, 50, 70, 90)
    }
    other = replace(settings, divergence="jensen_shannon")
    return {
        "q": {"scaat": settings, **fixed},
        "divergence": {
            "scaat": settings,
            "scaat_jensen_shannon": other,
            "scaat_jensen_shannon_4": replace(other, divergence_weight=4 * weight),  # a quarter for small shifts
        },
        "epsilon": {
            "scaat": settings,
            **{
                f"scaat_radius_{times:g}": replace(settings, radius=times * settings.radius)
                for times in (0.25, 0.5, 2.0, 4.0, 8.0)
            },
        },
        "lambda": {
            "scaat": settings,
            **{
                f"scaat_weight_{times:g}": replace(settings, divergence_weight=times * weight)
                for times in (0.25, 4.0, 16.0)
            },
        },
        "map": {
            "scaat": settings,
            "scaat_smoothgrad": replace(settings, smoothing_samples=5),
            "scaat_region_2": replace(settings, region=2),
        },
    }


def _trainings(ablation: str, settings: SCAAT) -> dict[str, Recipe]:
    return {"regular": Regular(), **_variants(settings)[ablation]}


def _suite(ablation: str) -> Suite:
    full = Suite(
        name=f"scaat-ablation-{ablation}",
        title=f"SCAAT: {_QUESTIONS[ablation]}",
        datasets=(CIFAR10,),
        architectures=(RESNET18,),
        saliency=(GRADIENT,),
        controls=CONTROLS,
        metrics=(ACCURACY, CALIBRATION_ERROR, ENTROPY, GINI, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF),
        seeds=(0, 1, 2),
        entries=models(_trainings(ablation, SETTINGS[CIFAR10.name]), dataset=CIFAR10, architectures=[RESNET18]),
        samples=1000,
        reference="xu2024scaat",
        figures=(Figure(name="times", of_numbers=True, draw=draw_times),),
    )
    settings = SMALL_SETTINGS[SMALL_DATASET.name]
    small = replace(
        full,
        datasets=(SMALL_DATASET,),
        architectures=(SMALL_ARCHITECTURE,),
        controls=(RANDOM,),
        seeds=(0,),
        entries=models(_trainings(ablation, settings), dataset=SMALL_DATASET, architectures=[SMALL_ARCHITECTURE]),
        samples=60,
        obstacle=SMALL_OBSTACLE,
    )
    return replace(full, small=small)


SUITES = tuple(map(_suite, _QUESTIONS))

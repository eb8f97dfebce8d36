"""SCAAT's figures: distributions of entropy and decay curves, maps, and training images by their proportion."""

from dataclasses import replace

from ...baselines.architectures import RESNET18
from ...baselines.saliency import CONTROLS, GRADIENT, RANDOM
from ...metrics import ACCURACY, ENTROPY, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF
from ..publications.scaat_figures import draw_distributions, draw_maps, draw_proportions
from ..publications.scaat_models import (
    DATASETS,
    SMALL_ARCHITECTURE,
    SMALL_DATASET,
    SMALL_OBSTACLE,
    full_models,
    small_models,
)
from ..suite import Figure, Suite

_TRAININGS = ("regular", "saliency_guided", "scaat")

FIGURE2 = Suite(
    name="scaat-figure2",
    title="SCAAT, figure 2: distributions of the maps' entropy, and how predictions decay",
    datasets=DATASETS[::-1],  # the paper shows ImageNet, and a figure the first of them
    architectures=(RESNET18,),
    saliency=(GRADIENT,),
    controls=CONTROLS,
    metrics=(ACCURACY, ENTROPY, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF),
    seeds=(0, 1, 2),
    entries=full_models(_TRAININGS, architectures=[RESNET18]),
    samples=1000,
    reference="xu2024scaat",
    figures=(Figure(name="figure_2", draw=draw_distributions),),
)
FIGURE3 = replace(
    FIGURE2,
    name="scaat-figure3",
    title="SCAAT, figure 3: maps, and training images by the proportion that they ended with",
    datasets=DATASETS,
    figures=(Figure(name="figure_3a", draw=draw_maps), Figure(name="figure_3b", draw=draw_proportions)),
)


def _small(suite: Suite) -> Suite:
    return replace(
        suite,
        datasets=(SMALL_DATASET,),
        architectures=(SMALL_ARCHITECTURE,),
        controls=(RANDOM,),
        seeds=(0, 1),
        entries=small_models(_TRAININGS),
        samples=60,
        obstacle=SMALL_OBSTACLE,
    )


SUITES = tuple(replace(suite, small=_small(suite)) for suite in (FIGURE2, FIGURE3))

"""Figures 2, 3, 4 and 10 of saliency guided training: maps of images, and accuracy as their pixels are removed.

Figures 3 and 10 show the same curves, without and with standard errors, and are one suite under two names.
"""

from collections.abc import Sequence
from dataclasses import replace

from ...baselines.saliency import EDGE_FILTER, GRADIENT, RANDOM, SaliencyMethod
from ...datasets import MNIST
from ...datasets.subset import subset
from ...metrics import ACCURACY, ACCURACY_DROP, ACCURACY_DROP_MEAN, ENTROPY, GINI, ROAR_AREA_MEAN, Metric
from ..publications.image_figures import (
    draw_distributions,
    draw_drops,
    draw_drops_with_errors,
    draw_maps,
    draw_maskings,
)
from ..publications.images import (
    BIRD_PUBLISHED,
    BIRD_SOUND,
    CIFAR10_PUBLISHED,
    CIFAR10_SOUND,
    MNIST_PUBLISHED,
    MNIST_PUBLISHED_SMALL,
    MNIST_SOUND,
    MNIST_SOUND_SMALL,
    PAPER,
    SEEDS,
    SMALL,
    SMALL_SAMPLES,
    SMALL_SEEDS,
    TRAININGS,
    Pictures,
    kind,
)
from ..suite import Figure, Suite

_MAPS_OF = 500  # samples whose maps figure 2 sums up; those of BIRD take 0.6 MB each


def _suite(
    figure: str,
    title: str,
    sets: Sequence[Pictures],
    *,
    saliency: Sequence[SaliencyMethod],
    trainings: Sequence[str],
    metrics: tuple[Metric, ...],
    figures: tuple[Figure, ...],
    controls: tuple[SaliencyMethod, ...] = (RANDOM,),
    samples: int | None = None,
) -> Suite:
    suffix, told = kind(sets[0])
    return Suite(
        name=f"sgt-{figure}{suffix}",
        title=title + told,
        datasets=tuple(pictures.dataset for pictures in sets),
        architectures=tuple(dict.fromkeys(pictures.architecture for pictures in sets)),
        saliency=tuple(saliency),
        controls=controls,
        metrics=metrics,
        seeds=SEEDS,
        samples=samples,
        entries=tuple(entry for pictures in sets for entry in pictures.entries(saliency, trainings)),
        reference=PAPER,
        figures=figures,
    )


def _figure2(sets: Sequence[Pictures]) -> Suite:
    return _suite(
        "figure2",
        "Maps of the gradient and the distribution of its values",
        sets,
        saliency=[GRADIENT],  # with its sign in both configurations, as the figure shows it
        trainings=TRAININGS,
        metrics=(ACCURACY, GINI, ENTROPY),
        figures=(
            Figure(name="figure_2_maps", draw=draw_maps),
            Figure(name="figure_2_distributions", draw=draw_distributions),
        ),
        controls=(RANDOM, EDGE_FILTER),
        samples=_MAPS_OF,
    )


def _figure3(pictures: Pictures) -> Suite:
    return _suite(
        "figure3",
        "Accuracy on MNIST as pixels are removed by six saliency methods",
        [pictures],
        saliency=pictures.methods,
        trainings=("regular", "saliency_guided"),
        metrics=(ACCURACY, ACCURACY_DROP),
        figures=(Figure(name="figure_3", of_numbers=True, draw=draw_drops),),
    )


def _figure10(pictures: Pictures) -> Suite:
    return _named(
        _figure3(pictures), "figure10", Figure(name="figure_10", of_numbers=True, draw=draw_drops_with_errors)
    )


def _figure4(pictures: Pictures) -> Suite:
    return _suite(
        "figure4",
        "Do maskings within the distribution, outside of it, and with retraining tell the same of MNIST?",
        [pictures],
        saliency=[pictures.gradient],
        trainings=("regular",),
        metrics=(ACCURACY, ACCURACY_DROP, ACCURACY_DROP_MEAN, ROAR_AREA_MEAN),
        figures=(Figure(name="figure_4", of_numbers=True, draw=draw_maskings),),
    )


def _named(suite: Suite, figure: str, drawn: Figure) -> Suite:
    return replace(suite, name=suite.name.replace("figure3", figure), figures=(drawn,))


def _small(suite: Suite) -> Suite:
    return replace(suite, seeds=SMALL_SEEDS, samples=SMALL_SAMPLES, obstacle=SMALL)


def _retrained(pictures: Pictures) -> Suite:
    """Nine more models are trained for each map: more images than the others have, for less long and with one seed."""
    larger = replace(
        pictures,
        dataset=subset(MNIST, train=10_000, test=1000),
        budget=replace(pictures.budget, epochs=3, patience=None),
    )
    return replace(
        _figure4(larger),
        seeds=SMALL_SEEDS[:1],
        obstacle="10,000 training images, 1,000 test images, 3 epochs, 1 run; the paper trains on all 60,000 for up to "
        "100 epochs",
    )


SUITES = tuple(
    suite
    for whole, others, part in (
        (MNIST_SOUND, (CIFAR10_SOUND, BIRD_SOUND), MNIST_SOUND_SMALL),
        (MNIST_PUBLISHED, (CIFAR10_PUBLISHED, BIRD_PUBLISHED), MNIST_PUBLISHED_SMALL),
    )
    for suite in (
        replace(_figure2([whole, *others]), small=_small(_figure2([part]))),
        replace(_figure3(whole), small=_small(_figure3(part))),
        replace(_figure10(whole), small=_small(_figure10(part))),
        replace(_figure4(whole), small=_retrained(part)),
    )
)

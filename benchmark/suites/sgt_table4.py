"""Table 4 of saliency guided training: the area under the accuracy drop on MNIST, and what fine-tuning makes of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pandas as pd

from ...baselines.saliency import INVERTED, RANDOM
from ...metrics import ACCURACY, ACCURACY_DROP
from ...results.published import read_published
from ..publications.images import (
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
from ..suite import Published, Suite


def claims(pictures: Pictures, method: str) -> pd.DataFrame:
    """The areas of regular training and of one other method, in our names."""
    table = read_published("sgt_table4").replace({"training": {"traditional": "regular"}})
    table = table[table["training"].isin(["regular", method])]
    return pd.DataFrame(
        {
            "dataset": pictures.dataset.name,
            "architecture": pictures.architecture.name,
            "training": table["training"],
            "saliency": pictures.gradient.name,
            "metric": ACCURACY_DROP.name,
            "value": table["area_under_accuracy_drop_curve"],
        }
    )


def _published(pictures: Pictures) -> tuple[Published, ...]:
    def table(method: str) -> Published:
        made: Callable[[], pd.DataFrame] = partial(claims, pictures, method)
        return Published(title=f"{PAPER}, table 4, {method}", claims=made, methods=(method,))

    return tuple(table(method) for method in TRAININGS[1:])


def _suite(pictures: Pictures) -> Suite:
    suffix, told = kind(pictures)
    return Suite(
        name=f"sgt-table4{suffix}",
        title=f"The area under the accuracy drop on MNIST with saliency guided training and fine-tuning{told}",
        datasets=(pictures.dataset,),
        architectures=(pictures.architecture,),
        saliency=(pictures.gradient,),
        controls=(RANDOM,) if pictures.as_published else (RANDOM, INVERTED),
        metrics=(ACCURACY, ACCURACY_DROP),
        seeds=SEEDS,
        entries=pictures.entries([pictures.gradient]),
        reference=PAPER,
        published=_published(pictures),
    )


def _both(whole: Pictures, part: Pictures) -> Suite:
    small = replace(_suite(part), seeds=SMALL_SEEDS, samples=SMALL_SAMPLES, obstacle=SMALL)
    return replace(_suite(whole), small=small)


SUITES = (_both(MNIST_SOUND, MNIST_SOUND_SMALL), _both(MNIST_PUBLISHED, MNIST_PUBLISHED_SMALL))

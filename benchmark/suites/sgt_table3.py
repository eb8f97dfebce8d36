"""Table 3 of saliency guided training: the accuracies of both trainings on MNIST, CIFAR-10 and BIRD."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from ...baselines.saliency import GRADIENT, RANDOM
from ...metrics import ACCURACY
from ...results.published import read_published
from ..publications.images import (
    BIRD_PUBLISHED,
    BIRD_SOUND,
    CIFAR10_PUBLISHED,
    CIFAR10_PUBLISHED_SMALL,
    CIFAR10_SOUND,
    CIFAR10_SOUND_SMALL,
    MNIST_PUBLISHED,
    MNIST_PUBLISHED_SMALL,
    MNIST_SOUND,
    MNIST_SOUND_SMALL,
    PAPER,
    SEEDS,
    SMALL,
    SMALL_SAMPLES,
    SMALL_SEEDS,
    Pictures,
    kind,
)
from ..suite import Published, Suite

_OBSTACLES = {
    "bird": "the published network starts from weights of ImageNet, ours from none; bring them with `pretrained`"
}


def claims(sets: Sequence[Pictures]) -> pd.DataFrame:
    """The accuracies as shares, in our names; for CIFAR-10 the paper names ResNet-18, and its code has ResNet-32."""
    table = read_published("sgt_table3").set_index("dataset")
    rows = []
    for pictures in sets:
        name = pictures.dataset.name.split("_")[0]
        for training, column in (("regular", "traditional"), ("saliency_guided", "saliency_guided")):
            rows.append(
                {
                    "dataset": pictures.dataset.name,
                    "architecture": pictures.architecture.name,
                    "training": training,
                    "saliency": "",
                    "metric": ACCURACY.name,
                    "value": float(table[f"test_acc_{column}"][name]) / 100,
                    "reason": _OBSTACLES.get(name, ""),
                }
            )
    return pd.DataFrame(rows)


def _suite(sets: Sequence[Pictures]) -> Suite:
    suffix, told = kind(sets[0])
    return Suite(
        name=f"sgt-table3{suffix}",
        title=f"The accuracy that saliency guided training costs on images{told}",
        datasets=tuple(pictures.dataset for pictures in sets),
        architectures=tuple(dict.fromkeys(pictures.architecture for pictures in sets)),
        saliency=(GRADIENT,),  # no number of this table depends on it
        controls=(RANDOM,),
        metrics=(ACCURACY,),
        seeds=SEEDS,
        samples=SMALL_SAMPLES,
        entries=tuple(
            entry for pictures in sets for entry in pictures.entries([GRADIENT], ("regular", "saliency_guided"))
        ),
        reference=PAPER,
        published=(
            Published(title=f"{PAPER}, table 3", claims=partial(claims, tuple(sets)), methods=("saliency_guided",)),
        ),
    )


def _both(whole: Sequence[Pictures], part: Sequence[Pictures]) -> Suite:
    obstacle = f"{SMALL}. CIFAR-10: 1,000 training images, 3 epochs, ResNet-32; BIRD is left out"
    return replace(_suite(whole), small=replace(_suite(part), seeds=SMALL_SEEDS, obstacle=obstacle))


SUITES = (
    _both([MNIST_SOUND, CIFAR10_SOUND, BIRD_SOUND], [MNIST_SOUND_SMALL, CIFAR10_SOUND_SMALL]),
    _both([MNIST_PUBLISHED, CIFAR10_PUBLISHED, BIRD_PUBLISHED], [MNIST_PUBLISHED_SMALL, CIFAR10_PUBLISHED_SMALL]),
)

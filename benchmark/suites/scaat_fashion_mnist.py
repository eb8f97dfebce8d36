"""SCAAT with the paper's ResNet-18 on Fashion-MNIST, which anyone can download: do the effects of its tables hold?"""

from dataclasses import replace

from ...baselines.architectures import RESNET18
from ...baselines.saliency import CONTROLS, RANDOM
from ...baselines.training import SCAAT
from ...datasets import FASHION_MNIST, Budget, Dataset
from ...datasets.subset import subset
from ...metrics import (
    ACCURACY,
    AUROC,
    CALIBRATION_ERROR,
    ENTROPY,
    GINI,
    PNG_KILOBYTES,
    SCAAT_AOPC_LERF,
    SCAAT_AOPC_MORF,
)
from ..entry import Entry
from ..publications import scaat_claims as claims
from ..publications.scaat_figures import draw_times
from ..publications.scaat_models import SALIENCY, SMALL_DATASET, SMALL_SETTINGS, models
from ..suite import Figure, Suite

_TRAININGS = ("regular", "saliency_guided", "scaat", "scaat_fgsm")
_WHOLE = replace(FASHION_MNIST, budget=Budget(epochs=8, batch_size=128))
_PART = replace(subset(FASHION_MNIST, train=2000, test=1000), budget=Budget(epochs=4, batch_size=50))
_SETTINGS: SCAAT = SMALL_SETTINGS[SMALL_DATASET.name]  # found on Fashion-MNIST with a small CNN


def _entries(dataset: Dataset) -> tuple[Entry, ...]:
    return models(_TRAININGS, dataset=dataset, architectures=[RESNET18], settings=_SETTINGS)


FULL = Suite(
    name="scaat-fashion-mnist",
    title="SCAAT with ResNet-18 on Fashion-MNIST: do the effects of its three tables hold on data at hand?",
    datasets=(_WHOLE,),
    architectures=(RESNET18,),
    saliency=SALIENCY,
    controls=CONTROLS,
    metrics=(
        ACCURACY,
        AUROC,
        CALIBRATION_ERROR,
        ENTROPY,
        GINI,
        PNG_KILOBYTES,
        SCAAT_AOPC_LERF,
        SCAAT_AOPC_MORF,
    ),
    seeds=(0, 1, 2),
    entries=_entries(_WHOLE),
    samples=1000,
    reference="xu2024scaat",
    published=(
        *claims.beside_other_data(
            "xu2024scaat, table 1, CIFAR-10 beside Fashion-MNIST",
            claims.table1,
            dataset="cifar10",
            ratios=claims.table1_comparable,
        ),
        *claims.beside_other_data(
            "xu2024scaat, table 3, ImageNet beside Fashion-MNIST", claims.table3, dataset="imagenet"
        ),
    ),
    figures=(Figure(name="times", of_numbers=True, draw=draw_times),),
    obstacle="Fashion-MNIST stands in for CIFAR-10 and ImageNet",
)
SMALL = replace(
    FULL,
    datasets=(_PART,),
    controls=(RANDOM,),
    seeds=(0,),
    entries=_entries(_PART),
    samples=40,
    obstacle="2,000 images of Fashion-MNIST and 4 epochs stand in for CIFAR-10 and ImageNet",
)
SUITE = replace(FULL, small=SMALL)

"""SCAAT's three tables: sparsity and faithfulness, performance against interpretability, and what training costs."""

from dataclasses import replace

from ...baselines.architectures import RESNET18
from ...baselines.saliency import CONTROLS, GRADIENT, RANDOM
from ...datasets import IMAGENET
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
from ..publications import scaat_claims as claims
from ..publications.scaat_figures import draw_times
from ..publications.scaat_models import (
    ARCHITECTURES,
    DATASETS,
    SALIENCY,
    SMALL_ARCHITECTURE,
    SMALL_DATASET,
    SMALL_OBSTACLE,
    full_models,
    models,
    small_models,
)
from ..suite import Figure, Published, Suite

_OF_CIFAR10 = "beside ours at the small scale, CIFAR-10 and ResNet-18"
_OF_IMAGENET = "beside ours at the small scale, ImageNet and ResNet-18"
_TABLE1 = ("regular", "saliency_guided", "scaat")
_TABLE2 = ("regular", "saliency_guided", "scaat_fixed", "scaat")
_TABLE3 = ("regular", "scaat", "scaat_fgsm")

TABLE1 = Suite(
    name="scaat-table1",
    title="SCAAT, table 1: how sparse and how faithful are maps after each training method?",
    datasets=DATASETS,
    architectures=(RESNET18,),
    saliency=SALIENCY,
    controls=CONTROLS,
    metrics=(ACCURACY, ENTROPY, PNG_KILOBYTES, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF),
    seeds=(0, 1, 2),
    entries=full_models(_TABLE1, architectures=[RESNET18]),
    samples=1000,
    reference="xu2024scaat",
    published=(
        Published(title="xu2024scaat, table 1", claims=claims.table1, methods=("scaat",)),
        Published(
            title="xu2024scaat, table 1, as ratios to regular training",
            claims=claims.table1_comparable,
            relative_to="regular",
        ),
    ),
)

TABLE2 = replace(
    TABLE1,
    name="scaat-table2",
    title="SCAAT, table 2: what does interpretability cost in performance, with a fixed and an adaptive proportion?",
    architectures=ARCHITECTURES,
    saliency=(GRADIENT,),
    metrics=(ACCURACY, AUROC, CALIBRATION_ERROR, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF),
    entries=full_models(_TABLE2, architectures=ARCHITECTURES),
    published=(Published(title="xu2024scaat, table 2", claims=claims.table2, methods=("scaat",)),),
)

TABLE3 = replace(
    TABLE1,
    name="scaat-table3",
    title="SCAAT, table 3: sparseness and time with four steps and with one",
    datasets=(IMAGENET,),
    saliency=(GRADIENT,),
    metrics=(ACCURACY, GINI),
    entries=models(_TABLE3, dataset=IMAGENET, architectures=[RESNET18]),
    published=(Published(title="xu2024scaat, table 3", claims=claims.table3, methods=("scaat",)),),
    figures=(Figure(name="times", of_numbers=True, draw=draw_times),),
)


def _small(table: Suite, trainings: tuple[str, ...], published: tuple[Published, ...]) -> Suite:
    return replace(
        table,
        datasets=(SMALL_DATASET,),
        architectures=(SMALL_ARCHITECTURE,),
        controls=(RANDOM,),
        seeds=(0, 1),
        entries=small_models(trainings),
        samples=60,
        published=published,
        obstacle=SMALL_OBSTACLE,
    )


SUITES = (
    replace(
        TABLE1,
        small=_small(
            TABLE1,
            _TABLE1,
            claims.beside_other_data(
                f"xu2024scaat, table 1, {_OF_CIFAR10}",
                claims.table1,
                dataset="cifar10",
                ratios=claims.table1_comparable,
            ),
        ),
    ),
    replace(
        TABLE2,
        small=_small(
            TABLE2,
            _TABLE2,
            claims.beside_other_data(f"xu2024scaat, table 2, {_OF_CIFAR10}", claims.table2, dataset="cifar10"),
        ),
    ),
    replace(
        TABLE3,
        small=_small(
            TABLE3,
            _TABLE3,
            claims.beside_other_data(f"xu2024scaat, table 3, {_OF_IMAGENET}", claims.table3, dataset="imagenet"),
        ),
    ),
)

"""The models behind the tables and figures of SCAAT, shared by its suites so that each is trained once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...baselines.architectures import CNN3B, RESNET18, VGG16_BN, Architecture
from ...baselines.saliency import GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD
from ...baselines.training import SCAAT, Recipe, Regular, SaliencyGuided
from ...datasets import CIFAR10, FASHION_MNIST, IMAGENET, PCAM, Budget, Dataset
from ...datasets.subset import subset
from ..entry import Entry, entries

DATASETS = (CIFAR10, PCAM, IMAGENET)
ARCHITECTURES = (RESNET18, VGG16_BN)  # the paper does not say which VGG-16; its ImageNet accuracy is that of batch norm
SALIENCY = (GRADIENT, SMOOTHGRAD, INTEGRATED_GRADIENTS)

# The publication names no settings; see `SCAAT`. Larger images have regions of 4×4.
SETTINGS = {CIFAR10.name: SCAAT(), PCAM.name: SCAAT(region=4), IMAGENET.name: SCAAT(region=4)}

# The small scale. The settings are what `salbench search scaat --dataset fashion_mnist --architecture cnn3b
# --train 3000 --epochs 4 --batch-size 50` found on training samples.
SMALL_DATASET = replace(subset(FASHION_MNIST, train=3000), budget=Budget(epochs=8, batch_size=50))
SMALL_ARCHITECTURE = CNN3B
SMALL_SETTINGS = {SMALL_DATASET.name: SCAAT(radius=0.1, divergence_weight=3.0)}
SMALL_OBSTACLE = (
    "3,000 images of Fashion-MNIST, a small CNN and 8 epochs stand in for CIFAR-10, PCAM and ImageNet with ResNet-18 "
    "and VGG-16"
)


def recipes(settings: SCAAT, *, colors: bool) -> dict[str, Recipe]:
    """The training methods of the paper's tables by their names here, for images with colors or without."""
    return {
        "regular": Regular(),
        "saliency_guided": SaliencyGuided(masked_fraction=0.5, mask_range="channel" if colors else "sample"),
        "scaat": settings,
        "scaat_fixed": replace(settings, proportion_step=0.0),
        "scaat_fgsm": replace(settings, steps=1),
    }


def models(
    trainings: Mapping[str, Recipe] | Iterable[str],
    *,
    dataset: Dataset,
    architectures: Iterable[Architecture],
    settings: SCAAT | None = None,
) -> tuple[Entry, ...]:
    """Entries of training methods on one data set, explained by the paper's three saliency methods.

    Args:
        trainings: recipes by name, or names of `recipes`.
        dataset: on which data.
        architectures: of the models.
        settings: of SCAAT; None takes those of the data set.
    """
    known = {**SETTINGS, **SMALL_SETTINGS}
    if not isinstance(trainings, Mapping):
        every = recipes(settings or known[dataset.name], colors=dataset.shape[0] > 1)
        trainings = {name: every[name] for name in trainings}
    return tuple(
        entry
        for name, recipe in trainings.items()
        for entry in entries(
            training=name, recipe=recipe, datasets=[dataset], architectures=list(architectures), saliency=SALIENCY
        )
    )


def full_models(trainings: Iterable[str], *, architectures: Iterable[Architecture]) -> tuple[Entry, ...]:
    """`models` on the paper's three data sets."""
    names, networks = tuple(trainings), tuple(architectures)
    return tuple(entry for dataset in DATASETS for entry in models(names, dataset=dataset, architectures=networks))


def small_models(trainings: Iterable[str]) -> tuple[Entry, ...]:
    """`models` at the small scale."""
    return models(trainings, dataset=SMALL_DATASET, architectures=[SMALL_ARCHITECTURE])

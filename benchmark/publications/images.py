"""Saliency guided training on images, as published and as it should be compared: what its suites share.

Suites that look at the same models have them from here, so that a store trains each model once for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...baselines.architectures import RESNET18, RESNET32, SGT_CNN, VGG16_BIRD, Architecture
from ...baselines.saliency import (
    DEEP_SHAP,
    DEEPLIFT,
    GRADIENT,
    GRADIENT_SHAP,
    INTEGRATED_GRADIENTS,
    PUBLISHED_IMAGES,
    SMOOTHGRAD,
    SaliencyMethod,
)
from ...baselines.training import FineTuned, Recipe, Regular, SaliencyGuided
from ...datasets import BIRD, CIFAR10, MNIST, Budget, Dataset
from ...datasets.subset import subset
from ..entry import Entry, entries

PAPER = "ismail2021improving"
SEEDS = (0, 1, 2, 3, 4)
SMALL_SEEDS = (0, 1)
SMALL_SAMPLES = 200
TRAININGS = ("regular", "saliency_guided", "fine_tuned")
METHODS = (GRADIENT, INTEGRATED_GRADIENTS, DEEPLIFT, GRADIENT_SHAP, DEEP_SHAP, SMOOTHGRAD)  # of figures 3 and 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """One set of images with the network, the budget and the settings with which it is asked about."""

    dataset: Dataset
    architecture: Architecture
    budget: Budget  # of every training method
    first_budget: Budget  # of the regular part of fine-tuning
    then_budget: Budget  # of its guided part
    guided: SaliencyGuided
    as_published: bool

    def entries(self, saliency: Sequence[SaliencyMethod], trainings: Sequence[str] = TRAININGS) -> tuple[Entry, ...]:
        """Entries of the training methods, all with these saliency methods."""
        recipes: dict[str, tuple[Recipe, Budget]] = {
            "regular": (Regular(), self.budget),
            "saliency_guided": (self.guided, self.budget),
            "fine_tuned": (FineTuned(first_budget=self.first_budget, then=self.guided), self.then_budget),
        }
        return tuple(
            entry
            for training in trainings
            for entry in entries(
                training=training,
                recipe=recipes[training][0],
                datasets=[self.dataset],
                architectures=[self.architecture],
                saliency=saliency,
                budget=recipes[training][1],
            )
        )

    @property
    def gradient(self) -> SaliencyMethod:
        """The gradient of this configuration."""
        return PUBLISHED_IMAGES[0] if self.as_published else GRADIENT

    @property
    def methods(self) -> tuple[SaliencyMethod, ...]:
        """The six methods of this configuration."""
        return PUBLISHED_IMAGES if self.as_published else METHODS


def sound(dataset: Dataset, architecture: Architecture, budget: Budget, guided: SaliencyGuided) -> Pictures:
    """A fixed budget for each method; fine-tuning divides it between its two parts."""
    half = budget.epochs // 2
    return Pictures(
        dataset=dataset,
        architecture=architecture,
        budget=budget,
        first_budget=replace(budget, epochs=half),
        then_budget=replace(budget, epochs=budget.epochs - half),
        guided=guided,
        as_published=False,
    )


def as_published(dataset: Dataset, architecture: Architecture, budget: Budget, guided: SaliencyGuided) -> Pictures:
    """The published rule, which stops by the test split; fine-tuning follows a whole regular training."""
    return Pictures(
        dataset=dataset,
        architecture=architecture,
        budget=budget,
        first_budget=budget,
        then_budget=budget,
        guided=guided,
        as_published=True,
    )


def _small(pictures: Pictures, *, train: int, test: int, budget: Budget) -> Pictures:
    declare = as_published if pictures.as_published else sound
    return declare(subset(pictures.dataset, train=train, test=test), pictures.architecture, budget, pictures.guided)


# k is half of the pixels in all of them: table 3. The noise lies in the range of the sample's own channel. The
# published code takes the gradient of the log-probability on MNIST and of the logit on the others.
_GUIDED = SaliencyGuided(masked_fraction=0.5, mask_range="channel")
_GRAY = replace(_GUIDED, output="log_probability")
_COLOR = replace(_GUIDED, output="logit")

_MNIST_BUDGET = Budget(epochs=50, batch_size=512, optimizer="adadelta", learning_rate=1.0)
MNIST_SOUND = sound(MNIST, SGT_CNN, _MNIST_BUDGET, _GUIDED)
MNIST_PUBLISHED = as_published(MNIST, SGT_CNN, replace(_MNIST_BUDGET, epochs=100, shuffle=False, patience=20), _GRAY)
CIFAR10_SOUND = sound(CIFAR10, RESNET18, CIFAR10.budget, _GUIDED)
CIFAR10_PUBLISHED = as_published(CIFAR10, RESNET32, replace(CIFAR10.budget, patience=50), _COLOR)  # the code's network
BIRD_SOUND = sound(BIRD, VGG16_BIRD, BIRD.budget, _GUIDED)
BIRD_PUBLISHED = as_published(BIRD, VGG16_BIRD, replace(BIRD.budget, patience=10), _COLOR)

_MNIST_SMALL = Budget(epochs=8, batch_size=50)
MNIST_SOUND_SMALL = _small(MNIST_SOUND, train=2000, test=1000, budget=_MNIST_SMALL)
MNIST_PUBLISHED_SMALL = _small(
    MNIST_PUBLISHED,
    train=2000,
    test=1000,
    budget=Budget(epochs=8, batch_size=50, optimizer="adadelta", learning_rate=1.0, shuffle=False, patience=3),
)
_CIFAR10_SMALL = Budget(epochs=3, batch_size=50)
CIFAR10_SOUND_SMALL = replace(_small(CIFAR10_SOUND, train=1000, test=500, budget=_CIFAR10_SMALL), architecture=RESNET32)
CIFAR10_PUBLISHED_SMALL = _small(CIFAR10_PUBLISHED, train=1000, test=500, budget=_CIFAR10_SMALL)

SMALL = (
    "2,000 training images, 1,000 test images of which 200 are explained, 8 epochs, 2 runs; the paper trains on all "
    "60,000 for up to 100 epochs"
)


def kind(pictures: Pictures) -> tuple[str, str]:
    """What a suite's name and its title end in: nothing in the sound configuration."""
    return ("-as-published", ", as published") if pictures.as_published else ("", "")

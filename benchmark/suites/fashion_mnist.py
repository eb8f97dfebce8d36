"""The main job on the 70,000 images of Fashion-MNIST."""

from ...baselines.architectures import MLP, SGT_CNN
from ...baselines.saliency import CONTROLS, METHODS
from ...datasets import FASHION_MNIST
from ...metrics import STANDARD
from ..suite import Suite

SUITE = Suite(
    name="fashion_mnist",
    title="Training methods and saliency methods on Fashion-MNIST",
    datasets=(FASHION_MNIST,),
    architectures=(MLP, SGT_CNN),
    saliency=METHODS,
    controls=CONTROLS,
    metrics=STANDARD,
    seeds=(0, 1, 2),
    samples=500,
)

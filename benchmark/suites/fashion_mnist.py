"""The main job on the 70,000 images of Fashion-MNIST, otherwise as on MNIST."""

from dataclasses import replace

from ...datasets import FASHION_MNIST
from . import mnist

SUITE = replace(
    mnist.SUITE,
    name="fashion_mnist",
    title="Training methods and saliency methods on Fashion-MNIST",
    datasets=(FASHION_MNIST,),
)

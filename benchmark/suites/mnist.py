"""The main job on the 70,000 images of MNIST."""

from ...baselines.architectures import MLP, SGT_CNN
from ...baselines.saliency import CONTROLS, METHODS
from ...datasets import MNIST
from ...metrics import STANDARD
from ..suite import Suite

SUITE = Suite(
    name="mnist",
    title="Training methods and saliency methods on MNIST",
    datasets=(MNIST,),
    architectures=(MLP, SGT_CNN),
    trainings=("regular", "saliency_guided"),
    saliency=METHODS,
    controls=CONTROLS,
    metrics=STANDARD,
    seeds=(0, 1, 2),
    samples=500,
)

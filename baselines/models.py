"""What training and saliency methods both ask of a model: its mode, and the one output they explain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.nn.utils.parametrizations import _SpectralNorm

Output = Literal["logit", "log_probability", "probability"]

_READS_THE_MODE = (_BatchNorm, _InstanceNorm, _SpectralNorm, nn.RReLU)  # beside dropout


def output_of(logits: Tensor, targets: Tensor, output: Output) -> Tensor:
    """The target class's output, shape (N,), from logits (N, K); the one place where softmax is applied for maps."""
    if output == "log_probability":
        logits = logits.log_softmax(dim=1)
    elif output == "probability":
        logits = logits.softmax(dim=1)
    return logits.gather(1, targets[:, None])[:, 0]


def same_in_both_modes(model: nn.Module) -> bool:
    """Does the model compute the same in train and eval mode? False wherever there is a doubt about one of its layers.

    Only torch's own modules can be judged: a model that reads `training` by itself must contain one of them, such as
    `nn.Dropout`, to be recognized.
    """
    for module in model.modules():
        if isinstance(module, _DropoutNd) and module.p > 0:
            return False
        if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) and module.dropout > 0:
            return False
        if isinstance(module, _READS_THE_MODE):
            return False
    return True


@contextmanager
def evaluation(model: nn.Module) -> Iterator[None]:
    """The model in eval mode for a while, differentiable everywhere.

    cuDNN refuses the backward pass of a recurrent layer in eval mode, so it is left out where one is present.
    """
    training = model.training
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    model.eval()
    try:
        with torch.backends.cudnn.flags(enabled=torch.backends.cudnn.enabled and not recurrent):
            yield
    finally:
        model.train(training)

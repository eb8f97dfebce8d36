"""Forward passes that can be differentiated twice, and forward passes that leave no trace."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def twice_differentiable(model: nn.Module) -> Iterator[None]:
    """Forward passes whose input gradients can be differentiated once more; the mode of the model stays.

    cuDNN has no second derivative of its recurrent layers, and the fused kernels of attention have none on any device.
    Only the forward passes need be inside: the backward passes follow from what they recorded.
    """
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        if any(isinstance(module, nn.RNNBase) for module in model.modules()):
            stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        yield


@contextmanager
def statistics_kept(model: nn.Module) -> Iterator[None]:
    """Batch normalization in train mode goes by the batch's statistics as ever, but leaves the running ones alone."""
    tracking = [module for module in model.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    for module in tracking:
        module.track_running_stats = False
    try:
        yield
    finally:
        for module in tracking:
            module.track_running_stats = True

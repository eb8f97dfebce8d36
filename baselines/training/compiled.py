"""A model through torch.compile for the time of a training, with the random numbers of the plain one."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import torch
from torch import nn

from ...datasets.base import Budget


@contextmanager
def compiled(model: nn.Module, device: torch.device, budget: Budget) -> Iterator[nn.Module]:
    """What a loss should call: the model itself or, if the budget asks for it, its compiled form.

    Fused kernels round otherwise, so the weights differ in their last digits from those of a plain training; dropout
    draws what it would draw without. Compiling takes seconds to minutes for each shape of batch and each mode of the
    model. Losses that differentiate the input's gradient once more cannot be compiled by torch.

    Args:
        model: shares its weights with what is given.
        device: where it lies.
        budget: asks or does not.

    Raises:
        RuntimeError: there is no compiler, or torch cannot compile what was asked for.
    """
    if not budget.compiled:
        yield model
        return
    _require_compiler(device)
    from torch._dynamo.exc import TorchDynamoException
    from torch._functorch import config

    try:
        # A map's gradient keeps the graph for the loss, so torch must not hand its buffers away.
        with config.patch(donated_buffer=False):
            yield torch.compile(model, options={"fallback_random": True, "layout_optimization": False})  # type: ignore[misc]
    except TorchDynamoException as error:
        raise RuntimeError(f"torch.compile failed, train without it: {str(error).splitlines()[0]}") from error
    except RuntimeError as error:
        if "double backward" not in str(error):
            raise
        raise RuntimeError("torch.compile cannot differentiate twice, as this recipe asks; train without it") from error


def _require_compiler(device: torch.device) -> None:
    if device.type == "cuda":
        if find_spec("triton") is None:
            raise RuntimeError("compiled training on a GPU needs Triton, which is not installed; train without it")
        return
    named = os.environ.get("CXX")
    candidates = [named] if named else ["cl"] if sys.platform == "win32" else ["g++", "clang++", "c++"]
    if not any(shutil.which(candidate) for candidate in candidates):
        raise RuntimeError(f"compiled training needs a C++ compiler, found none of {candidates}; train without it")

"""Forward passes of a model that is asked and not trained: in eval mode, and in chunks that fit its memory."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .memory import out_of_memory

_ROWS = 1024  # samples in one forward of a plain prediction
_VALUES = 2**23  # and at most so many numbers: 55 color images of 224 × 224 pixels


def rows_a_forward(inputs: Tensor) -> int:
    """How many of the inputs (N, *F) a plain prediction takes at once, at least one."""
    return max(1, min(_ROWS, _VALUES // max(1, inputs.shape[1:].numel())))


def check_eval_mode(model: nn.Module) -> None:
    """Raise a ValueError for a model in training mode, whose dropout and batches would decide its answers."""
    if model.training:
        raise ValueError("model must be in eval mode, got one in training mode; call model.eval() first")


def outputs(model: nn.Module, inputs: Tensor, chunk: int) -> Tensor:
    """Logits (N, K) of inputs (N, *F), as `outputs_in_chunks` gives them."""
    return outputs_in_chunks(model, lambda start, stop: inputs[start:stop], len(inputs), chunk)


def outputs_in_chunks(model: nn.Module, rows: Callable[[int, int], Tensor], total: int, chunk: int) -> Tensor:
    """Logits (total, K) of `rows(start, stop)`, a chunk a forward, in smaller chunks once memory runs out.

    Raises:
        ValueError: a model in training mode.
    """
    check_eval_mode(model)
    outputs, start, chunk = None, 0, min(chunk, total)
    while start < total:
        stop = min(start + chunk, total)
        try:
            with torch.inference_mode():
                logits = model(rows(start, stop))
        except (RuntimeError, MemoryError) as error:
            if chunk == 1 or not out_of_memory(error):
                raise
            chunk //= 2
            continue
        if outputs is None:  # made outside inference mode, so that the result is an ordinary tensor
            outputs = torch.empty((total, *logits.shape[1:]), dtype=logits.dtype, device=logits.device)
        outputs[start:stop] = logits
        start = stop
    assert outputs is not None
    return outputs

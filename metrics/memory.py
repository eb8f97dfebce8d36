"""Tells lack of memory from other errors, on any device."""

import torch


def out_of_memory(error: BaseException) -> bool:
    """Would less work at once have helped?

    A GPU raises `torch.OutOfMemoryError`; on a CPU torch has no error of its own for it, only a text.
    """
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator: " in str(error)

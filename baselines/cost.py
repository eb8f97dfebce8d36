"""What work costs in units that do not depend on the machine: bytes of tensors alive at once, and passes of a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import finalize

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class PeakMemory(TorchDispatchMode):
    """Measures, while it is entered, the most bytes of tensors made since then that were alive at one time.

    What torch's kernels take for themselves while they run is not seen, so the figure is the same on every machine
    that takes the same path through the kernels. Nothing is computed otherwise than without it.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = 0  # bytes
        self._alive: dict[int, int] = {}  # bytes of each storage by its address

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run one operation and note the tensors that it made."""
        outputs = func(*args, **(kwargs or {}))
        known = {leaf.untyped_storage()._cdata for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)}
        for leaf in tree_leaves(outputs):
            if isinstance(leaf, Tensor) and leaf.untyped_storage()._cdata not in known:
                self._note(leaf.untyped_storage())
        return outputs

    def _note(self, storage: torch.UntypedStorage) -> None:
        name = storage._cdata
        if name not in self._alive:
            self._alive[name] = storage.nbytes()
            finalize(storage, self._alive.pop, name, None)
            self.peak = max(self.peak, sum(self._alive.values()))


@dataclass(slots=True)
class Passes:
    """How often a model was run, counted in samples: two forwards of 50 rows are 100."""

    forwards: int = 0
    backwards: int = 0


@contextmanager
def counted_passes(model: nn.Module) -> Iterator[Passes]:
    """Count the samples that pass through a model, forward and backward, for a while."""
    passes = Passes()

    def after(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        if isinstance(output, Tensor):
            passes.forwards += len(output)
            if output.requires_grad:
                output.register_hook(back)

    def back(gradient: Tensor) -> None:
        passes.backwards += len(gradient)

    hook = model.register_forward_hook(after)
    try:
        yield passes
    finally:
        hook.remove()

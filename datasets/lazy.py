"""Inputs that are read when they are asked for, so that a million images never sit in memory."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .base import Samples

Read = Callable[[Sequence[int]], Tensor]  # rows by their places, shape (B, *F), on the CPU

MOST_THREADS = 16
CHUNK = 256  # rows read at once where all are looked at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LazyInputs:
    """N rows that behave in `Samples` as a tensor does: indexed by a slice or a tensor, they are one.

    Rows are read on the CPU, moved as they are, and prepared on the device: bytes are a quarter of the floats.
    """

    read: Read
    prepare: Callable[[Tensor], Tensor]  # from bytes to inputs, on any device; a greater byte makes a greater value
    shape: torch.Size  # (N, *F)
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32  # of what `prepare` returns

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: slice | Tensor) -> Tensor:
        places = self._places(index)
        if not places:
            return torch.empty((0, *self.shape[1:]), dtype=self.dtype, device=self.device)
        return self.prepare(self.read(places).to(self.device))

    def split(self, size: int) -> Iterator[Tensor]:
        """The rows in order, `size` at a time; a part is read when its turn comes."""
        return (self[start : start + size] for start in range(0, len(self), size))

    def to(self, device: torch.device | str) -> "LazyInputs":
        """The same rows, which will be on another device; nothing is read."""
        return replace(self, device=torch.empty(0, device=device).device)  # which GPU, as a tensor there would say

    def amin(self, *, dim: Sequence[int], keepdim: bool) -> Tensor:
        """The least value of each channel, (1, C, 1, 1); rows are read until one holds the least byte."""
        return self._extreme(torch.Tensor.amin, torch.minimum, 0, dim, keepdim)

    def amax(self, *, dim: Sequence[int], keepdim: bool) -> Tensor:
        """The greatest value of each channel, (1, C, 1, 1); rows are read until one holds the greatest byte."""
        return self._extreme(torch.Tensor.amax, torch.maximum, 255, dim, keepdim)

    def mean(self, *, dim: Sequence[int], keepdim: bool) -> Tensor:
        """The mean of each channel, (1, C, 1, 1); all rows are read, a part at a time."""
        self._check_channels(dim, keepdim)
        sums = [rows.double().sum(dim=(0, 2, 3), keepdim=True) for rows in self.split(CHUNK)]
        return (torch.cat(sums).sum(dim=0, keepdim=True) / (len(self) * self.shape[2:].numel())).to(self.dtype)

    def _extreme(
        self,
        of_rows: Callable[..., Tensor],
        of_two: Callable[[Tensor, Tensor], Tensor],
        limit: int,
        dim: Sequence[int],
        keepdim: bool,
    ) -> Tensor:
        self._check_channels(dim, keepdim)
        found = None
        for start in range(0, len(self), CHUNK):
            rows = of_rows(self.read(range(start, min(start + CHUNK, len(self)))), dim=(0, 2, 3), keepdim=True)
            found = rows if found is None else of_two(found, rows)
            if bool((found == limit).all()):
                break
        assert found is not None
        return self.prepare(found.to(self.device))

    def _check_channels(self, dim: Sequence[int], keepdim: bool) -> None:
        if tuple(dim) != (0, 2, 3) or not keepdim or not len(self):
            raise ValueError(f"lazy inputs are summed up by image channels, (0, 2, 3) kept, got {dim}")

    def _places(self, index: slice | Tensor) -> Sequence[int]:
        count = len(self)
        if isinstance(index, slice):
            return range(count)[index]
        if not isinstance(index, Tensor) or index.ndim != 1 or index.is_floating_point():
            raise TypeError(f"inputs that are read lazily take a slice or a tensor of places, got {index!r}")
        if index.dtype == torch.bool:
            if len(index) != count:
                raise IndexError(f"a mask must have {count} items, got {len(index)}")
            index = index.nonzero()[:, 0]
        places: list[int] = index.tolist()
        if places and not -count <= min(places) <= max(places) < count:
            raise IndexError(f"places must lie in 0 to {count - 1}, got {min(places)} to {max(places)}")
        return [place % count for place in places]


def lazy_samples(
    read: Read,
    prepare: Callable[[Tensor], Tensor],
    shape: Sequence[int],
    *,
    targets: Tensor,
    ids: Tensor,
    fill: Tensor,
) -> Samples:
    """Samples whose inputs are read when they are asked for, with one fill for all of them.

    Args:
        read: gives rows by their places.
        prepare: makes inputs of them.
        shape: of one sample, F.
        targets: class indices, shape (N,).
        ids: shape (N,).
        fill: what replaces a removed feature, shape (1, *F) or one that expands to it.

    Returns:
        Samples in which inputs and fill are lazy. The fill of a batch is an expanded view; a whole one that is a view
        would be written out in full by the move to another device.
    """
    whole = torch.Size([len(targets), *shape])
    inputs = LazyInputs(read=read, prepare=prepare, shape=whole)
    fills = LazyInputs(read=partial(_repeated, fill), prepare=partial(_expanded, shape=tuple(shape)), shape=whole)
    return Samples(inputs=cast(Tensor, inputs), targets=targets, ids=ids, fill=cast(Tensor, fills))


def read_each(read_one: Callable[[int], NDArray[np.uint8]], places: Sequence[int]) -> NDArray[np.uint8]:
    """Rows read one by one in a few threads, in the order of the places; the first error is raised."""
    return np.stack(list(_threads().map(read_one, places)))


def _repeated(row: Tensor, places: Sequence[int]) -> Tensor:
    return row.expand(len(places), *row.shape[1:])


def _expanded(rows: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    return rows.expand(len(rows), *shape)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """The threads of this process; pillow and the kernel work without Python's lock."""
    return ThreadPoolExecutor(max_workers=min(MOST_THREADS, os.cpu_count() or 1), thread_name_prefix="salbench-read")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a child process has none of its parent's threads

"""Random numbers that depend on (purpose, seed, sample id) alone: order, batch size and workers do not matter."""

from collections.abc import Callable, Sequence
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def uniform(ids: Tensor, shape: Sequence[int], *, seed: int, purpose: str) -> Tensor:
    """Uniform numbers in [0, 1), one independent stream a sample.

    Args:
        ids: sample ids, shape (N,), non-negative.
        shape: shape of one sample's draw.
        seed: non-negative; another seed gives independent numbers.
        purpose: names the stream, so that two uses of one seed stay independent.

    Returns:
        Shape (N, *shape), float32, on the device of `ids`.

    >>> first = uniform(torch.tensor([3, 7]), (2,), seed=0, purpose="doc")
    >>> torch.equal(first[1], uniform(torch.tensor([7]), (2,), seed=0, purpose="doc")[0])
    True
    """
    return _draw(ids, shape, seed, purpose, lambda generator: generator.random(shape, dtype=np.float32))


def normal(ids: Tensor, shape: Sequence[int], *, seed: int, purpose: str) -> Tensor:
    """Standard normal numbers, one independent stream a sample; arguments and result as for `uniform`."""
    return _draw(ids, shape, seed, purpose, lambda generator: generator.standard_normal(shape, dtype=np.float32))


def stream(purpose: str, seed: int, sample_id: int) -> np.random.Generator:
    """The generator behind one sample, for draws of any other kind."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([crc32(purpose.encode()), seed, sample_id])))


def _draw(
    ids: Tensor,
    shape: Sequence[int],
    seed: int,
    purpose: str,
    draw: Callable[[np.random.Generator], NDArray[np.float32]],
) -> Tensor:
    drawn = np.empty((len(ids), *shape), dtype=np.float32)
    for row, sample_id in enumerate(ids.tolist()):
        drawn[row] = draw(stream(purpose, seed, sample_id))
    return torch.from_numpy(drawn).to(ids.device)

"""The least salient regions of each sample, by a quantile of its own map."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d


def lowest(scores: Tensor, proportions: Tensor, *, fill_ties: bool = False) -> Tensor:
    """Which scores lie strictly below the sample's q-quantile.

    Args:
        scores: shape (N, n).
        proportions: q in [0, 1], shape (N,).
        fill_ties: take as many as there would be if no two scores were equal; of equal ones those that come first.

    Returns:
        bool, shape (N, n). Without ties ceil(q (n - 1)) a sample. With ties at the quantile there are fewer, and none
        if the share q of lowest scores is all the same, such as exact zeros; hence `fill_ties`.

    Source:
        xu2024scaat, section 3.1, Lowest(S, q); the quantile interpolates linearly, as numpy's does.
    """
    ordered, order = scores.sort(dim=1, stable=True)
    position = (proportions * (scores.shape[1] - 1)).round(decimals=6)[:, None]  # q is a sum of many steps
    if fill_ties:
        ranks = torch.arange(scores.shape[1], device=scores.device).expand_as(order)
        return torch.empty_like(order, dtype=torch.bool).scatter_(1, order, ranks < position.ceil())
    below, above = (ordered.gather(1, index.long()) for index in (position.floor(), position.ceil()))
    return scores < torch.lerp(below, above, (position - position.floor()).to(scores.dtype))


def region_means(maps: Tensor, side: int) -> Tensor:
    """Mean over squares of `side` pixels, counted from the top left; the last row and column may hold smaller ones.

    Args:
        maps: shape (N, C, H, W).
        side: at least 1.

    Returns:
        Shape (N, C, ceil(H / side), ceil(W / side)).
    """
    return avg_pool2d(maps, side, ceil_mode=True, count_include_pad=False) if side > 1 else maps


def spread_regions(chosen: Tensor, side: int, size: torch.Size) -> Tensor:
    """Each region's value at all of its pixels.

    Args:
        chosen: shape (N, C, h, w).
        side: of a region, at least 1.
        size: (H, W) of the image.

    Returns:
        Shape (N, C, H, W).
    """
    spread = chosen.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)
    return spread[:, :, : size[0], : size[1]]

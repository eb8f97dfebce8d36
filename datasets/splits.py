"""A fixed split of a data set that comes without one."""

import torch
from torch import Tensor

from .base import Split
from .randomness import uniform


def stratified_split(targets: Tensor, split: Split, *, test_fraction: float, seed: int) -> Tensor:
    """The ids of one part of a data set in which every class has the same share of test samples.

    Within a class, the samples with the smallest random numbers are for testing. A sample's number depends on its id
    alone, so the split does not change with the version of a library.

    Args:
        targets: class indices of the whole data set, shape (N,); a sample's id is its place here.
        split: which part is asked for.
        test_fraction: share of each class that is kept for testing, in (0, 1); counts are rounded.
        seed: another seed gives another split.

    Returns:
        Ids in ascending order, shape (M,), int64.

    Raises:
        ValueError: test_fraction outside (0, 1).
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction must lie in (0, 1), got {test_fraction}")
    ids = torch.arange(len(targets))
    draws = uniform(ids, (), seed=seed, purpose="split")
    in_test = torch.zeros(len(targets), dtype=torch.bool)
    for target in targets.unique():
        members = ids[targets == target]
        count = round(test_fraction * len(members))
        in_test[members[draws[members].argsort(stable=True)[:count]]] = True
    return ids[in_test if split is Split.TEST else ~in_test]

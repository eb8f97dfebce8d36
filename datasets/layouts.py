"""The ten layouts of the synthetic time series: where the box that tells the class lies."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .randomness import uniform

STEPS = 50  # T
FEATURES = 50  # D

Start = int | tuple[int, int] | None  # fixed; by class, (class 0, class 1); None: drawn for each sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A box of informative cells in a series of 50 steps × 50 features.

    Source:
        ismail2020benchmarking, with the sizes and starts of the published code and three remarks. A drawn start lies in
        {0, ..., 49 - size}: the code excludes the upper bound, so a moving box never touches the last row or column.
        Moving boxes move on both axes, as in the code; a figure of ismail2021improving shows one axis. Small Middle
        has 15 × 15 cells, as in ismail2021improving, whose random scores fit no other size; the code has 14 × 14.
        `VARIANTS` holds the other readings.
    """

    name: str
    size: tuple[int, int]  # (time, feature)
    start: tuple[Start, Start]  # (time, feature)

    @property
    def positional(self) -> bool:
        """Does the box's place tell the class, while its content is the same for both?"""
        return any(isinstance(start, tuple) for start in self.start)

    @property
    def words(self) -> str:
        """What tells the class, in a phrase for a data set's description."""
        time, feature = (_where(start, axis) for start, axis in zip(self.start, ("step", "feature"), strict=True))
        box = f"{self.size[0]} by {self.size[1]} box at {time} and {feature}"
        return f"a raised {box}" if self.positional else f"a {box}, raised or lowered by class"

    def masks(self, ids: Tensor, targets: Tensor, *, seed: int) -> Tensor:
        """The cells of each sample's box.

        Args:
            ids: sample ids, shape (N,).
            targets: 0 or 1, shape (N,).
            seed: of the drawn starts.

        Returns:
            Shape (N, 50, 50), bool; every sample has as many cells as the box.
        """
        draws = uniform(ids, (2,), seed=seed, purpose=f"{self.name} start")
        time, feature = (
            _inside(start, size, length, draws[:, axis], targets)
            for axis, (start, size, length) in enumerate(zip(self.start, self.size, (STEPS, FEATURES), strict=True))
        )
        return time.unsqueeze(2) & feature.unsqueeze(1)


def _where(start: Start, axis: str) -> str:
    if start is None:
        return f"any {axis}"
    return f"{axis} {start[0]} or {start[1]} by class" if isinstance(start, tuple) else f"{axis} {start}"


def _inside(start: Start, size: int, length: int, draws: Tensor, targets: Tensor) -> Tensor:
    """Which positions of one axis the box covers, shape (N, length)."""
    if start is None:
        starts = (draws * (length - size)).long()
    elif isinstance(start, tuple):
        starts = torch.tensor(start, device=targets.device)[targets]
    else:
        starts = torch.full_like(targets, start)
    offsets = torch.arange(length, device=targets.device) - starts.unsqueeze(1)
    return (offsets >= 0) & (offsets < size)


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(name="middle", size=(30, 30), start=(10, 10)),
        Layout(name="small_middle", size=(15, 15), start=(18, 18)),
        Layout(name="moving_middle", size=(30, 30), start=(None, None)),
        Layout(name="moving_small_middle", size=(15, 15), start=(None, None)),
        Layout(name="rare_time", size=(6, 40), start=(22, 5)),
        Layout(name="moving_rare_time", size=(6, 40), start=(None, None)),
        Layout(name="rare_feature", size=(40, 6), start=(5, 22)),
        Layout(name="moving_rare_feature", size=(40, 6), start=(None, None)),
        # named after the axis that varies; the other one, frozen per class, is what tells the classes apart
        Layout(name="positional_time", size=(20, 20), start=(None, (29, 1))),
        Layout(name="positional_feature", size=(20, 20), start=((29, 1), None)),
    )
}

VARIANTS = {
    layout.name: layout
    for layout in (
        Layout(name="small_middle_as_coded", size=(14, 14), start=(18, 18)),
        # one axis moves, as drawn in a figure of ismail2021improving; the other one stays where the rare box lies
        Layout(name="moving_rare_time_one_axis", size=(6, 40), start=(None, 5)),
        Layout(name="moving_rare_feature_one_axis", size=(40, 6), start=(5, None)),
    )
}

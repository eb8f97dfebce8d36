"""The range of the inputs, so that a step in input space means the same however a data set is normalized."""

from torch import Tensor

_OVER = {4: (0, 2, 3), 3: (0, 1), 2: (0,)}  # what is not the channel of an image, series or table


def channel_range(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Minimum and maximum of each channel of images, each feature of series, each column of tables.

    Args:
        inputs: shape (N, C, H, W), (N, T, D) or (N, D).

    Returns:
        Minimum and maximum over all samples, in shapes that broadcast with the inputs.

    Raises:
        ValueError: another number of axes.
    """
    if inputs.ndim not in _OVER:
        raise ValueError(f"inputs must be images, series or tables, of 4, 3 or 2 axes, got {tuple(inputs.shape)}")
    over = _OVER[inputs.ndim]
    return inputs.amin(dim=over, keepdim=True), inputs.amax(dim=over, keepdim=True)

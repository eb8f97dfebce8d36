"""Random changes of training images that keep their class, for a whole batch at once and on its device."""

import torch
from torch import Tensor


def flip_and_crop(
    inputs: Tensor, generator: torch.Generator, *, padding: int = 4, border: tuple[float, ...] = (0.0,)
) -> Tensor:
    """Mirror each image left to right with probability ½, and cut out its own size at a random place of a padded image.

    Args:
        inputs: shape (B, C, H, W).
        generator: on the device of the inputs; decides the flips and places.
        padding: pixels added on each side before the cut; 0 leaves the place as it is.
        border: what they hold, one value or one a channel.

    Returns:
        New inputs of the same shape.

    Source:
        he2016deep, section 4.2.
    """
    count, channels, height, width = inputs.shape
    device, sides = inputs.device, 2 * padding
    flipped = torch.rand((count, 1), generator=generator, device=device) < 0.5
    tops, lefts = torch.randint(sides + 1, (2, count, 1), generator=generator, device=device)
    frame = torch.tensor(border, dtype=inputs.dtype, device=device)[:, None, None]
    padded = frame.expand(count, channels, height + sides, width + sides).clone()
    padded[:, :, padding : padding + height, padding : padding + width] = inputs
    rows = tops + torch.arange(height, device=device)  # (B, H)
    columns = lefts + torch.arange(width, device=device)  # (B, W), of the mirrored image where it is
    columns = torch.where(flipped, width + sides - 1 - columns, columns)
    places = (rows[:, :, None] * (width + sides) + columns[:, None, :]).flatten(1)  # (B, H × W)
    taken = padded.flatten(2).gather(2, places[:, None].expand(-1, channels, -1))
    return taken.view_as(inputs)

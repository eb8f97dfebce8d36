"""From bytes to the numbers that a model sees: colour images scaled to [0, 1] and normalized channel by channel."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalization:
    """Subtract a mean from pixels in [0, 1] and divide by a deviation, one pair a channel."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __call__(self, pixels: Tensor) -> Tensor:
        """Inputs of shape (N, C, H, W), float32, from uint8 pixels of the same shape, on their device."""
        mean, deviation = (
            torch.tensor(values, device=pixels.device)[:, None, None] for values in (self.mean, self.deviation)
        )
        return pixels.contiguous().float().div_(255).sub_(mean).div_(deviation)

    @property
    def black(self) -> Tensor:
        """A black pixel, shape (1, C, 1, 1): exactly what a pixel of value 0 becomes."""
        return self(torch.zeros((1, len(self.mean), 1, 1), dtype=torch.uint8))


IMAGENET_PIXELS = Normalization(mean=(0.485, 0.456, 0.406), deviation=(0.229, 0.224, 0.225))
UNIT_PIXELS = Normalization(mean=(0.0, 0.0, 0.0), deviation=(1.0, 1.0, 1.0))  # [0, 1], as they are

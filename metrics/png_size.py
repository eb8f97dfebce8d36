"""PNG size: how far the picture of a map can be compressed, as a measure of its clutter."""

from io import BytesIO

import torch
from PIL import Image
from torch import Tensor

from ..datasets.base import Modality
from .base import Case, Family, Metric, Sign
from .units import in_chunks

_LEVELS = 256


def png_kilobytes(planes: Tensor) -> Tensor:
    """Size of the lossless grey 8-bit PNG of |map|.

    Absolute values are scaled to [0, 1] a sample and cut into 256 equal levels, as for `entropy`.

    Args:
        planes: one map a sample as a picture, shape (N, H, W), finite.

    Returns:
        kB of 1000 bytes, shape (N,), float64, above 0; lower is simpler. Some 0.07 kB are the same for every picture.
        Not changed by a positive scale, but for values that rounding moves over a level's edge. NaN for a map whose
        absolute values are all equal, for it has no range to scale, and for one with a value that is NaN or infinite.

    Source:
        xu2024scaat, table 1, which names no format, size or level of compression. Their kilobytes cannot be reached
        by a grey PNG of the map's own size, so only ratios, such as a method's over that of regular training,
        compare with theirs. The compression is Pillow's default, whose bytes may differ between its builds of zlib.
    """
    return in_chunks(_png_kilobytes, planes)


def _png_kilobytes(planes: Tensor) -> Tensor:
    magnitudes = planes.abs().double()
    low, high = magnitudes.amin(dim=(1, 2), keepdim=True), magnitudes.amax(dim=(1, 2), keepdim=True)
    levels = ((magnitudes - low) / (high - low) * _LEVELS).clamp(max=_LEVELS - 1).nan_to_num().byte().cpu()
    sizes = torch.tensor([_png_bytes(picture) for picture in levels], dtype=torch.float64, device=planes.device)
    return (sizes / 1000).masked_fill(~((high > low) & high.isfinite()).flatten(), torch.nan)


def _png_bytes(levels: Tensor) -> int:
    file = BytesIO()
    Image.fromarray(levels.numpy()).save(file, format="PNG")
    return file.tell()


def _score(case: Case) -> Tensor:
    return png_kilobytes(case.maps(Sign.ABSOLUTE).unflatten(1, case.attributions.shape[-2:]))


PNG_KILOBYTES = Metric(
    name="png_kilobytes",
    version=1,
    score=_score,
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, torch.inf),
    unit="kB",
    family=Family.COMPLEXITY,
    modalities=frozenset({Modality.IMAGE, Modality.SERIES}),
    sign=Sign.ABSOLUTE,
    description="size of the map as a lossless grey PNG",
    reference="xu2024scaat",
    ignores_removable=True,
)

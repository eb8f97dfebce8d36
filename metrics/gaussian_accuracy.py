"""Accuracy under Gaussian noise of rising deviation."""

from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import normal
from .base import Metric
from .corruption import corrupted_correctness, declare

DEVIATIONS = (0.0, 0.1, 0.5, 1.0, 1.5)  # s, of the sample's range


def gaussian_correctness(model: nn.Module, samples: Samples, *, offset: float = 0.0, seed: int = 0) -> Tensor:
    """Is the model right on inputs plus noise of N(offset, s²), for s = 0, 0.1, 0.5, 1 and 1.5?

    Args:
        model: maps (N, *F) to logits (N, K); in eval mode.
        samples: N samples.
        offset: mean of the noise, in units of the sample's range.
        seed: of the noise, which is drawn per sample id, anew for each s.

    Returns:
        1 or 0, shape (5, N), float32. At s = 0 the inputs are whole, without the offset. An input without range stays
        as it is.

    Source:
        The public code of xaiconstrained, whose noise has mean 1 and is not clipped. Departure: mean and
        deviation count in units of max - min of each sample; their images lie in [0, 1], nearly all with range 1, and
        this gives the same for images that are normalized.
    """

    def corrupt(part: Samples, deviation: float) -> Tensor:
        inputs = part.inputs
        flat = inputs.flatten(1)
        span = (flat.amax(dim=1) - flat.amin(dim=1)).view(-1, *[1] * (inputs.ndim - 1))
        noise = normal(part.ids, inputs.shape[1:], seed=seed, purpose=f"gaussian accuracy {deviation}").to(inputs)
        return inputs + span * (offset + deviation * noise)

    return corrupted_correctness(model, samples, corrupt, DEVIATIONS)


def _declare(name: str, offset: float, description: str) -> Metric:
    return declare(
        name,
        lambda model, samples, seed: gaussian_correctness(model, samples, offset=offset, seed=seed),
        DEVIATIONS,
        column="deviation",
        unit="accuracy × deviation",
        modalities=frozenset(Modality) - {Modality.TEXT},  # noise makes no other token
        description=description,
    )


GAUSSIAN_ACCURACY_AREA = _declare(
    "gaussian_accuracy_area",
    0.0,
    "area under the accuracy while Gaussian noise grows to a deviation of 1.5 times the sample's range",
)
GAUSSIAN_ACCURACY_AREA_PUBLISHED = _declare(
    "gaussian_accuracy_area_published",
    1.0,
    "the same with noise of mean 1, as in the published code: a bright shift that outweighs the noise",
)

"""ROAR: what accuracy a model regains when it is trained anew on inputs without their most relevant units."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..datasets.base import Modality
from .accuracy import defined_correctness
from .base import Case, Family, Metric, Sign
from .retraining import KEEP, ROAR_ENTRIES, ROAR_MEAN, ROAR_SHARED, XCL_ROAR, Retraining


def roar_area(case: Case, retraining: Retraining = ROAR_SHARED) -> Tensor:
    """Area under one test sample's curve of correctness after retraining, in percent × percent.

    Maps are made once, for training and test samples, by the model that was trained on whole inputs; for each share a
    new model is trained from scratch on the degraded training samples and asked about the degraded test samples. The
    curve begins at 0 % with a model trained the same way on whole samples. The mean over samples is the area under
    the accuracy curve, since the trapezoid is linear.

    Args:
        case: has the predictions of the models trained anew.
        retraining: what was replaced, and by what.

    Returns:
        Shape (M,) for the whole test split, in [0, 100 × the largest share]; lower is better: what a good map takes
        away cannot be learned from the rest. NaN where a logit is.

    Raises:
        ValueError: the case has no models trained under these settings.

    Source:
        hooker2019benchmark, section 3, at their shares 10, 30, 50, 70 and 90 %. Departures of the default: the unit is
        a pixel with all its channels (theirs: each entry), the fill is the data set's (theirs: the mean of the
        channel; both are theirs in `roar_area_entries`). In all: every map is judged by regular training with the
        data set's budget, so that training methods share one yardstick.
    """
    return torch.trapezoid(100 * _correct(case, retraining), torch.tensor(_shares(retraining)), dim=0)


def _shares(retraining: Retraining) -> list[float]:
    return [0.0, *map(float, retraining.percents)]


def _correct(case: Case, retraining: Retraining) -> Tensor:
    """Correctness (1 + shares, M) of the models trained on whole and on degraded samples."""
    predictions = case.require_retrained(retraining)
    rows = [predictions[percent] for percent in (0, *retraining.percents)]
    return torch.stack([defined_correctness(logits, targets) for logits, targets in rows]).cpu()


def keep_area(case: Case) -> Tensor:
    """The area of `roar_area` if the most relevant units are all that stays: shares are of what is kept, 10 to 90 %.

    At 0 % nothing would be kept and no input told apart, so the curve begins at 10 %.

    Returns:
        Shape (M,) for the whole test split, in [0, 8000]; higher is better: a good map keeps what can be learned.
    """
    predictions = case.require_retrained(KEEP)
    correct = torch.stack([defined_correctness(*predictions[percent]) for percent in KEEP.percents]).cpu()
    return torch.trapezoid(100 * correct, torch.tensor(KEEP.percents, dtype=torch.float32), dim=0)


def _declare(
    name: str,
    retraining: Retraining,
    score: Callable[[Case], Tensor],
    description: str,
    *,
    reference: str = "hooker2019benchmark",
    modalities: frozenset[Modality] = frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR}),
    bound: float = 9000.0,
    version: int = 2,
) -> Metric:
    def curve(case: Case) -> dict[str, list[float]]:
        accuracy = 100 * _correct(case, retraining).nanmean(dim=1)
        first = 1 if retraining.keep else 0
        return {"percent": _shares(retraining)[first:], "accuracy": accuracy.tolist()[first:]}

    return Metric(
        name=name,
        version=version,
        score=score,
        higher_is_better=retraining.keep,
        across_models=True,
        bounds=(0.0, bound),
        unit="percent²",
        family=Family.FAITHFULNESS,
        retrainings=(retraining,),
        modalities=modalities,
        sign=Sign.ABSOLUTE,
        description=description,
        reference=reference,
        curve=curve,
        ignores_removable=True,
    )


ROAR = _declare(
    "roar_area",
    ROAR_SHARED,
    roar_area,
    "area under the accuracy after retraining without the most relevant 0 to 90 % of the units",
)
ROAR_AREA_ENTRIES = _declare(
    "roar_area_entries",
    ROAR_ENTRIES,
    lambda case: roar_area(case, ROAR_ENTRIES),
    "the same with every channel of a pixel ranked by itself and replaced by the channel's mean, as published",
)
ROAR_AREA_MEAN = _declare(
    "roar_area_mean",
    ROAR_MEAN,
    lambda case: roar_area(case, ROAR_MEAN),
    "the same in steps of 10 %, with units replaced by the mean of the sample",
    reference="ismail2021improving",
)
KEEP_AREA = _declare(
    "keep_area",
    KEEP,
    keep_area,
    "area under the accuracy after retraining on the most relevant 10 to 90 % of the units alone",
    bound=8000.0,
)
XCL_ROAR_AREA = _declare(
    "xcl_roar_area",
    XCL_ROAR,
    lambda case: roar_area(case, XCL_ROAR),
    "retraining without 20, 50, 80, 90 % of the pixels whose relevance is not zero, maps made of inputs times 255",
    reference="xaiconstrained",
    modalities=frozenset({Modality.IMAGE}),
    version=3,
)

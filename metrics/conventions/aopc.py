"""The known definitions of AOPC, all from the same perturbed outputs."""

from collections.abc import Iterator

import torch

from ..curve_scores import Change, Output, Summary, curve_score
from ..eraser import THRESHOLDS
from ..protocol import TENTHS
from .areas import FILLS
from .base import CurveDefinition, declared

_KEPT = tuple(100 - percent for percent in THRESHOLDS)  # removed, where the top 1 to 50 % stay
_SHALLOW = (1, 5, 10, 20)


def _aopc(most: bool) -> Iterator[CurveDefinition]:
    """Means of drops, over 0 to 90 % removed where nothing else is said."""
    name = "aopc_morf" if most else "aopc_lerf"
    yield CurveDefinition(
        "with_zero", "mean of p(x) - p(x_k), k = 0, 10, …, 90 %", "samek2017evaluating", curve_score(most), name
    )
    yield CurveDefinition(
        "without_zero",
        "the same over k = 10, …, 90 %: |B| instead of |B| + 1",
        "deyoung2020eraser",
        curve_score(most, TENTHS),
    )
    yield CurveDefinition(
        "trapezoid",
        "trapezoid of p(x) - p(x_k) over 0 to 90 %",
        "petsiuk2018rise",
        curve_score(most, summary=Summary.TRAPEZOID),
    )
    yield CurveDefinition(
        "logit",
        "drop of the logit instead of the probability",
        "samek2017evaluating",
        curve_score(most, output=Output.LOGIT),
    )
    yield CurveDefinition(
        "log_odds", "drop of log p - log (1 - p)", "shrikumar2017learning", curve_score(most, output=Output.LOG_ODDS)
    )
    yield CurveDefinition(
        "relative",
        "mean of 1 - p(x_k) / p(x), predicted class: over the clean output",
        "xaiconstrained",
        curve_score(most, change=Change.RELATIVE_DROP, predicted=True),
    )
    yield CurveDefinition(
        "predicted_class",
        "of the class that the model predicts, not the true one",
        "deyoung2020eraser",
        curve_score(most, predicted=True),
    )
    yield CurveDefinition(
        "right_only",
        "of the samples that the model classifies correctly",
        "arras2022clevr",
        curve_score(most, right_only=True),
    )
    bins = THRESHOLDS if most else _KEPT
    side = "without the top" if most else "with the top"
    eraser = f"predicted class, {side} 1, 5, 10, 20, 50 %" + ("" if most else " alone")
    yield CurveDefinition(
        "eraser",
        f"{eraser}, divided by |B| = 5",
        "deyoung2020eraser",
        curve_score(most, bins, predicted=True),
        "comprehensiveness" if most else "sufficiency",
    )
    if most:
        yield CurveDefinition(
            "eraser_printed",
            "the same divided by |B| + 1 = 6, as printed",
            "ismail2021improving",
            curve_score(most, bins, predicted=True, factor=len(bins) / (len(bins) + 1)),
        )
    yield CurveDefinition(
        "shallow",
        "mean over 1, 5, 10, 20 % removed" if most else "mean over 10, 20 % removed",
        "xu2024scaat",
        curve_score(most, _SHALLOW if most else _SHALLOW[2:]),
    )
    if most:
        for words, metric in FILLS:
            (protocol,) = metric.protocols
            score = curve_score(most, protocol=protocol)
            yield CurveDefinition(f"fill_{protocol.fill}", words, "hooker2019benchmark", score, "", protocol)


def _contrast() -> Iterator[CurveDefinition]:
    """Both orders in one number."""
    morf, lerf = curve_score(True), curve_score(False)
    odds = [curve_score(most, output=Output.LOG_ODDS) for most in (True, False)]
    yield CurveDefinition(
        "difference", "mean of AOPC MoRF - AOPC LeRF", "samek2017evaluating", lambda case: morf(case) - lerf(case)
    )
    yield CurveDefinition(
        "difference_log_odds",
        "the same with drops of log odds",
        "shrikumar2017learning",
        lambda case: odds[0](case) - odds[1](case),
    )
    yield CurveDefinition(
        "ratio_of_means",
        "mean AOPC MoRF / mean AOPC LeRF",
        "xu2024scaat",
        lambda case: morf(case).nanmean() / lerf(case).nanmean(),
    )
    yield CurveDefinition(
        "mean_of_ratios",
        "mean of AOPC MoRF / AOPC LeRF of each sample",
        "xu2024scaat",
        lambda case: (morf(case) / lerf(case)).masked_fill(lerf(case) == 0, torch.nan),
    )
    removed, kept = curve_score(True, THRESHOLDS, predicted=True), curve_score(False, _KEPT, predicted=True)
    yield CurveDefinition(
        "eraser", "comprehensiveness - sufficiency", "deyoung2020eraser", lambda case: removed(case) - kept(case)
    )


AOPC_CONVENTIONS = (
    *declared("aopc_morf", _aopc(most=True), higher=True, across_models=False),
    *declared("aopc_lerf", _aopc(most=False), higher=False, across_models=False),
    *declared("aopc_contrast", _contrast(), higher=True, across_models=False),
)

"""The small suites in which metrics are asked to separate the controls, on data whose evidence is known."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import Tensor

from ...baselines.architectures import MEAN_WORDS, RRR_MLP, TCN
from ...baselines.architectures.base import Architecture
from ...baselines.saliency import GRADIENT
from ...baselines.saliency.controls import INVERTED, ORACLE, RANDOM
from ...baselines.training import Regular
from ...datasets import IRIS_CANCER, MIDDLE, PLANTED_SENTENCES, RARE_FEATURE, TOY_COLORS
from ...datasets.base import Counterfactual, Dataset, Samples, Split
from ...datasets.decoy import DECOY_DIGITS_SCALED
from ...datasets.subset import subset
from ...datasets.toy_colors import TOY_COLORS_PRO_RULE_1
from ...metrics import METRICS, Family, Metric, Need
from ..entry import entries
from ..suite import Suite

CONTROLS = (ORACLE, RANDOM, INVERTED)  # best first
_EXPLAINED = 200  # test samples


def separation_suites() -> tuple[Suite, ...]:
    """What is measured, each suite with the metrics that it is for.

    Training is regular and has two seeds, but one where models are trained anew: 28 a map for the five metrics.
    """
    read = [
        metric for metric in METRICS if metric.family in {Family.FAITHFULNESS, Family.LOCALIZATION, Family.COMPLEXITY}
    ]
    plain = [metric for metric in read if not metric.retrainings]
    retrained = [metric for metric in read if metric.retrainings]
    shortcuts = [metric for metric in plain if Need.IRRELEVANT in metric.needs]
    decoys = marked(DECOY_DIGITS_SCALED, _ink, "all that differs from the background, beside the swatch")
    table = marked(IRIS_CANCER, _allowed, "all columns of the tumors")
    return (
        _suite("series", (MIDDLE, RARE_FEATURE), TCN, plain),
        _suite("images", (TOY_COLORS, TOY_COLORS_PRO_RULE_1), RRR_MLP, plain),
        _suite("texts", (PLANTED_SENTENCES,), MEAN_WORDS, plain),
        _suite("shortcuts", (decoys, table), RRR_MLP, shortcuts),
        _suite("retrained", (subset(TOY_COLORS, train=4000, test=1000),), RRR_MLP, retrained, seeds=(0,)),
    )


def marked(dataset: Dataset, evidence: Callable[[Samples], Tensor], what: str) -> Dataset:
    """The data set and its counterfactuals with masks, for oracles of data that annotate what must not matter alone.

    Args:
        dataset: without masks.
        evidence: the masks of samples, bool, shape (N, *F).
        what: the evidence in words.

    Returns:
        A data set named after it, with "_marked" behind.
    """
    return replace(
        dataset,
        name=f"{dataset.name}_marked",
        load=partial(_load_marked, dataset.load, evidence),
        evidence=True,
        description=f"{dataset.description}; evidence: {what}",
        counterfactuals=tuple(
            Counterfactual(shortcut, marked(changed, evidence, what)) for shortcut, changed in dataset.counterfactuals
        ),
    )


def _load_marked(
    load: Callable[[Path, Split], Samples], evidence: Callable[[Samples], Tensor], root: Path, split: Split
) -> Samples:
    samples = load(root, split)
    return replace(samples, masks=evidence(samples))


def _ink(samples: Samples) -> Tensor:
    return _allowed(samples) & (samples.inputs != samples.fill)


def _allowed(samples: Samples) -> Tensor:
    if samples.irrelevant is None:
        raise ValueError("samples must have irrelevant, got None")
    return ~samples.irrelevant


def _suite(
    name: str,
    datasets: tuple[Dataset, ...],
    architecture: Architecture,
    metrics: Iterable[Metric],
    *,
    seeds: tuple[int, ...] = (0, 1),
) -> Suite:
    modalities = {dataset.modality for dataset in datasets}
    return Suite(
        name=f"separation_{name}",
        title="Do the metrics place oracle above random above inverted?",
        datasets=datasets,
        architectures=(architecture,),
        saliency=(GRADIENT,),
        controls=CONTROLS,
        metrics=tuple(metric for metric in metrics if modalities & metric.modalities),
        seeds=seeds,
        entries=tuple(
            entries(
                training="regular",
                recipe=Regular(),
                datasets=datasets,
                architectures=(architecture,),
                saliency=(GRADIENT,),
            )
        ),
        samples=_EXPLAINED,
    )

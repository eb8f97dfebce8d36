"""From a metric and a case to a record: the value with its provenance, or the reason why there is none."""

import platform
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from math import isfinite
from time import perf_counter

from torch import Tensor

from ...baselines.saliency.base import SaliencyMethod
from ...metrics.base import Case, Metric
from ...results.record import Record, Status
from ..planning import Model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measurement:
    """One metric computed on one case."""

    status: Status
    note: str = ""
    value: float | None = None
    count: int = 0
    curve: dict[str, list[float]]
    scores: Tensor | None = None  # (N,), NaN where undefined; None where they must not be read one by one
    seconds: float = 0.0

    def record(self, template: Record, metric: Metric, *, key: str, scores: str) -> Record:
        """The record of this measurement; `scores` is the digest of the artifact with the per-sample scores."""
        return replace(
            for_metric(template, metric, key=key),
            status=self.status,
            note=self.note,
            value=self.value,
            count=self.count,
            curve=self.curve,
            scores=scores if self.scores is not None else "",
            seconds=self.seconds,
        )


def measure(metric: Metric, case: Case, *, raising: bool = False) -> Measurement:
    """Compute one metric; an error becomes a failed measurement, so that the other metrics go on, or is raised."""
    obstacle = metric.obstacle(case)
    if obstacle is not None:
        return Measurement(status=Status.SKIPPED, note=obstacle, curve={})
    started = perf_counter()
    try:
        scores = _checked(metric, metric.score(case))
        curve = metric.curve(case) if metric.curve is not None and not scores.isnan().all() else {}
    except (Exception, SystemExit) as error:  # whatever a metric from elsewhere may do wrong
        if raising:
            raise
        return Measurement(status=Status.FAILED, note=f"{type(error).__name__}: {error}", curve={})
    defined = scores[~scores.isnan()]
    return Measurement(
        status=Status.OK,
        value=defined.double().mean().item() if len(defined) else None,
        note="" if len(defined) else f"undefined for all {len(scores)} samples",
        count=len(defined),
        curve=curve,
        scores=scores if metric.independent else None,
        seconds=perf_counter() - started,
    )


def _checked(metric: Metric, scores: Tensor) -> Tensor:
    """The scores, once they have the shape and the bounds that the metric declares."""
    if scores.ndim != 1:
        raise ValueError(f"metric {metric.name!r} must give one score a sample, got shape {tuple(scores.shape)}")
    low, high = metric.bounds
    slack = 1e-4 * max([1.0, *(abs(bound) for bound in metric.bounds if isfinite(bound))])
    outside = scores[(scores < low - slack) | (scores > high + slack)]
    if len(outside):
        raise ValueError(f"metric {metric.name!r} must lie in [{low}, {high}], got {outside[0].item():.6g}")
    return scores.float().cpu()


def unmeasured(model: Model, method: SaliencyMethod) -> Record:
    """A record of one entry and seed before any metric is computed."""
    return Record(
        key="",
        dataset=f"{model.dataset.name}@{model.dataset.version}",
        architecture=model.architecture.name,
        training=model.training,
        saliency=method.name,
        control=method.control,
        metric="",
        metric_version=0,
        family="",
        higher_is_better=True,
        seed=model.seed,
        recipe=model.recipe_digest,
        versions=dict(_versions()),
    )


def for_metric(template: Record, metric: Metric, *, key: str) -> Record:
    """The template, filled with what the metric declares."""
    return replace(
        template,
        key=key,
        metric=metric.name,
        metric_version=metric.version,
        family=metric.family,
        higher_is_better=metric.higher_is_better,
        across_models=metric.across_models,
    )


@lru_cache
def _versions() -> tuple[tuple[str, str], ...]:
    libraries = ("salbench", "torch", "captum", "numpy")
    return (("python", platform.python_version()), *((name, version(name)) for name in libraries))

"""What of a plan has no number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..results.record import Record, Status
from .entry_settings import versioned
from .planning import Model, Plan
from .wording import counted

_LISTED = 10  # models, before the others are only counted
_NAMED = 4  # metrics or saliency methods of a model
_NARROW = 3  # names that a filter of the command may have; with more it would be longer than useful


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One number that is not there."""

    model: Model
    saliency: str
    metric: str
    failed: bool  # it was tried, and will be again


def missing(plan: Plan, records: Iterable[Record]) -> list[Gap]:
    """The numbers of a plan that no record has, in the plan's order; a metric that does not apply is not missing."""
    failed: dict[tuple[str, str, str, str, str, int], bool] = {}
    for record in records:
        names = (record.dataset, record.architecture, record.training, record.saliency, record.metric)
        failed[*names, record.seed] = record.status is Status.FAILED
    gaps = []
    for model in plan.models:
        of_model = (versioned(model.dataset), model.architecture.name, model.training)
        for method in model.methods:
            for metric in plan.metrics:
                found = failed.get((*of_model, method.name, metric.name, model.seed))
                if found is not False:
                    gaps.append(Gap(model=model, saliency=method.name, metric=metric.name, failed=found is not None))
    return gaps


def describe_missing(gaps: Sequence[Gap], plan: Plan) -> list[str]:
    """A line that counts them, and one for each model; those of many models are only counted.

    Args:
        gaps: what is missing.
        plan: of which.
    """
    if not gaps:
        return []
    models: defaultdict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        models[gap.model.name].append(gap)
    failed = sum(gap.failed for gap in gaps)
    undone = f"{len(gaps) - failed:,} not measured and {failed:,} failed"
    lines = [f"Not there: {counted(len(gaps), 'numbers')} of the plan, {undone}"]
    for name, own in list(models.items())[:_LISTED]:
        seeds = ", ".join(map(str, sorted({gap.model.seed for gap in own})))
        saliency = _some([gap.saliency for gap in own], "saliency methods", len(own[0].model.methods))
        metrics = _some([gap.metric for gap in own], "metrics", len(plan.metrics))
        lines.append(f"{name}, seed {seeds}: {metrics} of {saliency}")
    if len(models) > _LISTED:
        lines.append(f"and of {len(models) - _LISTED} more models")
    return lines


def _some(names: Iterable[str], what: str, total: int) -> str:
    """The names, or that it is all of them."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) == total > 1:
        return f"all {total} {what}"
    more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else ""
    return ", ".join(distinct[:_NAMED]) + more


def shared_filters(gaps: Sequence[Gap], plan: Plan) -> dict[str, list[str]]:
    """What all gaps have in common, such as one training method, as filters of a request.

    All else of the plan that a request with these filters asks for is there.

    Args:
        gaps: what is missing.
        plan: of which.
    """
    of_plan = {
        "dataset": {model.dataset.name for model in plan.models},
        "architecture": {model.architecture.name for model in plan.models},
        "training": {model.training for model in plan.models},
        "saliency": {method.name for model in plan.models for method in model.methods},
        "metric": {metric.name for metric in plan.metrics},
    }
    of_gaps = {
        "dataset": {gap.model.dataset.name for gap in gaps},
        "architecture": {gap.model.architecture.name for gap in gaps},
        "training": {gap.model.training for gap in gaps},
        "saliency": {gap.saliency for gap in gaps},
        "metric": {gap.metric for gap in gaps},
    }
    return {key: sorted(names) for key, names in of_gaps.items() if names < of_plan[key] and len(names) <= _NARROW}

"""A plan and a store of any size, invented: real keys and real records, of models that nobody trained."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from math import ceil
from random import Random
from typing import Any

from ...baselines.architectures import SGT_CNN
from ...baselines.saliency import ALL_METHODS
from ...baselines.training import SaliencyGuided
from ...datasets import DIGITS
from ...metrics import STANDARD
from ...results.record import Record
from ...results.store import Store
from ..engines.events import Kind
from ..engines.measurement import unmeasured
from ..entry import Entry
from ..identity import hashed
from ..keys import Keys
from ..planning import Model, Plan, make_plan
from ..suite import Suite

METRICS = STANDARD[:10]
_DATASETS = tuple(replace(DIGITS, name=f"digits_{place}") for place in range(10))
_ARCHITECTURES = tuple(replace(SGT_CNN, name=f"cnn_{place}") for place in range(10))
_SALIENCY = ALL_METHODS[:10]
_MODELS_AT_ONCE = 500
_OF_ENTRY = ("dataset", "architecture", "training", "saliency", "control", "seed", "recipe", "versions")


def invented_suite(entries: int) -> tuple[Suite, list[Entry]]:
    """A suite and its entries: 10 data sets, 10 architectures and 10 saliency methods of as many training methods.

    Args:
        entries: how many; rounded up to whole training methods, of which each has 1000, if there are more than 1000.
    """
    trainings = {
        f"training_{place}": SaliencyGuided(divergence_weight=1.0 + place) for place in range(ceil(entries / 1000))
    }
    places = product(trainings.items(), _DATASETS, _ARCHITECTURES, _SALIENCY)
    made = [
        Entry(
            dataset=dataset,
            architecture=architecture,
            training=training,
            recipe=recipe,
            budget=dataset.budget,
            saliency=method,
        )
        for (training, recipe), dataset, architecture, method in islice(places, entries)
    ]
    suite = Suite(
        name="invented",
        title="Numbers that nobody measured",
        datasets=_DATASETS,
        architectures=_ARCHITECTURES,
        saliency=_SALIENCY,
        controls=(),
        metrics=METRICS,
        seeds=(0,),
        samples=100,
    )
    return suite, made


def invented_plan(entries: int) -> Plan:
    """The plan of `invented_suite`."""
    return make_plan(*invented_suite(entries))


def fill(store: Store, plan: Plan, *, seed: int = 0) -> int:
    """Commit an outcome for every task of the plan, and a record for every number.

    Args:
        store: gets them.
        plan: of any size.
        seed: of the numbers.

    Returns:
        How many records were written.
    """
    random, keys, written = Random(seed), Keys(), 0  # noqa: S311 - numbers, not secrets
    models = iter(plan.models)
    while part := list(islice(models, _MODELS_AT_ONCE)):
        outcomes: dict[str, dict[str, Any]] = {}
        records: list[Record] = []
        for model in part:
            records += _model(model, plan, keys, random, outcomes)
        store.commit(outcomes=outcomes, records=records)
        written += len(records)
    return written


def _model(
    model: Model, plan: Plan, keys: Keys, random: Random, outcomes: dict[str, dict[str, Any]]
) -> Iterator[Record]:
    """The records of one model; its outcomes are added to the others."""

    def done(kind: Kind, key: str, artifact: str, **facts: Any) -> str:
        digest = hashed(f"{artifact} {key}")
        outcome = {
            "task": kind,
            "name": model.name,
            "seconds": random.uniform(0.1, 2.0),
            "artifacts": {artifact: digest},
        }
        outcomes[key] = {**outcome, **facts}
        return digest

    epochs = [[epoch, random.random(), 0.1, random.random(), 1_000_000] for epoch in range(model.budget.epochs)]
    weights = done(Kind.TRAIN, keys.train(model), "weights", epochs=epochs)
    for method in model.methods:
        explain = keys.explain(model, method, plan.samples, weights=weights)
        passes = {"samples": plan.samples, "forwards": plan.samples, "backwards": plan.samples}
        maps = done(Kind.EXPLAIN, explain, "attributions", degenerate=0, incomplete=0, **passes)
        for protocol in plan.protocols:
            done(
                Kind.PERTURB,
                keys.perturb(model, protocol, plan.samples, weights=weights, attributions=maps),
                "curves",
            )
        begun = unmeasured(model, method)
        entry = {name: getattr(begun, name) for name in _OF_ENTRY}
        entry |= {"weights": weights, "attributions": maps, "scores": hashed(maps), "device": "cpu"}
        found = keys.records(model, method, plan.metrics, plan.samples, weights=weights, attributions=maps)
        for metric, key in zip(plan.metrics, found, strict=True):
            yield Record(
                **entry,
                key=key,
                metric=metric.name,
                metric_version=metric.version,
                family=metric.family,
                higher_is_better=metric.higher_is_better,
                across_models=metric.across_models,
                value=random.random(),
                count=plan.samples or 0,
                seconds=0.01,
            )

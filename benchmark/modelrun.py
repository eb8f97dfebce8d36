"""The work on one model: train it, then explain it with each method and measure the maps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, nn

from ..baselines.saliency.base import SaliencyMethod, attribute
from ..datasets.base import Samples, Split
from ..metrics.base import Case, Metric, Need, Predictions
from ..metrics.curves import Curves
from ..metrics.protocol import Protocol
from ..results.errors import StoreError
from ..results.record import Record, Status
from ..results.store import Store
from . import tasks
from .events import Event, Kind, Listener, State
from .keys import explain_key, failure_key, perturb_key, record_key, train_key
from .measurement import for_metric, measure, unmeasured
from .planning import Model, Plan
from .step import Made, OutcomeChangedError, Step


@dataclass(kw_only=True)
class ModelRun:
    """One model of a plan and what is made from it; nothing is loaded or computed before it is needed."""

    plan: Plan
    model: Model
    store: Store
    data: Path
    device: torch.device
    listener: Listener
    stop_on_failure: bool

    def records(self) -> list[Record]:
        """One record a method and metric, all committed.

        Raises:
            StoreError: the store cannot be used any more.
            OutcomeChangedError: a lost artifact came out different; run the model again.
        """
        methods = self.model.methods
        try:
            self.trained.outcome  # noqa: B018 - trains the model if it is not in the store
        except (OutcomeChangedError, StoreError):
            raise
        except Exception as error:  # whatever a recipe or an architecture may do wrong
            reason = self._report(Kind.TRAIN, self.name(), error)
            for method in methods:
                self.listener(Event(kind=Kind.MEASURE, name=self.name(method), state=State.DROPPED, note=reason))
            return [record for method in methods for record in self._failures(method, f"training failed: {reason}")]
        return [record for method in methods for record in self._method_records(method)]

    def name(self, method: SaliencyMethod | None = None) -> str:
        """The model or entry with its seed, for people."""
        return "/".join([self.model.name] + ([method.name] if method else [])) + f" seed {self.model.seed}"

    @cached_property
    def trained(self) -> Step:
        """The trained model and its predictions for the whole test split."""

        def make() -> Made:
            done = tasks.train(self.model, data=self.data, device=self.device)
            facts = {"epochs": [list(summary) for summary in done.epochs]}
            return Made({"weights": done.weights, "predictions": {"logits": done.logits}}, facts)

        return self._step(Kind.TRAIN, self.name(), train_key(self.model), make)

    @cached_property
    def network(self) -> nn.Module:
        """The trained network on the device."""
        return tasks.restore(self.model, self.trained.tensors("weights"), self.device)

    @cached_property
    def samples(self) -> Samples:
        """The samples that are explained, on the device."""
        return tasks.explained_samples(self.model.dataset, self.plan.samples, self.data, self.device)

    @cached_property
    def predictions(self) -> Predictions:
        """Logits and targets of the whole test split, on the device."""
        targets = tasks.load(self.model.dataset, Split.TEST, self.data, self.device).targets
        return Predictions(self.trained.tensors("predictions")["logits"].to(self.device), targets)

    def explained(self, method: SaliencyMethod) -> Step:
        """One method's maps."""

        def make() -> Made:
            maps = tasks.explain(self.network, method, self.samples, seed=self.model.seed)
            return Made({"attributions": {"attributions": maps}}, {})

        key = explain_key(self.model, method, self.plan.samples, weights=self.trained.digest("weights"))
        return self._step(Kind.EXPLAIN, self.name(method), key, make)

    def perturbed(self, method: SaliencyMethod, protocol: Protocol, explained: Step) -> Step:
        """Logits along the perturbation curves of one method's maps."""

        def make() -> Made:
            maps = explained.tensors("attributions")["attributions"]
            curves = tasks.perturb(self.network, self.model, protocol, self.samples, maps)
            return Made({"curves": {"clean": curves.clean, "most": curves.most, "least": curves.least}}, {})

        key = perturb_key(
            self.model,
            protocol,
            self.plan.samples,
            weights=self.trained.digest("weights"),
            attributions=explained.digest("attributions"),
        )
        return self._step(Kind.PERTURB, self.name(method), key, make)

    def _method_records(self, method: SaliencyMethod) -> list[Record]:
        try:
            return self._measured(method)
        except (OutcomeChangedError, StoreError):
            raise
        except Exception as error:  # whatever a saliency method or a metric may do wrong
            return self._failures(method, self._report(Kind.MEASURE, self.name(method), error))

    def _measured(self, method: SaliencyMethod) -> list[Record]:
        """The method's records; only the metrics that the store does not have are computed."""
        explained = self.explained(method)
        weights, attributions = self.trained.digest("weights"), explained.digest("attributions")
        keys = {
            metric.name: record_key(
                self.model, method, metric, self.plan.samples, weights=weights, attributions=attributions
            )
            for metric in self.plan.metrics
        }
        known = {record.key: record for record in self.store.records(keys.values())}
        missing = [metric for metric in self.plan.metrics if keys[metric.name] not in known]
        if missing:
            started = perf_counter()
            case = self._case(method, explained, missing)
            self.listener(Event(kind=Kind.MEASURE, name=self.name(method), state=State.STARTED))
            measurements = {metric.name: measure(metric, case) for metric in missing}
            scores = self.store.put(
                {name: item.scores for name, item in measurements.items() if item.scores is not None}
            )
            template = replace(
                unmeasured(self.model, method), weights=weights, attributions=attributions, device=str(self.device)
            )
            fresh = [
                measurements[metric.name].record(template, metric, key=keys[metric.name], scores=scores)
                for metric in missing
            ]
            self.store.commit(records=fresh)
            known |= {record.key: record for record in fresh}
            seconds = perf_counter() - started
            self.listener(Event(kind=Kind.MEASURE, name=self.name(method), state=State.DONE, seconds=seconds))
        else:
            self.listener(Event(kind=Kind.MEASURE, name=self.name(method), state=State.CACHED))
        return [known[key] for key in keys.values()]

    def _case(self, method: SaliencyMethod, explained: Step, metrics: Sequence[Metric]) -> Case:
        """What the metrics need, and no more."""
        needs = frozenset[Need]().union(*(metric.needs for metric in metrics))
        return Case(
            samples=self.samples,
            attributions=explained.tensors("attributions")["attributions"].to(self.device),
            modality=self.model.dataset.modality,
            seed=self.model.seed,
            curves={
                protocol: Curves(protocol=protocol, **self._curves(method, protocol, explained))
                for protocol in dict.fromkeys(protocol for metric in metrics for protocol in metric.protocols)
            },
            predictions=self.predictions if Need.PREDICTIONS in needs else None,
            model=self.network if Need.MODEL in needs else None,
            explain=partial(attribute, method, seed=self.model.seed) if Need.EXPLAIN in needs else None,
        )

    def _curves(self, method: SaliencyMethod, protocol: Protocol, explained: Step) -> dict[str, Tensor]:
        logits = self.perturbed(method, protocol, explained).tensors("curves")
        return {name: tensor.to(self.device) for name, tensor in logits.items()}

    def _failures(self, method: SaliencyMethod, reason: str) -> list[Record]:
        """One failed record a metric, committed so that a table can say why its cell is empty."""
        template = replace(unmeasured(self.model, method), status=Status.FAILED, note=reason, device=str(self.device))
        records = [
            for_metric(template, metric, key=failure_key(self.model, method, metric, self.plan.samples))
            for metric in self.plan.metrics
        ]
        self.store.commit(records=records)
        return records

    def _report(self, kind: Kind, name: str, error: Exception) -> str:
        """The reason of a failure, told to the listener."""
        if self.stop_on_failure:
            raise error
        reason = f"{type(error).__name__}: {error}"
        self.listener(Event(kind=kind, name=name, state=State.FAILED, note=reason))
        return reason

    def _step(self, kind: Kind, name: str, key: str, make: Callable[[], Made]) -> Step:
        return Step(store=self.store, listener=self.listener, kind=kind, name=name, key=key, make=make)

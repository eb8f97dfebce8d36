"""The records of one model: each of its maps measured, and whatever fails written down with its reason."""

from dataclasses import dataclass, replace
from time import perf_counter

from ..baselines.saliency.base import SaliencyMethod
from ..results.errors import StoreError
from ..results.record import Record, Status
from .chain import Chain
from .events import Event, Kind, State
from .keys import failure_key, record_key
from .measurement import for_metric, measure, unmeasured
from .planning import Plan
from .step import OutcomeChangedError


@dataclass(kw_only=True)
class ModelRun:
    """One model of a plan."""

    plan: Plan
    chain: Chain
    stop_on_failure: bool

    def records(self) -> list[Record]:
        """One record a method and metric, all committed.

        Raises:
            StoreError: the store cannot be used any more.
            OutcomeChangedError: a lost artifact came out different; run the model again.
        """
        methods = self.chain.model.methods
        try:
            self.chain.trained.outcome  # noqa: B018 - trains the model if it is not in the store
        except (OutcomeChangedError, StoreError):
            raise
        except Exception as error:  # whatever a recipe or an architecture may do wrong
            reason = self._report(Kind.TRAIN, self.chain.name(), error)
            for method in methods:
                self._tell(method, State.DROPPED, note=reason)
            return [record for method in methods for record in self._failures(method, f"training failed: {reason}")]
        return [record for method in methods for record in self._method_records(method)]

    def _method_records(self, method: SaliencyMethod) -> list[Record]:
        try:
            return self._measured(method)
        except (OutcomeChangedError, StoreError):
            raise
        except Exception as error:  # whatever a saliency method or a metric may do wrong
            return self._failures(method, self._report(Kind.MEASURE, self.chain.name(method), error))

    def _measured(self, method: SaliencyMethod) -> list[Record]:
        """The method's records; only the metrics that the store does not have are computed."""
        explained = self.chain.explained(method)
        weights, attributions = self.chain.trained.digest("weights"), explained.digest("attributions")
        keys = {
            metric.name: record_key(
                self.chain.model, method, metric, self.plan.samples, weights=weights, attributions=attributions
            )
            for metric in self.plan.metrics
        }
        known = {record.key: record for record in self.chain.store.records(keys.values())}
        missing = [metric for metric in self.plan.metrics if keys[metric.name] not in known]
        if missing:
            case = self.chain.case(method, explained, missing)
            self._tell(method, State.STARTED)
            started = perf_counter()
            measurements = {metric.name: measure(metric, case) for metric in missing}
            scores = self.chain.store.put(
                {name: item.scores for name, item in measurements.items() if item.scores is not None}
            )
            template = replace(
                unmeasured(self.chain.model, method),
                weights=weights,
                attributions=attributions,
                degenerate=explained.outcome["degenerate"],
                incomplete=explained.outcome["incomplete"],
                device=str(self.chain.device),
            )
            fresh = [
                measurements[metric.name].record(template, metric, key=keys[metric.name], scores=scores)
                for metric in missing
            ]
            self.chain.store.commit(records=fresh)
            known |= {record.key: record for record in fresh}
            self._tell(method, State.DONE, seconds=perf_counter() - started)
        else:
            self._tell(method, State.CACHED)
        return [known[key] for key in keys.values()]

    def _failures(self, method: SaliencyMethod, reason: str) -> list[Record]:
        """One failed record a metric, committed so that a table can say why its cell is empty."""
        template = replace(
            unmeasured(self.chain.model, method), status=Status.FAILED, note=reason, device=str(self.chain.device)
        )
        records = [
            for_metric(template, metric, key=failure_key(self.chain.model, method, metric, self.plan.samples))
            for metric in self.plan.metrics
        ]
        self.chain.store.commit(records=records)
        return records

    def _tell(self, method: SaliencyMethod, state: State, *, seconds: float = 0.0, note: str = "") -> None:
        name = self.chain.name(method)
        self.chain.listener(Event(kind=Kind.MEASURE, name=name, state=state, seconds=seconds, note=note))

    def _report(self, kind: Kind, name: str, error: Exception) -> str:
        """The reason of a failure, told to the listener."""
        if self.stop_on_failure:
            raise error
        reason = f"{type(error).__name__}: {error}"
        self.chain.listener(Event(kind=kind, name=name, state=State.FAILED, note=reason))
        return reason

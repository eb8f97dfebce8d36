"""The records of one model: each of its maps measured, and whatever fails written down with its reason."""

from dataclasses import dataclass, replace
from time import perf_counter

from ...baselines.saliency.base import SaliencyMethod
from ...results.errors import StoreError
from ...results.record import Record, Status
from ..identity import digest
from ..keys import failure_key, record_key
from ..planning import Model, Plan
from .chain import Chain
from .events import Event, Kind, State
from .measurement import for_metric, measure, unmeasured
from .step import OutcomeChangedError, Step


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
        except (Exception, SystemExit) as error:  # whatever a recipe or an architecture may do wrong
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
        except (Exception, SystemExit) as error:  # whatever a saliency method or a metric may do wrong
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
        known = self._known(keys)
        if len(known) < len(keys):
            turn = digest(["measure", self.chain.model.name, method.name, explained.key])
            with self.chain.store.working_on(turn, waiting=lambda: self._tell(method, State.WAITING)):
                known = self._known(keys)  # another process may just have measured them
                if len(known) < len(keys):
                    return self._measure_missing(method, explained, keys, known)
        self._tell(method, State.CACHED)
        return [known[key] for key in keys.values()]

    def _known(self, keys: dict[str, str]) -> dict[str, Record]:
        """What was measured; a failure is tried again."""
        found = self.chain.store.records(keys.values())
        return {record.key: record for record in found if record.status is not Status.FAILED}

    def _measure_missing(
        self, method: SaliencyMethod, explained: Step, keys: dict[str, str], known: dict[str, Record]
    ) -> list[Record]:
        """The records by all keys, those that are not known measured and committed."""
        missing = [metric for metric in self.plan.metrics if keys[metric.name] not in known]
        case = self.chain.case(method, explained, missing)
        self._tell(method, State.STARTED)
        started = perf_counter()
        measurements = {metric.name: measure(metric, case, raising=self.stop_on_failure) for metric in missing}
        scores = self.chain.store.put(
            {name: item.scores for name, item in measurements.items() if item.scores is not None}
        )
        template = replace(
            unmeasured(self.chain.model, method),
            weights=self.chain.trained.digest("weights"),
            attributions=explained.digest("attributions"),
            degenerate=explained.outcome["degenerate"],
            incomplete=explained.outcome["incomplete"],
            device=str(self.chain.device),
        )
        fresh = {}
        for metric in missing:
            found = measurements[metric.name]
            failed = found.status is Status.FAILED  # such a record stands until the number is there
            key = failure_key(self.chain.model, method, metric, self.plan.samples) if failed else keys[metric.name]
            fresh[metric.name] = found.record(template, metric, key=key, scores=scores)
        self.chain.store.commit(records=list(fresh.values()))
        self._tell(method, State.DONE, seconds=perf_counter() - started)
        return [fresh.get(name) or known[key] for name, key in keys.items()]

    def _failures(self, method: SaliencyMethod, reason: str) -> list[Record]:
        """One failed record a metric, committed so that a table can say why its cell is empty."""
        records = failed_records(self.plan, self.chain.model, method, reason, device=str(self.chain.device))
        self.chain.store.commit(records=records)
        return records

    def _tell(self, method: SaliencyMethod, state: State, *, seconds: float = 0.0, note: str = "") -> None:
        name = self.chain.name(method)
        self.chain.listener(Event(kind=Kind.MEASURE, name=name, state=state, seconds=seconds, note=note))

    def _report(self, kind: Kind, name: str, error: Exception | SystemExit) -> str:
        """The reason of a failure, told to the listener."""
        reason = f"{type(error).__name__}: {error}"
        if self.stop_on_failure:
            raise error if isinstance(error, Exception) else RuntimeError(reason)  # an exit would end in silence
        self.chain.listener(Event(kind=kind, name=name, state=State.FAILED, note=reason))
        return reason


def failed_records(plan: Plan, model: Model, method: SaliencyMethod, reason: str, *, device: str) -> list[Record]:
    """One failed record a metric of the plan; they stand only until the numbers are there."""
    template = replace(unmeasured(model, method), status=Status.FAILED, note=reason, device=device)
    return [
        for_metric(template, metric, key=failure_key(model, method, metric, plan.samples)) for metric in plan.metrics
    ]

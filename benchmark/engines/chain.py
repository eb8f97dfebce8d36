"""The chain of tasks behind the numbers of one model: weights, maps, perturbed and retrained predictions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn

from ...baselines.cost import counted_passes
from ...baselines.saliency.base import SaliencyMethod, attribute
from ...baselines.training.checkpoint import Checkpoint
from ...datasets.base import Budget, Samples, Split
from ...metrics.base import Case, Changed, Metric, Need, Predictions
from ...metrics.curves import Curves
from ...metrics.limits import Limits
from ...metrics.protocol import Protocol
from ...metrics.retraining import Retraining
from ...results.store import TaskStore
from .. import tasks
from ..keys import explain_key, limits_key, perturb_key, retrain_key, train_key
from ..planning import Model
from .events import Event, Kind, Listener, State
from .how_far import HowFar
from .stacking import kept_of, retrain_together, retrained_of
from .step import Made, Step


@dataclass(kw_only=True)
class Chain:
    """One model and what is made from it; nothing is loaded or computed before it is needed."""

    model: Model
    explain_count: int | None  # test samples that are explained; None takes all
    store: TaskStore
    data: Path
    device: torch.device
    listener: Listener
    kind: Kind = Kind.TRAIN  # what its training is called in events

    def name(self, method: SaliencyMethod | None = None) -> str:
        """The model or entry with its seed, for people."""
        return "/".join([self.model.name] + ([method.name] if method else [])) + f" seed {self.model.seed}"

    @cached_property
    def trained(self) -> Step:
        """The trained model and its predictions for the whole test split."""

        def make() -> Made:
            ancestors = self.ancestors
            predecessors = [ancestor.network for ancestor in ancestors]
            before = [ancestor.trained.digest("weights") for ancestor in ancestors]
            started = perf_counter()  # the ancestors have times of their own
            done = tasks.train(
                self.model,
                data=self.data,
                device=self.device,
                predecessors=predecessors,
                on_epoch=self._how_far(self.kind, self.name(), self.model.budget.epochs).epoch,
                checkpoint=self._checkpoint(key, before),
            )
            made = kept_of(done)
            if before:
                made.facts["predecessors"] = before
            made.facts["seconds"] = perf_counter() - started
            return made

        key = train_key(self.model)
        return self._step(self.kind, self.name(), key, make)

    @cached_property
    def ancestors(self) -> list["Chain"]:
        """The models that must be trained before this one, the oldest first."""
        model = self.model.predecessor
        if model is None:
            return []
        parent = replace(self, model=model, kind=Kind.PREPARE)
        return [*parent.ancestors, parent]

    @cached_property
    def network(self) -> nn.Module:
        """The trained network on the device."""
        return tasks.restore(self.model, self.trained.tensors("weights"), self.device)

    @cached_property
    def samples(self) -> Samples:
        """The samples that are explained, on the device."""
        return tasks.explained_samples(self.model.dataset, self.explain_count, self.data, self.device)

    @cached_property
    def clean(self) -> Tensor:
        """Logits of the explained samples, whole, on the device: the start of every perturbation curve."""
        return tasks.predict(self.network, self.samples.inputs)

    @cached_property
    def predictions(self) -> Predictions:
        """Logits and targets of the whole test split, on the device."""
        return Predictions(self.trained.tensors("predictions")["logits"].to(self.device), self.test_targets)

    @cached_property
    def test_targets(self) -> Tensor:
        """True classes of the whole test split, on the device."""
        return tasks.load(self.model.dataset, Split.TEST, self.data, self.device).targets

    @cached_property
    def training(self) -> Predictions:
        """Logits and targets of the training split, on the device."""
        samples = tasks.load(self.model.dataset, Split.TRAIN, self.data, self.device)
        return Predictions(tasks.predict(self.network, samples.inputs), samples.targets)

    @cached_property
    def counterfactuals(self) -> dict[str, Changed]:
        """The test samples with their shortcut changed, by what became of it, on the device."""
        test = tasks.load(self.model.dataset, Split.TEST, self.data, self.device)
        found = {}
        for shortcut, dataset in self.model.dataset.counterfactuals:
            whole = tasks.with_ids(tasks.load(dataset, Split.TEST, self.data, self.device), test.ids)
            predictions = Predictions(tasks.predict(self.network, whole.inputs), whole.targets)
            found[shortcut] = Changed(tasks.with_ids(whole, self.samples.ids), predictions)
        return found

    def explained(self, method: SaliencyMethod) -> Step:
        """One method's maps."""

        def make() -> Made:
            network, samples = self.network, self.samples  # read before the clock starts
            how_far = self._how_far(Kind.EXPLAIN, self.name(method), len(samples))
            started = perf_counter()
            with self._lent(), counted_passes(network) as passes:
                maps = tasks.explain(network, method, samples, seed=self.model.seed, on_samples=how_far.samples)
            facts: dict[str, Any] = {"seconds": perf_counter() - started, "samples": len(maps)}
            facts |= {"forwards": passes.forwards, "backwards": passes.backwards}
            facts |= tasks.flaws(network, method, self.samples, maps)
            return Made({"attributions": {"attributions": maps}}, facts)

        key = explain_key(self.model, method, self.explain_count, weights=self.trained.digest("weights"))
        return self._step(Kind.EXPLAIN, self.name(method), key, make)

    def perturbed(self, method: SaliencyMethod, protocol: Protocol, explained: Step) -> Step:
        """Logits along the perturbation curves of one method's maps."""

        def make() -> Made:
            maps = explained.tensors("attributions")["attributions"]
            curves = tasks.perturb(self.network, self.model, protocol, self.samples, maps, clean=self.clean)
            return Made({"curves": {"clean": curves.clean, "most": curves.most, "least": curves.least}}, {})

        key = perturb_key(
            self.model,
            protocol,
            self.explain_count,
            weights=self.trained.digest("weights"),
            attributions=explained.digest("attributions"),
        )
        return self._step(Kind.PERTURB, self.name(method), key, make)

    def explained_splits(self, method: SaliencyMethod, scale: float = 1.0) -> Step:
        """One method's maps of all training and test samples, for metrics that train anew."""

        def make() -> Made:
            whole = {split: tasks.load(self.model.dataset, split, self.data, self.device) for split in Split}
            how_far = self._how_far(Kind.EXPLAIN, self.name(method), sum(map(len, whole.values())))
            maps, before = {}, 0
            for split, samples in whole.items():
                with self._lent() as network:
                    maps[str(split)] = tasks.explain(
                        network,
                        method,
                        samples,
                        seed=self.model.seed,
                        scale=scale,
                        on_samples=partial(how_far.samples, before=before),
                    )
                before += len(samples)
            return Made({"attributions": maps}, {})

        weights = self.trained.digest("weights")
        key = explain_key(self.model, method, None, weights=weights, splits=tuple(Split), scale=scale)
        return self._step(Kind.EXPLAIN, self.name(method), key, make)

    def retrained(self, explained: Step, retraining: Retraining, percent: int, name: str) -> Step:
        """Predictions of a model trained on degraded samples."""

        def make() -> Made:
            maps = explained.tensors("attributions")
            done = tasks.retrain(
                self.model,
                retraining,
                percent,
                maps,
                data=self.data,
                device=self.device,
                on_epoch=self._how_far(Kind.RETRAIN, name, (retraining.budget or self.model.budget).epochs).epoch,
                checkpoint=self._checkpoint(key, []),
            )
            return retrained_of(done)

        key = retrain_key(self.model, retraining, percent, attributions=explained.digest("attributions"))
        return self._step(Kind.RETRAIN, name, key, make)

    def yardstick(self, budget: Budget | None) -> Step:
        """The model that all retrained ones are compared with: trained as they are, on whole samples."""
        model = replace(self.model, recipe=tasks.YARDSTICK, budget=budget or self.model.budget)
        return replace(self, model=model, kind=Kind.RETRAIN).trained

    @cached_property
    def limits(self) -> Limits:
        """The least and the most AOPC that any map of this model could have, on the device."""

        def make() -> Made:
            return Made({"limits": tasks.limits(self.network, self.model, self.samples)._asdict()}, {})

        key = limits_key(self.model, self.explain_count, weights=self.trained.digest("weights"))
        found = self._step(Kind.PERTURB, self.name(), key, make).tensors("limits")
        return Limits(**{name: tensor.to(self.device) for name, tensor in found.items()})

    @cached_property
    def finetuned(self) -> nn.Module:
        """The model, trained on for a while with random units removed, in eval mode on the device."""
        return replace(self, model=tasks.fine_tuned(self.model), kind=Kind.PREPARE).network

    def case(self, method: SaliencyMethod, explained: Step, metrics: Sequence[Metric]) -> Case:
        """What the metrics that suit the samples need, and no more."""
        modality = self.model.dataset.modality
        metrics = [metric for metric in metrics if metric.misfit(modality, self.samples) is None]
        needs = frozenset[Need]().union(*(metric.needs for metric in metrics))
        return Case(
            samples=self.samples,
            attributions=explained.tensors("attributions")["attributions"].to(self.device),
            modality=modality,
            seed=self.model.seed,
            curves={
                protocol: Curves(protocol=protocol, **self._curves(method, protocol, explained))
                for protocol in dict.fromkeys(protocol for metric in metrics for protocol in metric.protocols)
            },
            predictions=self.predictions if Need.PREDICTIONS in needs else None,
            model=self.network if Need.MODEL in needs else None,
            explain=partial(attribute, method, seed=self.model.seed) if Need.EXPLAIN in needs else None,
            limits=self.limits if Need.LIMITS in needs else None,
            finetuned=self.finetuned if Need.FINETUNED in needs else None,
            training=self.training if Need.TRAINING in needs else None,
            counterfactuals=self.counterfactuals if any(metric.counterfactuals for metric in metrics) else {},
            retrained={
                retraining: self._retrained(method, retraining)
                for retraining in dict.fromkeys(item for metric in metrics for item in metric.retrainings)
            },
        )

    def _retrained(self, method: SaliencyMethod, retraining: Retraining) -> dict[int, Predictions]:
        explained = self.explained_splits(method, retraining.input_scale)
        name = self.name(method)
        steps = {percent: self.retrained(explained, retraining, percent, name) for percent in retraining.percents}
        if (retraining.budget or self.model.budget).stacked:
            retrain_together(self, steps, retraining, explained)
        steps = {0: self.yardstick(retraining.budget)} | steps
        return {
            percent: Predictions(step.tensors("predictions")["logits"].to(self.device), self.test_targets)
            for percent, step in steps.items()
        }

    def _curves(self, method: SaliencyMethod, protocol: Protocol, explained: Step) -> dict[str, Tensor]:
        logits = self.perturbed(method, protocol, explained).tensors("curves")
        return {name: tensor.to(self.device) for name, tensor in logits.items()}

    def _how_far(self, kind: Kind, name: str, total: int) -> HowFar:
        def say(how_far: str) -> None:
            self.listener(Event(kind=kind, name=name, state=State.UNDER_WAY, note=how_far))

        return HowFar(say=say, total=total)

    def _checkpoint(self, key: str, predecessors: list[str]) -> Checkpoint | None:
        """Where a training writes how far it is, if the store has a place for it.

        Another torch or another kind of device would go on with other kernels, so they do not go on from it.
        """
        folder = self.store.checkpoints(key)
        if folder is None:
            return None
        versions = {name: version(name) for name in ("salbench", "torch")}
        identity = {**versions, "device": self.device.type, "predecessors": predecessors}
        return Checkpoint(folder=folder, identity=identity)

    @contextmanager
    def _lent(self) -> Iterator[nn.Module]:
        """The network for the code of a saliency method; read anew where that failed, which may have changed it."""
        try:
            yield self.network
        except BaseException:
            vars(self).pop("network", None)
            raise

    def _step(self, kind: Kind, name: str, key: str, make: Callable[[], Made]) -> Step:
        return Step(store=self.store, listener=self.listener, kind=kind, name=name, key=key, make=make)

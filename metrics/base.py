"""What a metric is: a pure function of a case, and one declaration of what it means and needs."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .curves import Curves
from .limits import Limits
from .protocol import SHARED, Protocol
from .retraining import Retraining
from .units import removable_units, unit_maps, unit_masks

Shared = TypeVar("Shared")


class Family(StrEnum):
    """What a metric asks of an explanation; the families are those of Quantus, and performance for the model's own."""

    FAITHFULNESS = "faithfulness"
    LOCALIZATION = "localization"
    ROBUSTNESS = "robustness"
    RANDOMIZATION = "randomization"
    COMPLEXITY = "complexity"
    PERFORMANCE = "performance"


class Need(StrEnum):
    """What a metric must be given beside the samples and the attributions."""

    MASKS = "masks"  # ground-truth evidence
    PREDICTIONS = "predictions"  # logits of the whole test split
    MODEL = "model"  # the model itself, to be run on other inputs
    EXPLAIN = "explain"  # the saliency method itself, to be run on other inputs or models
    FINETUNED = "finetuned"  # the model, trained on for a while with random features removed
    LIMITS = "limits"  # the least and the most AOPC that any order of removal could reach
    IRRELEVANT = "irrelevant"  # annotation of features that must not matter
    TRAINING = "training"  # logits of the training split


class Sign(StrEnum):
    """Whether a metric reads the attributions as they are or their absolute values."""

    SIGNED = "signed"
    ABSOLUTE = "absolute"
    UNUSED = "unused"  # the attributions are not read


class Predictions(NamedTuple):
    """The model's logits on the whole test split, for metrics of the model itself."""

    logits: Tensor  # (M, K)
    targets: Tensor  # (M,)


class Changed(NamedTuple):
    """The test samples with their shortcut changed, and what the model makes of them."""

    samples: Samples  # those that are explained, with the same ids
    predictions: Predictions  # for the whole test split


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """What a metric may see: samples, one attribution map for each, and whatever else is at hand, all on one device.

    A metric reads the attributions through `maps`, with the sign that it declares, and the masks through `masks`.

    Raises:
        ValueError: attributions that do not have the shape of the inputs.
    """

    samples: Samples
    attributions: Tensor  # (N, *F), as the saliency method gave them, finite
    modality: Modality
    seed: int = 0
    curves: Mapping[Protocol, Curves] = field(default_factory=dict)
    predictions: Predictions | None = None
    model: nn.Module | None = None  # maps (N, *F) to logits (N, K), in eval mode
    explain: Callable[[nn.Module, Samples], Tensor] | None = None  # the maps (N, *F) of any model and samples
    limits: Limits | None = None
    finetuned: nn.Module | None = None  # the model, used to inputs of which random features are missing
    retrained: Mapping[Retraining, Mapping[int, Predictions]] = field(default_factory=dict)  # by percent; 0 is whole
    training: Predictions | None = None  # for the training split
    counterfactuals: Mapping[str, Changed] = field(default_factory=dict)  # by what became of the shortcut
    _shared: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        found, expected = tuple(self.attributions.shape), tuple(self.samples.inputs.shape)
        if found != expected:
            raise ValueError(f"attributions must have the shape of the inputs, {expected}, got {found}")

    def has(self, need: Need) -> bool:
        """Is this need met?"""
        return {
            Need.MASKS: self.samples.masks,
            Need.PREDICTIONS: self.predictions,
            Need.MODEL: self.model,
            Need.EXPLAIN: self.explain,
            Need.FINETUNED: self.finetuned,
            Need.LIMITS: self.limits,
            Need.IRRELEVANT: self.samples.irrelevant,
            Need.TRAINING: self.training,
        }[need] is not None

    def once(self, name: Hashable, compute: Callable[[], Shared]) -> Shared:
        """What several metrics are made from, computed for the first of them and kept for the others."""
        if name not in self._shared:
            self._shared[name] = compute()
        shared: Shared = self._shared[name]
        return shared

    def maps(self, sign: Sign) -> Tensor:
        """One number a unit, shape (N, n), as a metric of this sign may see it: signed, or absolute values.

        Raises:
            ValueError: `Sign.UNUSED`, or an attribution that is NaN or infinite.
        """
        if sign is Sign.UNUSED:
            raise ValueError("sign must be signed or absolute to read the attributions, got unused")
        maps = unit_maps(self.attributions, self.modality)
        return maps.abs() if sign is Sign.ABSOLUTE else maps

    @property
    def removable(self) -> Tensor | None:
        """Which units may be ranked and removed, bool, shape (N, n); None means all."""
        found = self.samples.removable
        return None if found is None else removable_units(found, self.modality)

    @property
    def irrelevant(self) -> Tensor:
        """Which units must not matter, bool, shape (N, n)."""
        if self.samples.irrelevant is None:
            raise ValueError("this case has no irrelevant")
        return unit_masks(self.samples.irrelevant, self.modality)

    @property
    def masks(self) -> Tensor:
        """Which units are evidence, bool, shape (N, n)."""
        if self.samples.masks is None:
            raise ValueError("this case has no masks")
        return unit_masks(self.samples.masks, self.modality)

    def require_curves(self, protocol: Protocol = SHARED) -> Curves:
        """The curves of a protocol, or a ValueError if there are none."""
        if protocol not in self.curves:
            raise ValueError(f"this case has no curves of the protocol {protocol.name!r}")
        return self.curves[protocol]

    def require_retrained(self, retraining: Retraining) -> Mapping[int, Predictions]:
        """Predictions of the models trained anew under these settings, or a ValueError if there are none."""
        if retraining not in self.retrained:
            raise ValueError(f"this case has no models trained anew under {retraining.name!r}")
        return self.retrained[retraining]

    def require_counterfactual(self, shortcut: str) -> Changed:
        """The test samples whose shortcut is in this state, or a ValueError if there are none."""
        if shortcut not in self.counterfactuals:
            raise ValueError(f"this case has no samples whose shortcut is {shortcut}")
        return self.counterfactuals[shortcut]

    def require_training(self) -> Predictions:
        """The predictions for the training split, or a ValueError if there are none."""
        if self.training is None:
            raise ValueError("this case has no training")
        return self.training

    def require_limits(self) -> Limits:
        """The limits of AOPC, or a ValueError if there are none."""
        if self.limits is None:
            raise ValueError("this case has no limits")
        return self.limits

    def require_finetuned(self) -> nn.Module:
        """The model fine-tuned on randomly masked inputs, or a ValueError if there is none."""
        if self.finetuned is None:
            raise ValueError("this case has no finetuned")
        return self.finetuned

    def require_model(self) -> nn.Module:
        """The model, or a ValueError if there is none."""
        if self.model is None:
            raise ValueError("this case has no model")
        return self.model

    def require_explain(self) -> Callable[[nn.Module, Samples], Tensor]:
        """The saliency method, or a ValueError if there is none."""
        if self.explain is None:
            raise ValueError("this case has no explain")
        return self.explain

    def require_predictions(self) -> Predictions:
        """The predictions, or a ValueError if there are none."""
        if self.predictions is None:
            raise ValueError("this case has no predictions")
        return self.predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A score of explanations, and all that a reader must know to compare two of its values."""

    name: str
    version: int  # raised whenever the same input would give another value
    score: Callable[[Case], Tensor]  # (N,), NaN where undefined
    higher_is_better: bool
    across_models: bool  # may values of two models be compared, or do they depend on the scale of each model's outputs
    bounds: tuple[float, float]
    unit: str  # what the number counts, e.g. "probability", "bits", "percent²"
    family: Family
    needs: frozenset[Need] = frozenset()
    protocols: tuple[Protocol, ...] = ()  # whose perturbation curves it reads
    retrainings: tuple[Retraining, ...] = ()  # whose models it asks, trained anew on degraded samples
    counterfactuals: tuple[str, ...] = ()  # states of a shortcut on whose samples it asks the model again
    modalities: frozenset[Modality] = frozenset(Modality)
    sign: Sign
    description: str  # one line
    reference: str  # key in references.bib
    curve: Callable[[Case], dict[str, list[float]]] | None = None  # columns to plot, where the score summarizes a curve
    independent: bool = True  # is a sample's score its own, so that an interval may be drawn from their spread
    ignores_removable: bool = False  # does it treat all units alike, so that it cannot take samples that forbid some

    def misfit(self, modality: Modality, samples: Samples) -> str | None:
        """Why this metric does not suit these samples, whatever else is at hand, or None if it does."""
        if modality not in self.modalities:
            allowed = ", ".join(sorted(self.modalities))
            return f"not defined for {modality} data, only for {allowed}"
        if self.ignores_removable and samples.partly_removable:
            return "not defined where some features may not be ranked or removed, as it treats all units alike"
        return None

    def obstacle(self, case: Case) -> str | None:
        """Why this metric cannot be computed on this case, or None if it can."""
        misfit = self.misfit(case.modality, case.samples)
        if misfit is not None:
            return misfit
        missing: list[str] = sorted(need for need in self.needs if not case.has(need))
        missing += [f"curves of the protocol {item.name!r}" for item in self.protocols if item not in case.curves]
        missing += [
            f"models trained anew under {item.name!r}" for item in self.retrainings if item not in case.retrained
        ]
        missing += [
            f"samples whose shortcut is {item}" for item in self.counterfactuals if item not in case.counterfactuals
        ]
        return f"needs {', '.join(missing)}, which this case does not have" if missing else None

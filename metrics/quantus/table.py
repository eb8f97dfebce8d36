"""The metrics of Quantus 0.6 as we declare them; the labels of Quantus are not read, since some are wrong."""

from dataclasses import dataclass
from math import inf
from typing import Any

from ...datasets.base import Modality
from ..base import Case, Family, Need, Sign
from . import calls, changes

_EVERYWHERE = frozenset(Modality)
_NUMERIC = _EVERYWHERE - {Modality.TEXT}  # where inputs can be changed by a little
_IMAGE = frozenset({Modality.IMAGE})
_MODEL, _EXPLAIN = frozenset({Need.MODEL}), frozenset({Need.MODEL, Need.EXPLAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One metric of Quantus: what it means and needs, and how it is called."""

    family: Family
    higher_is_better: bool
    bounds: tuple[float, float]
    unit: str
    description: str
    call: calls.Call | None  # None if it cannot be run
    across_models: bool = True
    needs: frozenset[Need] = frozenset()
    modalities: frozenset[Modality] = _EVERYWHERE
    sign: Sign = Sign.SIGNED
    refusal: str = ""  # why it cannot be run
    gray: bool = False  # images of one channel only
    resets: bool = False  # needs layers that can be reset
    reads_layers: bool = False  # needs linear or convolutional layers
    independent: bool = True  # is a sample's score its own, and not a share of the other samples

    def obstacle(self, case: Case) -> str | None:
        """What of this case Quantus cannot take, beyond the declaration."""
        if self.refusal:
            return self.refusal
        channels = case.samples.inputs.shape[1]
        if self.gray and channels != 1:
            return f"Quantus fails on images of {channels} channels, this metric takes one"
        kept = changes.layers_without_reset(case.require_model()) if self.resets else []
        if kept:
            return f"Quantus resets only layers that have reset_parameters, which {kept[0]!r} does not have"
        if self.reads_layers and not changes.read_layers(case.require_model()):
            return "needs a linear or convolutional layer, which this model does not have"
        return None


def _maps(call: calls.Call, **declared: Any) -> Peer:
    return Peer(call=call, sign=Sign.ABSOLUTE, family=Family.COMPLEXITY, **declared)


def _located(call: calls.Call, description: str) -> Peer:
    return Peer(
        call=call,
        sign=Sign.ABSOLUTE,
        family=Family.LOCALIZATION,
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share",
        needs=frozenset({Need.MASKS}),
        description=description,
    )


def _faithful(call: calls.Call | None, **declared: Any) -> Peer:
    return Peer(call=call, family=Family.FAITHFULNESS, **{"needs": _MODEL, **declared})


def _robust(call: calls.Call, **declared: Any) -> Peer:
    common = {"higher_is_better": False, "bounds": (0.0, inf), "needs": _EXPLAIN, "modalities": _NUMERIC}
    return Peer(call=call, family=Family.ROBUSTNESS, **{**common, **declared})


def _randomized(call: calls.Call, **declared: Any) -> Peer:
    common = {"higher_is_better": False, "bounds": (-1.0, 1.0), "needs": _EXPLAIN, "modalities": _NUMERIC}
    return Peer(call=call, family=Family.RANDOMIZATION, **{**common, **declared})


PEERS: dict[str, Peer] = {
    "FaithfulnessCorrelation": _faithful(
        calls.faithfulness_correlation,
        higher_is_better=True,
        bounds=(-1.0, 1.0),
        unit="correlation",
        description="correlation of summed attributions with the drop of the target's logit, over random fifths",
    ),
    "FaithfulnessEstimate": _faithful(
        calls.faithfulness_estimate,
        higher_is_better=True,
        bounds=(-1.0, 1.0),
        unit="correlation",
        description="correlation of attributions with the drop of the target's logit, a group of units at a time",
    ),
    "PixelFlipping": _faithful(
        calls.pixel_flipping,
        higher_is_better=False,
        across_models=False,
        bounds=(0.0, 1.0),
        unit="probability",
        description="mean height of the target's probability while units are removed, largest attribution first",
    ),
    "RegionPerturbation": _faithful(
        calls.region_perturbation,
        higher_is_better=True,  # the drop; Quantus's label says lower
        across_models=False,
        bounds=(-1.0, 1.0),
        unit="probability",
        modalities=_IMAGE,
        description="mean drop of the target's probability while patches are removed, most relevant first",
    ),
    "Monotonicity": _faithful(
        calls.monotonicity,
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share of samples",
        sign=Sign.ABSOLUTE,
        description="does the target's probability never fall as units are inserted, least relevant first",
    ),
    "MonotonicityCorrelation": _faithful(
        calls.monotonicity_correlation,
        higher_is_better=True,
        bounds=(-1.0, 1.0),
        unit="rank correlation",
        sign=Sign.ABSOLUTE,
        description="rank correlation of the map with the squared change of the probability, a group at a time",
    ),
    "Selectivity": _faithful(
        calls.selectivity,
        higher_is_better=False,
        across_models=False,
        bounds=(0.0, 1.0),
        unit="probability",
        modalities=_IMAGE,
        description="mean height of the target's probability while patches are removed, most relevant first",
    ),
    "SensitivityN": _faithful(
        None,
        higher_is_better=True,
        bounds=(-1.0, 1.0),
        unit="correlation",
        description="correlation of attributions with the drop of the probability",
        refusal="Quantus correlates over the samples of the first batch and has no score of one; use sensitivity_n",
    ),
    "IROF": _faithful(
        changes.irof,
        higher_is_better=True,
        across_models=False,
        bounds=(-inf, 1.0),
        unit="share of the probability",
        modalities=_IMAGE,
        gray=True,
        description="mean relative drop of the target's probability while segments are removed, most relevant first",
    ),
    "ROAD": _faithful(
        changes.road,
        higher_is_better=False,
        across_models=False,
        bounds=(0.0, 1.0),
        unit="share of samples",
        modalities=_IMAGE,
        gray=True,
        description="mean accuracy while 10 to 90 % of the pixels are imputed, largest attribution first",
    ),
    "Infidelity": _faithful(
        changes.infidelity,
        higher_is_better=False,
        across_models=False,
        bounds=(0.0, inf),
        unit="squared logit",
        modalities=_IMAGE,
        description="squared error of map times change of the input against the drop of the logit, square by square",
    ),
    "Sufficiency": _faithful(
        calls.sufficiency,
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share of samples",
        sign=Sign.ABSOLUTE,
        description="share of the samples with a like map that have the same predicted class",
        independent=False,
    ),
    "Continuity": _robust(
        changes.continuity,
        unit="1 / input",
        modalities=_IMAGE,
        description="largest change of the map over that of the image, as the image is shifted sideways",
    ),
    "LocalLipschitzEstimate": _robust(
        changes.sensitivity("LocalLipschitzEstimate", scaled=True),
        unit="1 / input",
        description="largest change of the map over that of the input, over draws of Gaussian noise of 0.1",
    ),
    "MaxSensitivity": _robust(
        changes.sensitivity("MaxSensitivity"),
        unit="share of the map's length",
        description="largest relative change of the map, over draws of uniform noise of up to 0.2",
    ),
    "AvgSensitivity": _robust(
        changes.sensitivity("AvgSensitivity"),
        unit="share of the map's length",
        description="mean relative change of the map, over draws of uniform noise of up to 0.2",
    ),
    "Consistency": _robust(
        calls.consistency,
        higher_is_better=True,  # Quantus's label says lower
        bounds=(0.0, 1.0),
        unit="share of samples",
        needs=_MODEL,
        modalities=_EVERYWHERE,
        sign=Sign.ABSOLUTE,
        description="share of the samples whose map peaks at the same unit that have the same predicted class",
        independent=False,
    ),
    "RelativeInputStability": _robust(
        changes.relative_stability("RelativeInputStability"),
        unit="ratio",
        description="largest relative change of the map over that of the input, over draws of noise of 0.02 to 0.2",
    ),
    "RelativeOutputStability": _robust(
        changes.relative_stability("RelativeOutputStability"),
        unit="1 / logit",
        across_models=False,
        description="largest relative change of the map over that of the logits, over draws of noise of 0.02 to 0.2",
    ),
    "RelativeRepresentationStability": _robust(
        changes.relative_stability("RelativeRepresentationStability"),
        unit="ratio",
        reads_layers=True,
        description="largest relative change of the map over that of the layers, over draws of noise of 0.02 to 0.2",
    ),
    "PointingGame": _located(
        calls.of_maps("PointingGame", masks=True), "share of samples whose most relevant unit is evidence"
    ),
    "TopKIntersection": _located(calls.top_k, "share of the top 10 % of the units that is evidence"),
    "RelevanceMassAccuracy": _located(
        calls.of_maps("RelevanceMassAccuracy", masks=True), "share of the relevance that lies in the evidence"
    ),
    "RelevanceRankAccuracy": _located(
        calls.of_maps("RelevanceRankAccuracy", masks=True),
        "share of the evidence among as many top units as it has",
    ),
    "AttributionLocalisation": _located(
        calls.of_maps("AttributionLocalisation", masks=True), "share of the relevance that lies in the evidence"
    ),
    "AUC": _located(calls.auc, "area under the ROC curve of the map as a detector of the evidence"),
    "Focus": Peer(
        call=None,
        family=Family.LOCALIZATION,
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share",
        modalities=_IMAGE,
        description="share of the relevance in the quarters of a mosaic that show the target",
        refusal="needs mosaics of four images and where the target is in them, which no data set here has",
    ),
    "Sparseness": _maps(
        calls.of_maps("Sparseness"),
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share",
        description="Gini index of the map's absolute values",
    ),
    "Complexity": _maps(
        calls.of_maps("Complexity"),
        higher_is_better=False,
        bounds=(0.0, inf),
        unit="nats",
        description="Shannon entropy of the map's shares of relevance",
    ),
    "EffectiveComplexity": _maps(
        calls.of_maps("EffectiveComplexity"),
        higher_is_better=False,
        bounds=(0.0, inf),
        unit="units",
        description="number of units above a hundred-thousandth of the largest",
    ),
    "MPRT": _randomized(
        changes.parameter_randomization("MPRT"),
        unit="rank correlation",
        resets=True,
        description="rank correlation with the maps of models whose layers are reset from the top down, mean of them",
    ),
    "SmoothMPRT": _randomized(
        changes.parameter_randomization("SmoothMPRT", nr_samples=changes.DRAWS),
        unit="rank correlation",
        resets=True,
        description="as MPRT from the bottom up, with maps averaged over noisy inputs",
    ),
    "EfficientMPRT": _randomized(
        changes.efficient_parameter_randomization,
        higher_is_better=True,
        bounds=(-1.0, inf),
        unit="share of the entropy",
        resets=True,
        description="relative rise of the entropy of the map's histogram once all layers are reset",
    ),
    "RandomLogit": _randomized(
        changes.random_logit,
        unit="structural similarity",
        description="similarity of the maps of the target and of another class",
    ),
    "Completeness": _faithful(
        changes.completeness,
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share of samples",
        modalities=_NUMERIC,
        description="do the attributions sum to the drop of the target's logit when all is removed",
    ),
    "NonSensitivity": _faithful(
        calls.non_sensitivity,
        higher_is_better=False,
        bounds=(0.0, 1.0),
        unit="share of units",
        sign=Sign.ABSOLUTE,
        description="share of the units that matter to the map or to the probability, but not to both",
    ),
    "InputInvariance": Peer(
        call=None,
        family=Family.ROBUSTNESS,
        higher_is_better=True,
        bounds=(0.0, 1.0),
        unit="share of samples",
        needs=_EXPLAIN,
        modalities=_NUMERIC,
        description="does the map stay as it is when a shift of the input is undone in the first layer",
        refusal="Quantus can undo a shift of the input only in an unpadded convolution that is registered first",
    ),
}

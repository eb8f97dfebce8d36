"""The metrics of Quantus that change inputs or models, with every setting that matters; see `calls`."""

from math import gcd
from typing import Any

import numpy as np
from scipy.stats import spearmanr
from torch import nn

from ..protocol import TENTHS
from .calls import SETTINGS, Call
from .models import Registered
from .question import Array, Question

DRAWS = 10  # perturbations of an input, where Quantus has 200; one explanation each
_SAME, _ROUNDING = 1e-4, 1e-5  # of the change that a map should sum to; of the sum of its magnitudes


def completeness(quantus: Any, question: Question) -> Any:
    """The map as it is, and a tolerance of a ten-thousandth; Quantus asks for equal floats."""
    case = question.case
    attributions = case.attributions.double().cpu().numpy()
    flat = attributions.reshape(len(question), -1)
    sums, rounding = flat.sum(axis=-1), _ROUNDING * np.abs(flat).sum(axis=-1)

    def nearly(change: Array) -> Array:
        return np.where(np.abs(change - sums) <= _SAME * np.abs(change) + rounding, sums, change)

    fill = case.samples.fill.flatten(1).cpu().numpy()
    metric = quantus.Completeness(output_func=nearly, perturb_baseline=fill, **SETTINGS)
    return question.on_inputs(metric, attributions=attributions)


def infidelity(quantus: Any, question: Question) -> Any:
    """Squares whose side divides the image's, without which Quantus fails, and the data set's fill."""
    case = question.case
    fill = case.samples.fill.flatten(1).cpu().numpy()

    def put_fill(arr: Array, indices: Array, **_: object) -> Array:
        filled = arr.copy()
        np.put_along_axis(filled, indices, np.take_along_axis(fill, indices, axis=1), axis=1)
        return filled

    metric = quantus.Infidelity(
        perturb_patch_sizes=[gcd(4, *question.shape)], n_perturb_samples=1, perturb_func=put_fill, **SETTINGS
    )
    return question.on_inputs(metric, attributions=case.attributions.double().cpu().numpy())


def irof(quantus: Any, question: Question) -> Any:
    """Share of the area over the curve, where Quantus counts in segments; one sample a call.

    In a batch, a sample with fewer segments than another is given half a step too much. NaN for an image that is one
    segment.
    """
    from quantus.helpers.utils import get_superpixel_segments

    scores = []
    for place in range(len(question)):
        one = question[place : place + 1]
        picture = np.moveaxis(one.inputs[0], 0, -1).astype("double")
        segments = len(np.unique(get_superpixel_segments(img=picture, segmentation_method="slic")))
        if segments < 2:
            scores.append(np.nan)
            continue
        fill = one.case.samples.fill.cpu().numpy()
        metric = quantus.IROF(perturb_baseline=fill, return_aggregate=False, **SETTINGS)
        attributions = one.case.maps(one.sign).cpu().numpy().reshape(-1, 1, *one.shape)
        area = one.on_inputs(metric, attributions=attributions, probability=True)[0]
        scores.append(1 - (segments - area) / (segments - 1))
    return scores


def road(quantus: Any, question: Question) -> Any:
    """Mean accuracy over 10 to 90 % removed; one sample a call, as Quantus keeps the first batch and gives its mean."""
    scores = []
    for place in range(len(question)):
        one = question[place : place + 1]
        metric = quantus.ROAD(percentages=list(TENTHS), **SETTINGS)
        points = one.on_inputs(metric, attributions=one.maps())
        scores.append(np.trapezoid([points[percent] for percent in TENTHS]) / (len(TENTHS) - 1))
    return scores


def continuity(quantus: Any, question: Question) -> Any:
    """At most as many steps as there are shifts, beyond which Quantus fails or repeats one; "black" is fixed."""
    width = question.shape[1]
    metric = quantus.Continuity(nr_steps=min(28, 2 * width), abs=True, **SETTINGS)
    return question.on_inputs(metric, scaled=True)


def sensitivity(name: str, *, scaled: bool = False) -> Call:
    """MaxSensitivity, AvgSensitivity or LocalLipschitzEstimate, with fewer draws."""
    return lambda quantus, question: question.on_inputs(
        getattr(quantus, name)(nr_samples=DRAWS, **SETTINGS), scaled=scaled
    )


def relative_stability(name: str) -> Call:
    """The largest over the draws that leave the prediction as it is; in Quantus one that changes it makes all NaN."""

    def call(quantus: Any, question: Question) -> Any:
        layers: dict[str, Any] = {}
        model = None
        if name == "RelativeRepresentationStability":
            model, layers = Registered(question.case), {"layer_names": read_layers(question.case.require_model())}
        metric = getattr(quantus, name)(nr_samples=1, **layers, **SETTINGS)
        draws = np.array([question.on_inputs(metric, model=model) for _ in range(DRAWS)])
        return np.nanmax(draws, axis=0)

    return call


def layers_without_reset(model: nn.Module) -> list[str]:
    """The modules whose own parameters Quantus leaves as they are, those behind weight norm among them."""
    return [
        name
        for name, module in model.named_modules()
        if next(module.parameters(recurse=False), None) is not None and not hasattr(module, "reset_parameters")
    ]


def read_layers(model: nn.Module) -> list[str]:
    """The linear and convolutional layers of a registered model; others may return tuples, on which Quantus fails."""
    layers = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    names = [name for name, module in model.named_modules() if isinstance(module, layers)]
    return [f"model.{name}" if name else "model" for name in names]


def parameter_randomization(name: str, **settings: Any) -> Call:
    """MPRT or SmoothMPRT: mean correlation over the layers; in its own Quantus counts the untouched model as one."""

    def call(quantus: Any, question: Question) -> Any:
        metric = getattr(quantus, name)(
            seed=question.case.seed, similarity_func=_spearman, abs=True, **settings, **SETTINGS
        )
        layers = dict(question.on_inputs(metric, model=Registered(question.case)))
        del layers["original"]
        return np.mean(list(layers.values()), axis=0)

    return call


def efficient_parameter_randomization(quantus: Any, question: Question) -> Any:
    """On probabilities, of which Quantus takes the entropy."""
    metric = quantus.EfficientMPRT(seed=question.case.seed, **SETTINGS)
    return question.on_inputs(metric, model=Registered(question.case, probability=True))


def random_logit(quantus: Any, question: Question) -> Any:
    """As many classes as the model has, where Quantus has 1000; a window that fits the map."""
    model = Registered(question.case)
    classes = model(question.case.samples.inputs[:1]).shape[1]
    window = min(7, question.inputs[0].size - 1 | 1)  # odd

    def similarity(first: Array, second: Array, **_: object) -> Any:
        return quantus.ssim(first, second, batched=True, win_size=window)

    metric = quantus.RandomLogit(
        num_classes=classes, seed=question.case.seed % 2**32, similarity_func=similarity, **SETTINGS
    )
    return question.on_inputs(metric, scaled=True)


def _spearman(first: Array, second: Array, **_: object) -> Array:
    """Row by row; Quantus correlates every row with every other to keep the diagonal."""
    return np.array([spearmanr(*pair).statistic for pair in zip(first, second, strict=True)])

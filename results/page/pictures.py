"""Inputs and their maps in a form that a page can draw: a byte a number, at the size of a thumbnail."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from ...datasets.base import Modality, Samples
from ...metrics.units import unit_maps, unit_masks
from .script import number, numbers

SIDE = 64  # pixels; larger images are averaged down to it
STEPS = 512  # of a series; longer ones are averaged down to it
TOKENS = 400  # of a text; the rest is not shown


def chosen_samples(targets: Tensor, count: int) -> list[int]:
    """Which samples to show: the first of each class, then the second of each, and so on.

    >>> chosen_samples(torch.tensor([0, 0, 0, 1, 2]), 4)
    [0, 3, 4, 1]
    """
    places: dict[int, int] = {}
    ranked = []
    for place, target in enumerate(targets.tolist()):
        turn = places.get(target, 0)
        places[target] = turn + 1
        ranked.append((turn, target, place))
    return [place for _, _, place in sorted(ranked)[:count]]


def inputs_payload(samples: Samples, modality: Modality, names: Sequence[str] = ()) -> dict[str, Any]:
    """Samples for the page.

    Args:
        samples: the few that are shown, on the CPU.
        modality: decides how they are drawn.
        names: of the features of a table in their order, or of word ids from 0 on; without them numbers are shown.

    Returns:
        `modality`, `shape` of a map as it is drawn, `names` of a table's features, and for each of `samples` its `id`,
        `target`, `values` and, where the truth is known, the `evidence` as 0 and 1 a unit.
    """
    inputs = samples.inputs
    payload: dict[str, Any] = {"modality": str(modality), "shape": list(_shape(inputs.shape[1:], modality))}
    if modality is Modality.TABULAR:
        payload["names"] = list(names)
    if samples.masks is None:
        evidence: list[str] | None = None
    else:
        masks = unit_masks(samples.masks, modality).float()
        evidence = [_bytes((row > 0).byte()) for row in _units(masks, inputs.shape[1:], modality, amax=True)]
    rows = []
    for place in range(len(samples)):
        row: dict[str, Any] = {"id": int(samples.ids[place]), "target": int(samples.targets[place])}
        row |= _input(inputs[place], modality, names)
        if evidence is not None:
            row["evidence"] = evidence[place]
        rows.append(row)
    return {**payload, "samples": rows}


def maps_payload(attributions: Tensor, modality: Modality) -> list[dict[str, Any]]:
    """Maps for the page, with their signs.

    Args:
        attributions: shape (N, *F), on the CPU.
        modality: decides the unit; a pixel is the mean over its channels, as the metrics see it.

    Returns:
        For each map `scale`, its largest absolute value, and `values`, each unit's share of it as a signed byte.
    """
    units = _units(unit_maps(attributions.float(), modality), attributions.shape[1:], modality)
    scales = units.abs().amax(dim=1, keepdim=True)
    shares = (127 * units / scales.clamp_min(torch.finfo(torch.float32).tiny)).round().to(torch.int8)
    return [
        {"scale": number(scale), "values": _bytes(row)}
        for scale, row in zip(scales[:, 0].tolist(), shares, strict=True)
    ]


def _shape(features: Sequence[int], modality: Modality) -> tuple[int, ...]:
    """Of a map as it is drawn."""
    if modality is Modality.IMAGE:
        return min(features[1], SIDE), min(features[2], SIDE)
    if modality is Modality.SERIES:
        return min(features[0], STEPS), features[1]
    return (min(features[0], TOKENS) if modality is Modality.TEXT else features[0],)


def _units(units: Tensor, features: Sequence[int], modality: Modality, *, amax: bool = False) -> Tensor:
    """Units (N, n) at the size they are drawn in, (N, m): the mean of those that share a place, or the largest."""
    shape = _shape(features, modality)
    if modality is Modality.TEXT:
        return units[:, : shape[0]]
    if modality is Modality.TABULAR:
        return units
    planes = units.view(-1, 1, *(features[1:] if modality is Modality.IMAGE else features))
    if tuple(planes.shape[2:]) != shape:
        shrink = torch.nn.functional.adaptive_max_pool2d if amax else adaptive_avg_pool2d
        planes = shrink(planes, (shape[0], shape[1]))
    return planes.flatten(1)


def _input(sample: Tensor, modality: Modality, names: Sequence[str]) -> dict[str, Any]:
    if modality is Modality.TABULAR:
        return {"values": numbers(sample.double().numpy())}
    if modality is Modality.TEXT:
        ids = [int(token) for token in sample.tolist()]
        length = max((place + 1 for place, token in enumerate(ids) if token), default=0)
        words = [names[token] if token < len(names) else f"#{token}" for token in ids[: min(length, TOKENS)]]
        return {"values": words, "length": length}
    shape = _shape(sample.shape, modality)
    planes = sample[None].float() if modality is Modality.IMAGE else sample[None, None].float()
    if tuple(planes.shape[2:]) != shape:
        planes = adaptive_avg_pool2d(planes, (shape[0], shape[1]))
    if modality is Modality.IMAGE and planes.shape[1] != 3:
        planes = planes.mean(dim=1, keepdim=True)
    low, high = planes.amin(), planes.amax()
    shares = (255 * (planes - low) / (high - low).clamp_min(1e-12)).round().byte()
    pixels = shares[0].permute(1, 2, 0)  # channels last
    return {
        "values": _bytes(pixels),
        "channels": shares.shape[1],
        "low": number(float(low)),
        "high": number(float(high)),
    }


def _bytes(tensor: Tensor) -> str:
    return b64encode(tensor.contiguous().numpy().tobytes()).decode("ascii")

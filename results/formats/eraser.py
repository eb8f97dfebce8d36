"""ERASER's results format: one line an instance, which the benchmark's own scorer reads."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...datasets.base import Modality
from ...datasets.eraser import EraserPart, Piece
from ...metrics.curves import Curves
from ...metrics.eraser import THRESHOLDS
from ...metrics.eraser_deletion import DELETED
from ...metrics.ranking import relevance_ranks
from ...metrics.removal_count import removal_count
from ...metrics.units import relevance_maps

Instance = dict[str, Any]


def eraser_results(
    part: EraserPart, classes: Sequence[str], attributions: Tensor, curves: Curves, *, percent: int = 10, seed: int = 0
) -> list[Instance]:
    """What the scorer must know of each instance: rationales, and class probabilities with tokens deleted and kept.

    Args:
        part: the samples, with what is known of their documents.
        classes: names of the K classes.
        attributions: larger in absolute value is more relevant, shape (N, T).
        curves: of the protocol `DELETED`, for these samples and attributions.
        percent: share of the tokens that makes the hard rationale and the scores without a threshold of their own;
            one of 1, 5, 10, 20, 50.
        seed: of the order among equally relevant tokens; the one the curves were made with.

    Returns:
        One instance a sample, in their order. Soft scores are absolute attributions, 0 for tokens that were cut off.

    Raises:
        ValueError: curves of another protocol, a percent without scores, or shapes that do not agree.

    Source:
        deyoung2020eraser, the format of its public scorer.
    """
    samples = part.samples
    if curves.protocol != DELETED:
        raise ValueError(f"curves must be of the protocol {DELETED.name!r}, got {curves.protocol.name!r}")
    if percent not in THRESHOLDS:
        raise ValueError(f"percent must be one of {THRESHOLDS}, got {percent}")
    if attributions.shape != samples.inputs.shape or curves.clean.shape != (len(samples), len(classes)):
        raise ValueError(
            f"attributions must have shape {tuple(samples.inputs.shape)} and logits {(len(samples), len(classes))}, "
            f"got {tuple(attributions.shape)} and {tuple(curves.clean.shape)}"
        )
    assert samples.removable is not None
    maps = relevance_maps(attributions, Modality.TEXT)
    ranks = relevance_ranks(maps, samples.ids, seed=seed, removable=samples.removable)
    whole = _distributions(curves.clean, classes)
    removed, kept = (
        {
            threshold: _distributions(curves.at(share, most_relevant_first=most), classes)
            for threshold, share in ((item, item if most else 100 - item) for item in THRESHOLDS)
        }
        for most in (True, False)
    )
    instances = []
    for row, annotation in enumerate(part.annotations):
        top = ranks[row] < removal_count(int(samples.removable[row].sum()), percent)
        hard = (top & samples.removable[row]).tolist()
        soft = maps[row].tolist()
        instances.append(
            {
                "annotation_id": annotation.annotation_id,
                "rationales": [_rationale(piece, hard, soft) for piece in part.pieces[row]],
                "classification": classes[int(curves.clean[row].argmax())],
                "classification_scores": whole[row],
                "comprehensiveness_classification_scores": removed[percent][row],
                "sufficiency_classification_scores": kept[percent][row],
                "thresholded_scores": [
                    {
                        "threshold": threshold / 100,
                        "comprehensiveness_classification_scores": removed[threshold][row],
                        "sufficiency_classification_scores": kept[threshold][row],
                    }
                    for threshold in THRESHOLDS
                ],
            }
        )
    return instances


def write_eraser_results(path: Path, instances: Iterable[Instance]) -> None:
    """Write instances as JSON, one a line."""
    lines = (json.dumps(instance, sort_keys=True, allow_nan=False) for instance in instances)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _rationale(piece: Piece, hard: list[bool], soft: list[float]) -> Instance:
    """One document's part of a row: runs of tokens called evidence, and a score for each token of the document."""
    called = hard[piece.start : piece.start + piece.tokens]
    edges = [place for place in range(len(called) + 1) if _at(called, place) != _at(called, place - 1)]
    scores = soft[piece.start : piece.start + piece.tokens]
    return {
        "docid": piece.docid,
        "hard_rationale_predictions": [
            {"start_token": start, "end_token": end} for start, end in zip(edges[::2], edges[1::2], strict=True)
        ],
        "soft_rationale_predictions": scores + [0.0] * (piece.whole - piece.tokens),
    }


def _at(called: list[bool], place: int) -> bool:
    return 0 <= place < len(called) and called[place]


def _distributions(logits: Tensor, classes: Sequence[str]) -> list[dict[str, float]]:
    """Class probabilities by name, one a sample, each summing to 1."""
    probabilities = logits.to(torch.float64).softmax(dim=1)
    return [dict(zip(classes, row, strict=True)) for row in probabilities.tolist()]

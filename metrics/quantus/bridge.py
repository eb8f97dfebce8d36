"""Any metric of Quantus by name, with its known faults put right and our own declaration of what it means."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor

from ..base import Case, Metric, Need
from .guard import guarded
from .question import Question
from .table import PEERS, Peer

PREFIX = "quantus:"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantusMetric(Metric):
    """A metric that Quantus computes, which may refuse more than a declaration can say."""

    peer: Peer

    def obstacle(self, case: Case) -> str | None:
        """Why Quantus cannot compute this metric on this case, or None if it can."""
        return Metric.obstacle(self, case) or self.peer.obstacle(case)


def quantus_metric(name: str) -> QuantusMetric:
    """A metric of Quantus as one of ours. Quantus is imported when it is first computed.

    Every call sees the whole case in one batch, in its order, with each map divided by its largest magnitude where
    only its shape should count. Units, fill, evidence and probabilities are those of our own metrics. Samples of which
    some features may not be removed, such as padded texts, are refused: Quantus takes all units alike. What stays as in
    Quantus: equally relevant units are taken in the order of memory, and random numbers are drawn for the batch, so
    the last digits of a random metric depend on which samples there are. The settings: `calls.py`.

    Args:
        name: a class of Quantus, such as MaxSensitivity, with or without the prefix `quantus:`.

    Returns:
        The metric `quantus:<name>`, whose scores have shape (N,), float64. NaN where a map is constant, which Quantus
        refuses where the whole batch is, where the mask is empty, and where Quantus gives NaN or infinity.

    Raises:
        KeyError: no such metric; the message gives the nearest name and all others.
        ModuleNotFoundError: Quantus is not installed.

    Source:
        hedstrom2023quantus and its code, release 0.6.
    """
    name = name.removeprefix(PREFIX)
    if name not in PEERS:
        near = get_close_matches(name, PEERS, n=1, cutoff=0.5)
        guess = f"; did you mean {near[0]!r}?" if near else "."
        raise KeyError(f"no metric {name!r} in Quantus{guess} There are: {', '.join(sorted(PEERS))}")
    if find_spec("quantus") is None:
        raise ModuleNotFoundError(
            f"{PREFIX}{name} needs the package quantus; install it with: pip install 'salbench[quantus]'"
        )
    peer = PEERS[name]
    return QuantusMetric(
        name=PREFIX + name,
        version=1,
        score=partial(quantus_scores, name=name, release=version("quantus")),
        higher_is_better=peer.higher_is_better,
        across_models=peer.across_models,
        bounds=peer.bounds,
        unit=peer.unit,
        family=peer.family,
        needs=peer.needs,
        modalities=peer.modalities,
        sign=peer.sign,
        description=peer.description,
        reference="hedstrom2023quantus",
        independent=peer.independent,
        ignores_removable=True,
        peer=peer,
    )


def quantus_scores(case: Case, *, name: str, release: str = "") -> Tensor:
    """The scores of one metric of Quantus.

    Args:
        case: with what the metric needs.
        name: a key of `PEERS`.
        release: of Quantus; part of the identity of the number.

    Returns:
        Shape (N,), float64, on the device of the case.

    Raises:
        ValueError: attributions that are not finite, a metric that cannot be run, or a result that is not one number a
            sample.
    """
    peer = PEERS[name]
    if peer.call is None:
        raise ValueError(f"{PREFIX}{name}: {peer.refusal}")
    maps = case.maps(peer.sign)
    defined = maps.amax(dim=1) > maps.amin(dim=1)
    if Need.MASKS in peer.needs:
        defined &= case.masks.any(dim=1)
    scores = torch.full((len(maps),), torch.nan, dtype=torch.float64)
    places = defined.nonzero().squeeze(1)
    if len(places):
        question = Question(case=case, sign=peer.sign)[places]
        with guarded(seed=case.seed, explain=question.explain) as quantus:
            found = np.asarray(peer.call(quantus, question), dtype=np.float64)
        if found.shape != (len(places),):
            raise ValueError(f"{PREFIX}{name} must give one score a sample, got shape {found.shape}")
        found[~np.isfinite(found)] = np.nan
        scores[places.cpu()] = torch.from_numpy(found)
    return scores.to(case.attributions.device)

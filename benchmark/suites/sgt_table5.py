"""Table 5 of saliency guided training: the accuracies of both trainings on the texts of ERASER."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from ...baselines.architectures import BILSTM
from ...baselines.saliency import RANDOM
from ...metrics import ACCURACY
from ..publications.texts import ERASER, ERASER_SMALL, METHODS, PAPER, SEEDS, SMALL, Texts, accuracy_claims, all_entries
from ..suite import Published, Suite


def _suite(sets: Mapping[str, Texts]) -> Suite:
    names = {name: texts.dataset.name for name, texts in sets.items()}
    return Suite(
        name="sgt-table5",
        title="The accuracy that saliency guided training costs on ERASER's texts",
        datasets=tuple(texts.dataset for texts in sets.values()),
        architectures=(BILSTM,),
        saliency=METHODS[:1],  # no number of this table depends on it
        controls=(RANDOM,),
        metrics=(ACCURACY,),
        seeds=SEEDS,
        samples=100,
        entries=all_entries(sets.values()),
        reference=PAPER,
        published=(
            Published(title=f"{PAPER}, table 5", claims=partial(accuracy_claims, names), methods=("saliency_guided",)),
        ),
    )


SUITE = replace(_suite(ERASER), small=replace(_suite(ERASER_SMALL), seeds=SEEDS[:2], obstacle=SMALL))

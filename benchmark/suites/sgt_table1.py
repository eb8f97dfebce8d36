"""Table 1 of saliency guided training: comprehensiveness and sufficiency on the texts of ERASER.

`salbench.benchmark.publications.eraser_export.export_eraser` writes what the benchmark's own scorer reads.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from ...baselines.architectures import BILSTM
from ...baselines.saliency import RANDOM
from ...metrics import (
    ACCURACY,
    ERASER_COMPREHENSIVENESS,
    ERASER_COMPREHENSIVENESS_PAPER,
    ERASER_SUFFICIENCY,
    ERASER_SUFFICIENCY_PAPER,
)
from ..publications.texts import (
    ERASER,
    ERASER_SMALL,
    METHODS,
    PAPER,
    SEEDS,
    SMALL,
    Texts,
    all_entries,
    faithfulness_claims,
)
from ..suite import Published, Suite


def _suite(sets: Mapping[str, Texts]) -> Suite:
    names = {name: texts.dataset.name for name, texts in sets.items()}
    return Suite(
        name="sgt-table1",
        title="Faithfulness of explanations of ERASER's texts with saliency guided training",
        datasets=tuple(texts.dataset for texts in sets.values()),
        architectures=(BILSTM,),
        saliency=METHODS,
        controls=(RANDOM,),
        metrics=(
            ACCURACY,
            ERASER_COMPREHENSIVENESS,
            ERASER_SUFFICIENCY,
            ERASER_COMPREHENSIVENESS_PAPER,
            ERASER_SUFFICIENCY_PAPER,
        ),
        seeds=SEEDS,
        entries=all_entries(sets.values()),
        reference=PAPER,
        published=(
            Published(
                title=f"{PAPER}, table 1", claims=partial(faithfulness_claims, names), methods=("saliency_guided",)
            ),
        ),
    )


SUITE = replace(_suite(ERASER), small=replace(_suite(ERASER_SMALL), seeds=SEEDS[:2], obstacle=SMALL))

"""Tables 1 and 5 of saliency guided training on texts that anyone can have: rated sentences of movie reviews.

ERASER's texts must be brought by the user. These sentences are fetched from a package, with word vectors; in a second
set a planted word alone decides the class, so that the evidence is known.
"""

from dataclasses import replace
from functools import partial

from ...baselines.architectures import BILSTM
from ...baselines.saliency import CONSTANT, INVERTED, ORACLE, RANDOM
from ...datasets import MOVIE_SENTENCES, PLANTED_SENTENCES, Budget
from ...datasets.subset import subset
from ...metrics import (
    ACCURACY,
    ERASER_COMPREHENSIVENESS,
    ERASER_COMPREHENSIVENESS_PAPER,
    ERASER_SUFFICIENCY,
    ERASER_SUFFICIENCY_PAPER,
    EVIDENCE_AVERAGE_PRECISION,
    POINTING_GAME,
)
from ..publications.texts import METHODS, PAPER, SEEDS, Texts, accuracy_claims, all_entries, faithfulness_claims
from ..suite import Published, Suite

OTHER_DATA = "other data: single sentences with vectors of 50 dimensions; the paper has whole reviews"


def _suite(rated: Texts, planted: Texts) -> Suite:
    names = {"movies": rated.dataset.name}
    return Suite(
        name="sgt-sentences",
        title="Faithfulness of explanations of movie sentences with saliency guided training",
        datasets=(rated.dataset, planted.dataset),
        architectures=(BILSTM,),
        saliency=METHODS,
        controls=(RANDOM, INVERTED, CONSTANT, ORACLE),
        metrics=(
            ACCURACY,
            ERASER_COMPREHENSIVENESS,
            ERASER_SUFFICIENCY,
            ERASER_COMPREHENSIVENESS_PAPER,
            ERASER_SUFFICIENCY_PAPER,
            POINTING_GAME,
            EVIDENCE_AVERAGE_PRECISION,
        ),
        seeds=SEEDS,
        entries=all_entries([rated, planted]),
        reference=PAPER,
        published=(
            Published(
                title=f"{PAPER}, table 1", claims=partial(faithfulness_claims, names), methods=("saliency_guided",)
            ),
            Published(title=f"{PAPER}, table 5", claims=partial(accuracy_claims, names), methods=("saliency_guided",)),
        ),
        obstacle=OTHER_DATA,
    )


_K = 0.6  # that of the movie reviews
_SMALL_BUDGET = Budget(epochs=5, batch_size=50)

SUITE = replace(
    _suite(
        Texts(dataset=MOVIE_SENTENCES, masked_fraction=_K, budget=Budget(epochs=10, batch_size=64)),
        Texts(dataset=PLANTED_SENTENCES, masked_fraction=_K, budget=Budget(epochs=10, batch_size=64)),
    ),
    small=replace(
        _suite(
            Texts(dataset=subset(MOVIE_SENTENCES, train=2000), masked_fraction=_K, budget=_SMALL_BUDGET),
            Texts(dataset=subset(PLANTED_SENTENCES, train=2000), masked_fraction=_K, budget=_SMALL_BUDGET),
        ),
        seeds=SEEDS[:2],
        samples=200,
        obstacle=f"{OTHER_DATA}; 2,000 training sentences, 5 epochs, 2 runs, 200 explained sentences",
    ),
)

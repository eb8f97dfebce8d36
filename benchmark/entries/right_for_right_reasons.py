"""Right for the right reasons and find-another-explanation, on data that say what must not matter."""

from collections.abc import Sequence

from ...baselines.architectures import RRR_MLP
from ...baselines.training import AnotherExplanation, Recipe, Regular, RightForRightReasons
from ...datasets import (
    ANNOTATED_TOY_COLORS,
    DECOY_IMAGES,
    IRIS_CANCER,
    NEWSGROUPS,
    NEWSGROUPS_WORDS,
    TOY_COLORS,
    Dataset,
)
from ..entry import Entry, entries

_DECOYS = [dataset for dataset in DECOY_IMAGES if dataset.name.startswith("decoy")]
_SCALED_DECOYS = [dataset for dataset in _DECOYS if dataset.name.endswith("_scaled")]
_RAW_DECOYS = [dataset for dataset in _DECOYS if dataset not in _SCALED_DECOYS]  # digits first
_TEXTS = [NEWSGROUPS, NEWSGROUPS_WORDS]


def trained(training: str, recipe: Recipe, datasets: Sequence[Dataset]) -> list[Entry]:
    """Entries of the published network."""
    return entries(training=training, recipe=recipe, datasets=datasets, architectures=[RRR_MLP])


def another(count: int, penalty_weight: float) -> AnotherExplanation:
    """The recipe of a model with so many predecessors."""
    after = another(count - 1, penalty_weight) if count else None
    return AnotherExplanation(penalty_weight=penalty_weight, after=after)


ENTRIES = [
    *trained("regular", Regular(), [TOY_COLORS, *ANNOTATED_TOY_COLORS, IRIS_CANCER, *DECOY_IMAGES, *_TEXTS]),
    *trained(
        "right_for_right_reasons",
        RightForRightReasons(penalty_weight=1000.0),
        [*ANNOTATED_TOY_COLORS, IRIS_CANCER, *_RAW_DECOYS[1:]],  # the published weight asks for the published scale
    ),
    *trained("right_for_right_reasons", RightForRightReasons(penalty_weight=10.0), _RAW_DECOYS[:1]),  # digits: ours
    *(
        entry
        for penalty_weight, datasets in ((0.1, ANNOTATED_TOY_COLORS), (100.0, [IRIS_CANCER]), (1.0, _SCALED_DECOYS))
        for entry in trained(
            "right_for_right_reasons_standardized",
            RightForRightReasons(penalty_weight=penalty_weight, form="standardized"),
            datasets,
        )
    ),
    *(
        entry
        for count in (1, 2)
        for entry in [
            *trained(f"another_explanation_{count}", another(count, 1000.0), [TOY_COLORS, IRIS_CANCER, *_RAW_DECOYS]),
            *trained(f"another_explanation_{count}", another(count, 250.0), _TEXTS),
        ]
    ),
]

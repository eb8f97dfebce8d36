from collections.abc import Callable
from typing import Any

import pytest

from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record, Status


@pytest.fixture
def make_record() -> Callable[..., Record]:
    """Makes a record of which only the fields that matter to a test are given."""

    def make(**changes: Any) -> Record:
        defaults: dict[str, Any] = {
            "dataset": "digits@1",
            "architecture": "mlp",
            "training": "regular",
            "saliency": "gradient",
            "control": False,
            "metric": "aopc",
            "metric_version": 1,
            "family": "faithfulness",
            "higher_is_better": True,
            "seed": 0,
        }
        fields = {**defaults, **changes}
        identity = ("dataset", "architecture", "training", "saliency", "metric", "seed")
        return Record(**{"key": "/".join(str(fields[name]) for name in identity), **fields})

    return make


@pytest.fixture
def board(make_record: Callable[..., Record]) -> Leaderboard:
    """Two training methods, two saliency methods and a control, with names that every format must escape."""
    odd, script = "a_b & 50% | $x", "<script>"
    values = {
        ("regular", "gradient"): (0.9, [0.10, 0.20, 0.30]),
        ("regular", script): (0.9, [0.40, 0.50, 0.60]),
        (odd, "gradient"): (0.8, [-0.3, -0.3, -0.3]),
        (odd, script): (0.8, None),
        ("regular", "[bold]"): (0.9, [0.99, 0.99, 0.99]),
    }
    records = []
    for (training, saliency), (accuracy, scores) in values.items():
        entry = {"training": training, "saliency": saliency, "control": saliency == "[bold]"}
        for seed in range(3):
            records += [
                make_record(**entry, seed=seed, metric="accuracy", family="performance", value=accuracy),
                make_record(**entry, seed=seed, value=scores[seed])
                if scores
                else make_record(**entry, seed=seed, status=Status.FAILED, note="out of memory: <3 GiB>"),
                make_record(**entry, seed=seed, metric="aup", status=Status.SKIPPED, note="needs masks"),
            ]
    return Leaderboard.from_records(records)

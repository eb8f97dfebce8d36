from collections.abc import Callable

import pytest

from salbench.results.curves import accuracy_panels
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]


def test_mean_and_spread_over_seeds(make_record: MakeRecord) -> None:
    curves = [[1.0, 0.5], [0.8, 0.5], [0.6, 0.5]]
    records = [
        make_record(seed=seed, curve={"percent": [0.0, 50.0], "accuracy": accuracy})
        for seed, accuracy in enumerate(curves)
    ]
    (panel,) = accuracy_panels(records)
    (line,) = panel.lines
    assert line.percent.tolist() == [0.0, 50.0]
    assert line.mean.tolist() == pytest.approx([0.8, 0.5])
    assert line.sd.tolist() == pytest.approx([0.2, 0.0])


def test_other_and_failed_records_are_passed_over(make_record: MakeRecord) -> None:
    curve = {"percent": [0.0], "accuracy": [1.0]}
    records = [
        make_record(),
        make_record(curve={"percent": [0.0], "probability": [1.0]}),
        make_record(curve=curve, status=Status.FAILED),
    ]
    assert accuracy_panels(records) == []


def test_grids_must_agree(make_record: MakeRecord) -> None:
    records = [
        make_record(seed=seed, curve={"percent": [0.0, end], "accuracy": [1.0, 0.5]})
        for seed, end in enumerate([50, 60])
    ]
    with pytest.raises(ValueError, match="digits/mlp/regular/gradient have different grids"):
        accuracy_panels(records)


def test_metrics_must_agree(make_record: MakeRecord) -> None:
    curve = {"percent": [0.0], "accuracy": [1.0]}
    with pytest.raises(ValueError, match="got those of lerf, morf"):
        accuracy_panels([make_record(metric=metric, curve=curve) for metric in ("morf", "lerf")])

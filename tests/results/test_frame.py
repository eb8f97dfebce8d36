from collections.abc import Callable

from salbench.results.frame import COLUMNS, to_frame
from salbench.results.record import Record


def test_categories_are_in_the_order_of_first_appearance(make_record: Callable[..., Record]) -> None:
    frame = to_frame([make_record(training=training) for training in ("scaat", "regular", "scaat")])
    assert frame["training"].cat.categories.tolist() == ["scaat", "regular"]
    assert frame["training"].tolist() == ["scaat", "regular", "scaat"]


def test_no_records_give_empty_columns_of_the_right_types(make_record: Callable[..., Record]) -> None:
    empty, full = to_frame([]), to_frame([make_record()])
    assert len(empty) == 0
    assert list(empty) == list(full) == list(COLUMNS)
    assert {name: str(kind) for name, kind in full.dtypes.items()} == COLUMNS


def test_more_records_than_a_chunk(make_record: Callable[..., Record]) -> None:
    frame = to_frame(make_record(seed=seed, metric=f"metric_{seed % 7}") for seed in range(2_500))
    assert frame["seed"].tolist() == list(range(2_500))
    assert frame["metric"].tolist() == [f"metric_{seed % 7}" for seed in range(2_500)]

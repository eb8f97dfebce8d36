"""A user's own table with columns to ignore."""

from pathlib import Path

import pandas as pd
import pytest
import torch

from salbench.datasets import Dataset, Modality, Split
from salbench.datasets.annotated_table import annotated_table, frame_samples


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = pd.DataFrame(
        {
            "age": [1.0, 2, 3, 4, 5, 6, 7, 8],
            "kind": ["b", "a"] * 4,
            "serial": range(8),
            "constant": [3] * 8,
            "part": ["train"] * 6 + ["test"] * 2,
        }
    )
    rows.to_csv(tmp_path / "patients.csv", index=False)
    return tmp_path / "patients.csv"


def declared(path: Path, **changes: object) -> Dataset:
    settings: dict[str, object] = {"target": "kind", "ignore": ["serial"], "split": "part", **changes}
    return annotated_table(path, **settings)  # type: ignore[arg-type]


def changed(path: Path, column: str, row: int, value: object) -> Path:
    table = pd.read_csv(path).astype({column: object})
    table.loc[row, column] = value  # type: ignore[call-overload]
    table.to_csv(path, index=False)
    return path


def test_columns_are_standardized_and_ignored(path: Path) -> None:
    dataset = declared(path)
    train, test = (dataset.load(Path(), split) for split in Split)
    assert (dataset.name, dataset.modality, dataset.shape, dataset.classes) == ("patients", Modality.TABULAR, (3,), 2)
    assert train.targets.tolist() == [1, 0, 1, 0, 1, 0]
    assert dataset.counts == (6, 2)
    assert (train.ids.tolist(), test.ids.tolist()) == ([0, 1, 2, 3, 4, 5], [6, 7])
    deviation = torch.arange(6.0).std(correction=0)
    torch.testing.assert_close(test.inputs[0], torch.tensor([7 - 3.5, 6 - 2.5, 0]) / deviation)
    assert test.irrelevant is not None
    assert test.irrelevant.tolist() == [[False, True, False]] * 2


def test_without_a_split_column_a_quarter_of_each_class_is_for_testing(path: Path) -> None:
    table = pd.read_csv(path).drop(columns="part")
    table.to_csv(path, index=False)
    dataset = annotated_table(path, target="kind", name="mine")
    test = dataset.load(Path(), Split.TEST)
    assert dataset.name == "mine"
    assert sorted(test.targets.tolist()) == [0, 1]
    assert test.irrelevant is not None
    assert not test.irrelevant.any()


def test_columns_that_are_not_there_are_named(path: Path) -> None:
    with pytest.raises(ValueError, match="has no column 'class'; it has age, kind, serial, constant, part"):
        declared(path, target="class")
    with pytest.raises(ValueError, match=r"columns of features \(age, serial, constant\), got name, kind"):
        declared(path, ignore=["name", "age", "kind"])


@pytest.mark.parametrize("value", ["old", None, float("inf")])
def test_a_feature_that_is_no_number_is_named(path: Path, value: object) -> None:
    with pytest.raises(ValueError, match="column 'age' must hold finite numbers alone"):
        declared(changed(path, "age", 2, value))


@pytest.mark.parametrize("kind", ["Int64", "Float64", "boolean"])
def test_a_value_that_is_missing_from_a_frame_is_named(path: Path, kind: str) -> None:
    frame = pd.read_csv(path).assign(age=[1, 0, float("nan"), 1, 1, 0, 1, 0]).astype({"age": kind})
    with pytest.raises(ValueError, match="column 'age' must hold finite numbers alone"):
        frame_samples(frame, Split.TRAIN, target="kind", split_column="part")
    whole = frame_samples(
        frame.fillna({"age": True if kind == "boolean" else 1}), Split.TRAIN, target="kind", split_column="part"
    )
    assert whole.inputs.isfinite().all()


def test_classes_of_several_types_are_refused_in_a_frame(path: Path) -> None:
    frame = pd.read_csv(path).assign(kind=[0, "b"] * 4)
    with pytest.raises(ValueError, match="'kind' must be of one type, got int, str; write all as text"):
        frame_samples(frame, Split.TRAIN, target="kind", split_column="part")


def test_classes_of_a_large_file_are_of_one_type(tmp_path: Path) -> None:
    """Read in parts, the first ones of the file would be numbers and the last ones text."""
    count = 300_000
    kinds = [str(row % 2) if row < count - 10 else "xz"[row % 2] for row in range(count)]
    lines = [f"{row},{row % 7},{row % 3},{kind}" for row, kind in enumerate(kinds)]
    (tmp_path / "large.csv").write_text("\n".join(["a,b,c,kind", *lines]))
    assert declared(tmp_path / "large.csv", ignore=[], split=None).classes == 4


def test_a_comma_at_the_end_of_each_line_changes_nothing(path: Path) -> None:
    before = declared(path).load(Path(), Split.TRAIN)
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *(f"{line}," for line in lines)]))
    assert torch.equal(declared(path).load(Path(), Split.TRAIN).inputs, before.inputs)


@pytest.mark.parametrize(
    "content",
    [b"", b"a,kind\n1,0\n2,1,3\n", b"a,kind\n1,2,0\n3,4,1\n", "größe,kind\n1,0\n2,1\n".encode("latin-1")],
    ids=["empty", "ragged", "more values than names", "latin-1"],
)
def test_a_file_that_is_not_such_a_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.csv").write_bytes(content)
    with pytest.raises(ValueError, match=r"odd\.csv must"):
        declared(tmp_path / "odd.csv", split=None)


def test_a_row_without_a_class_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="every row must have a class, but 1 have no 'kind'"):
        declared(changed(path, "kind", 2, None))


def test_a_class_missing_from_a_split_is_named(path: Path) -> None:
    with pytest.raises(ValueError, match="classes missing from the test split: a"):
        declared(changed(path, "kind", 7, "b"))


def test_another_word_for_a_split_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="column 'part' must say train or test, got holdout"):
        declared(changed(path, "part", 7, "holdout"))


def test_one_class_is_too_few(path: Path) -> None:
    with pytest.raises(ValueError, match="at least two classes, got 1"):
        declared(path, target="constant")


def test_a_table_without_features_is_refused(path: Path) -> None:
    pd.read_csv(path)[["kind", "part"]].to_csv(path, index=False)
    with pytest.raises(ValueError, match="must hold a column of features"):
        declared(path, ignore=[])


def test_a_changed_file_is_another_data_set(path: Path) -> None:
    before = declared(path)
    assert before.load != declared(changed(path, "age", 2, 99)).load
    with pytest.raises(ValueError, match="was changed after the data set was declared"):
        before.load(Path(), Split.TRAIN)


@pytest.mark.parametrize("split", Split)
def test_a_data_frame_gives_the_samples_of_its_file(path: Path, split: Split) -> None:
    from_file = declared(path).load(Path(), split)
    frame = pd.read_csv(path)
    from_frame = frame_samples(frame, split, target="kind", ignore=["serial"], split_column="part")
    assert torch.equal(from_frame.inputs, from_file.inputs)
    assert torch.equal(from_frame.targets, from_file.targets)
    assert from_frame.irrelevant is not None
    assert from_frame.irrelevant[0].tolist() == [False, True, False]


def test_a_frame_without_the_column_says_what_it_has(path: Path) -> None:
    with pytest.raises(ValueError, match="the frame has no column 'sort'; it has age, kind"):
        frame_samples(pd.read_csv(path), Split.TRAIN, target="sort")
    with pytest.raises(ValueError, match=r"ignore must name columns of features \(age, serial, constant\), got"):
        frame_samples(pd.read_csv(path), Split.TRAIN, target="kind", ignore=["weight"], split_column="part")

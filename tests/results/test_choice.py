"""Which layouts there are, and which are refused with what message."""

import pytest

from salbench.results.choice import Choice, choose


def test_what_is_not_named_tells_tables_apart_but_seeds() -> None:
    choice = choose("training,saliency", "metric", "dataset")
    assert (choice.rows, choice.columns, choice.averaged) == (("training", "saliency"), ("metric",), ("dataset",))
    assert choice.tables == ("architecture",)
    assert choice.over_seeds


def test_usual_keys_stay_where_they_are_not_named() -> None:
    assert choose(mean_over="saliency").rows == ("training",)
    assert choose(columns="training, metric").rows == ("saliency",)
    assert choose(rows="dataset").columns == ("metric",)


def test_seed_is_no_mean_where_it_is_a_row_or_column() -> None:
    assert not choose(columns="metric,seed").over_seeds
    assert choose(mean_over="seed").averaged == ()


def test_options_make_the_same_choice() -> None:
    assert choose(mean_over="dataset").options == "--rows training,saliency --columns metric --mean-over dataset"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"rows": "trainng"}, "no key 'trainng' for rows; did you mean 'training'"),
        ({"columns": "xyz"}, "no key 'xyz' for columns. There are: dataset, architecture"),
        ({"rows": "training", "mean_over": "training"}, "'training' may be named once, got it twice, in rows and mean"),
        ({"rows": "saliency,saliency"}, "'saliency' may be named once, got it twice, in rows"),
        ({"mean_over": "metric"}, "no mean is taken over metrics"),
        ({"rows": "metric"}, "columns must have a key; left are: dataset, architecture, training, saliency, seed"),
    ],
)
def test_what_cannot_be_is_refused(keys: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        choose(**keys)


def test_a_choice_from_python_is_checked_too() -> None:
    with pytest.raises(ValueError, match="no key 'method'"):
        Choice(rows=("method",))

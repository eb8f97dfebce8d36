"""A name that is unknown gets the nearest one, and a list that can be read."""

import pytest

from salbench.benchmark.names import find

MANY = {f"{data}/mlp/{way}": 0 for data in ("digits", "wine", "iris") for way in "abcdefghijkl"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("quik", "no thing 'quik'; did you mean 'quick'? There are: mnist, quick"),
        ("zzz", "no thing 'zzz'. There are: mnist, quick"),
    ],
)
def test_of_few_names_all_are_shown(name: str, message: str) -> None:
    with pytest.raises(KeyError) as caught:
        find(name, {"quick": 1, "mnist": 2}, kind="thing")
    assert caught.value.args == (message,)


def test_of_many_names_the_nearest_are_shown() -> None:
    with pytest.raises(KeyError) as caught:
        find("digts/mlp/c", MANY, kind="entry")
    (message,) = caught.value.args
    start, _, shown = message.partition("There are 36, such as: ")
    assert start == "no entry 'digts/mlp/c'; did you mean 'digits/mlp/c'? "
    assert len(shown.split(", ")) == 5
    assert all(name.startswith("digits/mlp/") for name in shown.split(", "))


def test_of_many_names_and_none_near_some_are_shown() -> None:
    with pytest.raises(KeyError, match=r"no entry 'xyz'\. There are 36, such as: digits/mlp/a, digits/mlp/b,"):
        find("xyz", MANY, kind="entry")

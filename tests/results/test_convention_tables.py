"""One measure under many definitions: ranks, agreement and flips by hand and against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from salbench.results.convention_tables import (
    claim,
    compared_pairs,
    contested_pairs,
    convention_agreement,
    ranked_values,
    rounded,
)

METHODS = [("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")]
# By convention, the value of each method; the third is an error rate in disguise: the scale alone is another.
VALUES = {"one": [4.0, 3.0, 2.0, 1.0], "two": [3.0, 4.0, 2.0, 1.0], "scaled": [40.0, 30.0, 20.0, 10.0]}


def frame(values: dict[str, list[float]], *, seeds: int = 1, higher: bool = True, noise: float = 0.0) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    rows = [
        {
            "measure": "aopc",
            "dataset": "d",
            "architecture": "mlp",
            "training": training,
            "saliency": saliency,
            "control": False,
            "seed": seed,
            "convention": convention,
            "higher_is_better": higher,
            "value": value + noise * generator.standard_normal(),
        }
        for seed in range(seeds)
        for convention, of_methods in values.items()
        for (training, saliency), value in zip(METHODS, of_methods, strict=False)
    ]
    return pd.DataFrame(rows)


def with_control(table: pd.DataFrame, value: float) -> pd.DataFrame:
    control = table.drop_duplicates("convention").assign(saliency="random", control=True, value=value)
    return pd.concat([table, control], ignore_index=True)


def test_ranks_by_hand_in_both_directions() -> None:
    table = ranked_values(frame(VALUES))
    assert table.loc[table["convention"] == "two", "rank"].tolist() == [2, 1, 3, 4]
    lower = ranked_values(frame(VALUES, higher=False))
    assert lower.loc[lower["convention"] == "two", "rank"].tolist() == [3, 4, 2, 1]


def test_equal_means_share_a_rank_also_if_they_differ_by_rounding() -> None:
    table = ranked_values(frame({"one": [0.1 + 0.2, 0.3, 0.1, 0.0]}))
    assert table["rank"].tolist() == [1.5, 1.5, 3, 4]


def test_controls_have_values_and_no_ranks() -> None:
    table = ranked_values(with_control(frame(VALUES), 99.0))
    assert table.loc[table["control"], "mean"].tolist() == [99.0] * 3
    assert table.loc[table["control"], "rank"].isna().all()
    assert table.loc[~table["control"], "rank"].max() == 4


def test_means_are_over_the_seeds_that_have_a_value() -> None:
    table = frame({"one": [1.0, 2.0, 3.0, 4.0]}, seeds=2)
    table.loc[0, "value"] = np.nan
    ranked = ranked_values(table)
    assert ranked["seeds"].tolist() == [1, 2, 2, 2]
    assert ranked["mean"].tolist() == [1, 2, 3, 4]


def test_agreement_by_hand() -> None:
    # one and two swap one of six pairs: tau = (5 - 1) / 6
    taus = convention_agreement(with_control(frame(VALUES), 99.0)).set_index(["first", "second"])["tau"]
    assert taus["one", "two"] == pytest.approx(4 / 6)
    assert taus["one", "scaled"] == 1.0


def test_agreement_is_scipys_with_ties_and_averaged_over_places() -> None:
    first, second = [4.0, 3.0, 3.0, 1.0], [1.0, 2.0, 5.0, 3.0]
    here, there = frame({"one": first, "two": second}), frame({"one": second, "two": second}).assign(dataset="e")
    (row,) = convention_agreement(pd.concat([here, there])).to_dict("records")
    tau = kendalltau(first, second).statistic
    assert row["tau"] == pytest.approx((tau + 1) / 2)
    assert (row["lowest"], row["highest"], row["groups"]) == (pytest.approx(tau), 1.0, 2)


def test_too_few_methods_have_no_agreement() -> None:
    two = frame(VALUES)
    assert convention_agreement(two[two["training"] == "x"]).empty
    assert convention_agreement(frame({"one": [1.0] * 4, "two": [1.0, 2.0, 3.0, 4.0]})).empty


def test_contested_by_hand() -> None:
    (row,) = contested_pairs(with_control(frame(VALUES), 3.5)).to_dict("records")
    assert (row["first"], row["second"]) == ("x/a", "x/b")
    assert (row["favor"], row["against"], row["tied"], row["conventions"]) == (2, 1, 0, 3)
    assert (row["by"], row["otherwise"]) == (("one", "scaled"), ("two",))
    assert row["one_model"]
    assert not row["steady"]  # one seed says nothing about others
    assert claim(pd.Series(row)) == "x/a over x/b: 2 of 3 conventions"


def test_direction_turns_no_majority_round() -> None:
    (row,) = contested_pairs(frame(VALUES, higher=False)).to_dict("records")
    assert (row["first"], row["second"], row["favor"]) == ("x/b", "x/a", 2)


def test_a_flip_in_every_seed_is_steady_and_one_of_noise_is_not() -> None:
    assert contested_pairs(frame(VALUES, seeds=3, noise=0.01))["steady"].tolist() == [True]
    noisy = contested_pairs(frame({name: [1.0] * 4 for name in ("one", "two", "three")}, seeds=5, noise=1.0))
    assert len(noisy)
    assert not noisy["steady"].any()


def test_only_methods_that_share_a_factor_are_compared() -> None:
    assert compared_pairs(frame(VALUES))["pairs"].tolist() == [4]  # of six
    crossed = {"one": [2.0, 0.0, 0.0, 1.0], "two": [1.0, 0.0, 0.0, 2.0]}
    pairs = contested_pairs(frame(crossed))
    assert "x/a" not in set(pairs["first"]) | set(pairs["second"])


def test_ties_are_counted_and_decide_nothing() -> None:
    values = {"one": [2.0, 1.0], "two": [1.0, 2.0], "three": [1.0, 1.0]}
    (row,) = contested_pairs(frame(values)).to_dict("records")
    assert claim(pd.Series(row)) == "x/a over x/b: 1 of 3 conventions, 1 tied"


def test_undefined_values_are_no_votes() -> None:
    values = {"one": [2.0, 1.0], "two": [1.0, 2.0], "three": [np.nan, 2.0]}
    (row,) = contested_pairs(frame(values)).to_dict("records")
    assert row["conventions"] == 2


def test_rounding_keeps_ten_digits() -> None:
    values = np.array([0.1 + 0.2, -1.23456789012345e-7, 0.0, np.nan, np.inf])
    assert rounded(values)[:3].tolist() == [0.3, pytest.approx(-1.23456789e-7, rel=1e-9), 0.0]
    assert np.isnan(rounded(values)[3])
    assert rounded(values)[4] == np.inf


def test_nothing_to_compare_gives_empty_tables() -> None:
    controls = frame(VALUES).assign(control=True)
    assert convention_agreement(controls).empty
    assert contested_pairs(controls).empty
    assert compared_pairs(controls).empty


def test_votes_add_up() -> None:
    generator = np.random.default_rng(0)
    values = {f"c{number}": list(generator.integers(0, 3, 4).astype(float)) for number in range(7)}
    for row in contested_pairs(frame(values)).to_dict("records"):
        assert row["favor"] + row["against"] + row["tied"] == row["conventions"] == 7
        assert row["favor"] >= row["against"] > 0
        one, other = (METHODS.index(tuple(row[side].split("/"))) for side in ("first", "second"))
        assert row["favor"] == sum(of[one] > of[other] for of in values.values())

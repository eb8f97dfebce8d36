"""Signs of effects by hand, and what seeds say about them: settled, or no more alike than chance."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr, ttest_1samp

from salbench.results.distances import FEWEST
from salbench.results.effect_signs import SignCounts, sign_counts, signs, sizes_in_words
from salbench.results.frame import to_frame
from salbench.results.published import compare
from salbench.results.record import Record

MakeRecord = Callable[..., Record]


def claim(value: float, **changes: str) -> dict[str, object]:
    place = {"dataset": "digits", "architecture": "mlp", "saliency": "gradient", "metric": "aopc"}
    return {**place, "training": "regular", "value": value, **changes}


@pytest.fixture
def effects_of(make_record: MakeRecord) -> Callable[..., pd.DataFrame]:
    def build(published: dict[str, float], guided: dict[str, Sequence[float]]) -> pd.DataFrame:
        """Effects over a regular training that always measures 0.5 and was published as 0.1, by saliency method."""
        claims = [claim(0.1, saliency=name) for name in published]
        claims += [claim(0.1 + effect, saliency=name, training="guided") for name, effect in published.items()]
        records = [
            make_record(training=training, saliency=name, seed=seed, value=value)
            for name, effects in guided.items()
            for seed, effect in enumerate(effects)
            for training, value in (("regular", 0.5), ("guided", 0.5 + effect))
        ]
        return signs(compare(to_frame(records), pd.DataFrame(claims)), methods=["guided"])

    return build


def test_signs_of_effects(effects_of: Callable[..., pd.DataFrame]) -> None:
    found = effects_of({"x": 0.1, "y": 0.1}, {"x": [0.2], "y": [-0.1]})
    assert found["saliency"].tolist() == ["x", "y"]
    assert found["published"].tolist() == pytest.approx([0.1, 0.1])
    assert found["measured"].tolist() == pytest.approx([0.2, -0.1])
    assert found["same_sign"].tolist() == [True, False]
    assert found["settled"].tolist() == [False, False]
    assert str(sign_counts(found)) == "1 of 2"


def test_sizes_of_effects_are_means_of_absolute_values(effects_of: Callable[..., pd.DataFrame]) -> None:
    names = [f"method_{number}" for number in range(FEWEST)]
    published = {name: 0.3 * (-1) ** place for place, name in enumerate(names)}
    found = effects_of(published, {name: [0.0, 0.1] for name in names}).assign(measured=0.05)
    assert sizes_in_words(found) == "mean size of these effects: aopc 0.05 (published 0.3)"
    assert sizes_in_words(found[1:]) == "", "too few to say"


def test_effects_that_are_large_where_the_published_ones_are_correlate(effects_of: Callable[..., pd.DataFrame]) -> None:
    sizes = np.arange(FEWEST) / 10 - 0.45
    published = {f"method_{place}": float(size) for place, size in enumerate(sizes)}
    measured = np.random.default_rng(0).permutation(sizes)
    found = effects_of(published, {name: [float(effect)] for name, effect in zip(published, measured, strict=True)})
    assert f"rank correlation {spearmanr(sizes, measured).statistic:.2f})" in sizes_in_words(found)


def test_no_effect_claims_no_sign(make_record: MakeRecord) -> None:
    measured = to_frame(make_record(seed=seed, value=value) for seed, value in enumerate([0.4, 0.5, 0.6]))
    claims = pd.DataFrame([claim(0.5), claim(0.5, training="guided")])
    assert signs(compare(measured, claims), methods=["guided"]).empty
    assert signs(compare(measured, claims[:1]), methods=["guided"]).empty


def test_each_method_is_compared_with_the_base(make_record: MakeRecord) -> None:
    values = {"regular": 0.5, "guided": 0.7, "smooth": 0.4, "other": 0.9}
    measured = to_frame(make_record(training=training, value=value) for training, value in values.items())
    claims = pd.DataFrame([claim(0.1), *(claim(0.2, training=name) for name in ("guided", "smooth", "other"))])
    found = signs(compare(measured, claims), methods=["smooth", "guided"]).set_index("training")
    assert found["measured"].to_dict() == pytest.approx({"guided": 0.2, "smooth": -0.1})
    assert found["same_sign"].to_dict() == {"guided": True, "smooth": False}


def test_effects_are_paired_by_seed(make_record: MakeRecord) -> None:
    """The method's seeds 1 and 2 and the base's 0 and 1 share one, which alone counts."""
    records = [make_record(seed=seed, value=value) for seed, value in ((0, 0.1), (1, 0.3))]
    records += [make_record(training="guided", seed=seed, value=value) for seed, value in ((1, 0.4), (2, 0.9))]
    claims = pd.DataFrame([claim(0.1), claim(0.2, training="guided")])
    found = signs(compare(to_frame(records), claims), methods=["guided"]).iloc[0]
    assert found["by_seed"] == pytest.approx({1: 0.1})
    assert found["measured"] == pytest.approx(0.1)


def test_effects_of_a_mean_are_over_the_data_sets_that_both_have(make_record: MakeRecord) -> None:
    """On `a` guidance helps by 0.1. That `b` is there with guidance alone, and lower, is no effect."""
    values = {("regular", "a"): 0.5, ("guided", "a"): 0.6, ("guided", "b"): 0.1}
    records = [
        make_record(training=name, dataset=f"{dataset}@1", value=value) for (name, dataset), value in values.items()
    ]
    claims = pd.DataFrame([claim(0.1, dataset=""), claim(0.2, dataset="", training="guided")])
    found = signs(compare(to_frame(records), claims), methods=["guided"]).iloc[0]
    assert found["by_seed"] == pytest.approx({0: 0.1})
    assert found["measured"] == pytest.approx(0.1)


def test_equal_effects_settle_nothing(effects_of: Callable[..., pd.DataFrame]) -> None:
    assert effects_of({"x": 0.1}, {"x": [0.01, 0.01]})["settled"].tolist() == [False]


def test_means_are_compared_where_no_seed_is_shared(make_record: MakeRecord) -> None:
    records = [make_record(seed=seed, value=value) for seed, value in ((0, 0.1), (1, 0.3))]
    records += [make_record(training="guided", seed=seed, value=value) for seed, value in ((2, 0.4), (3, 0.9))]
    claims = pd.DataFrame([claim(0.1), claim(0.2, training="guided")])
    found = signs(compare(to_frame(records), claims), methods=["guided"]).iloc[0]
    assert found["by_seed"] == {}
    assert found["measured"] == pytest.approx(0.65 - 0.2)


@pytest.mark.parametrize("effects", [[0.1, 0.2, 0.3], [0.1, -0.2, 0.3], [0.01, 0.2, 0.21], [-1.0, -1.1, -0.8, -0.9]])
def test_settled_is_the_t_test_against_zero(effects_of: Callable[..., pd.DataFrame], effects: list[float]) -> None:
    found = effects_of({"x": 0.1}, {"x": effects})
    assert found["settled"].tolist() == [bool(ttest_1samp(effects, 0.0).pvalue < 0.05)]


def test_counts_by_hand(effects_of: Callable[..., pd.DataFrame]) -> None:
    """x is settled and as published, y settled and not, z has the published sign in two of three seeds."""
    found = effects_of(
        {"x": 0.1, "y": 0.1, "z": 0.1}, {"x": [0.2, 0.21, 0.19], "y": [-0.2, -0.21, -0.19], "z": [0.1, 0.1, -0.1]}
    )
    counts = sign_counts(found)
    assert counts == SignCounts(cells=3, same=2, settled=2, settled_same=1, between_seeds=counts.between_seeds)
    assert counts.between_seeds == pytest.approx(7 / 9)
    assert str(counts) == "2 of 3 (one of our seeds has that of another in 78%; of the 2 that our seeds settle, 1)"


def test_seeds_of_pure_noise_agree_half_of_the_time(effects_of: Callable[..., pd.DataFrame]) -> None:
    noise = np.random.default_rng(0).normal(size=(400, 3))
    names = [f"s{place}" for place in range(len(noise))]
    found = effects_of(dict.fromkeys(names, 0.1), dict(zip(names, noise.tolist(), strict=True)))
    counts = sign_counts(found)
    assert counts.between_seeds == pytest.approx(0.5, abs=0.04)
    assert counts.settled / counts.cells == pytest.approx(0.05, abs=0.03)


def test_one_seed_says_nothing_about_another(effects_of: Callable[..., pd.DataFrame]) -> None:
    assert math.isnan(sign_counts(effects_of({"x": 0.1}, {"x": [0.2]})).between_seeds)

"""The mean distance from published numbers, by hand."""

import pandas as pd
import pytest

from salbench.results.distances import FEWEST, distances, distances_in_words


def comparison(differences: list[float | None], *, training: str = "regular", verdict: str = "differs") -> pd.DataFrame:
    return pd.DataFrame({"training": training, "metric": "aup", "difference": differences, "verdict": verdict})


def test_it_is_the_mean_of_the_sizes_by_training_method() -> None:
    both = pd.concat([comparison([0.1, -0.3] * FEWEST), comparison([-0.5] * FEWEST, training="guided")])
    found = distances(both).set_index("training")
    assert found["distance"].to_dict() == pytest.approx({"regular": 0.2, "guided": 0.5})
    assert found["count"].to_dict() == {"regular": 2 * FEWEST, "guided": FEWEST}
    said = "mean distance from the published numbers: regular aup 0.2, guided aup 0.5"
    assert distances_in_words(both) == said


def test_what_was_not_measured_or_cannot_be_compared_has_none() -> None:
    assert distances_in_words(comparison([0.1] * (FEWEST - 1) + [None])) == ""
    assert distances_in_words(comparison([0.1] * FEWEST, verdict="cannot be compared: small scale")) == ""

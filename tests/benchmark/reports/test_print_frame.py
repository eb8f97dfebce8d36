"""Data frames in terminals of any width: no number and no name loses a sign."""

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from salbench.benchmark.reports.print_frame import print_frame
from salbench.results.tables import MISSING

FRAME = pd.DataFrame(
    {
        "metric": ["aup_diff_count ↑", "gini ↑"],
        "saliency_guided": [0.17224, float("nan")],
        "pairs": [20, 3],
        "verdict": ["too few seeds to say anything of these two methods", "better"],
    }
)


def printed(frame: pd.DataFrame, width: int, title: str = "") -> str:
    console = Console(width=width, file=StringIO())
    with console.capture() as captured:
        print_frame(frame, console, title)
    return captured.get()


def signs(text: str) -> list[str]:
    return sorted(text.replace("─", "").replace(" ", "").replace("\n", ""))


def test_numbers_have_three_digits_and_what_is_not_there_is_a_dash() -> None:
    lines = printed(FRAME, 120).splitlines()
    assert any(line.split()[:4] == ["aup_diff_count", "↑", "0.172", "20"] for line in lines)
    assert any(line.split() == ["gini", "↑", MISSING, "3", "better"] for line in lines)


def test_zero_has_no_sign() -> None:
    assert printed(pd.DataFrame({"tau": [-0.0, -0.25]}), 80).split()[-2:] == ["0", "-0.25"]


@pytest.mark.parametrize("width", [44, 50, 60, 80])
def test_a_narrow_terminal_loses_no_sign(width: int) -> None:
    assert signs(printed(FRAME, width)) == signs(printed(FRAME, 200))


def test_where_no_table_has_room_rows_stand_one_below_another() -> None:
    lines = printed(FRAME, 30, title="Two").splitlines()
    assert lines[:4] == ["Two", "metric: aup_diff_count ↑", "  saliency_guided: 0.172", "  pairs: 20"]
    assert "metric: gini ↑" in lines


def test_texts_are_broken_at_spaces_before_names_are_broken() -> None:
    narrow = printed(FRAME, 58)
    assert "aup_diff_count ↑" in narrow
    assert not any("aup_diff_count" in line and "two" in line for line in narrow.splitlines())


def test_names_are_broken_at_an_underscore() -> None:
    lines = [line.split() for line in printed(FRAME, 42).splitlines()]
    assert any(words[:1] == ["aup_diff_"] for words in lines)
    assert any(words[:2] == ["count", "↑"] for words in lines)


def test_markup_in_data_is_text() -> None:
    assert "[red]x[/red]" in printed(pd.DataFrame({"name": ["[red]x[/red]"]}), 80, title="[bold]")


def test_no_rows_are_a_head_alone() -> None:
    assert "metric" in printed(FRAME.iloc[:0], 80)

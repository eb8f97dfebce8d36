import re
from io import StringIO

from rich.console import Console

from salbench.results.formats.terminal import to_terminal
from salbench.results.leaderboard import Leaderboard
from salbench.results.sheet import sheet


def printed(board: Leaderboard, *, width: int = 120, terminal: bool = False) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=terminal, _environ={"TERM": "xterm"})
    to_terminal(sheet(board, "Suite [quick]."), console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_wide_terminal_shows_all(board: Leaderboard) -> None:
    lines = [line.rstrip() for line in printed(board).splitlines()]
    assert lines[:17] == [
        "digits@1 · mlp",
        "",
        " saliency                     accuracy ↑                    aopc ↑",
        " ─────────────────────────────────────────────────────────────────",
        " regular",
        "   gradient       0.900 [0.900, 0.900] *     0.200 [-0.048, 0.448]",
        "   <script>       0.900 [0.900, 0.900] *    0.500 [0.252, 0.748] *",
        " a_b & 50% | $x",
        "   gradient         0.800 [0.800, 0.800]   -0.300 [-0.300, -0.300]",
        "   <script>         0.800 [0.800, 0.800]                    failed",
        "",
        " regular",
        "   [bold]           0.900 [0.900, 0.900]      0.990 [0.990, 0.990]",
        "",
        "  left out: aup: needs masks",
        "  aopc failed for a_b & 50% | $x/<script>: out of memory: <3 GiB>",
        "  95% intervals: over training seeds",
    ]
    assert "Suite [quick]." in lines
    assert "hidden" not in "".join(lines)


def test_training_methods_are_put_side_by_side(board: Leaderboard) -> None:
    text = printed(board)
    assert "Training methods side by side" in text
    assert " digits@1   mlp            regular               0.900    0.200" in text
    assert " digits@1   mlp            a_b & 50% | $x        0.800   -0.300" in text


def test_narrower_than_the_intervals_shows_the_spread(board: Leaderboard) -> None:
    text = printed(board, width=60)
    assert "0.500 ± 0.100 *" in text
    assert "[0.252" not in text
    words = " ".join(text.split())
    assert "Mean ± standard deviation over seeds. salbench table SUITE --format markdown shows all." in words


def test_narrow_terminal_hides_the_spread_too(board: Leaderboard) -> None:
    text = printed(board, width=45).split("Training methods")[0]
    assert "aopc ↑" in text
    assert "±" not in text.replace("Mean ±", "")
    assert "0.500 *" in text


def test_narrower_terminal_hides_the_last_columns_and_says_so(board: Leaderboard) -> None:
    text = printed(board, width=34)
    assert "accuracy ↑" in text
    assert "aopc ↑" not in text.split("Training methods")[0]
    assert "1 column hidden" in " ".join(text.split())
    assert "salbench table SUITE --format markdown" in " ".join(text.split())


def test_best_is_bold_and_controls_are_dim_in_a_terminal(board: Leaderboard) -> None:
    text = printed(board, terminal=True)
    assert re.search(r"\x1b\[1m *0\.500 \[0\.252, 0\.748\]\x1b\[0m", text)
    assert re.search(r"\x1b\[2m *0\.990 \[0\.990, 0\.990\]\x1b\[0m", text)
    assert "*" not in text


def test_empty_leaderboard_prints_its_caption() -> None:
    assert printed(Leaderboard.from_records([])).startswith("Suite [quick].")


def test_what_is_missing_is_listed_with_its_command(board: Leaderboard) -> None:
    console = Console(file=StringIO(), width=120)
    to_terminal(sheet(board, "", missing=["digits/mlp/[x]: all"], command="salbench run quick"), console)
    assert isinstance(console.file, StringIO)
    assert "digits/mlp/[x]: all\nTo fill in: salbench run quick\n" in console.file.getvalue()

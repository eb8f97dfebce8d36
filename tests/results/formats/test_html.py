from html.parser import HTMLParser

from salbench.results.best import MARKS
from salbench.results.formats.html import to_html
from salbench.results.leaderboard import Leaderboard
from salbench.results.sheet import sheet


class Cells(HTMLParser):
    """Collects the rows of tables as texts, and the tags that are open at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def test_a_reader_gets_the_table_back(board: Leaderboard) -> None:
    parser = Cells()
    parser.feed(to_html(sheet(board, "Suite quick.")))
    assert parser.open == []
    assert parser.rows[:6] == [
        ["training", "saliency", "seeds", "accuracy ↑", "aopc ↑"],
        ["regular", "gradient", "3", "0.900 [0.900, 0.900]", "0.200 [-0.048, 0.448]"],
        ["regular", "<script>", "3", "0.900 [0.900, 0.900]", "0.500 [0.252, 0.748]"],
        ["a_b & 50% | $x", "gradient", "3", "0.800 [0.800, 0.800]", "-0.300 [-0.300, -0.300]"],
        ["a_b & 50% | $x", "<script>", "3", "0.800 [0.800, 0.800]", "failed"],
        ["regular", "[bold]", "3", "0.900 [0.900, 0.900]", "0.990 [0.990, 0.990]"],
    ]


def test_names_cannot_become_markup(board: Leaderboard) -> None:
    text = to_html(sheet(board, 'a "<img src=x>" caption'))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;3 GiB&gt;" in text


def test_best_is_strong_and_controls_have_their_body(board: Leaderboard) -> None:
    text = to_html(sheet(board, "caption"))
    assert "<strong>0.500 [0.252, 0.748]</strong>" in text
    _, controls = text.split('<tbody class="controls">')
    assert "<strong>" not in controls
    assert MARKS in text


def test_missing_cells_and_their_command_are_escaped(board: Leaderboard) -> None:
    text = to_html(sheet(board, "", missing=["<b>: all"], command="salbench run 'a<b'"))
    assert "<li>&lt;b&gt;: all</li>" in text
    assert "<code>salbench run &#x27;a&lt;b&#x27;</code>" in text

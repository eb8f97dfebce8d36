import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy.stats import t

from salbench.results.cell_intervals import cell_intervals
from salbench.results.kept_scores import kept_scores
from salbench.results.leaderboard import Leaderboard
from salbench.results.page.board import STATUSES, board_payload
from salbench.results.page.build import write_page
from salbench.results.page.content import Behind, Cost, EntryName, MetricCard, Page
from salbench.results.page.details import details_payload
from salbench.results.record import Record, Status

SCRIPT = "</script><script>document.title='broken'</script>"


@pytest.fixture
def page(make_record: Callable[..., Record]) -> Page:
    records = []
    for saliency, control, values in (
        ("random", True, [0.1, 0.1]),
        (SCRIPT, False, [0.5, 0.7]),
        ("zero", False, [0.2, 0.3]),
    ):
        for seed, value in enumerate(values):
            entry = {"saliency": saliency, "control": control, "seed": seed}
            curve = {"percent": [0.0, 50.0], "accuracy": [100.0, 100 * value]}
            records.append(make_record(**entry, value=value, curve=curve))
            records.append(make_record(**entry, metric="aup", status=Status.SKIPPED, note="needs masks"))
    cards = [
        MetricCard(
            name=name, version=1, description=SCRIPT, higher_is_better=True, across_models=True, family="faithfulness"
        )
        for name in ("aopc", "aup")
    ]
    return Page(suite="quick", title=SCRIPT, caption=SCRIPT, records=records, cards=cards)


def payload(path: Path) -> Any:
    """What a script hands to the page."""
    text = path.read_text(encoding="utf-8").strip()
    return json.loads(text[text.index(",") + 1 :].removesuffix(");"))


def test_rows_are_entries_with_controls_last(page: Page) -> None:
    costs = {EntryName("digits@1", "mlp", "regular", "zero"): Cost(milliseconds=2.0)}
    board, names = board_payload(page.records, Leaderboard.from_records(page.records), costs)
    assert [name.saliency for name in names] == [SCRIPT, "zero", "random"]
    assert board["rows"]["control"] == [0, 0, 1]
    assert board["rows"]["milliseconds"] == [None, 2, None]
    aopc = board["cells"][0]
    assert aopc["mean"] == [0.6, 0.25, 0.1]
    assert aopc["values"] == [0.5, 0.7, 0.2, 0.3, 0.1, 0.1]
    assert aopc["best"] == [1, 0, 0]
    assert [STATUSES[status] for status in board["cells"][1]["status"]] == ["skipped"] * 3
    assert board["cells"][1]["mean"] == [None, None, None]
    assert board["sources"] == ["too few: 2 training seeds, 3 needed"]
    assert (aopc["low"], aopc["source"]) == ([None, None, None], [0, 0, 0])
    assert board["cells"][1]["source"] == [-1, -1, -1]  # skipped


def test_intervals_and_doubts_stand_beside_their_cells(make_record: Callable[..., Record]) -> None:
    records = [
        make_record(dataset=dataset, seed=seed, value=place + seed)
        for place, dataset in enumerate(("digits@1", "middle@1"))
        for seed in range(3)
    ]
    intervals = cell_intervals(records, read_scores=kept_scores(None)).iloc[::-1]  # in any order
    doubts = {"dataset": "middle@1", "architecture": "mlp", "metric": "aopc", "reliable": False, "reason": SCRIPT}
    leaderboard = Leaderboard.from_records(records)
    leaderboard = leaderboard.with_evidence(intervals=intervals, reliability=pd.DataFrame([doubts]))
    board, _ = board_payload(records, leaderboard, {})
    (cell,) = board["cells"]
    reach = t.ppf(0.975, 2) / 3**0.5
    assert cell["mean"] == [1, 2]
    assert cell["low"] == pytest.approx([1 - reach, 2 - reach], rel=1e-5)
    assert cell["high"] == pytest.approx([1 + reach, 2 + reach], rel=1e-5)
    assert [board["sources"][place] for place in cell["source"]] == ["over training seeds"] * 2
    assert cell["doubts"] == ["", SCRIPT]


def test_details_hold_curves_of_the_entry_and_of_controls(page: Page) -> None:
    own = [record for record in page.records if record.saliency == "zero"]
    random = [record for record in page.records if record.saliency == "random"]
    settings = {"Budget": {"epochs": 3, "rate": 0.001, "shuffle": True, "stop": None, "decay_at": (1, 2)}}
    found = details_payload(own, Behind(settings=settings), {"random": random})
    curves = found["metrics"][0]["curves"]
    assert (curves["x"], curves["y"]) == ("percent", "accuracy")
    assert [line["accuracy"] for line in curves["lines"]] == [[100, 20], [100, 30]]
    assert curves["beside"] == [{"name": "random", "percent": [0, 50], "accuracy": [100, 10]}]
    assert found["metrics"][1]["curves"] is None
    budget = {"epochs": "3", "rate": "0.001", "shuffle": "yes", "stop": "none", "decay_at": "1, 2"}
    assert found["settings"] == {"Budget": budget}


def test_data_are_text_wherever_they_are_shown(page: Page, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [
            {
                "dataset": SCRIPT,
                "architecture": "",
                "training": "",
                "saliency": "",
                "metric": "aopc",
                "published": 1.0,
                "measured": 0.5,
                "sd": 0.1,
                "seeds": 2,
                "difference": -0.5,
                "verdict": f"cannot be compared: {SCRIPT}",
            }
        ]
    )
    index = write_page(replace(page, published=[(SCRIPT, frame)]), tmp_path / "out")
    html = index.read_text()
    assert "broken" in html
    assert "<script>" not in html  # its own have a source
    assert "a mean of as many further runs as were published" in " ".join(html.split())
    for script in (tmp_path / "out" / "data").rglob("*.js"):
        assert "<" not in script.read_text()


def test_every_entry_has_a_file_and_the_board_is_read_back(page: Page, tmp_path: Path) -> None:
    write_page(page, tmp_path)
    board = payload(tmp_path / "data" / "board.js")
    assert board["texts"]["saliency"][0] == SCRIPT
    assert len(list((tmp_path / "data" / "entries").iterdir())) == 3
    assert payload(tmp_path / "data" / "entries" / "1.js")["metrics"][0]["results"][1]["value"] == 0.3
    assert "digits@1" in (tmp_path / "leaderboard.csv").read_text()


def test_nothing_is_asked_of_a_network(page: Page, tmp_path: Path) -> None:
    write_page(page, tmp_path)
    for path in tmp_path.rglob("*"):
        if path.suffix in {".js", ".css", ".html"}:
            text = path.read_text().replace("http://www.w3.org/2000/svg", "")
            assert "http:" not in text, path
            assert 'src="http' not in text, path
            assert "fetch(" not in text, path
            assert "innerHTML" not in text, path


def test_an_older_report_is_replaced_and_nothing_else_is(page: Page, tmp_path: Path) -> None:
    write_page(page, tmp_path / "out")
    stale = tmp_path / "out" / "data" / "entries" / "99.js"
    stale.write_text("old")
    write_page(page, tmp_path / "out")
    assert not stale.exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(ValueError, match="holds other files"):
        write_page(page, tmp_path / "mine")
    with pytest.raises(ValueError, match="is a file"):
        write_page(page, tmp_path / "mine" / "thesis.txt")


def test_the_same_page_twice_is_the_same_bytes(page: Page, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_page(page, tmp_path / name)
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert all((tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes() for file in files)

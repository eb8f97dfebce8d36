import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from salbench.results.page.build import write_page
from salbench.results.page.content import Page

from .conftest import SCRIPT, UNRELIABLE, Opened, make_record

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

Open = Callable[..., Opened]


def entries(tab: "Tab") -> list[str]:
    """Training and saliency method of the rows, from top to bottom."""
    found: list[str] = tab.locator("button[data-row]").all_text_contents()
    return found


def means(tab: "Tab", metric: str) -> list[float]:
    """What the cells of a metric say, from top to bottom."""
    return [float(text) for text in tab.locator(f"td[data-metric={metric}] .mean").all_text_contents()]


def focused(tab: "Tab") -> Any:
    return tab.evaluate(
        "document.activeElement.dataset.row ?? document.activeElement.dataset.sort ?? document.activeElement.tagName"
    )


def test_opens_from_disk_and_asks_for_nothing_else(report: Path, open_report: Open) -> None:
    opened = open_report(report)
    opened.tab.locator("#metrics").scroll_into_view_if_needed()
    opened.tab.locator("#disagreement-view canvas").first.wait_for()
    assert len(entries(opened.tab)) == 32
    assert {address.split(":")[0] for address in opened.addresses} <= {"file", "data"}
    assert opened.tab.locator("#count").inner_text() == "32 entries (8 controls) in 4 groups"


def test_sorting_keeps_groups_together_and_controls_below(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.get_by_role("button", name=re.compile("aopc_morf.*higher is better")).click()
    header = tab.locator("th[aria-sort=descending]")
    assert header.count() == 1
    assert "aopc_morf" in header.inner_text()
    for start in range(0, 32, 8):
        group = means(tab, "aopc_morf")[start : start + 8]
        assert group[:6] == sorted(group[:6], reverse=True)
        assert group[6:] == sorted(group[6:], reverse=True)
        assert all("random" in name for name in entries(tab)[start + 6 : start + 8])
    tab.get_by_role("button", name=re.compile("aopc_morf.*higher is better")).click()
    assert tab.locator("th[aria-sort=ascending]").count() == 1
    assert means(tab, "aopc_morf")[:6] == sorted(means(tab, "aopc_morf")[:6])


def test_lower_is_better_begins_with_the_lowest(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.get_by_role("button", name=re.compile("entropy.*lower is better")).click()
    assert tab.locator("th[aria-sort=ascending]").count() == 1


def test_search_and_choices_filter(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.get_by_label("Search").fill("GUIDED smooth")
    assert entries(tab) == ["saliency_guidedsmoothgrad"] * 4
    tab.get_by_label("Data set").select_option("signals@1")
    assert entries(tab) == ["saliency_guidedsmoothgrad"]
    assert "1 of 32 entries" in tab.locator("#count").inner_text()
    tab.get_by_label("Search").fill("nothing like it")
    assert entries(tab) == []
    assert "No entry fits" in tab.locator("#count").inner_text()
    tab.get_by_role("button", name="Reset").click()
    tab.locator("button[data-row]").nth(31).wait_for()
    assert len(entries(tab)) == 32
    tab.get_by_label("Controls").uncheck()
    assert len(entries(tab)) == 24
    tab.get_by_label("complexity").uncheck()
    assert tab.locator("td[data-metric=entropy]").count() == 0


def test_keyboard_alone_sorts_opens_and_comes_back(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the leaderboard"
    for _ in range(60):
        tab.keyboard.press("Tab")
        if focused(tab) == "aopc_morf":
            break
    tab.keyboard.press("Enter")
    assert focused(tab) == "aopc_morf"  # the table is drawn anew, and the focus stays
    assert tab.locator("th[aria-sort=descending]").count() == 1
    while not str(focused(tab)).isdigit():
        tab.keyboard.press("Tab")
    first = focused(tab)
    tab.keyboard.press("ArrowDown")
    second = focused(tab)
    assert second != first
    tab.keyboard.press("Enter")
    tab.locator("dialog[open] h3").first.wait_for()
    assert tab.evaluate("document.activeElement.closest('dialog') !== null")
    tab.keyboard.press("Escape")
    tab.locator("dialog[open]").wait_for(state="hidden")
    assert focused(tab) == second


@pytest.mark.parametrize(
    ("dataset", "drawn"),
    [
        ("pictures@1", "canvas.image"),
        ("signals@1", "canvas.series"),
        ("measures@1", "table.bars .bar"),
        ("sentences@1", ".words .word"),
    ],
)
def test_details_of_every_kind_of_data(report: Path, open_report: Open, dataset: str, drawn: str) -> None:
    tab = open_report(report).tab
    tab.get_by_label("Data set").select_option(dataset)
    tab.locator("td[data-metric=aopc_morf]").first.click()
    tab.locator("dialog[open] h3").first.wait_for()
    titles = ["Numbers", "Perturbation curves", "Maps", "Settings", "Provenance"]
    assert tab.locator("dialog h3").all_text_contents() == titles
    assert tab.locator("dialog tr.wanted").get_attribute("data-metric") == "aopc_morf"
    assert tab.locator("dialog polyline.mean").count() == 1
    assert tab.locator("dialog polyline.seed").count() == 3
    assert tab.locator(f"dialog {drawn}").count() >= 4
    assert "a" * 64 in tab.locator("dialog").inner_text()
    assert "Skipped: aup_count" in tab.locator("dialog").inner_text()


def test_pictures_have_names_for_a_screen_reader(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.locator("button[data-row]").first.click()
    tab.locator("dialog canvas").first.wait_for()
    labels = tab.locator("dialog canvas, dialog svg").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert all(labels)
    assert any("strongest at row" in label for label in labels)


def test_data_are_shown_as_text_and_never_run(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    assert any(SCRIPT in name for name in entries(tab))
    tab.get_by_label("Data set").select_option("sentences@1")
    tab.locator("button[data-row]", has_text="script").first.click()
    tab.locator("dialog[open] h3").first.wait_for()
    assert SCRIPT in tab.locator("dialog h2").inner_text()
    assert tab.locator("dialog .word", has_text="script").count() > 0
    assert tab.locator("dialog script, main script").count() == 0
    tab.keyboard.press("Escape")
    tab.locator("#disagreement").scroll_into_view_if_needed()
    tab.locator("#disagreement-view canvas").first.wait_for()
    assert tab.title() == "synthetic · salbench"


def test_intervals_are_drawn_and_written(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    cell = tab.locator("tr[data-row]", has_text="smoothgrad").first.locator("td[data-metric=aopc_morf]")
    # 0.42 ± t(0.975, 2) · 0.02 / √3
    assert cell.locator(".interval").inner_text().strip() == "[0.370, 0.470]"
    assert cell.get_attribute("title") == "over training seeds"
    assert tab.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('td[data-metric=aopc_morf] .track'), '::before').width) > 5"
    )
    tab.get_by_label("Intervals").uncheck()
    assert tab.locator(".interval, #table .track").count() == 0


def test_too_few_seeds_stand_in_place_of_an_interval(tmp_path: Path, open_report: Open) -> None:
    records = [make_record(seed=seed, value=0.1 * seed) for seed in range(2)]
    tab = open_report(write_page(Page(suite="small", title="", caption="", records=records), tmp_path / "out")).tab
    assert tab.locator("td[data-metric] .interval").inner_text().strip() == "2 seeds"
    tab.locator("details.reading summary").click()
    assert "too few: 2 training seeds, 3 needed (1 cells)" in tab.locator("details.reading").inner_text()
    tab.locator("button[data-row]").click()
    tab.locator("dialog[open] h3").first.wait_for()
    assert "No interval, too few: 2 training seeds, 3 needed: aopc_morf." in tab.locator("dialog").inner_text()


def test_unreliable_metrics_are_marked_where_they_are(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    assert "‡" in tab.get_by_role("button", name=re.compile("entropy.*unreliable in 1 group")).inner_text()
    assert tab.locator("td.doubtful").count() == tab.locator("td.doubtful[data-metric=entropy]").count() == 8
    tab.get_by_text("1 of the metrics is unreliable here").click()
    reason = "its ranking agrees between seeds only by tau"
    assert reason in tab.locator("td.doubts li").inner_text()
    card = tab.locator("#metric-entropy")
    assert "on 3 of 4 data sets" in card.inner_text()
    card.get_by_text("Where it is unreliable").click()
    assert f"{UNRELIABLE} · mlp: {reason}" in card.inner_text()
    tab.get_by_label("Data set").select_option("pictures@1")
    assert tab.locator("td.doubtful").count() == 0
    assert tab.get_by_role("button", name=re.compile("entropy.*unreliable")).count() == 0


def test_arrow_keys_reach_each_number_and_the_focus_comes_back(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    here = """() => {
        const cell = document.activeElement.closest("tr[data-row] > *");
        return [cell.parentElement.dataset.row, cell.dataset.metric ?? ""].join(" ");
    }"""
    tab.locator("button[data-row]").first.focus()
    row = tab.evaluate(here).strip()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"):
        tab.keyboard.press(key)
    assert tab.evaluate(here) == f"{row} aopc_morf"
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    tab.keyboard.press("Enter")
    tab.locator("dialog[open] h3").first.wait_for()
    assert tab.locator("dialog tr.wanted").get_attribute("data-metric") == "aopc_morf"
    address = tab.evaluate("location.href")
    tab.keyboard.press("Escape")
    tab.locator("dialog[open]").wait_for(state="hidden")
    assert tab.evaluate(here) == f"{row} aopc_morf"
    other = open_report(report).tab
    other.goto(address)
    other.locator("dialog tr.wanted[data-metric=aopc_morf]").wait_for()


def test_an_address_of_no_entry_says_so(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.goto(f"{report.as_uri()}#dataset=none&architecture=mlp&training=regular&saliency={SCRIPT.replace('/', '%2F')}")
    assert f"This report has no entry none/mlp/regular/{SCRIPT}" in tab.get_by_role("alert").inner_text()
    assert tab.locator("dialog[open]").count() == 0


def test_average_ranks_are_drawn_and_told(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    view = tab.locator("#ranks-view")
    assert "Saliency methods by aopc_morf, over 4 blocks." in view.locator("figcaption").inner_text()
    said = view.get_by_role("img").get_attribute("aria-label") or ""
    assert said.startswith(f"Average ranks, best first: {SCRIPT} 1, ")
    assert view.locator("svg text.name").count() == 3
    tab.locator("#ranks-choice").get_by_label("Metric").select_option(label="entropy, saliency methods")
    assert "over 3 blocks" in view.locator("figcaption").inner_text()  # without the one where it is unreliable
    view.get_by_text("Numbers").click()
    assert view.locator("tbody th").all_inner_texts() == [SCRIPT, "smoothgrad", "gradient"]
    assert "No diagram of training methods by" in tab.locator("#ranks").inner_text()


def test_an_address_opens_an_entry_and_back_closes_it(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.goto(
        f"{report.as_uri()}#dataset=signals%401&architecture=mlp&training=regular&saliency=smoothgrad&metric=entropy"
    )
    tab.locator("dialog[open] h3").first.wait_for()
    assert "regular" in tab.locator("dialog h2").inner_text()
    assert "signals@1" in tab.locator("dialog header").inner_text()
    assert tab.locator("dialog tr.wanted").get_attribute("data-metric") == "entropy"
    tab.get_by_role("button", name="Close").click()
    assert tab.evaluate("document.activeElement.closest('td').dataset.metric") == "entropy"
    assert "#" not in tab.evaluate("location.href")
    tab.locator("button[data-row]").first.click()
    tab.locator("dialog[open] h3").first.wait_for()
    tab.go_back()
    tab.locator("dialog[open]").wait_for(state="hidden")


def test_dark_follows_the_system_and_the_button(report: Path, open_report: Open) -> None:
    def ground(tab: "Tab") -> Any:
        return tab.evaluate("getComputedStyle(document.body).backgroundColor")

    assert ground(open_report(report, color_scheme="light").tab) == "rgb(255, 255, 255)"
    tab = open_report(report, color_scheme="dark").tab
    assert ground(tab) == "rgb(21, 24, 28)"
    tab.get_by_role("button", name="Light").click()
    assert ground(tab) == "rgb(255, 255, 255)"
    assert tab.get_by_role("button", name="Dark").count() == 1


def test_nothing_sticks_out_on_a_phone(report: Path, open_report: Open) -> None:
    tab = open_report(report, width=390, height=844).tab
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert tab.evaluate(wide) == 0
    assert not tab.get_by_label("Data set").is_visible()
    tab.get_by_text("Filters and columns").click()
    assert tab.get_by_label("Data set").is_visible()
    tab.locator("button[data-row]").first.click()
    tab.locator("dialog[open] h3").first.wait_for()
    assert tab.evaluate("document.querySelector('dialog').scrollWidth - innerWidth") <= 0


def test_tables_have_captions_and_headers(report: Path, open_report: Open) -> None:
    tab = open_report(report).tab
    tab.locator("button[data-row]").first.click()
    tab.locator("dialog[open] h3").first.wait_for()
    assert tab.locator("dialog table").count() > 1
    assert tab.locator("table:not(:has(caption))").count() == 0
    assert tab.locator("main thead th:not([scope])").count() == 0
    assert tab.locator("#table tbody tr[data-row] > th[scope=row]").count() == 32
    assert tab.get_by_role("region", name="Leaderboard").count() >= 1


def test_without_scripts_the_numbers_can_still_be_reached(report: Path, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(report.as_uri())
    assert tab.locator("noscript .notice").is_visible()
    assert tab.locator("#metrics article").count() == 3
    context.close()

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from salbench.results.formats.latex import escape, to_latex
from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record
from salbench.results.sheet import sheet


def test_table_of_a_group(board: Leaderboard) -> None:
    text = to_latex(sheet(board, "Suite quick."))
    body = text[text.index(r"\begin{tabular}") : text.index(r"\par")]
    assert (
        body
        == r"""\begin{tabular}{lrr}
\toprule
saliency & accuracy $\uparrow$ & aopc $\uparrow$ \\
\midrule
\multicolumn{3}{l}{\emph{regular}} \\
\quad gradient & \textbf{0.900} & 0.200 \\
 & \scriptsize {[}0.900, 0.900{]} & \scriptsize {[}$-$0.048, 0.448{]} \\
\quad \textless{}script\textgreater{} & \textbf{0.900} & \textbf{0.500} \\
 & \scriptsize {[}0.900, 0.900{]} & \scriptsize {[}0.252, 0.748{]} \\
\multicolumn{3}{l}{\emph{a\_b \& 50\% \textbar{} \$x}} \\
\quad gradient & 0.800 & $-$0.300 \\
 & \scriptsize {[}0.800, 0.800{]} & \scriptsize {[}$-$0.300, $-$0.300{]} \\
\quad \textless{}script\textgreater{} & 0.800 & failed \\
 & \scriptsize {[}0.800, 0.800{]} & \scriptsize  \\
\midrule
\multicolumn{3}{l}{\emph{regular}} \\
\quad {[}bold{]} & 0.900 & 0.990 \\
 & \scriptsize {[}0.900, 0.900{]} & \scriptsize {[}0.990, 0.990{]} \\
\bottomrule
\end{tabular}
"""
    )
    notes = text[text.index(r"\par") : text.index(r"\end{table}")]
    assert notes == (
        r"""\par\footnotesize left out: aup: needs masks
\par\footnotesize aopc failed for a\_b \& 50\% \textbar{} \$x/\textless{}script\textgreater{}: """
        r"""out of memory: \textless{}3 GiB\textgreater{}
\par\footnotesize 95\% intervals: over training seeds
"""
    )


def test_structure_is_sound(board: Leaderboard) -> None:
    text = to_latex(sheet(board, "50% {done} & more_to_come #1 ~ ^ \\"))
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert re.findall(r"\\begin\{(\w+)\}", text) == re.findall(r"\\end\{(\w+)\}", text)[::-1]
    rows = [line for line in text.splitlines() if line.endswith(r"\\") and r"\multicolumn" not in line]
    assert {line.count(" & ") for line in rows} == {2}
    assert r"\caption{digits@1 $\cdot$ mlp. 50\% \{done\} \& more\_to\_come \#1 " in text


def test_what_latex_cannot_set_is_spelt_out() -> None:
    assert escape("é ± 漢\n\x07") == r"é $\pm$ [U+6F22] [U+0007]"


def test_hyphens_in_a_row_stay_hyphens() -> None:
    assert escape("table quick --reference --- \N{EN DASH}") == "table quick -{}-reference -{}-{}- --"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_it_compiles(board: Leaderboard, tmp_path: Path) -> None:
    characters = escape(" ".join(map(chr, [*range(32, 400), *range(0x2010, 0x2030), *range(0x2190, 0x2270)])))
    body = to_latex(sheet(board, "50% & more_to_come", missing=["a % b"], command="salbench run '50%'")) + characters
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "table.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert (tmp_path / "table.pdf").exists()


def wide(make_record: Callable[..., Record]) -> Leaderboard:
    """Twelve metrics with intervals, in a table that no line could hold."""
    return Leaderboard.from_records(
        make_record(training="saliency_guided", saliency="integrated_gradients", metric=metric, seed=seed, value=value)
        for metric in (f"aup_diff_count_{place}" for place in range(12))
        for seed, value in enumerate([-0.123, 0.456, -0.789])
    )


def test_wide_table_is_written_in_parts_with_all_columns_once(make_record: Callable[..., Record]) -> None:
    text = to_latex(sheet(wide(make_record), ""))
    parts = text.count(r"\begin{table}")
    assert parts > 2
    assert f"part {parts} of {parts}" in text
    assert [text.count(rf"count \\ {place} $\uparrow$") for place in range(12)] == [1] * 12
    assert text.count(r"\par\footnotesize") == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_parts_fit_the_line_of_an_article(make_record: Callable[..., Record], tmp_path: Path) -> None:
    body = to_latex(sheet(wide(make_record), "Suite quick."))
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "table.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert "Overfull" not in run.stdout

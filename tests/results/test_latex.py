import re
import shutil
import subprocess
from pathlib import Path

import pytest

from salbench.results.latex import escape, to_latex
from salbench.results.leaderboard import Leaderboard


def test_table_of_a_group(board: Leaderboard) -> None:
    text = to_latex(board, "Suite quick.")
    body = text[text.index(r"\begin{tabular}") :]
    assert body == (
        r"""\begin{tabular}{llrrr}
\toprule
training & saliency & seeds & accuracy $\uparrow$ & aopc $\uparrow$ \\
\midrule
regular & gradient & 3 & \textbf{0.900 $\pm$ 0.000} & 0.200 $\pm$ 0.100 \\
regular & \textless{}script\textgreater{} & 3 & \textbf{0.900 $\pm$ 0.000} & \textbf{0.500 $\pm$ 0.100} \\
a\_b \& 50\% \textbar{} \$x & gradient & 3 & 0.800 $\pm$ 0.000 & $-$0.300 $\pm$ 0.000 \\
a\_b \& 50\% \textbar{} \$x & \textless{}script\textgreater{} & 3 & 0.800 $\pm$ 0.000 & failed \\
\midrule
regular & {[}bold{]} & 3 & 0.900 $\pm$ 0.000 & 0.990 $\pm$ 0.000 \\
\bottomrule
\end{tabular}
\par\footnotesize left out: aup: needs masks
\par\footnotesize aopc failed for a\_b \& 50\% \textbar{} \$x/\textless{}script\textgreater{}: """
        r"""out of memory: \textless{}3 GiB\textgreater{}
\end{table}
"""
    )


def test_structure_is_sound(board: Leaderboard) -> None:
    text = to_latex(board, "50% {done} & more_to_come #1 ~ ^ \\")
    plain = re.sub(r"\\[{}]", "", text)
    assert plain.count("{") == plain.count("}")
    assert re.findall(r"\\begin\{(\w+)\}", text) == re.findall(r"\\end\{(\w+)\}", text)[::-1]
    assert {line.count(" & ") for line in text.splitlines() if line.endswith(r"\\")} == {4}
    assert r"\caption{digits@1 $\cdot$ mlp. 50\% \{done\} \& more\_to\_come \#1 " in text


def test_what_latex_cannot_set_is_spelt_out() -> None:
    assert escape("é ± 漢\n\x07") == r"é $\pm$ [U+6F22] [U+0007]"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
def test_it_compiles(board: Leaderboard, tmp_path: Path) -> None:
    characters = escape(" ".join(map(chr, [*range(32, 400), *range(0x2010, 0x2030), *range(0x2190, 0x2270)])))
    body = to_latex(board, "50% & more_to_come") + characters
    document = rf"\documentclass{{article}}\usepackage{{booktabs}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "table.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert run.returncode == 0, run.stdout[-2000:]
    assert (tmp_path / "table.pdf").exists()

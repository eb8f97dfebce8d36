from salbench.results.best import RULE
from salbench.results.leaderboard import Leaderboard
from salbench.results.markdown import escape, to_markdown


def test_whole_output(board: Leaderboard) -> None:
    assert to_markdown(board, "Suite *quick*.") == (
        "Suite \\*quick\\*.\n"
        "\n"
        "### digits@1 · mlp\n"
        "\n"
        "| training | saliency | seeds | accuracy ↑ | aopc ↑ |\n"
        "| --- | --- | ---: | ---: | ---: |\n"
        "| regular | gradient | 3 | **0.900 ± 0.000** | 0.200 ± 0.100 |\n"
        "| regular | &lt;script&gt; | 3 | **0.900 ± 0.000** | **0.500 ± 0.100** |\n"
        "| a_b &amp; 50% \\| $x | gradient | 3 | 0.800 ± 0.000 | -0.300 ± 0.000 |\n"
        "| a_b &amp; 50% \\| $x | &lt;script&gt; | 3 | 0.800 ± 0.000 | failed |\n"
        "| *regular* | *\\[bold\\]* | 3 | 0.900 ± 0.000 | 0.990 ± 0.000 |\n"
        "\n"
        "- left out: aup: needs masks\n"
        "- aopc failed for a_b &amp; 50% \\| $x/&lt;script&gt;: out of memory: &lt;3 GiB&gt;\n"
        "\n"
        f"{RULE}\n"
    )


def test_syntax_is_escaped() -> None:
    assert escape("_a_b_ `c` [d](e)\n\\f") == r"\_a_b\_ \`c\` \[d\](e) \\f"

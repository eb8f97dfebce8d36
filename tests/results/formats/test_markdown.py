from salbench.results import summary
from salbench.results.best import MARKS
from salbench.results.formats.markdown import escape, to_markdown
from salbench.results.leaderboard import Leaderboard
from salbench.results.sheet import INTERVALS, sheet


def test_whole_output(board: Leaderboard) -> None:
    assert to_markdown(sheet(board, "Suite *quick*.")) == (
        "Suite \\*quick\\*.\n"
        "\n"
        "### digits@1 · mlp\n"
        "\n"
        "| training | saliency | seeds | accuracy ↑ | aopc ↑ |\n"
        "| --- | --- | ---: | ---: | ---: |\n"
        "| regular | gradient | 3 | **0.900 [0.900, 0.900]** | 0.200 [-0.048, 0.448] |\n"
        "| regular | &lt;script&gt; | 3 | **0.900 [0.900, 0.900]** | **0.500 [0.252, 0.748]** |\n"
        "| a_b &amp; 50% \\| $x | gradient | 3 | 0.800 [0.800, 0.800] | -0.300 [-0.300, -0.300] |\n"
        "| a_b &amp; 50% \\| $x | &lt;script&gt; | 3 | 0.800 [0.800, 0.800] | failed |\n"
        "| *regular* | *\\[bold\\]* | 3 | 0.900 [0.900, 0.900] | 0.990 [0.990, 0.990] |\n"
        "\n"
        "- left out: aup: needs masks\n"
        "- aopc failed for a_b &amp; 50% \\| $x/&lt;script&gt;: out of memory: &lt;3 GiB&gt;\n"
        "- 95% intervals: over training seeds\n"
        "\n"
        "### Training methods side by side\n"
        "\n"
        "| dataset | architecture | training | seeds | accuracy ↑ | aopc ↑ |\n"
        "| --- | --- | --- | ---: | ---: | ---: |\n"
        "| digits@1 | mlp | regular | 3 | 0.900 | 0.200 |\n"
        "| digits@1 | mlp | a_b &amp; 50% \\| $x | 3 | 0.800 | -0.300 |\n"
        "\n"
        f"- {escape(summary.RULE)}\n"
        "\n"
        f"{escape(f'{INTERVALS} {MARKS}')}\n"
    )


def test_syntax_is_escaped() -> None:
    assert escape("_a_b_ `c` [d](e)\n\\f") == r"\_a_b\_ \`c\` \[d\](e) \\f"


def test_what_is_missing_stands_below_with_its_command(board: Leaderboard) -> None:
    text = to_markdown(sheet(board, "", missing=["digits/mlp/a_b*: all"], command="salbench run quick"))
    assert text.endswith("Missing:\n\n- digits/mlp/a_b\\*: all\n\nTo fill in:\n\n    salbench run quick\n")

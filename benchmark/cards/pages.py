"""Metric cards: a page a metric, written from its declaration, its docstrings and the measured separation."""

from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

from ...metrics import METRICS, Metric, Sign
from ...metrics.base import Need
from ...results.references import bibliography
from .definitions import definition, definitions, to_text
from .separation import Separation, must_separate, read_separation, separates

INDEX = "README.md"
_MARK = "Written by `salbench cards`"  # by which an older page is known
_PREDICTED = {  # whose scores are of the class that the model predicts, whatever the target
    "comprehensiveness",
    "sufficiency",
    "eraser_comprehensiveness",
    "eraser_sufficiency",
    "eraser_comprehensiveness_paper",
    "eraser_sufficiency_paper",
    "normalized_aopc_morf",
    "normalized_aopc_lerf",
    "xcl_morf",
}


def cards(measured: Separation | None = None) -> dict[str, str]:
    """All pages by the name of their file: one a metric, and an index.

    Args:
        measured: the separation of the metrics; None takes what comes with salbench.
    """
    measured = read_separation() if measured is None else measured
    pages = {INDEX: _index(measured)}
    return pages | {f"{metric.name}.md": card(metric, measured) for metric in METRICS}


def write_cards(folder: Path, *, measured: Separation | None = None) -> int:
    """Write all pages into a folder, and remove cards of metrics that are no more.

    Args:
        folder: made if needed.
        measured: as for `cards`.

    Returns:
        The number of pages.

    Raises:
        ValueError: the folder has Markdown files that are no cards.
    """
    refuse_other_pages(folder)
    pages = cards(measured)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return len(pages)


def refuse_other_pages(folder: Path) -> None:
    """Make sure that cards can be written to a folder without the loss of anything else.

    Raises:
        ValueError: it is a file, or has Markdown files that are no cards.
    """
    if folder.is_file():
        raise ValueError(f"{folder} is a file; cards need a folder")
    for path in sorted(folder.glob("*.md")):
        if _MARK not in path.read_text(encoding="utf-8", errors="replace"):
            raise ValueError(f"{path} is no card of a metric; name an empty or a new folder with --out")


def card(metric: Metric, measured: Separation) -> str:
    """The page of one metric."""
    functions = definitions(metric)
    blocks = [f"# {metric.name}", f"{metric.description[0].upper()}{metric.description[1:]}.", _declared(metric)]
    blocks += ["## Definition", *(block for function in functions for block in definition(function))]
    blocks += ["## Separation of the controls", _separation(metric, measured)]
    blocks += ["## Reference", f"```bibtex\n{bibliography()[metric.reference]}\n```"]
    blocks += [f"---\n\n{_MARK}; change the declaration or the docstring, not this page."]
    return "\n\n".join(blocks) + "\n"


def target_of(metric: Metric) -> str:
    """The class whose output it watches."""
    if metric.name in _PREDICTED:
        return "the class that the model predicts on the whole input"
    if Need.EXPLAIN in metric.needs:
        return "the class that the maps explain, the true one"
    watches = metric.needs & _WATCH or metric.protocols or metric.retrainings or metric.counterfactuals
    return "the true class" if watches else "none"


_WATCH = {Need.MODEL, Need.PREDICTIONS, Need.FINETUNED, Need.LIMITS, Need.TRAINING}


def _declared(metric: Metric) -> str:
    low, high = metric.bounds
    sign = {
        Sign.SIGNED: "reads attributions with their sign",
        Sign.ABSOLUTE: "reads absolute values",
        Sign.UNUSED: "does not read the attributions",
    }[metric.sign]
    needs = [need.value for need in sorted(metric.needs)]
    rows = {
        "name": f"`{metric.name}@{metric.version}`",
        "family": metric.family.value,
        "better": "higher" if metric.higher_is_better else "lower",
        "bounds": f"{low:g} to {high:g}".replace("inf", "∞"),
        "unit": metric.unit,
        "sign": sign,
        "target": target_of(metric),
        "needs": ", ".join(needs) or "nothing beside the maps",
        "modalities": ", ".join(modality.value for modality in sorted(metric.modalities)),
        "comparable across models": "yes" if metric.across_models else "no, only within one model",
    }
    for protocol in metric.protocols:
        rows[f"protocol `{protocol.name}`"] = _settings(protocol)
    for retraining in metric.retrainings:
        rows[f"retraining `{retraining.name}`"] = _settings(retraining)
    lines = [f"| {name} | {_cell(text)} |" for name, text in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _settings(settings: Any) -> str:
    """The fields of a frozen dataclass but its name."""
    return "; ".join(
        f"{field.name.replace('_', ' ')}: {_value(getattr(settings, field.name))}"
        for field in fields(settings)
        if field.name != "name" and not _is_default(field, getattr(settings, field.name))
    )


_ALWAYS = {"most", "least", "fill", "percents", "unit", "replacement", "rule"}


def _is_default(field: "Field[Any]", value: object) -> bool:
    return field.name not in _ALWAYS and field.default is not MISSING and value == field.default


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) + " %" if value else "none"
    return f"({_settings(value)})" if is_dataclass(value) else str(value)


def _separation(metric: Metric, measured: Separation) -> str:
    if metric.sign is Sign.UNUSED:
        return "It does not read the maps, so that it has nothing to separate."
    rows = measured.of(metric)
    if not len(rows):
        return "Not measured."
    head = ["data set", "architecture", "seeds", "samples", "oracle", "random", "inverted"]
    lines = []
    for row in rows.to_dict("records"):
        values = row["oracle"], row["random"], row["inverted"]
        cells = [
            row["dataset"],
            row["architecture"],
            row["seeds"],
            row["samples"],
            *("undefined" if value != value else f"{value:.4g}" for value in values),
        ]
        if must_separate(metric):
            cells.append("yes" if separates(metric, *values) else "**no**")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    order = "oracle > random > inverted" if metric.higher_is_better else "oracle < random < inverted"
    head += [order] if must_separate(metric) else []
    table = "\n".join(
        [f"| {' | '.join(head)} |", "|" + "---|" * 2 + "---:|" * 5 + "---|" * must_separate(metric), *lines]
    )
    if not must_separate(metric):
        table += "\n\nIt judges a map by itself, not against evidence, so that no order is asked for."
    told = [f"On {name}: {measured.about[name]}." for name in rows["dataset"] if name in measured.about]
    return "\n\n".join([table, *told, f"{measured.made[:1].upper()}{measured.made[1:]}."])


def _index(measured: Separation) -> str:
    lines = ["| metric | better | family | what it is | separates the controls |", "|---|---|---|---|---|"]
    for metric in METRICS:
        name = f"[{metric.name}]({metric.name}.md)"
        better = "higher" if metric.higher_is_better else "lower"
        lines.append(
            f"| {name} | {better} | {metric.family} | {_cell(metric.description)} | {_verdict(metric, measured)} |"
        )
    text = (
        "A page a metric: what it is, how it is declared, where it comes from, and whether it tells the true evidence"
        " from chance and chance from the opposite, on data whose evidence is known. The last column counts the data"
        " sets on which it does, of those measured."
    )
    return "\n\n".join(["# Metrics", text, "\n".join(lines), f"{_MARK}; {measured.made}."]) + "\n"


def _verdict(metric: Metric, measured: Separation) -> str:
    if not must_separate(metric):
        return "no order asked"
    rows = measured.of(metric)
    if not len(rows):
        return "not measured"
    means = rows[["oracle", "random", "inverted"]].to_numpy(dtype=float)
    right = [separates(metric, *values) for values in means]
    return f"{sum(right)} of {len(right)}"


def _cell(text: str) -> str:
    return to_text(text).replace("|", "\\|")

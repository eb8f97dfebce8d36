"""Tables as JSON, for other programs."""

import json
from typing import Any

from ..sheet import Sheet

VERSION = 1  # raised whenever a field changes its name or meaning


def to_json(sheet: Sheet) -> str:
    """Write all cells in full precision.

    Args:
        sheet: what to write.

    Returns:
        An object with `version`, `caption`, `seeds`, `metrics` (name, higher_is_better, across_models, family),
        `cells`, one object each, in the columns that `Leaderboard` explains, `missing` (lines about what is not there)
        and `command`, which makes it. A mean, spread or end of an interval that is undefined is null.
    """
    metrics = [
        {
            "name": metric.name,
            "higher_is_better": metric.higher_is_better,
            "across_models": metric.across_models,
            "family": metric.family,
        }
        for metric in sheet.metrics
    ]
    cells = [{str(name): _plain(value) for name, value in row.items()} for row in sheet.cells.to_dict("records")]
    whole = {
        "version": VERSION,
        "caption": sheet.caption,
        "seeds": list(sheet.seeds),
        "metrics": metrics,
        "cells": cells,
        "missing": list(sheet.missing),
        "command": sheet.command,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """NaN, which JSON lacks, as null."""
    return None if value != value else value

"""A leaderboard as JSON, for other programs."""

import json
from typing import Any

from .leaderboard import Leaderboard

VERSION = 1  # raised whenever a field changes its name or meaning


def to_json(leaderboard: Leaderboard, caption: str) -> str:
    """Write all cells in full precision.

    Args:
        leaderboard: what to write.
        caption: how the numbers were made, in plain text.

    Returns:
        An object with `version`, `caption`, `seeds`, `metrics` (name, higher_is_better, across_models, family) and
        `cells`, one object each, in the columns that `Leaderboard` explains. A mean or spread that is undefined is
        null.
    """
    metrics = [
        {
            "name": metric.name,
            "higher_is_better": metric.higher_is_better,
            "across_models": metric.across_models,
            "family": metric.family,
        }
        for metric in leaderboard.metrics
    ]
    cells = [{str(name): _plain(value) for name, value in row.items()} for row in leaderboard.cells.to_dict("records")]
    whole = {
        "version": VERSION,
        "caption": caption,
        "seeds": list(leaderboard.seeds),
        "metrics": metrics,
        "cells": cells,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """NaN, which JSON lacks, as null."""
    return None if value != value else value

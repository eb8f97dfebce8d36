"""How far measured numbers lie from the published ones."""

import pandas as pd

FEWEST = 10  # numbers of a training method and metric; a mean over fewer says little


def distances(comparison: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute differences, a row for each training method and metric of which enough can be compared.

    Args:
        comparison: what `published.compare` gives.

    Returns:
        `training`, `metric`, `distance` in the unit of the metric, and `count`, the numbers behind it.
    """
    comparable = comparison[comparison["difference"].notna() & ~comparison["verdict"].str.startswith("cannot")]
    sizes = comparable["difference"].abs().groupby([comparable["training"], comparable["metric"]], sort=False)
    found = sizes.agg(distance="mean", count="size").reset_index()
    return found[found["count"] >= FEWEST]


def distances_in_words(comparison: pd.DataFrame) -> str:
    """The same in a line; empty where there are none."""
    found = distances(comparison)
    parts = [f"{row['training']} {row['metric']} {row['distance']:.3g}" for row in found.to_dict("records")]
    return f"mean distance from the published numbers: {', '.join(parts)}" if parts else ""

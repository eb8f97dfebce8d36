"""What the rows and columns of a table are, and over what its means are taken."""

from dataclasses import dataclass
from difflib import get_close_matches

KEYS = ("dataset", "architecture", "training", "saliency", "metric", "seed")
_ROWS, _COLUMNS = ("training", "saliency"), ("metric",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A layout; what it does not name tells tables apart, but seeds, over which the mean is taken."""

    rows: tuple[str, ...] = _ROWS
    columns: tuple[str, ...] = _COLUMNS
    mean_over: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seen: dict[str, str] = {}
        for where, keys in (("rows", self.rows), ("columns", self.columns), ("mean over", self.mean_over)):
            for key in keys:
                if key not in KEYS:
                    near = get_close_matches(key, KEYS, n=1, cutoff=0.5)
                    guess = f"; did you mean {near[0]!r}?" if near else "."
                    raise ValueError(f"no key {key!r} for {where}{guess} There are: {', '.join(KEYS)}")
                if key in seen:
                    places = where if seen[key] == where else f"{seen[key]} and {where}"
                    raise ValueError(f"key {key!r} may be named once, got it twice, in {places}")
                seen[key] = where
        if "metric" in self.mean_over:
            raise ValueError("no mean is taken over metrics, whose scales differ; put metric into rows or columns")
        for where, keys in (("rows", self.rows), ("columns", self.columns)):
            if not keys:
                left = ", ".join(key for key in KEYS if key not in seen)
                raise ValueError(f"{where} must have a key; left are: {left}")

    @property
    def averaged(self) -> tuple[str, ...]:
        """Over what means are taken besides seeds."""
        return tuple(key for key in self.mean_over if key != "seed")

    @property
    def over_seeds(self) -> bool:
        """Is the mean taken over seeds?"""
        return "seed" not in (*self.rows, *self.columns)

    @property
    def tables(self) -> tuple[str, ...]:
        """What is the same in all of a table."""
        named = {*self.rows, *self.columns, *self.mean_over, "seed"}
        return tuple(key for key in KEYS if key not in named)

    @property
    def options(self) -> str:
        """The options of `salbench table` that make it."""
        given = {"rows": self.rows, "columns": self.columns, "mean-over": self.mean_over}
        return " ".join(f"--{name} {','.join(keys)}" for name, keys in given.items() if keys)


def choose(rows: str | None = None, columns: str | None = None, mean_over: str | None = None) -> Choice:
    """A layout from lists of keys with commas between them.

    Args:
        rows: None takes training and saliency, without what is named elsewhere.
        columns: None takes metric, likewise.
        mean_over: None takes no mean but over seeds.

    Raises:
        ValueError: an unknown or repeated key, a mean over metrics, or no key is left for rows or columns.
    """
    given = {name: _keys(text) for name, text in (("rows", rows), ("columns", columns), ("mean_over", mean_over))}
    elsewhere = {key for keys in given.values() for key in keys or ()}
    for name, usual in (("rows", _ROWS), ("columns", _COLUMNS), ("mean_over", ())):
        if given[name] is None:
            given[name] = tuple(key for key in usual if key not in elsewhere)
    return Choice(**{name: keys or () for name, keys in given.items()})


def _keys(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(key.strip() for key in text.split(",") if key.strip())

"""The works that metrics, methods, data sets and suites name as their source."""

import re
from importlib.resources import files


def reference_keys() -> frozenset[str]:
    """The keys of all entries in references.bib."""
    return frozenset(bibliography())


def bibliography() -> dict[str, str]:
    """The entries of references.bib as they stand there, by their keys."""
    text = files(__package__).joinpath("references.bib").read_text(encoding="utf-8")
    entries = re.finditer(r"^@\w+\{([^,\s]+),.*?^\}$", text, flags=re.MULTILINE | re.DOTALL)
    return {entry[1]: entry[0] for entry in entries}

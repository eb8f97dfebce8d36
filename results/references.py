"""The works that metrics, methods, data sets and suites name as their source."""

import re
from importlib.resources import files


def reference_keys() -> frozenset[str]:
    """The keys of all entries in references.bib."""
    text = files(__package__).joinpath("references.bib").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^@\w+\{([^,\s]+),", text, flags=re.MULTILINE))

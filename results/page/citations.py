"""A work of references.bib as one line of text."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_ENTRY = re.compile(r"^@\w+\{([^,\s]+),(.*?)^\}", flags=re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*?)\},?\s*(?=^\s*\w+\s*=|\Z)", flags=re.MULTILINE | re.DOTALL)
_ACCENT = re.compile(r"\\([\"'`^~=.cvuH])\s*\{?\\?([A-Za-z])\}?")
_COMBINING = dict(
    zip("\"'`^~=.cvuH", "\u0308\u0301\u0300\u0302\u0303\u0304\u0307\u0327\u030c\u0306\u030b", strict=True)
)


class Citation(NamedTuple):
    """What a reader needs to find a work."""

    text: str  # authors, year and title
    address: str  # empty where none is known


@cache
def citations() -> dict[str, Citation]:
    """Every work of references.bib by its key."""
    return parse(files("salbench.results").joinpath("references.bib").read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, Citation]:
    """The works of a bibliography by their keys; fields stand in braces, as they do in references.bib."""
    return {key: _citation(dict(_FIELD.findall(body))) for key, body in _ENTRY.findall(text)}


def _citation(fields: dict[str, str]) -> Citation:
    plain = {name.lower(): _plain(value) for name, value in fields.items()}
    surnames = [author.split(",")[0].strip() for author in plain.get("author", "").split(" and ")]
    authors = " and ".join(surnames) if len(surnames) < 3 else f"{surnames[0]} et al."
    address = plain.get("url", "")
    if "eprint" in plain and plain.get("eprinttype", "").lower() == "arxiv":
        address = f"https://arxiv.org/abs/{plain['eprint']}"
    if "doi" in plain:
        address = f"https://doi.org/{plain['doi']}"
    return Citation(f"{authors} ({plain.get('year', 'n.d.')}). {plain.get('title', '')}.", address)


def _plain(value: str) -> str:
    """TeX as text: accents on their letters, no braces, one line."""
    accented = _ACCENT.sub(lambda found: unicodedata.normalize("NFC", found[2] + _COMBINING[found[1]]), value)
    return " ".join(re.sub(r"[{}]|\\(?=[&%_#$])", "", accented).replace("--", "\N{EN DASH}").split())

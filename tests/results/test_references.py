import re
import unicodedata
from importlib.resources import files

import pytest

from salbench.results.references import reference_keys


def test_keys_are_read() -> None:
    assert {"ismail2021improving", "xu2024scaat", "ross2017right", "zhang2018top"} <= reference_keys()


def test_entries_are_sorted_unique_and_whole() -> None:
    text = files("salbench.results").joinpath("references.bib").read_text(encoding="utf-8")
    _, *entries = text.split("\n@")
    keys = [entry.split("{", 1)[1].split(",", 1)[0] for entry in entries]
    assert keys == sorted(set(keys))
    assert set(keys) == reference_keys()
    for entry in entries:
        assert all(f"  {field}" in entry for field in ("author", "title", "year"))
        assert entry.count("{") == entry.count("}")


@pytest.mark.parametrize("key", sorted(reference_keys()))
def test_key_names_author_and_year(key: str) -> None:
    text = files("salbench.results").joinpath("references.bib").read_text(encoding="utf-8")
    entry = text[text.index(f"{{{key},") :].split("\n}", 1)[0]
    author = next(line for line in entry.splitlines() if "author" in line)
    name = key.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip("0123456789")
    plain = unicodedata.normalize("NFKD", author.lower()).encode("ascii", "ignore").decode()
    assert name in re.sub(r"[ -]", "", plain)

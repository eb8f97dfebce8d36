"""What a store may hold that this program did not write: every text and number is checked before it is used."""

import json
import re
from typing import Any

from .errors import StoreError

_CONTROL = re.compile(r"[^\S \n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""The text with what could steer a terminal, or turn its direction, written out.

    >>> visible("red \x1b[31m")
    'red \\x1b[31m'
    """
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def checked_name(name: object, what: str) -> str:
    """A name as it came, if it is text that can be shown.

    Raises:
        StoreError: it is not.
    """
    if not isinstance(name, str) or _CONTROL.search(name) or "\n" in name:
        raise StoreError(f"a record has the {what} {name!r:.80}, which must be printable text")
    return name


def parsed(text: object, key: str) -> dict[str, Any]:
    """A JSON object of the store.

    Raises:
        StoreError: anything else.
    """
    try:
        return json_object(text)
    except ValueError as error:
        raise StoreError(f"the store has no JSON object at {key!r:.80}; use another folder with --store") from error


def json_object(text: object) -> dict[str, Any]:
    """A JSON object of any file.

    Raises:
        ValueError: anything else.
    """
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    return found

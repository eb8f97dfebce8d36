"""Read a column of text out of a Parquet file: no more of the format than one string column needs."""

import struct
from typing import NamedTuple

_MAGIC = b"PAR1"
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_PLAIN, _PLAIN_DICTIONARY, _RLE_DICTIONARY = 0, 2, 8


class ParquetError(ValueError):
    """A file that is not Parquet, or uses a part of the format that is not read here."""


def distinct_strings(content: bytes, count: int) -> list[str]:
    """The strings of a file whose first column holds distinct strings, in their order.

    Pages are read one after the other: the strings of the dictionary, which holds the first of them as they came, and
    then those of the pages written after the dictionary was full. Pages that point into the dictionary add nothing,
    since no string comes twice.

    Args:
        content: of a Parquet file with snappy or no compression and version 1 pages.
        count: the number of rows.

    Returns:
        The strings, `count` of them.

    Raises:
        ParquetError: another format, another number of strings, or a string that comes twice.
    """
    if content[:4] != _MAGIC or content[-4:] != _MAGIC:
        raise ParquetError("not a Parquet file: it does not begin and end with PAR1")
    strings: list[str] = []
    rows, place = 0, len(_MAGIC)
    while rows < count:
        page, place = _page_header(content, place)
        body = content[place : place + page.compressed]
        place += page.compressed
        if page.uncompressed != page.compressed:
            body = unsnap(body)
        if len(body) != page.uncompressed:
            raise ParquetError(f"a page must hold {page.uncompressed} bytes, got {len(body)}")
        if page.kind == _DICTIONARY_PAGE:
            strings += _plain_strings(body, 0, page.values)
            continue
        if page.kind != _DATA_PAGE:
            raise ParquetError(f"pages must be data or dictionary pages, got kind {page.kind}")
        rows += page.values
        if page.encoding == _PLAIN:
            (levels,) = struct.unpack_from("<I", body)  # bytes of the definition levels, all present
            strings += _plain_strings(body, 4 + levels, page.values)
        elif page.encoding not in {_PLAIN_DICTIONARY, _RLE_DICTIONARY}:
            raise ParquetError(f"strings must be plain or in a dictionary, got encoding {page.encoding}")
    if len(strings) != count or len(set(strings)) != count:
        raise ParquetError(
            f"expected {count} distinct strings, got {len(strings)}, {len(set(strings))} of them distinct"
        )
    return strings


def unsnap(content: bytes) -> bytes:
    """Unpack snappy's raw format: literal bytes, and copies of what came before.

    Raises:
        ParquetError: another length than announced, or a copy from before the beginning.
    """
    length, place = _varint(content, 0)
    out = bytearray()
    while place < len(content):
        tag = content[place]
        place += 1
        kind, size = tag & 3, tag >> 2
        if kind == 0:
            if size >= 60:
                extra = size - 59
                size = int.from_bytes(content[place : place + extra], "little")
                place += extra
            out += content[place : place + size + 1]
            place += size + 1
            continue
        if kind == 1:
            size, offset = (size & 7) + 4, (tag >> 5) << 8 | content[place]
            place += 1
        else:
            width = 2 if kind == 2 else 4
            size, offset = size + 1, int.from_bytes(content[place : place + width], "little")
            place += width
        start = len(out) - offset
        if offset == 0 or start < 0:
            raise ParquetError(f"a copy must start within the {len(out)} bytes unpacked so far, got offset {offset}")
        if offset >= size:
            out += out[start : start + size]
        else:  # the copy runs into what it writes
            out += (bytes(out[start:]) * (size // offset + 1))[:size]
    if len(out) != length:
        raise ParquetError(f"expected {length} bytes, unpacked {len(out)}")
    return bytes(out)


class _Page(NamedTuple):
    kind: int
    uncompressed: int
    compressed: int
    values: int
    encoding: int


def _page_header(content: bytes, place: int) -> tuple[_Page, int]:
    fields, place = _struct(content, place)
    inner = fields.get(5) or fields.get(7)  # data_page_header, dictionary_page_header
    try:
        kind, uncompressed, compressed = fields[1], fields[2], fields[3]
        assert isinstance(inner, dict)
        return _Page(kind, uncompressed, compressed, inner[1], inner[2]), place  # type: ignore[arg-type]
    except (KeyError, AssertionError):
        raise ParquetError(f"a page header of version 1 must come at byte {place}, got fields {fields}") from None


def _struct(content: bytes, place: int) -> tuple[dict[int, object], int]:
    """The fields of a Thrift struct in compact form, by number; binary fields are passed over."""
    fields: dict[int, object] = {}
    number = 0
    while content[place] != 0:
        head = content[place]
        place += 1
        kind = head & 15
        if head >> 4:
            number += head >> 4
        else:
            raw, place = _varint(content, place)
            number = raw >> 1 ^ -(raw & 1)
        if kind in {1, 2}:  # true, false
            fields[number] = kind == 1
        elif kind in {4, 5, 6}:  # i16, i32, i64
            raw, place = _varint(content, place)
            fields[number] = raw >> 1 ^ -(raw & 1)
        elif kind == 8:  # binary
            size, place = _varint(content, place)
            place += size
        elif kind == 12:  # struct
            fields[number], place = _struct(content, place)
        else:
            raise ParquetError(f"a page header must hold numbers, text and structs, got kind {kind}")
    return fields, place + 1


def _plain_strings(body: bytes, place: int, count: int) -> list[str]:
    strings = []
    for _ in range(count):
        (size,) = struct.unpack_from("<I", body, place)
        strings.append(body[place + 4 : place + 4 + size].decode())
        place += 4 + size
    return strings


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place

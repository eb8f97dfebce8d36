"""A string column is read out of Parquet bytes that are put together here by the format's description."""

import struct

import pytest

from salbench.datasets.formats.parquet import ParquetError, distinct_strings, unsnap


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def integer(step: int, value: int) -> bytes:
    return bytes([step << 4 | 5]) + varint(value << 1)


def literal(content: bytes) -> bytes:
    return varint(len(content)) + bytes([61 << 2]) + struct.pack("<H", len(content) - 1) + content


def page(kind: int, body: bytes, count: int, encoding: int, *, packed: bool) -> bytes:
    inner = integer(1, count) + integer(1, encoding) + b"\0"
    stored = literal(body) if packed else body
    head = integer(1, kind) + integer(1, len(body)) + integer(1, len(stored))
    return head + bytes([(4 if kind == 2 else 2) << 4 | 12]) + inner + b"\0" + stored


def plain(words: list[str]) -> bytes:
    return b"".join(struct.pack("<I", len(word.encode())) + word.encode() for word in words)


def file(first: list[str], rest: list[str], *, packed: bool = True, encoding: int = 8) -> bytes:
    pages = page(2, plain(first), len(first), 0, packed=packed)
    pages += page(0, b"\2\0\0\0\3\1\1\1\2", len(first), encoding, packed=packed)  # points into the dictionary
    if rest:
        pages += page(0, b"\2\0\0\0\3\1" + plain(rest), len(rest), 0, packed=packed)
    return b"PAR1" + pages + b"footer" + b"PAR1"


@pytest.mark.parametrize("packed", [True, False])
def test_the_dictionary_and_the_pages_after_it_are_joined(packed: bool) -> None:
    assert distinct_strings(file(["the", "of"], ["naïve", "x"], packed=packed), 4) == ["the", "of", "naïve", "x"]


def test_literals_and_copies_of_each_kind_are_unpacked() -> None:
    far = bytes([(4 - 1) << 2 | 2]) + struct.pack("<H", 8)  # 4 bytes, 8 back
    assert unsnap(varint(12) + bytes([7 << 2]) + b"abcdefgh" + far) == b"abcdefghabcd"
    near = bytes([(6 - 4) << 2 | 1, 2])  # 6 bytes, 2 back: it runs into what it writes
    assert unsnap(varint(8) + bytes([1 << 2]) + b"ab" + near) == b"abababab"
    farther = bytes([(2 - 1) << 2 | 3]) + struct.pack("<I", 3)
    assert unsnap(varint(5) + bytes([2 << 2]) + b"abc" + farther) == b"abcab"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK" + file(["a"], [])[2:], "PAR1"),
        (file(["a", "b"], ["a"]), "3 distinct strings"),
        (file(["a", "b", "c"], [], encoding=6), "encoding 6"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ParquetError, match=message):
        distinct_strings(content, 3)


def test_damaged_compression_is_refused() -> None:
    with pytest.raises(ParquetError, match="expected 9 bytes, unpacked 2"):
        unsnap(varint(9) + bytes([1 << 2]) + b"ab")
    with pytest.raises(ParquetError, match="offset 5"):
        unsnap(varint(6) + bytes([1 << 2]) + b"ab" + bytes([1, 5]))

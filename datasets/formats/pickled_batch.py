"""Read the pickled batches of CIFAR without unpickling: a small machine that knows no function to call."""

import pickletools
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

_RECONSTRUCT, _NDARRAY, _DTYPE, _ENCODE = range(4)
_SYMBOLS = {  # the only names that may occur; they are marks on the stack, nothing is imported
    "numpy.core.multiarray _reconstruct": _RECONSTRUCT,
    "numpy._core.multiarray _reconstruct": _RECONSTRUCT,
    "numpy ndarray": _NDARRAY,
    "numpy dtype": _DTYPE,
    "_codecs encode": _ENCODE,  # how Python 3 writes bytes in protocol 2
}
_CONSTANTS = {"EMPTY_TUPLE": (), "NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "BINSTRING", "SHORT_BINSTRING"}


class _Symbol(int):
    """A name of the table above, apart from the numbers of a batch."""


class _Mark:
    """The start of a run of items on the stack."""


class _Bytes:
    """The type of an array's items, which must be unsigned bytes."""


class _Array:
    """An array that has been announced; its bytes come later."""

    def __init__(self) -> None:
        self.values: NDArray[np.uint8] | None = None


def read_pickled(content: bytes) -> dict[str, Any]:
    """The dictionary in a pickle that holds only text, numbers, lists, dictionaries and arrays of unsigned bytes.

    Every instruction is carried out by this module on plain data. What a pickle could do beyond that (import, call,
    build an object) has no counterpart here, so that a harmful file is an invalid one.

    Args:
        content: a pickle of protocol 2.

    Returns:
        Keys as text; arrays as NumPy arrays of uint8, read-only. Strings of Python 2 are read as Latin-1.

    Raises:
        ValueError: an instruction or a name that such a pickle does not need, or a damaged pickle.

    Source:
        krizhevsky2009learning; the layout is described on the page that distributes the files.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(content):
            machine.step(opcode.name, argument)
        (outcome,) = machine.stack
        if not isinstance(outcome, dict):
            raise ValueError(f"it must be a dictionary, got {type(outcome).__name__}")
    except (ValueError, IndexError, KeyError, TypeError) as error:  # also a stack or memory with too few items
        raise ValueError(f"not a pickled batch: {error}") from error
    return {key: value.values if isinstance(value, _Array) else value for key, value in outcome.items()}


class _Machine:
    """A stack and a memory, as in the pickle protocol."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memory: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in {"EMPTY_DICT", "EMPTY_LIST"}:
            stack.append({} if name == "EMPTY_DICT" else [])
        elif name == "MARK":
            stack.append(_Mark())
        elif name in {"BINPUT", "LONG_BINPUT"}:
            self.memory[argument] = stack[-1]
        elif name in {"BINGET", "LONG_BINGET"}:
            stack.append(self.memory[argument])
        elif name in {"TUPLE1", "TUPLE2", "TUPLE3"}:
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name in {"TUPLE", "APPENDS", "SETITEMS"}:
            self._finish(name, self._since_mark())
        elif name == "APPEND":
            self._finish("APPENDS", [stack.pop()])
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            self._finish("SETITEMS", [key, value])
        elif name == "GLOBAL" and argument in _SYMBOLS:
            stack.append(_Symbol(_SYMBOLS[argument]))
        elif name == "REDUCE":
            arguments, symbol = stack.pop(), stack.pop()
            stack.append(_made(symbol, arguments))
        elif name == "BUILD":
            state = stack.pop()
            _fill(stack[-1], state)
        elif name not in {"PROTO", "STOP"}:
            what = f"{name} {argument!r}" if argument is not None else name
            raise ValueError(f"it must hold plain data only, got the instruction {what[:200]}")

    def _since_mark(self) -> list[Any]:
        last = max(place for place, item in enumerate(self.stack) if isinstance(item, _Mark))
        items = self.stack[last + 1 :]
        del self.stack[last:]
        return items

    def _finish(self, name: str, items: list[Any]) -> None:
        if name == "TUPLE":
            self.stack.append(tuple(items))
            return
        target = self.stack[-1]
        if name == "APPENDS" and type(target) is list:
            target.extend(items)
        elif name == "SETITEMS" and type(target) is dict:
            target.update(zip(map(_text, items[::2]), items[1::2], strict=True))
        else:
            raise ValueError(f"{name} must follow a list or a dictionary, got {type(target).__name__}")


def _made(symbol: object, arguments: tuple[Any, ...]) -> Any:
    """What the three known calls stand for."""
    if isinstance(symbol, _Symbol):
        if symbol == _RECONSTRUCT and isinstance(arguments[0], _Symbol) and arguments[0] == _NDARRAY:
            return _Array()
        if symbol == _DTYPE and arguments[0] == "u1":
            return _Bytes()
        if symbol == _ENCODE and isinstance(arguments[0], str) and arguments[1:] == ("latin1",):
            return arguments[0].encode("latin-1")
    raise ValueError("it must hold arrays of unsigned bytes only, got a call that makes something else")


def _fill(target: object, state: tuple[Any, ...]) -> None:
    """Give an announced array its shape and bytes; the state of its item type says nothing new."""
    if isinstance(target, _Array):
        _, shape, items, column_major, content = state
        content = content.encode("latin-1") if isinstance(content, str) else content
        if not isinstance(items, _Bytes) or column_major or prod(shape) != len(content):
            raise ValueError(f"an array of shape {shape} must be row-major unsigned bytes, got {len(content)} bytes")
        target.values = np.frombuffer(content, dtype=np.uint8).reshape(shape)
    elif not isinstance(target, _Bytes):
        raise ValueError(f"only an array can be given a state, got {type(target).__name__}")


def _text(key: object) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return key.decode("latin-1")
    raise ValueError(f"a key must be text, got {type(key).__name__}")

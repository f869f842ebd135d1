"""Plain data over a pipe: the only thing that passes between the judge and a student's process.

A message is JSON with the arrays' bytes behind it. What it can hold is None, bool, int, float,
complex, str, bytes, list, tuple, dict, set, NumPy's numbers and arrays of plain dtypes, PCG64
generators by the four numbers of their state, and *handles*: numbers that stand for what stays on
the other side (functions, objects of classes). Nothing in a message is ever executed, and there are
no pickles.

Lists, dicts, sets, arrays and generators can be changed in place. Each gets a number that both
sides know (`Ledger`), so that one sent twice stays one, and what the student's code changes in
place changes for the judge as well. The same file runs on both sides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from .pipe import ProtocolError

MOST_ENTRIES = 8_000_000
"""Entries of an array, and of one axis."""
MOST_ITEMS = 2_000_000
"""Of a message, counted as often as they are met when one walks through it."""
DEEPEST = 60
"""Lists within lists."""

NAME = re.compile(r"[^\W\d]\w{0,99}")
CELL_FILES = ("<ipython-input", "<answer")
"""How the file name of a cell's code begins."""
PLAIN_KINDS = "biufc"
TEXT_KINDS = "SU"


# --- Values -------------------------------------------------------------------------------------


class Ledger:
    """Puts values into messages and takes them out, and remembers what both sides share.

    first: 0 on the judge's side and 1 on the student's, so that their numbers never meet.
    stranger: what to do with a value that is no plain data; it returns the message's form.
    known: from the form of a handle, the value that stands for it here.
    """

    def __init__(self, first: int, stranger: Callable[[Any], list], known: Callable[[list], Any]):
        self.next = first
        self.strict = first == 0
        self.stranger = stranger
        self.known = known
        self.objects: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.touched: set[int] = set()
        """The numbers in the messages since this was last emptied."""

    def forget(self) -> None:
        """Everything shared so far; the numbers go on, so that none is used twice."""
        self.objects.clear()
        self.numbers.clear()

    def number(self, value: Any) -> int:
        number = self.numbers.get(id(value))
        if number is None:
            number = self.next
            self.next += 2
            self.share(number, value)
        self.touched.add(number)
        return number

    def share(self, number: int, value: Any) -> None:
        self.objects[number] = value
        self.numbers[id(value)] = number

    def drop(self, number: int) -> None:
        del self.numbers[id(self.objects.pop(number))]

    def pack(self, value: Any) -> tuple[Any, list[bytes]]:
        packer = _Packer(self)
        return packer.pack(value, 0), packer.arrays

    def unpack(self, form: Any, arrays: memoryview) -> Any:
        unpacker = _Unpacker(self, arrays)
        try:
            return unpacker.unpack(form, 0)
        except ProtocolError:
            raise
        except Exception as error:  # a malformed form, in any of the ways there are
            raise ProtocolError(f"malformed data ({type(error).__name__})") from error


SUBCLASSED = (np.ndarray, dict, list, tuple, set, frozenset, str, bytes, int, float, complex)
"""A value of a subclass is sent as one of these, with its class's name and none of its methods."""


class _Packer:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        self.arrays: list[bytes] = []
        self.seen: set[int] = set()

    def pack(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int:
            return value if abs(value) < 1 << 63 else ["i", hex(value)]
        if kind is float:
            return value if math.isfinite(value) else ["x", repr(value)]
        if kind is complex:
            return ["c", value.real.hex(), value.imag.hex()]
        if kind is bytes:
            return ["y", value.hex()]
        if depth > DEEPEST:
            raise ProtocolError(f"lists within lists, more than {DEEPEST} deep")
        if isinstance(value, np.generic) and kind.__module__ == "numpy":
            return self._scalar(value)
        if kind is tuple:
            return ["t", [self.pack(v, depth + 1) for v in value]]
        if kind in (list, dict, set, np.ndarray) or (kind is np.random.Generator and _plain(value)):
            number = self.ledger.number(value)
            if number in self.seen:
                return ["=", number]
            self.seen.add(number)
            return self._shared(value, kind, number, depth)
        if kind is frozenset:
            return ["z", [self.pack(v, depth + 1) for v in value]]
        base = next((b for b in SUBCLASSED if isinstance(value, b)), None)
        if base is not None and not isinstance(value, np.generic):
            return ["sub", _name(kind), self.pack(_as_base(value, base), depth + 1)]
        return self.ledger.stranger(value)

    def _shared(self, value: Any, kind: type, number: int, depth: int) -> list:
        if kind is list:
            return ["l", number, [self.pack(v, depth + 1) for v in value]]
        if kind is set:
            return ["s", number, [self.pack(v, depth + 1) for v in value]]
        if kind is dict:
            pairs = [[self.pack(k, depth + 1), self.pack(v, depth + 1)] for k, v in value.items()]
            return ["d", number, pairs]
        if kind is np.ndarray:
            return self._array(value, number)
        self.seen.discard(number)  # its state is sent each time
        return ["g", number, *generator_state(value)]

    def _array(self, value: np.ndarray, number: int) -> list:
        if value.dtype.kind not in PLAIN_KINDS + TEXT_KINDS:
            return ["o", number, value.dtype.str[:20], list(value.shape)]
        layout = "C"
        if not value.flags.c_contiguous:
            layout = "F" if value.flags.f_contiguous else "S"
        content = value.tobytes()
        self.arrays.append(content)
        flags = layout + ("w" if value.flags.writeable else "r")
        return ["a", number, value.dtype.str, list(value.shape), flags, len(content)]

    def _scalar(self, value: np.generic) -> list:
        if value.dtype.kind not in PLAIN_KINDS + TEXT_KINDS:
            return self.ledger.stranger(value)
        content = value.tobytes()
        self.arrays.append(content)
        return ["n", value.dtype.str, len(content)]


def _as_base(value: Any, base: Any) -> Any:
    """The plain content, by the base class's own means and not by what a subclass put over it."""
    if base is np.ndarray:
        return np.array(np.ndarray.view(value, np.ndarray))
    if base in (dict, list, tuple, set, frozenset):
        return base(base.items(value) if base is dict else base.__iter__(value))
    if base in (str, bytes):
        return base.__add__(value, base())
    return base.__pos__(value)


def _name(kind: type) -> str:
    name = type.__dict__["__name__"].__get__(kind)
    return name if NAME.fullmatch(name) else "object"


def _plain(generator: np.random.Generator) -> bool:
    return type(generator.bit_generator) is np.random.PCG64


def generator_state(generator: np.random.Generator) -> tuple[str, str, int, int]:
    """The four numbers of PCG64, the generator of `default_rng`."""
    state: Any = generator.bit_generator.state
    two = state["state"]
    return hex(two["state"]), hex(two["inc"]), int(state["has_uint32"]), int(state["uinteger"])


def _checked_state(state: Any, inc: Any, has: Any, word: Any) -> dict:
    """A state of PCG64 of four numbers, each within its range."""
    numbers = [_whole(state), _whole(inc), has, word]
    for number, most in zip(numbers, (1 << 128, 1 << 128, 2, 1 << 32), strict=True):
        if type(number) is not int or not 0 <= number < most:
            raise ProtocolError("no state of a generator")
    if not numbers[1] & 1:
        raise ProtocolError("no state of a generator")
    two = {"state": numbers[0], "inc": numbers[1]}
    return {"bit_generator": "PCG64", "state": two, "has_uint32": has, "uinteger": word}


def _whole(text: Any) -> int:
    if type(text) is not str or len(text) > 40:
        raise ProtocolError("malformed number")
    return int(text, 16)


class _Unpacker:
    def __init__(self, ledger: Ledger, arrays: memoryview):
        self.ledger = ledger
        self.arrays = arrays
        self.at = 0
        self.items = 0
        self.weights: dict[int, int] = {}
        """Items of each container of this message, with all that they hold in turn."""

    def unpack(self, form: Any, depth: int) -> Any:
        self._count(1)
        if form is None or type(form) in (bool, float, int):
            return form
        if type(form) is str:  # half characters can be neither printed nor written
            return form if form.isascii() else form.encode("utf-8", "replace").decode()
        if depth > DEEPEST or type(form) is not list:
            raise ProtocolError("malformed data")
        tag = form[0]
        if tag == "a":
            array = self._array(*form[1:])
            self.weights[form[1]] = 1 + array.size
            return array
        if tag == "t":
            return tuple([self.unpack(v, depth + 1) for v in form[1]])
        if tag in ("l", "s", "d"):
            return self._container(tag, form[1], form[2], depth)
        if tag == "n":
            (value,) = self._take(form[1], (1,), form[2])
            return value
        if tag == "g":
            return self._generator(*form[1:])
        if tag == "=":
            return self._again(form[1])
        return self._rare(tag, form, depth)

    def _rare(self, tag: str, form: list, depth: int) -> Any:
        if tag == "x":
            return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[form[1]]
        if tag == "i":
            return int(form[1], 16)
        if tag == "c":
            return complex(float.fromhex(form[1]), float.fromhex(form[2]))
        if tag == "y":
            return bytes.fromhex(form[1])
        if tag == "z":
            return frozenset(self.unpack(v, depth + 1) for v in form[1])
        if tag == "o":
            made = np.empty(self._shape(form[3]), dtype=object)
            self.weights[form[1]] = 1 + made.size
            self.ledger.share(self._new(form[1]), made)
            return made
        if tag == "sub":
            return _of_subclass(form[1], self.unpack(form[2], depth + 1))
        return self.ledger.known(form)

    def _new(self, number: Any) -> int:
        """A number of the other side's that is used for the first time, or again."""
        if type(number) is not int or not 0 <= number < 1 << 53:
            raise ProtocolError("malformed number")
        if self.ledger.strict and number % 2 == 0 and number not in self.ledger.objects:
            raise ProtocolError("a number that was never given")
        self.ledger.touched.add(number)
        return number

    def _count(self, items: int) -> None:
        self.items += items
        if self.items > MOST_ITEMS:
            raise ProtocolError(f"more than {MOST_ITEMS:,} items, lists within lists")

    def _again(self, number: Any) -> Any:
        """What stands in this message already; whoever walks through it meets it twice."""
        if number not in self.weights or number not in self.ledger.objects:
            raise ProtocolError("a list that contains itself, or was never given")
        self._count(self.weights[number])
        return self.ledger.objects[number]

    def _container(self, tag: str, number: Any, content: list, depth: int) -> Any:
        kind: type = {"l": list, "s": set, "d": dict}[tag]
        there: Any = self.ledger.objects.get(self._new(number))
        before = self.items
        if type(there) is not kind:
            there = kind()
        if tag == "d":
            pairs = [(self.unpack(k, depth + 1), self.unpack(v, depth + 1)) for k, v in content]
            there.clear()
            there.update(pairs)
        else:
            items = [self.unpack(v, depth + 1) for v in content]
            there.clear()
            if tag == "l":
                there.extend(items)
            else:
                there.update(items)
        if number not in self.ledger.objects:
            self.ledger.share(number, there)
        self.weights[number] = self.items - before
        return there

    def _shape(self, shape: Any) -> tuple[int, ...]:
        plain = type(shape) is list and len(shape) <= 32
        if not plain or not all(type(n) is int and 0 <= n <= MOST_ENTRIES for n in shape):
            raise ProtocolError("malformed shape")
        if math.prod(shape) > MOST_ENTRIES:
            raise ProtocolError(f"an array of {math.prod(shape):,} entries")
        return tuple(shape)

    def _take(self, dtype: Any, shape: tuple[int, ...], size: Any) -> np.ndarray:
        kind = np.dtype(dtype) if type(dtype) is str and len(dtype) < 20 else None
        if kind is None or kind.kind not in PLAIN_KINDS + TEXT_KINDS or not kind.itemsize:
            if kind is None or kind.kind not in TEXT_KINDS or size != 0:
                raise ProtocolError("a dtype that is not plain")
            return np.empty(shape, kind)
        if type(size) is not int or size != kind.itemsize * math.prod(shape):
            raise ProtocolError("an array whose size is not its shape's")
        content = self.arrays[self.at : self.at + size]
        self.at += size
        return np.frombuffer(content, kind).reshape(shape).copy()

    def _array(self, number: Any, dtype: Any, shape: Any, flags: Any, size: Any) -> np.ndarray:
        fresh = self._take(dtype, self._shape(shape), size)
        there = self.ledger.objects.get(self._new(number))
        if type(there) is np.ndarray and (there.shape, there.dtype) == (fresh.shape, fresh.dtype):
            if there.tobytes() != fresh.tobytes():
                _write(there, fresh)
            return there
        if flags[0] == "F":
            fresh = np.asfortranarray(fresh)
        elif flags[0] == "S":
            fresh = np.repeat(fresh[..., None], 2, axis=-1)[..., 0]
        if flags[1] == "r":
            fresh.setflags(write=False)
        if there is not None:
            self.ledger.drop(number)
        self.ledger.share(number, fresh)
        return fresh

    def _generator(self, number: Any, *state: Any) -> np.random.Generator:
        checked = _checked_state(*state)
        there = self.ledger.objects.get(self._new(number))
        if type(there) is not np.random.Generator or not _plain(there):
            there = np.random.Generator(np.random.PCG64(0))
            self.ledger.share(number, there)
        there.bit_generator.state = checked
        return there


def _write(there: np.ndarray, fresh: np.ndarray) -> None:
    read_only = not there.flags.writeable
    if read_only:
        there.setflags(write=True)
    there[...] = fresh
    if read_only:
        there.setflags(write=False)


def _of_subclass(name: Any, plain: Any) -> Any:
    """The plain value as one of a class of this name, which has no methods of its own."""
    if type(name) is not str or not NAME.fullmatch(name):
        raise ProtocolError("malformed name")
    base = type(plain)
    if base not in SUBCLASSED:
        raise ProtocolError("a subclass of what has none")
    made = type(name, (base,), {})
    return plain.view(made) if base is np.ndarray else made(plain)

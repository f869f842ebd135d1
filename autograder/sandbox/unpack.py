"""Takes values out of a message, within bounds.

Whatever is computed with a value later, often in C where no alarm interrupts it, takes time and
memory as the value's size. So all sizes have bounds, here, before anything is made.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers._text import printable

from .generators import born, checked_state, plain_generator, take, whole
from .pipe import ProtocolError
from .subclasses import IN_PLACE, fill, of_subclass, refilled
from .weights import DEEPEST, GROWTH, MOST_ITEMS, weigh

if TYPE_CHECKING:
    from .wire import Ledger

MOST_ENTRIES = 1_000_000
"""Entries of all arrays of a message, and of one axis; the bank's own have some ten thousand."""
MOST_MEMBERS = 100_000
"""Of a set or a dict."""
MOST_OBJECTS = 10_000
"""Handles of a message, and values of a student's own classes."""
LONGEST = 10_000
"""Letters of a text; the rest is cut."""
MOST_LETTERS = 1 << 26
"""Of the longest text, times all items: an array of texts is as wide as the longest everywhere."""
MOST_BITS = 14_000
"""Of an integer: about as many as Python writes out, 4300 digits."""

DTYPES = {
    kind.str: kind
    for code in "?" + np.typecodes["AllInteger"] + np.typecodes["AllFloat"]
    for kind in (np.dtype(code).newbyteorder("<"), np.dtype(code).newbyteorder(">"))
}
TEXT_DTYPE = re.compile(r"([<>|])([SU])(\d{1,8})")
LAYOUTS = ("Cw", "Cr", "Fw", "Fr", "Sw", "Sr")
"""C or Fortran order or strided; may be written to, or read only."""
SMALL = 1 << 63
SCALARS = {float, bool, type(None)}


class Unpacker:
    """Of one message. whole: texts are left as long as they are, and as they are."""

    def __init__(self, ledger: Ledger, arrays: memoryview, whole: bool = False):
        self.ledger = ledger
        self.arrays = arrays
        self.whole = whole
        self.at = 0
        self.items = self.entries = self.made = self.longest = 0
        self.weights: dict[int, int | None] = {}
        """Items of each container of this message, all that they hold included; None until then."""
        self.inside = 0
        """So many objects deep. Nobody walks from an object into its attributes."""
        self.subclassed: dict[int, Any] = {}
        """What stands for the student's values of subclasses in this message, by their numbers;
        None until one is complete."""
        self.begun: dict[int, int] = {}
        """How many objects deep a list, dict or set was that is not complete yet."""

    def message(self, form: Any) -> Any:
        self._count(1)
        value = self.unpack(form, 0)
        if not self.whole and self.longest * (self.items + self.entries) > MOST_LETTERS:
            raise ProtocolError("long texts among many items")
        if self.ledger.grown > GROWTH:
            self.ledger.grown = 0
            weigh([*self.ledger.objects.values(), *self.ledger.stand_ins.values()])
        return value

    def unpack(self, form: Any, depth: int) -> Any:
        """The value of a form, which whoever holds it has counted."""
        kind = type(form)
        if form is None or kind is float or kind is bool:
            return form
        if kind is str:
            return self._text(form)
        if kind is int:
            return form if -SMALL < form < SMALL else _bounded(form)
        if depth > DEEPEST or kind is not list:
            raise ProtocolError("malformed data")
        tag = form[0]
        if tag == "a":
            return self._array(*form[1:])
        if tag == "t":
            return tuple(self._each(_listed(form[1]), depth))
        if tag in ("l", "s", "d"):
            return self._container(tag, form[1], form[2], depth)
        if tag == "n":
            (value,) = self._take(form[1], (1,), form[2])
            return value
        if tag == "g":
            return self._generator(*form[1:])
        if tag == "=":
            return self._again(form[1])
        if tag == "k":
            return self._names(form[1], form[2], depth)
        return self._rare(tag, form, depth)

    def _each(self, forms: list, depth: int) -> list:
        self._count(len(forms))
        return [
            form
            if (kind := type(form)) in SCALARS or (kind is int and -SMALL < form < SMALL)
            else self.unpack(form, depth + 1)
            for form in forms
        ]

    def _rare(self, tag: str, form: list, depth: int) -> Any:
        if tag == "x":
            return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[form[1]]
        if tag == "i":
            return _bounded(whole(form[1], MOST_BITS))
        if tag == "c":
            return complex(float.fromhex(form[1]), float.fromhex(form[2]))
        if tag == "y":
            return self._bytes(bytes.fromhex(form[1]))
        if tag == "z":
            # In steps, as `fill` does: an alarm comes through.
            return frozenset(v for v in self._each(_members(form[1]), depth))
        if tag == "o":
            number, shape = self._new(form[1]), self._shape(form[3])
            made = np.empty(shape, dtype=object)
            self._done(number, 1 + made.size)
            there = self.ledger.objects.get(number)
            if not self.ledger.strict and type(there) is np.ndarray:
                return there  # the student's own comes back: the judge has not seen what it holds
            self.ledger.share(number, made)
            return made
        if tag == "v":
            return self._travelled(form[1], form[2], form[3], depth)
        self._object()
        if tag == "sub":
            self._count(1)
            return self._subclass(*form[1:], depth=depth + 1)
        return self.ledger.known(form)

    def _subclass(self, name: Any, content: Any, number: Any = None, *, depth: int) -> Any:
        """It is filled once in a message, when all that it holds is complete: as for `_new`."""
        if number is None:
            return of_subclass(name, self.unpack(content, depth))
        if type(number) is not int or not 0 <= number < 1 << 53:
            raise ProtocolError("malformed number")
        if number in self.subclassed:
            if self.subclassed[number] is None:
                raise ProtocolError("a list that contains itself")
            self.unpack(content, depth)  # what is met again counts again
            return self.subclassed[number]
        self.subclassed[number] = None
        before = self.items
        plain = self.unpack(content, depth)
        self.subclassed[number] = self._stand_in(name, plain, number, self.items - before)
        return self.subclassed[number]

    def _stand_in(self, name: Any, plain: Any, number: int, weight: int) -> Any:
        there = self.ledger.stand_ins.get(number)
        if there is not None and refilled(there, plain):
            self.ledger.grown += weight  # what holds it may become too large to walk through
            return there
        made = of_subclass(name, plain, number)
        if type(plain) in IN_PLACE:
            self.ledger.stand_ins[number] = made
        return made

    # --- Bounds

    def _count(self, items: int) -> None:
        self.items += items
        if self.items > MOST_ITEMS:
            raise ProtocolError(f"more than {MOST_ITEMS:,} items, lists within lists")

    def _object(self) -> None:
        self.made += 1
        if self.made > MOST_OBJECTS:
            raise ProtocolError(f"more than {MOST_OBJECTS:,} objects")

    def _new(self, number: Any) -> int:
        """A number of the other side's, given for the first time or again; once in a message.

        A list that came twice could hold itself, by way of others.
        """
        if type(number) is not int or not 0 <= number < 1 << 53:
            raise ProtocolError("malformed number")
        if self.ledger.strict and number % 2 == 0 and number >= self.ledger.next:
            raise ProtocolError("a number that was never given")
        if number in self.weights:
            raise ProtocolError("the same number twice")
        self.weights[number] = None
        self.ledger.touched.add(number)
        return number

    def _done(self, number: int, weight: int) -> None:
        self.weights[number] = weight

    def _again(self, number: Any) -> Any:
        """What stands in this message already; whoever walks through it meets it twice."""
        weight = self.weights.get(number) if type(number) is int else None
        if weight is None and self.begun.get(number, self.inside) < self.inside:
            weight = 1  # what an object is in may stand in the object, too, and nowhere else
            self.ledger.grown += GROWTH + 1
        if weight is None or number not in self.ledger.objects:
            raise ProtocolError("a list that contains itself, or was never given")
        self._count(weight)
        return self.ledger.objects[number]

    # --- Texts

    def _text(self, form: str) -> str:
        length = len(form)
        if length <= LONGEST and form.isascii() and form.isprintable():
            if length > self.longest:
                self.longest = length
            return form
        if self.whole:  # half characters can be neither printed nor written
            return form.encode("utf-8", "replace").decode()
        made = printable(form, LONGEST)
        self.longest = max(self.longest, len(made))
        return made

    def _bytes(self, content: bytes) -> bytes:
        if self.whole:
            return content
        self.longest = max(self.longest, min(len(content), LONGEST))
        return content[:LONGEST]

    # --- Containers

    def _container(self, tag: str, number: Any, content: Any, depth: int) -> Any:
        number, kind = self._new(number), {"l": list, "s": set, "d": dict}[tag]
        before = self.items
        members = _listed(content) if tag == "l" else _members(content)
        there: Any = self.ledger.objects.get(number)
        known = type(there) is kind
        if not known:
            there = kind()
            self.ledger.share(number, there)
        self.begun[number] = self.inside
        if tag == "d":
            made: list = [self._each(_pair(member), depth) for member in members]
        else:
            made = self._each(members, depth)
        weight = self.items - before
        if known:  # what holds it may become too large to walk through
            self.ledger.grown += max(0, weight - self.ledger.weights.get(number, len(there)))
        fill(there, made)
        self.ledger.weights[number] = weight
        self._done(number, weight)
        return there

    def _travelled(self, number: Any, name: Any, attributes: Any, depth: int) -> Any:
        """An object, by its attributes: no code of its class runs."""
        number, kind = self._new(number), self.ledger.kind_of(name)
        there = self.ledger.objects.get(number)
        if type(there) is not kind:
            there = object.__new__(kind)
            self.ledger.share(number, there)
        self._done(number, 1)
        self.inside += 1
        held = self.unpack(attributes, depth + 1)
        self.inside -= 1
        if type(held) is not dict or not all(type(key) is str for key in held):
            raise ProtocolError("malformed object")
        there.__dict__ = held
        self.ledger.attributes.add(self.ledger.numbers[id(held)])
        return there

    def _names(self, names: Any, values: Any, depth: int) -> dict:
        """A dict with names for keys, which is shared with nobody."""
        members = self._each(_members(values), depth)
        self._count(len(members))
        if not all(type(name) is str for name in _listed(names)):
            raise ProtocolError("a name that is no text")
        return dict(zip(map(self._text, names), members, strict=True))

    # --- Arrays

    def _shape(self, shape: Any) -> tuple[int, ...]:
        plain = type(shape) is list and len(shape) <= 32
        if not plain or not all(type(n) is int and 0 <= n <= MOST_ENTRIES for n in shape):
            raise ProtocolError("malformed shape")
        self.entries += math.prod(shape)
        if self.entries > MOST_ENTRIES:
            raise ProtocolError(f"an array of {math.prod(shape):,} entries")
        return tuple(shape)

    def _content(self, size: Any, due: int) -> memoryview:
        if type(size) is not int or size != due:
            raise ProtocolError("an array whose size is not its shape's")
        content = self.arrays[self.at : self.at + size]
        self.at += size
        return content

    def _take(self, dtype: Any, shape: tuple[int, ...], size: Any) -> np.ndarray:
        kind = DTYPES.get(dtype) if type(dtype) is str else None
        if kind is None:
            return self._texts(dtype, shape, size)
        content = self._content(size, kind.itemsize * math.prod(shape))
        if kind.kind == "b":  # a byte of an array of yes and no could be neither
            return (np.frombuffer(content, np.uint8) != 0).reshape(shape)
        return np.frombuffer(content, kind).reshape(shape).copy()

    def _texts(self, dtype: Any, shape: tuple[int, ...], size: Any) -> np.ndarray:
        """An array of texts, or of bytes; what is no character becomes a question mark."""
        found = TEXT_DTYPE.fullmatch(dtype) if type(dtype) is str else None
        if found is None:
            raise ProtocolError("a dtype that is not plain")
        order, letter, width = found[1], found[2], int(found[3])
        each = 4 if letter == "U" else 1
        content = self._content(size, each * width * math.prod(shape))
        self.longest = max(self.longest, min(width, LONGEST))
        if not size:
            return np.zeros(shape, f"{order}{letter}{max(width, 1)}")
        codes = np.frombuffer(content, f"{order}u{each}")
        if letter == "U":
            odd = (codes > 0x10FFFF) | ((codes > 0xD7FF) & (codes < 0xE000))
            codes = np.where(odd, np.uint32(63), codes).astype(codes.dtype)
        made = codes.view(f"{order}{letter}{width}").reshape(shape)
        return made.astype(f"{order}{letter}{LONGEST}") if width > LONGEST else made.copy()

    def _array(self, number: Any, dtype: Any, shape: Any, flags: Any, size: Any) -> np.ndarray:
        number, shape = self._new(number), self._shape(shape)
        if type(flags) is not str or flags not in LAYOUTS:
            raise ProtocolError("malformed array")
        fresh = self._take(dtype, shape, size)
        self._done(number, 1 + fresh.size)
        there = self.ledger.objects.get(number)
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
        self.ledger.share(number, fresh)
        return fresh

    def _generator(self, number: Any, *form: Any) -> np.random.Generator:
        state, seed = (form, ()) if self.ledger.strict else (form[:5], form[5:])
        checked = checked_state(*state)
        self.weights.pop(number, None)  # its state is sent each time
        number = self._new(number)
        self._done(number, 1)
        there = self.ledger.objects.get(number)
        if type(there) is not np.random.Generator or not plain_generator(there):
            there = born(*seed) if seed else np.random.Generator(np.random.PCG64(0))
            self.ledger.share(number, there)
        take(there, *checked)
        return there


def _listed(content: Any) -> list:
    if type(content) is not list:
        raise ProtocolError("malformed data")
    return content


def _members(content: Any) -> list:
    if len(_listed(content)) > MOST_MEMBERS:
        raise ProtocolError(f"a set or a dict of more than {MOST_MEMBERS:,} members")
    return content


def _pair(content: Any) -> list:
    if len(_listed(content)) != 2:
        raise ProtocolError("malformed data")
    return content


def _bounded(number: int) -> int:
    if number.bit_length() > MOST_BITS:
        raise ProtocolError(f"an integer of {number.bit_length():,} bits")
    return number


def _write(there: np.ndarray, fresh: np.ndarray) -> None:
    read_only = not there.flags.writeable
    if read_only:
        there.setflags(write=True)
    there[...] = fresh
    if read_only:
        there.setflags(write=False)

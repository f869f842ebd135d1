"""Plain data over a pipe: the only thing that passes between the judge and a student's process.

A message is JSON with the arrays' bytes behind it. What it can hold is None, bool, int, float,
complex, str, bytes, list, tuple, dict, set, NumPy's numbers and arrays of plain dtypes, PCG64
generators by the numbers of their state, and *handles*: numbers that stand for what stays on
the other side (functions, objects of classes). Objects of a few classes of the course's, which both
sides have and which hold no secret, go as their attributes (`TRAVELS`). Nothing in a message is
ever executed, and there are no pickles.

Lists, dicts, sets, arrays, generators and such objects can be changed in place. Each gets a number
that both sides know (`Ledger`), so that one sent twice stays one, and what the student's code
changes in place changes for the judge as well. The same file runs on both sides.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from .generators import family, generator_state, plain_generator
from .pipe import ProtocolError
from .subclasses import as_base, base_of, class_name, number_of
from .unpack import (
    DEEPEST,
    DTYPES,
    MOST_BITS,
    SMALL,
    TEXT_DTYPE,
    Unpacker,
)

TRAVELS = "travels_to_students"
"""The mark of a class of the course's whose objects go as their attributes."""
_HELD, _VIEW = {0: object()}, np.zeros(1)[:]
ALONE = sys.getrefcount(_HELD[0])
"""References to what only a dict holds, as `Ledger.alone` counts them in this Python."""
OWNED = sys.getrefcount(_VIEW.base)
"""The same of an array that only a view of it holds, as `shares_memory` counts them."""


AS_IT_IS = {str, bool, type(None)}
"""Whatever is one of these is its own form."""


class Names(dict):
    """The settings of a call, by name: made for this call, so that no ledger needs to hold it."""


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
        self.weights: dict[int, int] = {}
        """How many items each list, set or dict came with."""
        self.kinds: dict[str, type] = {}
        """Classes whose objects have gone as their attributes, by module and name."""
        self.stand_ins: WeakValueDictionary[int, Any] = WeakValueDictionary()
        """What stands here for values of subclasses of the student's, by their numbers there."""
        self.attributes: set[int] = set()
        """The numbers of the dicts that hold these."""
        self.made: set[type] = set()
        """The student's classes that the judge has called: what they make goes as a handle, also
        where they derive from a list or a dict."""
        self.grown = 0
        """Items by which lists that were here already have become longer since all were weighed."""

    def forget(self) -> None:
        """Everything shared so far; the numbers go on, so that none is used twice."""
        self.objects.clear()
        self.numbers.clear()
        self.weights.clear()
        self.touched.clear()
        self.stand_ins.clear()
        self.attributes.clear()

    def number(self, value: Any) -> int:
        number = self.numbers.get(id(value))
        if number is None:
            number = self.next
            self.next += 2
            self.share(number, value)
        self.touched.add(number)
        return number

    def share(self, number: int, value: Any) -> None:
        """From now on this number is this value, and no other any more."""
        if number in self.objects:
            self.drop(number)
        self.objects[number] = value
        self.numbers[id(value)] = number

    def drop(self, number: int) -> None:
        self.numbers.pop(id(self.objects.pop(number)), None)
        self.weights.pop(number, None)
        self.attributes.discard(number)

    def alone(self, number: int) -> bool:
        """Whether nobody but this ledger holds on to what has this number, or to its memory."""
        alone = sys.getrefcount(self.objects[number]) <= ALONE
        return alone and not shares_memory(self.objects[number])

    def unheld(self) -> list[int]:
        """The numbers of what nobody but this ledger holds on to; it is forgotten."""
        numbers = [number for number in list(self.objects) if self.alone(number)]
        for number in numbers:
            self.drop(number)
        return numbers

    def travels_as(self, kind: type) -> str | None:
        """The name under which objects of this class go as their attributes, if they do."""
        name = next((name for name, known in self.kinds.items() if known is kind), None)
        if name is None and self.strict and TRAVELS in vars(kind):
            name = f"{kind.__module__}:{kind.__qualname__}"
            self.kinds[name] = kind
        return name

    def kind_of(self, name: Any) -> type:
        """The class of this name, of which the other side has had an object."""
        if type(name) is not str or name not in self.kinds:
            raise ProtocolError("an object of an unknown class")
        return self.kinds[name]

    def own(self, value: Any, base: type) -> int | None:
        """The number by which a value of a subclass of the student's comes back, if it does."""
        return None

    def held(self) -> list[tuple[dict, list, list]]:
        """The attributes of the objects that have gone as these: their names and values now."""
        there = (self.objects[number] for number in self.attributes)
        return [(held, list(held), list(held.values())) for held in there]

    def reassigned(self, before: list[tuple[dict, list, list]]) -> tuple[dict, ...]:
        """The attributes of those that hold something else than before, and are still shared."""
        there = (was for was in before if id(was[0]) in self.numbers)
        return tuple(was[0] for was in there if not _as_before(*was))

    def pack(self, value: Any) -> tuple[Any, list[bytes]]:
        packer = _Packer(self)
        return packer.pack(value, 0), packer.arrays

    def unpack(self, form: Any, arrays: memoryview, whole: bool = False) -> Any:
        """The value of a message. whole: its texts are not cut."""
        try:
            return Unpacker(self, arrays, whole).message(form)
        except ProtocolError:
            raise
        except Exception as error:  # a malformed form, in any of the ways there are
            if isinstance(error, RecursionError) and not self.strict:
                raise  # the student's own calls are that deep
            raise ProtocolError(f"malformed data ({type(error).__name__})") from error


class _Packer:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        self.arrays: list[bytes] = []
        self.seen: set[int] = set()

    def pack(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is float:
            return value if math.isfinite(value) else ["x", repr(value)]
        if value is None or kind is str or kind is bool:
            return value
        if kind is int:
            return value if -SMALL < value < SMALL else self._integer(value)
        if kind is complex:
            return ["c", value.real.hex(), value.imag.hex()]
        if kind is bytes:
            return ["y", value.hex()]
        if depth > DEEPEST:
            raise ProtocolError(f"lists within lists, more than {DEEPEST} deep")
        if isinstance(value, np.generic) and kind.__module__ == "numpy":
            return self._scalar(value)
        if kind is tuple:
            return ["t", self._each(value, depth)]
        if kind is Names:
            return ["k", [*value], self._each(value.values(), depth)]
        if kind in (list, dict, set, np.ndarray) or (
            kind is np.random.Generator and plain_generator(value)
        ):
            number = self.ledger.number(value)
            if number in self.seen:
                return ["=", number]
            self.seen.add(number)
            return self._shared(value, kind, number, depth)
        if kind is frozenset:
            return ["z", self._each(value, depth)]
        base = base_of(value)
        if base is not None and self.ledger.made.isdisjoint(kind.__mro__):
            return self._subclass(value, kind, base, depth)
        name = self.ledger.travels_as(kind)
        if base is not None or name is None or type(value.__dict__) is not dict:
            return self.ledger.stranger(value)
        number = self.ledger.number(value)
        if number in self.seen:
            return ["=", number]
        self.seen.add(number)
        self.ledger.attributes.add(self.ledger.number(value.__dict__))
        return ["v", number, name, self.pack(value.__dict__, depth + 1)]

    def _subclass(self, value: Any, kind: type, base: type, depth: int) -> list:
        number = number_of(value) if self.ledger.strict else self.ledger.own(value, base)
        if self.ledger.strict and number is not None:
            return ["m", number]
        form = ["sub", class_name(kind), self.pack(as_base(value, base), depth + 1)]
        return form if number is None else [*form, number]

    def _each(self, values: Iterable, depth: int) -> list:
        """Of what these are; most of it goes as it is, which is not worth a call."""
        return [
            v
            if (kind := type(v)) in AS_IT_IS or (kind is float and -math.inf < v < math.inf)
            else self.pack(v, depth + 1)
            for v in values
        ]

    def _shared(self, value: Any, kind: type, number: int, depth: int) -> list:
        if kind is list:
            return ["l", number, self._each(value, depth)]
        if kind is set:
            return ["s", number, self._each(value, depth)]
        if kind is dict:
            return ["d", number, [self._each(pair, depth) for pair in value.items()]]
        if kind is np.ndarray:
            return self._array(value, number)
        self.seen.discard(number)  # its state is sent each time
        state = generator_state(value)
        return ["g", number, *state, *(family(value) if self.ledger.strict else ())]

    def _array(self, value: np.ndarray, number: int) -> list:
        if not plain_dtype(value.dtype):
            return ["o", number, value.dtype.str[:20], list(value.shape)]
        layout = "C"
        if not value.flags.c_contiguous:
            layout = "F" if value.flags.f_contiguous else "S"
        content = value.tobytes()
        self.arrays.append(content)
        flags = layout + ("w" if value.flags.writeable else "r")
        return ["a", number, value.dtype.str, list(value.shape), flags, len(content)]

    def _integer(self, value: int) -> list:
        if value.bit_length() <= MOST_BITS:
            return ["i", hex(value)]
        form = self.ledger.stranger(value)  # no text of it can be made, and nobody expects it
        return [*form[:2], "huge_integer", *form[3:]]

    def _scalar(self, value: np.generic) -> list:
        if not plain_dtype(value.dtype):
            return self.ledger.stranger(value)
        content = value.tobytes()
        self.arrays.append(content)
        return ["n", value.dtype.str, len(content)]


def shares_memory(value: Any) -> bool:
    """Whether this is a view of what something else holds on to as well, and may change."""
    if type(value) is not np.ndarray or value.base is None:
        return False
    return type(value.base) is not np.ndarray or sys.getrefcount(value.base) > OWNED


def _as_before(held: dict, names: list, values: list) -> bool:
    """Whether it holds the very same objects under the same names."""
    same = len(held) == len(values) and all(map(operator.is_, held.values(), values))
    return same and list(held) == names


def plain_dtype(dtype: np.dtype) -> bool:
    return dtype.str in DTYPES or TEXT_DTYPE.fullmatch(dtype.str) is not None

"""Values of subclasses of Python's and NumPy's own kinds: a namedtuple, an ordered dict, an enum.

The judge sees what one holds, under its class's name and with none of its methods. A student's code
that is given one back, as a state that it has returned, is given its own, by its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from helpers._findings import BASES

from .pipe import ProtocolError

SUBCLASSED = (np.ndarray, dict, list, tuple, set, frozenset, str, bytes, int, float, complex)
"""A value of a subclass is sent as one of these, with its class's name and none of its methods."""
CONTAINERS = (dict, list, tuple, set, frozenset)
IN_PLACE = (np.ndarray, dict, list, set)
"""Of which the content may change."""
NAME = re.compile(r"[^\W\d]\w{0,99}")
NUMBER = "number_at_the_students"
"""The attribute of the judge's value that says which one of the student's it stands for. What is
computed with it, or copied of an array, has none.
"""


HELD: dict[type, Callable] = {
    **dict(BASES),
    set: set.__iter__,
    frozenset: frozenset.__iter__,
    bytes: lambda content: bytes.__add__(content, b""),
}
"""What each kind holds, by its own means and not by what a subclass has put over it."""


def base_of(value: Any) -> type | None:
    if isinstance(value, np.generic):
        return None
    return next((base for base in SUBCLASSED if isinstance(value, base)), None)


def as_base(value: Any, base: Any) -> Any:
    """The plain content."""
    if base is np.ndarray:
        return np.array(np.ndarray.view(value, np.ndarray))
    held = HELD[base](value)
    return base(held) if base in CONTAINERS else held


def class_name(kind: type) -> str:
    name = type.__dict__["__name__"].__get__(kind)
    return name if NAME.fullmatch(name) else "object"


def number_of(value: Any) -> int | None:
    """Which value of the student's one of the judge's stands for; None if it does for none."""
    return getattr(value, "__dict__", {}).get(NUMBER)


def fill(there: Any, members: Iterable) -> None:
    """Into an empty list, set or dict, what it holds; into one that is not, in place of that.

    A set or a dict is filled in steps, so that an alarm comes through, however the hashes collide.
    """
    there.clear()
    if isinstance(there, list):
        there.extend(members)
    elif isinstance(there, set):
        for member in members:
            there.add(member)
    else:
        for key, value in members:
            there[key] = value


def of_subclass(name: Any, plain: Any, number: int | None = None) -> Any:
    """The plain value as one of a class of this name, which has no methods of its own."""
    if type(name) is not str or not NAME.fullmatch(name):
        raise ProtocolError("malformed name")
    base = type(plain)
    if base not in SUBCLASSED:
        raise ProtocolError("a subclass of what has none")
    kind: Any = type(name, (base,), {})
    if base is np.ndarray:
        made = plain.view(kind)
    elif base in (dict, set):
        made = kind()
        fill(made, plain.items() if base is dict else plain)
    else:
        made = kind(v for v in plain) if base is frozenset else kind(plain)
    if number is not None:
        vars(made)[NUMBER] = number
    return made


def refilled(there: Any, plain: Any) -> bool:
    """Whether what is there could take over what the student's holds now, and has."""
    base = type(plain)
    if base not in IN_PLACE or base_of(there) is not base:
        return False
    if base is np.ndarray:
        if (there.shape, there.dtype) != (plain.shape, plain.dtype) or not there.flags.writeable:
            return False
        there[...] = plain
    else:
        fill(there, plain.items() if base is dict else plain)
    return True

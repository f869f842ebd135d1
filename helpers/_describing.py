"""Values, functions and calls in a few printable characters."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from helpers._code import LAMBDA, body_of, node_of
from helpers._text import printable

NAMELESS = "your function"
"""What a function is called that has no name and whose source is not at hand."""

LONGEST = 120
"""Characters of one value; what is longer is cut."""

DEEPEST = 6
"""Lists within lists that are still looked into."""


# --- Functions and calls ------------------------------------------------------------------------


def name_of(f: Any) -> str:
    """A function's name; a lambda's variable, or else what it computes: `adam(0.0, 4.0, {})[0]`."""
    name = getattr(f, "__name__", None)
    if not isinstance(name, str):
        name = type(f).__name__
    if name != LAMBDA:
        return printable(name, 60)
    return _variable_of(f) or body_of(f) or NAMELESS


def _variable_of(f: Any) -> str | None:
    """The global name that a lambda has been given, as in square = lambda x: x * x."""
    names = f.__globals__ if isinstance(f, FunctionType) else {}
    found = (name for name, value in list(names.items()) if value is f)
    return next((name for name in found if not name.startswith("_")), None)


def describe_call(f: Any, args: tuple) -> str:
    """`sigmoid(0)`, with large arguments by their shape: `loss(array of shape (8, 3))`.

    Of a lambda what it computes, and where: `f(x, 2.5)[0] at x = -1.3`.
    """
    name = name_of(f)
    drive = vars(f).get("drive") if isinstance(f, FunctionType) else None
    if drive is not None:  # an answer used in more than one call: by the names that these have
        names = parameters_of(drive, len(args) + 1)[1:]
        tried = at_point(dict(zip(names, args, strict=True)))
        return f"{name}, tried with {tried}" if tried else name
    if getattr(f, "__name__", None) != LAMBDA or _variable_of(f) or name == NAMELESS:
        return f"{name}({', '.join(describe(each, longest=80) for each in args)})"
    node = node_of(f)
    names = [each.arg for each in node.args.args] if node else []
    at = at_point(dict(zip(names, args, strict=False)))
    return f"{name} at {at}" if at else name


def at_point(values: dict[str, Any]) -> str:
    """`x = -1.3, W of shape (3, 4)`."""
    return ", ".join(
        f"{name} of shape {value.shape}"
        if isinstance(value, np.ndarray) and value.size > 4
        else f"{name} = {describe(value, longest=80)}"
        for name, value in values.items()
    )


# --- Values -------------------------------------------------------------------------------------


def describe(value: Any, most: int = 8, longest: int = LONGEST) -> str:
    """A value in few characters: exact where it is small, by shape where it is large."""
    try:
        text = _described(value, most, 0)
    except Exception:  # a method of the student's, such as __float__ or __len__
        text = f"a {type(value).__name__}"
    return printable(text, longest)


def _described(value: Any, most: int, depth: int) -> str:
    kind = type(value)
    if kind is np.ndarray:
        return _array(value, most)
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.10g}"
    if isinstance(value, np.integer):
        return str(int(value))
    if callable(value):
        return _function(value)
    if isinstance(value, np.random.Generator):
        return "rng"
    if kind in (tuple, list, dict):
        if depth == DEEPEST:
            return "…"
        return _container(value, most, depth)
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", _repr(value))


def _array(value: np.ndarray, most: int) -> str:
    if value.size > most:
        return f"array of shape {value.shape}"
    text = np.array2string(value, precision=6, separator=", ").replace("\n", "")
    return re.sub(r"(?<=\[) +| +(?=[,\]])", "", " ".join(text.split()))


def _function(value: Any) -> str:
    node = node_of(value)
    if node is None or getattr(value, "__name__", None) != LAMBDA or _variable_of(value):
        return name_of(value)
    names = ", ".join(each.arg for each in node.args.args)
    return f"{names if names.isidentifier() else f'({names})'} ↦ {body_of(value)}"


def _container(value: Any, most: int, depth: int) -> str:
    shown = list(value.items() if type(value) is dict else value)[:most]
    if type(value) is dict:
        parts = [f"{_repr(k)}: {_described(v, most, depth + 1)}" for k, v in shown]
    else:
        parts = _all_digits(shown, [_described(v, most, depth + 1) for v in shown])
    inner = ", ".join(parts) + (", …" if len(value) > most else "")
    if type(value) is dict:
        return "{" + inner + "}"
    if type(value) is list:
        return f"[{inner}]"
    return f"({inner},)" if len(value) == 1 else f"({inner})"


def _all_digits(values: list, texts: list[str]) -> list[str]:
    """The texts, with all digits for floats that differ and would read the same."""
    floats: dict[str, set] = {}
    for value, text in zip(values, texts, strict=True):
        if isinstance(value, float):
            floats.setdefault(text, set()).add(float(value))
    return [
        repr(float(value)) if isinstance(value, float) and len(floats[text]) > 1 else text
        for value, text in zip(values, texts, strict=True)
    ]


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # a __repr__ of the student's, or a number of thousands of digits
        if type(value) is int:
            least = f"2 ** {value.bit_length() - 1}"
            return f"{least} or more" if value > 0 else f"-{least} or less"
        return f"a {type(value).__name__}"


def kind_of(value: Any) -> str:
    """What sort of thing it is: `the number 3`, `an array of shape (3,)`, `a tuple of 4 things`."""
    if isinstance(value, np.ndarray):
        odd = "" if value.dtype.kind in "fiu" else f" and dtype {value.dtype}"
        return f"an array of shape {value.shape}{odd}" if value.ndim or odd else "a single number"
    if isinstance(value, bool | int | float | complex | np.number | np.bool_):
        word = "number " if not isinstance(value, bool | np.bool_) else ""
        return f"the {word}{describe(value)}" if word else describe(value)
    if type(value) in (tuple, list):
        things = "1 thing" if len(value) == 1 else f"{len(value)} things"
        return f"a {type(value).__name__} of {things}"
    if type(value) is dict:
        return f"a dict with the keys {describe(list(value))}" if value else "an empty dict"
    if isinstance(value, str):
        return f"a string {describe(value)}"
    if value is None:
        return "None"
    name = printable(type(value).__name__, 40)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def told_apart(one: Any, other: Any, least: int = 7) -> tuple[str, str]:
    """Two numbers, with as many digits as it takes to see that they differ, `least` or more."""
    one, other = float(one) + 0.0, float(other) + 0.0  # −0 is told as 0
    for digits in range(least, 17):
        texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return f"{one:.17g}", f"{other:.17g}"


def index(where: Iterable) -> str:
    """`[1, 2]`, and nothing for a plain number."""
    numbers = ", ".join(str(int(i)) for i in where)
    return f"[{numbers}]" if numbers else ""


def join(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def is_are(names: Sequence[str]) -> str:
    """`w is`, `w and b are`, `the weights are`."""
    last = names[-1].split()[-1]
    plural = len(names) > 1 or (last.endswith("s") and not last.endswith(("ss", "us", "bias")))
    return f"{join(names)} {'are' if plural else 'is'}"


def parameters_of(f: Any, count: int) -> list[str]:
    """The names of a function's first `count` parameters; numbered where they cannot be told."""
    try:
        known = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        known = []
    names: list[str] = []
    for parameter in known:
        if parameter.kind is parameter.VAR_POSITIONAL and parameter.name != "args":
            names += [f"{parameter.name}[{k}]" for k in range(count - len(names))]
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    names += [f"argument {i + 1}" for i in range(len(names), count)]
    return names[:count]

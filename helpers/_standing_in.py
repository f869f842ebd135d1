"""Another answer in the place of a student's earlier one, for a while.

It has to be found under every name by which a later answer may call it: its own, another name for
it (`s = sigmoid`), a default, a variable of a function around it; and behind what wraps an answer.
"""

from __future__ import annotations

import functools
import sysconfig
import types
from collections.abc import Callable, Iterator
from typing import Any

LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
"""Where the modules lie whose names are nobody's answers: what they wrap is looked at instead."""
MOST = 100
"""Functions that are looked at: what wraps an answer can be made without end."""


def stand_in(answer: Any, values: dict[str, Any], *spaces: dict[str, Any]) -> Callable[[], None]:
    """Among the names that an answer sees, these are others now. What is returned undoes it.

    spaces: namespaces, besides those of its functions, in which they are to be found.
    """
    functions = list(functions_of(answer))
    places = {id(s): s for s in (*spaces, *(f.__globals__ for f in functions))}
    undo: list[Callable[[], None]] = []
    others: dict[int, Any] = {}
    for place in places.values():
        before = {name: place[name] for name in values if name in place}
        meant = {id(v): values[n] for n, v in before.items() if callable(v) and v is not answer}
        before |= {name: v for name, v in place.items() if id(v) in meant}
        others |= meant
        place.update({name: meant[id(v)] for name, v in before.items() if name not in values})
        place.update(values)
        undo.append(functools.partial(_put_back, place, values, before))
    for function in functions:
        undo += _inside(function, others)

    def back() -> None:
        for each in reversed(undo):
            each()

    return back


def _put_back(place: dict[str, Any], values: dict[str, Any], before: dict[str, Any]) -> None:
    for name in values:
        place.pop(name, None)
    place.update(before)


def _inside(function: types.FunctionType, others: dict[int, Any]) -> Iterator[Callable[[], None]]:
    """What a function holds: its defaults, and the variables of the functions around it."""
    defaults, named = function.__defaults__, function.__kwdefaults__
    if any(id(value) in others for value in defaults or ()):
        function.__defaults__ = tuple(others.get(id(v), v) for v in defaults or ())
        yield functools.partial(setattr, function, "__defaults__", defaults)
    if any(id(value) in others for value in (named or {}).values()):
        function.__kwdefaults__ = {n: others.get(id(v), v) for n, v in (named or {}).items()}
        yield functools.partial(setattr, function, "__kwdefaults__", named)
    for cell, value in _around(function):
        if id(value) in others:
            cell.cell_contents = others[id(value)]
            yield functools.partial(setattr, cell, "cell_contents", value)


def _around(function: types.FunctionType) -> Iterator[tuple[types.CellType, Any]]:
    for cell in function.__closure__ or ():
        try:
            yield cell, cell.cell_contents
        except ValueError:  # not bound yet
            continue


def functions_of(answer: Any) -> Iterator[types.FunctionType]:
    """The functions that run when it is called: what it wraps, a method's, those of a class."""
    waiting, seen = [answer], set[int]()
    while waiting and len(seen) < MOST:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        kind, held = type(one), getattr(one, "__dict__", {})
        if kind is types.FunctionType:
            waiting += [held.get("__wrapped__"), *(value for _, value in _around(one))]
            if not str(one.__globals__.get("__file__", "")).startswith(LIBRARIES):
                yield one
        elif kind in (types.MethodType, staticmethod, classmethod):
            waiting.append(one.__func__)
        elif kind is functools.partial:
            waiting.append(one.func)
        elif kind is property:
            waiting += [one.fget, one.fset]
        elif isinstance(one, type):
            waiting += [value for each in one.__mro__[:-1] for value in vars(each).values()]
        elif callable(one):
            waiting += [held.get("__wrapped__"), *held.values()]
            call = kind.__call__  # type: ignore[operator]
            waiting.append(call if isinstance(call, types.FunctionType) else None)

"""The kinds of wrong answers on the checklist: each makes of a right call what it gets wrong."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.proving.calls import is_array, is_number


@dataclass(frozen=True)
class Once:
    """One call of the right function: what it is given, by name, and what was kept so far."""

    function: Callable
    bound: inspect.BoundArguments
    memory: dict[str, Any]

    @property
    def given(self) -> dict[str, Any]:
        return self.bound.arguments

    def result(self) -> Any:
        return self.function(*self.bound.args, **self.bound.kwargs)


Kind = Callable[[Once], Any]
KindOfArgument = Callable[[Once, str], Any]


# --- Values -------------------------------------------------------------------------------------


def _each(change: Callable[[Any], Any], result: Any) -> Any:
    """The result with this done to every number and every array in it."""
    if isinstance(result, tuple | list):
        return type(result)(_each(change, part) for part in result)
    if isinstance(result, dict):
        return {key: _each(change, part) for key, part in result.items()}
    if _data(result) is not result:
        result.data = np.asarray(change(result.data))
        return result
    return change(result) if is_array(result) or is_number(result) else result


def _data(value: Any) -> Any:
    """The array in an object that stands for one, as a tensor does; anything else as it is."""
    held = getattr(value, "__dict__", {}).get("data")
    return held if is_array(held) else value


def _plainly(value: Any) -> Any:
    """An array of no axes as a number."""
    return value[()] if isinstance(value, np.ndarray) and not value.ndim else value


def _on_values(change: Callable[[Any], Any]) -> Kind:
    return lambda once: _each(lambda part: _plainly(change(part)), once.result())


def _in_float32(once: Once) -> Any:
    for name, arg in once.given.items():
        if is_array(arg) and arg.dtype.kind == "f":
            once.given[name] = arg.astype(np.float32)
    return _each(lambda part: _plainly(np.float64(np.float32(part))), once.result())


def _rounded(once: Once) -> Any:
    return _each(lambda part: _plainly(np.round(part, 6)), once.result())


def _stopping(tolerance: float) -> Kind:
    """A path that ends where a point is this near the one before it.

    A path is what has another length than any array that was given.
    """

    def behave(once: Once) -> Any:
        lengths = {size for arg in once.given.values() for size in np.shape(_numbers(arg))}

        def cut(part: Any) -> Any:
            if not is_array(part) or not part.ndim or len(part) < 2 or len(part) in lengths:
                return part
            steps = np.abs(np.diff(part, axis=0)).reshape(len(part) - 1, -1).max(axis=1, initial=0)
            flat = np.flatnonzero(steps <= tolerance)
            return part[: flat[0] + 1] if len(flat) else part

        return _each(cut, once.result())

    return behave


def _numbers(arg: Any) -> Any:
    return arg if is_array(arg) else 0.0


def _is_square(part: Any) -> bool:
    return is_array(part) and part.ndim > 1 and 1 < part.shape[0] == part.shape[1]


def _wrong(result: Any) -> Any:
    return _each(lambda part: part + 1, result)


def _wrong_where_square(once: Once) -> Any:
    return _each(lambda part: part + 1 if _is_square(part) else part, once.result())


# --- What is kept -------------------------------------------------------------------------------


def _first_result(once: Once) -> Any:
    if "first" not in once.memory:
        once.memory["first"] = once.result()
    return copy.deepcopy(once.memory["first"])


def _by_shape(once: Once) -> Any:
    """Kept for arguments of the same sizes, whatever is in them."""
    given = [(name, _data(arg)) for name, arg in once.given.items()]
    key = repr([(name, np.shape(arg)) if is_array(arg) else name for name, arg in given])
    if key not in once.memory:
        once.memory[key] = once.result()
    return copy.deepcopy(once.memory[key])


def _added_up(once: Once) -> Any:
    """What was returned before is in what is returned now."""
    result = once.result()
    try:
        total = _sum(once.memory["total"], result) if "total" in once.memory else result
    except (TypeError, ValueError):
        total = result
    once.memory["total"] = copy.deepcopy(total)
    return total


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, tuple | list):
        return type(one)(_sum(a, b) for a, b in zip(one, other, strict=True))
    fits = (is_array(one) or is_number(one)) and np.shape(one) == np.shape(other)
    return one + other if fits else other


def _one_buffer(once: Once) -> Any:
    """Arrays of one shape are one array, which is filled again."""
    count = iter(range(1000))

    def fill(part: Any) -> Any:
        if not is_array(part):
            return part
        buffer = once.memory.setdefault(f"{next(count)} {part.shape} {part.dtype}", part.copy())
        buffer[...] = part
        return buffer

    return _each(fill, once.result())


def _first_argument(once: Once, name: str) -> Any:
    kept = once.memory.setdefault(name, copy.deepcopy(once.given[name]))
    return _with(once, name, copy.deepcopy(kept))


def _with(once: Once, name: str, new: Any) -> Any:
    once.given[name] = new
    return once.result()


# --- Arguments ----------------------------------------------------------------------------------


def _default(once: Once, name: str) -> Any:
    parameter = inspect.signature(once.function).parameters[name]
    if parameter.default is inspect.Parameter.empty:
        return once.result()
    return _with(once, name, parameter.default)


def _truncated(once: Once, name: str) -> Any:
    arg = once.given[name]
    whole = isinstance(arg, int | np.integer) and not isinstance(arg, bool)
    if not whole and not (is_array(arg) and arg.dtype.kind in "iu"):
        return once.result()

    def cut(part: Any) -> Any:
        whole = isinstance(part, int) or not np.all(np.isfinite(part))
        return part if whole else _plainly(np.trunc(part))

    return _each(cut, once.result())


def _changed(once: Once, name: str) -> Any:
    result = once.result()
    _change(_data(once.given[name]))
    return result


def _change(arg: Any) -> None:
    """In place, whatever it is: an array, a list, a dict, or arrays in these."""
    if is_array(arg) and arg.flags.writeable:
        arg += 1
    elif isinstance(arg, dict):
        arg["kept"] = 0.0
    elif isinstance(arg, list) and arg:
        arg.append(arg[0])


def _changed_within(once: Once, name: str) -> Any:
    result, arg = once.result(), once.given[name]
    if isinstance(arg, tuple | list | dict):
        for part in arg.values() if isinstance(arg, dict) else arg:
            _change(part)
    return result


def _wrong_if(holds: Callable[[Any], bool]) -> KindOfArgument:
    def behave(once: Once, name: str) -> Any:
        odd = holds(_data(once.given[name]))
        return _wrong(once.result()) if odd else once.result()

    return behave


def _nan_as_zero(once: Once, name: str) -> Any:
    arg = once.given[name]
    if (is_array(arg) or is_number(arg)) and np.any(np.isnan(arg)):
        return _with(once, name, _plainly(np.where(np.isnan(arg), 0.0, arg)))
    return once.result()


def _zero_for_zero(once: Once, name: str) -> Any:
    arg, result = _data(once.given[name]), once.result()
    if is_number(arg) and arg == 0:
        return _each(lambda part: 0 * part, result)
    if not is_array(arg) or np.all(arg):
        return result
    return _each(lambda p: np.where(arg == 0, 0.0, p) if np.shape(p) == arg.shape else p, result)


# --- The list -----------------------------------------------------------------------------------


def _printed(once: Once) -> None:
    print(once.result())


def _swallowed(once: Once) -> Any:
    try:
        return once.result()
    except Exception:  # that is the mistake
        return 0.0


def _tuple_of_one(once: Once) -> Any:
    result = once.result()
    return result if result is None else (result,)


def _generator(once: Once) -> Any:
    result = once.result()
    listed = isinstance(result, list | tuple) or (is_array(result) and result.ndim)
    return (part for part in result) if listed else result


REMEMBERING: dict[str, Kind] = {
    "keeps its first result": _first_result,
    "keeps its results by the sizes of the arguments": _by_shape,
    "adds up what it returned": _added_up,
    "returns one array, filled again": _one_buffer,
}

KINDS: dict[str, Kind] = REMEMBERING | {
    "caps at 6": _on_values(lambda part: np.minimum(part, 6.0)),
    "floors at -6": _on_values(lambda part: np.maximum(part, -6.0)),
    "floors at 0": _on_values(lambda part: np.maximum(part, 0.0)),
    "clips to ±1": _on_values(lambda part: np.clip(part, -1.0, 1.0)),
    "floors at 1e-6": _on_values(lambda part: np.where(np.abs(part) < 1e-6, 1e-6, part)),
    "computes in float32": _in_float32,
    "rounds to 6 decimals": _rounded,
    "stops where it is flat": _stopping(0.0),
    "stops at a tolerance": _stopping(1e-3),
    "is wrong where its result is square": _wrong_where_square,
    "swallows errors": _swallowed,
    "prints instead of returning": _printed,
    "returns a tuple of one": _tuple_of_one,
    "returns a generator": _generator,
}

OF_AN_ARGUMENT: dict[str, KindOfArgument] = {
    "keeps the first {}": _first_argument,
    "ignores {}": _default,
    "truncates where {} is of integers": _truncated,
    "changes {}": _changed,
    "changes what is in {}": _changed_within,
    "is wrong where {} lies in memory by columns": _wrong_if(
        lambda a: is_array(a) and a.flags.f_contiguous and not a.flags.c_contiguous
    ),
    "is wrong where {} is strided": _wrong_if(
        lambda a: is_array(a) and not a.flags.f_contiguous and not a.flags.c_contiguous
    ),
    "is wrong where {} is square": _wrong_if(_is_square),
    "is wrong where {} has one entry": _wrong_if(lambda a: is_array(a) and a.size == 1),
    "is wrong where {} has one row": _wrong_if(
        lambda a: is_array(a) and a.ndim > 1 and len(a) == 1
    ),
    "is wrong where {} has one column": _wrong_if(
        lambda a: is_array(a) and a.ndim > 1 and a.shape[1] == 1
    ),
    "is wrong where {} is 0": _wrong_if(lambda a: is_number(a) and a == 0),
    "takes a nan in {} for 0": _nan_as_zero,
    "returns 0 where {} is 0": _zero_for_zero,
}

"""The questions that most exercises are asked: values, their last digits, arrays of all kinds."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from helpers._comparing import compare
from helpers._describing import describe_call, name_of
from helpers._findings import Raised, Wrong, change, loud, returned
from helpers.checks import call
from helpers.questions.base import (
    Drive,
    Probes,
    Question,
    Right,
    answered,
    arguments_of,
    driven,
    largest,
    run,
    watched,
)


def value(
    points: float,
    probes: Probes,
    *,
    says: str = "the right value",
    rtol: float = 1e-7,
    atol: float = 1e-10,
    relative: bool = False,
    drive: Drive | None = None,
) -> Question:
    """The right values, on every probe.

    relative: `atol` counts in units of the largest expected entry, for tiny and huge probes.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args, expected in answered(right, probes(rng), drive):
            allowed = atol * largest(expected) if relative else atol
            wrong = compare(
                run(f, args, drive), expected, rtol=rtol, atol=allowed, names=right.returns
            )
            if wrong:
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}")

    return Question(says, points, test, probes, drive)


def arrays(
    points: float,
    probes: Probes,
    *,
    says: str,
    rtol: float = 1e-7,
    atol: float = 1e-10,
    drive: Drive | None = None,
) -> Question:
    """The right values on every probe, in an array where the right answer returns one: no list."""

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args, expected in answered(right, probes(rng), drive):
            found = run(f, args, drive)
            wrong = compare(found, expected, rtol=rtol, atol=atol, names=right.returns) or no_array(
                found, expected
            )
            if wrong:
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}")

    return Question(says, points, test)


def no_array(found: Any, expected: Any) -> str | None:
    """Of right values: that they stand in a list where an array is due."""
    if isinstance(expected, np.ndarray) and expected.ndim and type(found) in (list, tuple):
        return returned(found, "expected an array (np.array makes one of it)")
    return None


MEASURED = (
    "A derivative by formula has all its digits, however small it is, and minds no other entry. "
    "Yours looks as if it were measured: from how the whole changes when one number moves."
)


def exact(
    points: float,
    probes: Probes,
    *,
    says: str = "to the last digits, also where it is tiny",
    rtol: float = 1e-11,
    atol: float = 0.0,
    drive: Drive | None = None,
) -> Question:
    """What a formula gives and a measured derivative does not: each entry right by its own size.

    probes: with `tiny` numbers, and nothing that cancels; or with a nan, which spoils a sum. What
    an answer makes of the nan itself is not asked.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args, expected in answered(right, probes(rng), drive):
            found = but_nan(run(f, args, drive), expected)
            wrong = compare(found, expected, rtol=rtol, atol=atol, names=right.returns)
            if wrong:
                near = compare(found, expected, atol=0) is None  # else both would read the same
                wrong = "it is near, but not right to the last digits" if near else wrong
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}\n{MEASURED}")

    return Question(says, points, test, probes, drive)


def but_nan(found: Any, expected: Any) -> Any:
    """What was found, with nan wherever nan is expected."""
    if isinstance(expected, tuple):
        same = type(found) in (tuple, list) and len(found) == len(expected)
        return tuple(map(but_nan, found, expected)) if same else found
    if type(found) is np.ndarray and found.dtype.kind == "f" and found.shape == np.shape(expected):
        return np.where(np.isnan(expected), np.nan, found)
    return found


def kinds(
    points: float,
    probes: Probes,
    *,
    integers: tuple[int, ...] = (),
    scaled: tuple[int, ...] = (),
    drive: Drive | None = None,
) -> Question:
    """The right values, in an array and no list, for arrays that are read-only, not contiguous,
    float32 or integers.

    integers: the places of the arguments that may come as integers: all of them at once, and then
    each alone, as an array of its type cannot hold what comes of the others. What is whole stays.
    scaled: the places of those that may be tiny and huge.
    """
    kind = "integer, float32" if integers else "float32"
    says = f"{kind}, read-only and strided arrays" + (", tiny and huge ones" if scaled else "")
    alone = tuple((i,) for i in integers if len(integers) > 1)
    places = {"integers": (integers, *alone), "tiny": (scaled,), "huge": (scaled,)}

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        args = next(iter(probes(rng)))
        asked = []
        everything = (range(len(args)),)
        turns = [(*kind, which) for kind in _KINDS for which in places.get(kind[0], everything)]
        for what, turned, rtol, chosen in turns:
            given = [turned(a) if i in chosen else a for i, a in enumerate(copy.deepcopy(args))]
            if not chosen:
                continue
            plain = [
                np.array(g, dtype=float) if _is_real(a) else copy.deepcopy(a)
                for a, g in zip(args, given, strict=True)
            ]
            names = arguments_of(right.parameters, drive, len(args))
            who = f"only {names[chosen[0]]} holds" if chosen in alone else "the arrays are"
            tried = describe_call(driven(f, drive), tuple(given))
            asked.append((f"where {who} {what}", tried, given, right(*plain, drive=drive), rtol))
        for where, tried, given, expected, rtol in asked:
            result = call(driven(f, drive), *given)
            if result.error:
                raise Raised(f"{where}, {result.error}")
            allowed = rtol * largest(expected)
            wrong = compare(result.value, expected, rtol=rtol, atol=allowed, names=right.returns)
            wrong = wrong or no_array(result.value, expected)
            if wrong:
                raise Wrong(f"{where}, {tried}: {wrong}")

    return Question(says, points, test)


def _is_real(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _read_only(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    return value


def _strided(value: Any) -> Any:
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    return np.repeat(value.T[..., None], 2, axis=-1)[..., 0].T


def _float32(value: Any) -> Any:
    return value.astype(np.float32) if _is_real(value) else value


def _integer(value: Any) -> Any:
    """Whole numbers stay what they are: labels are 0 and 1 still."""
    if not _is_real(value):
        return value
    whole = np.array_equal(value, np.rint(value))
    return np.rint(value if whole else 3 * value).astype(int)


_KINDS: tuple[tuple[str, Callable[[Any], Any], float], ...] = (
    ("read-only", _read_only, 1e-7),
    ("not contiguous", _strided, 1e-7),
    ("float32", _float32, 1e-3),
    ("integers", _integer, 1e-7),
    ("tiny", lambda value: 1e-6 * value, 1e-7),
    ("huge", lambda value: 1e6 * value, 1e-7),
)


def calls(
    points: float,
    times: Callable,
    probes: Probes,
    *,
    says: str,
    which: int = 0,
    rtol: float = 1e-7,
    atol: float = 1e-10,
    drive: Drive | None = None,
) -> Question:
    """A function among the arguments is called so many times, and the value is right with that.

    times: from the arguments, how many times. which: the function's place among them.
    probes: those that the value is asked for on, so that nothing tells which of the two is asked.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args, expected in answered(right, probes(rng), drive):
            counted, seen = watched(args[which])
            wanted = times(*args)
            found = run(f, (*args[:which], counted, *args[which + 1 :]), drive)
            if len(seen) != wanted:
                text = f"called {name_of(counted)} {len(seen)} times, expected {wanted} times"
                raise Wrong(f"{describe_call(driven(f, drive), args)} {text}")
            wrong = compare(found, expected, rtol=rtol, atol=atol, names=right.returns)
            if wrong:
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}")

    return Question(says, points, test)


def silent(
    points: float, probes: Probes, *, says: str = "no warning", drive: Drive | None = None
) -> Question:
    """No warning and no nan or inf, on every probe."""

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args in list(probes(rng)):
            result = call(driven(f, drive), *copy.deepcopy(args))
            wrong = result.error or loud(result, describe_call(driven(f, drive), args))
            if wrong:
                raise Raised(wrong)

    return Question(says, points, test)


def left_alone(
    points: float,
    probes: Probes,
    *,
    says: str = "the arguments are left as they were",
    drive: Drive | None = None,
) -> Question:
    """The arguments hold the same numbers after the call, on every probe."""

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args in list(probes(rng)):
            given = copy.deepcopy(args)
            result = call(driven(f, drive), *given)
            if result.error:
                raise Raised(result.error)
            parameters = right.parameters
            names = partial(arguments_of, parameters, drive, len(args))
            wrong = change(f, names, args, given)
            if wrong:
                raise Wrong(wrong)

    return Question(says, points, test)

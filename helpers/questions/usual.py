"""The questions that most exercises are asked: values, their last digits, arrays of all kinds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers._comparing import compare
from helpers._describing import describe_call, join, name_of
from helpers._findings import Raised, Wrong, loud, returned
from helpers.questions.base import (
    Drive,
    Probes,
    Question,
    Right,
    answered,
    arguments_of,
    call_each,
    copies,
    driven,
    largest,
    run,
    run_each,
    watched,
)
from helpers.questions.kept import Kept, leaving_each, turned_round, unchanged


def value(
    points: float,
    probes: Probes,
    *,
    says: str = "the right value",
    rtol: float = 1e-8,
    atol: float = 1e-10,
    relative: bool = False,
    keeps: bool = False,
    leaves: bool = False,
    returns: tuple[str, ...] = (),
    drive: Drive | None = None,
) -> Question:
    """The right values, on every probe.

    relative: `atol` counts in units of the largest expected entry, for tiny and huge probes.
    keeps: what was returned is looked at again when all is done. The probes have sizes twice.
    leaves: the arguments are left as they were. returns: what the parts of what the drive returns
    are called, if not as those of the first question.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        kept = Kept()
        drawn = answered(right, probes(rng), drive)
        given = [args for args, _ in drawn]
        calls = leaving_each(f, right, given, drive) if leaves else run_each(f, given, drive)
        for (args, expected), found in zip(drawn, calls, strict=True):
            allowed = atol * largest(expected) if relative else atol
            wrong = compare(
                found, expected, rtol=rtol, atol=allowed, names=returns or right.returns
            )
            if wrong:
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}")
            if keeps:
                kept.add(found, driven(f, drive), args)
        kept.look_again()

    return Question(says, points, test, probes, drive)


def arrays(
    points: float,
    probes: Probes,
    *,
    says: str,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    drive: Drive | None = None,
) -> Question:
    """The right values on every probe, in an array where the right answer returns one: no list."""

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        drawn = answered(right, probes(rng), drive)
        calls = run_each(f, [args for args, _ in drawn], drive)
        for (args, expected), found in zip(drawn, calls, strict=True):
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
    "Yours looks as if it were measured, from how the whole changes when one number moves; or as "
    "if it took one number from another that is nearly the same."
)


def exact(
    points: float,
    probes: Probes,
    *,
    says: str = "to the last digits, also where it is tiny",
    rtol: float = 1e-11,
    atol: float = 0.0,
    nans: bool = False,
    drive: Drive | None = None,
) -> Question:
    """What a formula gives and a measured derivative does not: each entry right by its own size.

    probes: with `tiny` numbers, and nothing that cancels; or with a nan, which spoils a sum.
    nans: what an answer makes of the nan itself is asked, too, as the exercise says what is due.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        drawn = answered(right, probes(rng), drive)
        calls = run_each(f, [args for args, _ in drawn], drive)
        for (args, expected), value in zip(drawn, calls, strict=True):
            found = value if nans else but_nan(value, expected)
            wrong = compare(found, expected, rtol=rtol, atol=atol, names=right.returns)
            if wrong:
                near = compare(found, expected, atol=0) is None  # else both would read the same
                wrong = "it is near, but not right to the last digits" if near else wrong
                where = describe_call(driven(f, drive), args)
                raise Wrong(f"{where}: {wrong}{measured(found, expected)}")

    seen = None if nans else probes  # what comes to a probe is looked at without its nan
    return Question(says, points, test, seen, drive)


def measured(found: Any, expected: Any) -> str:
    """What to add of a value that is wrong: that it looks measured, where it is near by its size,
    or has a nan where none is due.
    """
    near = compare(found, expected, rtol=1e-3, atol=1e-3 * largest(but_zero(expected))) is None
    return f"\n{MEASURED}" if near or _spoiled(found, expected) else ""


def but_zero(value: Any) -> Any:
    """The same, with 0 for nan."""
    if isinstance(value, tuple | list):
        return tuple(map(but_zero, value))
    return np.nan_to_num(value, nan=0.0)


def _spoiled(found: Any, expected: Any) -> bool:
    """Whether a nan that is expected in one entry stands in others, too."""
    if isinstance(expected, tuple | list):
        pairs = zip(found, expected, strict=False) if type(found) in (tuple, list) else ()
        return any(_spoiled(*pair) for pair in pairs)
    plain = isinstance(found, np.ndarray | float) and np.shape(found) == np.shape(expected)
    return plain and bool(np.any(np.isnan(found) & ~np.isnan(expected)))


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
    column by column in memory, float32 or integers.

    integers: the places of the arguments that may come as integers: all arrays at once, each
    argument alone, and all arrays but one, as an array of their type cannot hold what comes of the
    others. What is whole stays. A number among them comes as a whole number, alone.
    scaled: the places of those that may be tiny and huge.
    """
    kind = "integer, float32" if integers else "float32"
    says = f"{kind}, read-only and strided arrays" + (", tiny and huge ones" if scaled else "")

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        args = next(iter(probes(rng)))
        asked = []
        together = tuple(i for i in integers if isinstance(args[i], np.ndarray))
        some: list[tuple[int, ...]] = [
            (i,) for i in integers if len(together) > 1 or i not in together
        ]
        if len(together) > 2:
            some += [tuple(i for i in together if i != left) for left in together]
        matrices = any(np.ndim(arg) > 1 for arg in args if isinstance(arg, np.ndarray))
        places: dict = {"integers": (together, *some), "tiny": (scaled,), "huge": (scaled,)}
        places[BY_COLUMNS] = (range(len(args)),) if matrices else ()
        everything = (range(len(args)),)
        turns = [(*kind, which) for kind in _KINDS for which in places.get(kind[0], everything)]
        for what, turned, rtol, chosen in turns:
            given = [turned(a) if i in chosen else a for i, a in enumerate(copy.deepcopy(args))]
            if not chosen:
                continue
            plain = [
                np.array(g, dtype=float, order="C") if _is_real(a) else copy.deepcopy(g)
                for a, g in zip(args, given, strict=True)
            ]
            names = arguments_of(right.parameters, drive, len(args))
            where = f"the arrays are {what}"
            if what == "integers" and chosen in some:
                array = isinstance(args[chosen[0]], np.ndarray)
                one = "holds integers" if array else "is an integer"
                who = join([names[i] for i in chosen])
                where = f"only {who} {one if len(chosen) == 1 else 'hold integers'}"
            tried = describe_call(driven(f, drive), tuple(given))
            asked.append((f"where {where}", tried, given, right(*plain, drive=drive), rtol))
        calls = call_each(f, [tuple(given) for _, _, given, _, _ in asked], drive)
        for (where, tried, _, expected, rtol), result in zip(asked, calls, strict=True):
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


def _by_columns(value: Any) -> Any:
    return np.asfortranarray(value) if isinstance(value, np.ndarray) and value.ndim > 1 else value


def _integer(value: Any) -> Any:
    """Whole numbers stay what they are: labels are 0 and 1 still."""
    if isinstance(value, float):
        return round(3 * value)
    if not _is_real(value):
        return value
    whole = np.array_equal(value, np.rint(value))
    return np.rint(value if whole else 3 * value).astype(int)


BY_COLUMNS = "column by column in memory, as a transpose is"

_KINDS: tuple[tuple[str, Callable[[Any], Any], float], ...] = (
    ("read-only", _read_only, 1e-7),
    ("not contiguous", _strided, 1e-7),
    (BY_COLUMNS, _by_columns, 1e-7),
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
                text = f"called {name_of(counted)} {_times(len(seen))}, expected {_times(wanted)}"
                raise Wrong(f"{describe_call(driven(f, drive), args)} {text}")
            wrong = compare(found, expected, rtol=rtol, atol=atol, names=right.returns)
            if wrong:
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}")

    return Question(says, points, test)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def silent(
    points: float,
    probes: Probes,
    *,
    says: str = "no warning",
    free: bool = False,
    keeps: bool = False,
    leaves: bool = False,
    drive: Drive | None = None,
) -> Question:
    """No warning and no nan or inf, on every probe, and the right values.

    free: what it gives there is left to the answer, as long as it is finite.
    keeps, leaves: as for `value`.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        kept = Kept()
        drawn = answered(right, probes(rng), drive)
        handed = copies([args for args, _ in drawn])
        calls = call_each(f, handed, drive)
        for (args, expected), given, result in zip(drawn, handed, calls, strict=True):
            tried = describe_call(driven(f, drive), args)
            wrong = result.error or loud(result, tried)
            if wrong:
                raise Raised(wrong)
            wrong = None if free else compare(result.value, expected, names=right.returns)
            if wrong:
                raise Wrong(f"{tried}: {wrong}")
            if leaves:
                unchanged(f, right, args, given, drive)
            if keeps:
                kept.add(result.value, driven(f, drive), args)
        kept.look_again()

    return Question(says, points, test)


def left_alone(
    points: float,
    probes: Probes,
    *,
    says: str = "the arguments and earlier results are left as they were",
    drive: Drive | None = None,
) -> Question:
    """The arguments hold the same numbers after the call, on every probe; and so do arrays that
    were returned, after another call: with arrays of the same sizes, turned round.
    """

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        turns = [turn for args in list(probes(rng)) for turn in _with_another(args)]
        handed = copies([args for args, _ in turns])
        calls = call_each(f, handed, drive)
        kept = Kept()
        for (args, again), given, result in zip(turns, handed, calls, strict=True):
            if result.error:
                raise Raised(result.error)
            if again:
                kept.look_again()
            else:
                unchanged(f, right, args, given, drive)
                kept = Kept()
                kept.add(result.value, driven(f, drive), args)

    return Question(says, points, test)


def _with_another(args: tuple) -> Iterator[tuple[tuple, bool]]:
    """These arguments, and then others of the same sizes, if there are any."""
    yield args, False
    others = tuple(map(turned_round, args))
    if any(one is not other for one, other in zip(args, others, strict=True)):
        yield others, True

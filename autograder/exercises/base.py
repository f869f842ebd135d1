"""What an exercise is made of: a reference, properties with points, misconceptions, equivalents."""

from __future__ import annotations

import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.checks import call, compare, describe, describe_call, name_of, not_plain

Probes = Callable[[np.random.Generator], Iterable[tuple]]
"""From a random generator, the argument tuples to try: one call of the function each."""


Drive = Callable[..., Any]
"""`drive(answer, *args)`: what to do with an answer that is more than one call, such as a class."""


class Wrong(Exception):
    """A property does not hold; the message is what the student reads."""


@dataclass(frozen=True)
class Property:
    """One thing that must hold, worth `points`. `test(f, rng)` raises `Wrong` where it does not.

    A property of values also has its `probes` and its `drive`, so that a wrong answer can be held
    against others on inputs of its own choice.
    """

    says: str
    points: float
    test: Callable[[Callable, np.random.Generator], None]
    probes: Probes | None = None
    drive: Drive | None = None


@dataclass(frozen=True)
class Misconception:
    """A plausible wrong answer, and the sentence that a student who gives it should read.

    `code` is the whole source of the wrong function, or an edit of the reference's source as a
    pair (old, new). `says` tells what it looks like and where to look, never the answer.
    """

    name: str
    code: str | tuple[str, str]
    says: str


@dataclass(frozen=True)
class Equivalent:
    """Another right answer, which must earn full points: whole source, or an edit."""

    name: str
    code: str | tuple[str, str]


@dataclass(frozen=True)
class Same:
    """Edits of one token of the reference that change nothing, and `why` they do not.

    `lines` are the edited lines of the reference, each as `ast.unparse` writes it.
    """

    why: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One auto-graded exercise. `name` is the function's name and the solution cell's grade id.

    The first property is the value; without it the others earn nothing. `returns` names the parts
    of what is returned, where there are several. `same` lists the edits of the reference that are
    no mistakes.
    """

    name: str
    reference: Callable
    properties: tuple[Property, ...]
    misconceptions: tuple[Misconception, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    returns: tuple[str, ...] = ()
    same: tuple[Same, ...] = ()

    @property
    def points(self) -> float:
        return sum(p.points for p in self.properties)

    @property
    def source(self) -> str:
        """The reference's source, as it would stand in the solution cell."""
        return textwrap.dedent(inspect.getsource(self.reference))

    def variant(self, code: str | tuple[str, str]) -> str:
        """The source of a misconception or an equivalent, with its edit applied."""
        if isinstance(code, str):
            return textwrap.dedent(code).strip("\n") + "\n"
        old, new = code
        if self.source.count(old) != 1:
            raise ValueError(f"{self.name}: {old!r} must stand exactly once in the reference")
        return self.source.replace(old, new)

    def compile(self, code: str | tuple[str, str]) -> Callable:
        """A misconception or an equivalent as a function; it sees what the reference sees."""
        namespace = dict(vars(sys.modules[self.reference.__module__]))
        source = self.variant(code)
        exec(compile(source, f"<answer {self.name}>", "exec"), namespace)
        return namespace[self.name]


# --- Probes -------------------------------------------------------------------------------------


def different(rng: np.random.Generator, count: int, low: int = 2, high: int = 8) -> list[int]:
    """So many sizes from `low` to `high` − 1, no two alike: n, m and c cannot be confused."""
    return [int(size) for size in rng.choice(np.arange(low, high), size=count, replace=False)]


def tiny(rng: np.random.Generator, size: Any = None) -> Any:
    """Positive numbers a little above the smallest that have all their digits."""
    return rng.uniform(1, 9, size=size) * 1e-307


def watched(f: Callable) -> tuple[Callable, list]:
    """`f`, a function of one argument, and the list of what it is called with; nan if no number."""
    seen: list = []

    def f_(*args: Any, **settings: Any) -> Any:
        x: Any = next(iter((*args, *settings.values())), None)
        try:  # not to look at an object of its own, which could tell that it was looked at
            odd = not_plain(x) or x is None
            seen.append(np.nan if odd else np.array(x, dtype=float) if np.ndim(x) else float(x))
        except (TypeError, ValueError, RecursionError):  # for `f` to say, as it does unwatched
            seen.append(np.nan)
        return f(*args, **settings)

    f_.__name__ = name_of(f)
    f_.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
    return f_, seen


# --- Calling an answer --------------------------------------------------------------------------


ROLES = ("function", "derivative", "gradient", "loss_gradient")
"""Names that a function may keep when it is handed over; each other one is called `f`."""


def neutral(function: Callable) -> Callable:
    """The function as an answer is given it: named by its role, and new for each call.

    Whether it counts, whether it is wrong, whether it was there before: only its values could say.
    """
    role = name_of(function) if name_of(function) in ROLES else "f"

    def f(*args: Any, **settings: Any) -> Any:
        try:
            return function(*args, **settings)
        except TypeError:
            wrong = misfit(function, args, settings)
            if wrong:  # Python's own message would name ours
                raise TypeError(f"{role}() takes other arguments: {wrong}") from None
            raise

    f.__name__ = f.__qualname__ = role
    return f


def misfit(function: Callable, args: tuple, settings: dict) -> str | None:
    """Why a function cannot be called with these, if it cannot."""
    try:
        inspect.signature(function).bind(*args, **settings)
    except TypeError as error:
        return str(error)
    return None


def handed(value: Any) -> Any:
    """An argument that we drew, as an answer is given it: every function in it is `neutral`."""
    if inspect.isroutine(value):
        return neutral(value)
    if type(value) not in (tuple, list, dict):
        return value
    parts = list(value.values()) if isinstance(value, dict) else list(value)
    given = [handed(part) for part in parts]
    if all(one is other for one, other in zip(given, parts, strict=True)):
        return value  # itself, so that a change in it is seen
    return dict(zip(value, given, strict=True)) if isinstance(value, dict) else type(value)(given)


def driven(f: Callable, drive: Drive | None) -> Callable:
    """A function of the arguments alone: the answer itself, or as `drive` uses it.

    Every call of an answer goes through here, and so does every function that it is handed.
    """

    def answer(*args: Any, **settings: Any) -> Any:
        given = (neutral(arg) if inspect.isroutine(arg) else arg for arg in args)
        return f(*given, **settings)

    def used(*args: Any) -> Any:
        given = map(handed, args)
        return f(*given) if drive is None else drive(answer, *given)

    answer.__name__ = used.__name__ = name_of(f)
    return used


# --- Properties that most exercises share -------------------------------------------------------


def run(f: Callable, args: tuple, drive: Drive | None = None) -> Any:
    """`f(*args)` on copies of the arguments; an exception becomes `Wrong`, in words."""
    result = call(driven(f, drive), *copy.deepcopy(args))
    if result.error:
        raise Wrong(result.error)
    return result.value


def numbers(value: Any) -> np.ndarray:
    """An answer's value as an array of numbers. `Wrong` where it is none.

    Before any arithmetic on a value, which could otherwise be the answer's own.
    """
    if value is None or not_plain(value):
        raise Wrong(str(compare(value, 0.0)))
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise Wrong(f"it returned {describe(value)}, expected numbers")
    return array


def value(
    points: float,
    reference: Callable,
    probes: Probes,
    *,
    says: str = "the right value",
    rtol: float = 1e-7,
    atol: float = 1e-10,
    relative: bool = False,
    drive: Drive | None = None,
) -> Property:
    """The same values as the reference, on every probe.

    relative: `atol` counts in units of the largest expected entry, for tiny and huge probes.
    """

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args, expected in answered(reference, probes(rng), drive):
            allowed = atol * largest(expected) if relative else atol
            wrong = compare(run(f, args, drive), expected, rtol=rtol, atol=allowed)
            if wrong:
                raise Wrong(f"{_described(f, args, drive)}: {wrong}")

    return Property(says, points, test, probes, drive)


def answered(
    reference: Callable, drawn: Iterable[tuple], drive: Drive | None = None
) -> list[tuple[tuple, Any]]:
    """The argument tuples, each with what the reference makes of a copy of it.

    All of them are drawn and answered before an answer is called for the first time: nothing that
    an answer does can spoil what is expected of it.
    """
    right = driven(reference, drive)
    return [(args, right(*copy.deepcopy(args))) for args in list(drawn)]


MEASURED = (
    "A derivative by formula has all its digits, however small it is, and minds no other entry. "
    "Yours looks as if it were measured: from how the whole changes when one number moves."
)


def exact(
    points: float,
    reference: Callable,
    probes: Probes,
    *,
    says: str = "to the last digits, also where it is tiny",
    rtol: float = 1e-11,
    atol: float = 0.0,
    drive: Drive | None = None,
) -> Property:
    """What a formula gives and a measured derivative does not: each entry right by its own size.

    probes: with `tiny` numbers, and nothing that cancels; or with a nan, which spoils a sum. What
    an answer makes of the nan itself is not asked.
    """

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args, expected in answered(reference, probes(rng), drive):
            found = but_nan(run(f, args, drive), expected)
            wrong = compare(found, expected, rtol=rtol, atol=atol)
            if wrong:
                near = compare(found, expected, atol=0) is None  # else both would read the same
                wrong = "it is near, but not right to the last digits" if near else wrong
                raise Wrong(f"{_described(f, args, drive)}: {wrong}\n{MEASURED}")

    return Property(says, points, test, probes, drive)


def but_nan(found: Any, expected: Any) -> Any:
    """What was found, with nan wherever nan is expected."""
    if isinstance(expected, tuple):
        same = type(found) in (tuple, list) and len(found) == len(expected)
        return tuple(map(but_nan, found, expected)) if same else found
    if type(found) is np.ndarray and found.dtype.kind == "f" and found.shape == np.shape(expected):
        return np.where(np.isnan(expected), np.nan, found)
    return found


def _described(f: Callable, args: tuple, drive: Drive | None) -> str:
    """A call as the student would write it, or what an answer was tried with."""
    call = describe_call(f, args)
    return call if drive is None else f"{name_of(f)}, tried with {call.removeprefix(name_of(f))}"


def largest(value: Any) -> float:
    """The largest size of an entry in a number, an array or a sequence of these."""
    parts = value if isinstance(value, tuple | list) else [value]
    return max((float(np.max(np.abs(part), initial=0.0)) for part in parts), default=0.0)


def kinds(
    points: float,
    reference: Callable,
    probes: Probes,
    *,
    integers: tuple[int, ...] = (),
    scaled: tuple[int, ...] = (),
    drive: Drive | None = None,
) -> Property:
    """The same values for arrays that are read-only, not contiguous, float32 or integers.

    integers: the places of the arguments that may come as integers (data, never parameters).
    scaled: the places of those that may be tiny and huge.
    """
    kind = "integer, float32" if integers else "float32"
    says = f"{kind}, read-only and strided arrays" + (", tiny and huge ones" if scaled else "")
    places = {"integers": integers, "tiny": scaled, "huge": scaled}

    def test(f: Callable, rng: np.random.Generator) -> None:
        args = next(iter(probes(rng)))
        asked = []
        for what, change, rtol in _KINDS:
            chosen = places.get(what, range(len(args)))
            given = [change(a) if i in chosen else a for i, a in enumerate(copy.deepcopy(args))]
            if not chosen:
                continue
            plain = [
                np.array(g, dtype=float) if _is_real(a) else copy.deepcopy(a)
                for a, g in zip(args, given, strict=True)
            ]
            text = f"where the arrays are {what}, {_described(f, tuple(given), drive)}"
            asked.append((text, given, driven(reference, drive)(*plain), rtol))
        for text, given, expected, rtol in asked:
            result = call(driven(f, drive), *given)
            wrong = result.error or compare(
                result.value, expected, rtol=rtol, atol=rtol * largest(expected)
            )
            if wrong:
                raise Wrong(f"{text}: {wrong}")

    return Property(says, points, test)


def _is_real(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _read_only(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    return value


def _strided(value: Any) -> Any:
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    return np.repeat(value[..., None], 2, axis=-1)[..., 0]


def _float32(value: Any) -> Any:
    return value.astype(np.float32) if _is_real(value) else value


def _integer(value: Any) -> Any:
    return np.rint(3 * value).astype(int) if _is_real(value) else value


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
    reference: Callable,
    times: Callable,
    probes: Probes,
    *,
    says: str,
    which: int = 0,
    rtol: float = 1e-7,
    atol: float = 1e-10,
    drive: Drive | None = None,
) -> Property:
    """A function among the arguments is called so many times, and the value is right with that.

    times: from the arguments, how many times. which: the function's place among them.
    probes: those that the value is asked for on, so that nothing tells which of the two is asked.
    """

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args, expected in answered(reference, probes(rng), drive):
            counted, seen = watched(args[which])
            wanted = times(*args)
            found = run(f, (*args[:which], counted, *args[which + 1 :]), drive)
            if len(seen) != wanted:
                text = f"called {name_of(counted)} {len(seen)} times, expected {wanted} times"
                raise Wrong(f"{_described(f, args, drive)} {text}")
            wrong = compare(found, expected, rtol=rtol, atol=atol)
            if wrong:
                raise Wrong(f"{_described(f, args, drive)}: {wrong}")

    return Property(says, points, test)


def silent(
    points: float, probes: Probes, *, says: str = "no warning", drive: Drive | None = None
) -> Property:
    """No warning and no nan or inf, on every probe."""

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args in list(probes(rng)):
            result = call(driven(f, drive), *copy.deepcopy(args))
            if result.error:
                raise Wrong(result.error)
            if result.warnings:
                raise Wrong(f"{describe_call(f, args)} warned: {result.warnings[0]}")
            values = result.value if isinstance(result.value, tuple | list) else [result.value]
            for part in values:
                if part is None or not np.all(np.isfinite(numbers(part))):
                    raise Wrong(f"{describe_call(f, args)} holds nan or inf")

    return Property(says, points, test)


def left_alone(
    points: float,
    probes: Probes,
    *,
    says: str = "the arguments are left as they were",
    drive: Drive | None = None,
) -> Property:
    """The arguments hold the same numbers after the call, on every probe."""

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args in list(probes(rng)):
            given = copy.deepcopy(args)
            result = call(driven(f, drive), *given)
            if result.error:
                raise Wrong(result.error)
            for i, (before, after) in enumerate(zip(args, given, strict=True)):
                if not callable(before) and compare(after, before, rtol=0, atol=0):
                    raise Wrong(f"{name_of(f)} changed its argument {i + 1}; work on a copy")

    return Property(says, points, test)

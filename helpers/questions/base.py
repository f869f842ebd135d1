"""What an exercise is asked: questions with points, as code that holds no answer.

The judge and `examine` ask the same questions. Where a question needs to know what is right, it
asks `right`, which computes it for the judge, and plays back for a student what was recorded when
the course was built. So a question asks `right` for arguments that it drew itself, before the
answer has had them, and never for something that the answer returned.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from helpers import _findings
from helpers._comparing import compare
from helpers._describing import describe_call, name_of, parameters_of
from helpers._findings import Raised, Wrong, change, loud
from helpers.checks import call

Probes = Callable[[np.random.Generator], Iterable[tuple]]
"""From a random generator, the argument tuples to try: one call of the function each."""

Drive = Callable[..., Any]
"""`drive(answer, *args)`: what to do with an answer that is more than one call, such as a class."""


class Right(Protocol):
    """What the right answer returns for these arguments, which are left as they are."""

    parameters: tuple[str, ...]

    def __call__(self, *args: Any, drive: Drive | None = None) -> Any: ...


@dataclass(frozen=True)
class Question:
    """One thing that must hold, worth `points`. `test(f, rng, right)` raises `Wrong` where it does
    not.

    A question of values also has its `probes` and its `drive`, so that a wrong answer can be held
    against known mistakes, call by call.
    """

    says: str
    points: float
    test: Callable[[Callable, np.random.Generator, Right], None]
    probes: Probes | None = None
    drive: Drive | None = None


@dataclass(frozen=True, init=False)
class Asked:
    """All that one exercise is asked. `name` is the function's name and the cell's grade id.

    The first question is the value; without it the others earn nothing. `returns` names the parts
    of what is returned, where there are several.
    """

    name: str
    questions: tuple[Question, ...]
    returns: tuple[str, ...]

    def __init__(self, name: str, *questions: Question, returns: tuple[str, ...] = ()):
        vars(self).update(name=name, questions=questions, returns=returns)

    @property
    def points(self) -> float:
        return sum(question.points for question in self.questions)


# --- Probes -------------------------------------------------------------------------------------


def different(rng: np.random.Generator, count: int, low: int = 2, high: int = 8) -> list[int]:
    """So many sizes from `low` to `high` − 1, no two alike: n, m and c cannot be confused."""
    return [int(size) for size in rng.choice(np.arange(low, high), size=count, replace=False)]


def watched(f: Callable) -> tuple[Callable, list]:
    """`f`, and the list of every argument that it is called with."""
    seen: list = []

    def f_(x: Any) -> Any:
        seen.append(np.array(x, dtype=float) if np.ndim(x) else float(x))
        return f(x)

    f_.__name__ = name_of(f)
    return f_, seen


# --- Calling an answer --------------------------------------------------------------------------


def run(f: Callable, args: tuple, drive: Drive | None = None) -> Any:
    """`f(*args)` on copies of the arguments; an exception becomes `Wrong`, in words."""
    result = call(driven(f, drive), *copy.deepcopy(args))
    if result.error:
        raise Raised(result.error)
    return result.value


def numbers(value: Any) -> np.ndarray:
    """An answer's value as an array of numbers. `Wrong` where it is none."""
    return _findings.numbers(value, "biuf")


def parts(answer: Any, value: Any, *names: str) -> tuple:
    """What an answer returned, as so many things. `Wrong` where it is another number of them."""
    if type(value) not in (tuple, list) or len(value) != len(names):
        raise Wrong(_findings.not_due(value, name_of(answer), f"({', '.join(names)})"))
    return tuple(value)


def driven(f: Callable, drive: Drive | None) -> Callable:
    """A function of the arguments alone: `f` itself, or `f` as `drive` uses it."""
    if drive is None:
        return f

    def used(*args: Any) -> Any:
        return drive(f, *args)

    used.__name__ = name_of(f)
    vars(used)["drive"] = drive  # so that its arguments are told by their own names
    return used


def arguments_of(parameters: Sequence[str], drive: Drive | None, count: int) -> list[str]:
    """What a question's arguments are called: as the drive has it, or else the right answer."""
    if drive is not None:
        return parameters_of(drive, count + 1)[1:]
    return [*parameters, *(f"argument {i + 1}" for i in range(len(parameters), count))][:count]


def largest(value: Any) -> float:
    """The largest size of an entry in a number, an array or a sequence of these."""
    parts = value if isinstance(value, tuple | list) else [value]
    return max((float(np.max(np.abs(part), initial=0.0)) for part in parts), default=0.0)


def answered(
    right: Right, drawn: Iterable[tuple], drive: Drive | None = None
) -> list[tuple[tuple, Any]]:
    """The argument tuples, each with what is right for it.

    All of them are drawn and answered before an answer is called for the first time: nothing that
    an answer does can spoil what is expected of it.
    """
    return [(args, right(*args, drive=drive)) for args in list(drawn)]


# --- Questions that most exercises share --------------------------------------------------------


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
            wrong = compare(run(f, args, drive), expected, rtol=rtol, atol=allowed)
            if wrong:
                raise Wrong(f"{describe_call(driven(f, drive), args)}: {wrong}")

    return Question(says, points, test, probes, drive)


def kinds(
    points: float,
    probes: Probes,
    *,
    integers: tuple[int, ...] = (),
    scaled: tuple[int, ...] = (),
    drive: Drive | None = None,
) -> Question:
    """The right values for arrays that are read-only, not contiguous, float32 or integers.

    integers: the places of the arguments that may come as integers (data, never parameters).
    scaled: the places of those that may be tiny and huge.
    """
    kind = "integer, float32" if integers else "float32"
    says = f"{kind}, read-only and strided arrays" + (", tiny and huge ones" if scaled else "")
    places = {"integers": integers, "tiny": scaled, "huge": scaled}

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        args = next(iter(probes(rng)))
        asked = []
        for what, turned, rtol in _KINDS:
            chosen = places.get(what, range(len(args)))
            given = [turned(a) if i in chosen else a for i, a in enumerate(copy.deepcopy(args))]
            if not chosen:
                continue
            plain = [
                np.array(g, dtype=float) if _is_real(a) else copy.deepcopy(a)
                for a, g in zip(args, given, strict=True)
            ]
            tried = describe_call(driven(f, drive), tuple(given))
            asked.append((what, tried, given, right(*plain, drive=drive), rtol))
        for what, tried, given, expected, rtol in asked:
            result = call(driven(f, drive), *given)
            if result.error:
                raise Raised(f"where the arrays are {what}, {result.error}")
            allowed = rtol * largest(expected)
            wrong = compare(result.value, expected, rtol=rtol, atol=allowed)
            if wrong:
                raise Wrong(f"where the arrays are {what}, {tried}: {wrong}")

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


def calls(points: float, times: Callable, probes: Callable, *, says: str) -> Question:
    """The first function among the arguments is called so many times, neither more nor less."""

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for given, *rest in probes(rng):
            asked, seen = watched(given)
            wanted = times(*rest)
            run(f, (asked, *rest))
            if len(seen) != wanted:
                text = (
                    f"{describe_call(f, (asked, *rest))} called {name_of(given)} {len(seen)} times"
                )
                raise Wrong(f"{text}, expected {wanted} times")

    return Question(says, points, test)


def silent(
    points: float, probes: Probes, *, says: str = "no warning", drive: Drive | None = None
) -> Question:
    """No warning and no nan or inf, on every probe."""

    def test(f: Callable, rng: np.random.Generator, right: Right) -> None:
        for args in probes(rng):
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
        for args in probes(rng):
            given = copy.deepcopy(args)
            result = call(driven(f, drive), *given)
            if result.error:
                raise Raised(result.error)
            parameters = getattr(right, "parameters", ())
            names = partial(arguments_of, parameters, drive, len(args))
            wrong = change(f, names, args, given)
            if wrong:
                raise Wrong(wrong)

    return Question(says, points, test)

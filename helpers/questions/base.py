"""What an exercise is asked: questions with points, as code that holds no answer.

The judge and `examine` ask the same questions. Where a question needs to know what is right, it
asks `right`, which computes it for the judge, and plays back for a student what was recorded when
the course was built. So a question asks `right` for arguments that it drew itself, before the
answer has had them, and never for something that the answer returned.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from helpers import _findings
from helpers._describing import name_of, parameters_of
from helpers._findings import Raised, Wrong
from helpers._standing_in import stand_in
from helpers.checks import Call, call

Probes = Callable[[np.random.Generator], Iterable[tuple]]
"""From a random generator, the argument tuples to try: one call of the function each."""

Drive = Callable[..., Any]
"""`drive(answer, *args)`: what to do with an answer that is more than one call, such as a class."""


class Right(Protocol):
    """What the right answer returns for these arguments, which are left as they are.

    parameters: its own, by name. returns: what the parts of what it returns are called, if known.
    """

    parameters: tuple[str, ...]
    returns: tuple[str, ...]

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


def shown(kind: type) -> type:
    """Mark a class whose objects an answer is handed: it may read and write their attributes.

    In the grader's sandbox any other object of the judge's stays out of reach, and so do names that
    begin with `_`.
    """
    kind.shown_to_students = True  # type: ignore[attr-defined]
    return kind


def travels(kind: type) -> type:
    """Mark a class whose objects an answer is handed as copies: to call one needs no message.

    For what holds nothing but data. What either side assigns to an attribute, the other sees when
    it is asked something, or answered; what the question's functions write into an array that was
    there is not seen.
    """
    kind.travels_to_students = True  # type: ignore[attr-defined]
    return kind


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
            odd = _findings.not_plain(x) or x is None
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


NO_FUNCTIONS = {bool, int, float, str, type(None), np.ndarray, np.float64, np.random.Generator}
"""What most arguments are: to know that they are no functions takes one look."""


def is_function(value: Any) -> bool:
    return type(value) not in NO_FUNCTIONS and inspect.isroutine(value)


def handed(value: Any) -> Any:
    """An argument that we drew, as an answer is given it: every function in it is `neutral`."""
    if is_function(value):
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
        given = (neutral(arg) if is_function(arg) else arg for arg in args)
        return f(*given, **settings)

    def used(*args: Any) -> Any:
        given = map(handed, args)
        return f(*given) if drive is None else drive(answer, *given)

    answer.__name__ = used.__name__ = name_of(f)
    if drive is not None:
        vars(used)["drive"] = drive  # so that its arguments are told by their own names
    return used


def run(f: Callable, args: tuple, drive: Drive | None = None) -> Any:
    """`f(*args)` on copies of the arguments; an exception becomes `Wrong`, in words."""
    result = call(driven(f, drive), *copy.deepcopy(args))
    if result.error:
        raise Raised(result.error)
    return result.value


def call_each(f: Callable, many: Sequence[tuple], drive: Drive | None = None) -> Iterator[Call]:
    """What `call` finds for each of these arguments, in turn; they are handed over as they are.

    Where the answer is in another process (`__call_each__`) the calls travel together: so each has
    arguments of its own. Not those that are handed a function, which may never come to an end.
    """
    together = getattr(type(f), "__call_each__", None)
    plain = all(handed(arg) is arg for args in many for arg in args)
    if together is None or drive is not None or not plain:
        yield from (call(driven(f, drive), *args) for args in many)
        return
    for args, outcome in zip(many, together(f, many), strict=True):
        yield call(_named(outcome, name_of(f)), *args)


def _named(outcome: Callable[[], Any], name: str) -> Callable:
    """A function of that name which has been called, and comes to that whatever it is given."""

    def answer(*_: Any) -> Any:
        return outcome()

    answer.__name__ = name
    return answer


def copies(many: Sequence[tuple]) -> list[tuple]:
    """Of arguments, none of which shares anything with others."""
    return [copy.deepcopy(args) for args in many]


def run_each(f: Callable, many: Sequence[tuple], drive: Drive | None = None) -> Iterator[Any]:
    """`run(f, args, drive)` for each of these arguments, in turn."""
    for result in call_each(f, copies(many), drive):
        if result.error:
            raise Raised(result.error)
        yield result.value


def replaced(answer: Callable, values: dict[str, Any]) -> AbstractContextManager[None]:
    """Among the names that a function sees, these are others for a while.

    A function in another process does it there (`__replacing__`).
    """
    there = getattr(type(answer), "__replacing__", None)
    return there(answer, values) if there else _replaced_here(answer, values)


@contextlib.contextmanager
def _replaced_here(answer: Callable, values: dict[str, Any]) -> Iterator[None]:
    undo = stand_in(answer, values)
    try:
        yield
    finally:
        undo()


def numbers(value: Any) -> np.ndarray:
    """An answer's value as an array of numbers. `Wrong` where it is none."""
    return _findings.numbers(value, "biuf")


def parts(answer: Any, value: Any, *names: str) -> tuple:
    """What an answer returned, as so many things. `Wrong` where it is another number of them."""
    held = _findings.outermost(value)
    if type(held) not in (tuple, list) or len(held) != len(names):
        raise Wrong(_findings.not_due(held, name_of(answer), f"({', '.join(names)})"))
    return tuple(held)


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

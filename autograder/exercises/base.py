"""What an exercise is made of: a reference, properties with points, misconceptions, equivalents."""

from __future__ import annotations

import copy
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.checks import call, compare, describe_call, name_of

Probes = Callable[[np.random.Generator], Iterable[tuple]]
"""From a random generator, the argument tuples to try: one call of the function each."""


class Wrong(Exception):
    """A property does not hold; the message is what the student reads."""


@dataclass(frozen=True)
class Property:
    """One thing that must hold, worth `points`. `test(f, rng)` raises `Wrong` where it does not."""

    says: str
    points: float
    test: Callable[[Callable, np.random.Generator], None]


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
class Exercise:
    """One auto-graded exercise. `name` is the function's name and the solution cell's grade id.

    The first property is the value; without it the others earn nothing.
    """

    name: str
    reference: Callable
    properties: tuple[Property, ...]
    misconceptions: tuple[Misconception, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()

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
        namespace = dict(self.reference.__globals__)
        source = self.variant(code)
        exec(compile(source, f"<answer {self.name}>", "exec"), namespace)
        return namespace[self.name]


# --- Properties that most exercises share -------------------------------------------------------


def run(f: Callable, args: tuple) -> Any:
    """`f(*args)` on copies of the arguments; an exception becomes `Wrong`, in words."""
    result = call(f, *copy.deepcopy(args))
    if result.error:
        raise Wrong(result.error)
    return result.value


def value(
    points: float,
    reference: Callable,
    probes: Probes,
    *,
    says: str = "the right value",
    rtol: float = 1e-7,
    atol: float = 1e-10,
) -> Property:
    """The same values as the reference, on every probe."""

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args in probes(rng):
            expected = reference(*copy.deepcopy(args))
            wrong = compare(run(f, args), expected, rtol=rtol, atol=atol)
            if wrong:
                raise Wrong(f"{describe_call(f, args)}: {wrong}")

    return Property(says, points, test)


def silent(points: float, probes: Probes, *, says: str = "no warning") -> Property:
    """No warning and no nan or inf, on every probe."""

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args in probes(rng):
            result = call(f, *copy.deepcopy(args))
            if result.error:
                raise Wrong(result.error)
            if result.warnings:
                raise Wrong(f"{describe_call(f, args)} warned: {result.warnings[0]}")
            values = result.value if isinstance(result.value, tuple | list) else [result.value]
            for part in values:
                if part is None or not np.all(np.isfinite(np.asarray(part, dtype=float))):
                    raise Wrong(f"{describe_call(f, args)} holds nan or inf")

    return Property(says, points, test)


def left_alone(
    points: float, probes: Probes, *, says: str = "the arguments are left as they were"
) -> Property:
    """The arguments hold the same numbers after the call, on every probe."""

    def test(f: Callable, rng: np.random.Generator) -> None:
        for args in probes(rng):
            given = copy.deepcopy(args)
            result = call(f, *given)
            if result.error:
                raise Wrong(result.error)
            for i, (before, after) in enumerate(zip(args, given, strict=True)):
                if not callable(before) and compare(after, before, rtol=0, atol=0):
                    raise Wrong(f"{name_of(f)} changed its argument {i + 1}; work on a copy")

    return Property(says, points, test)

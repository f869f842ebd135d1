"""Explaining a wrong answer: by its structure, by a known misconception, by a small edit.

The answer runs on inputs of the diagnosis' own, of several shapes. An explanation is spoken only
where it holds on all of them, and only one is.
"""

from __future__ import annotations

import contextlib
import copy
import io
import re
import warnings
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np

from autograder.exercises import others_are_right
from autograder.exercises.base import Exercise, Property, Wrong, driven
from autograder.mutants import Mutant, mutants
from autograder.relations import Case
from autograder.structure import Reading, argument_names, read
from helpers.checks import call

SEEDS = (101, 202)
"""The inputs on which an answer is held against others; no student is graded on these."""

ENOUGH = 4
"""An explanation that holds on so many wrong values is almost certain."""

MOST_EDITS = 400
"""Edits of an exercise that are tried, so that a first diagnosis takes a second and not five."""

TINY = 1e-100
"""Nobody asked for the digits of numbers below this one, such as a sigmoid at −1000."""

LONGEST = 2000
"""Characters of a message that are compared with another's."""

EDITS = {
    "operator": "as if one of +, −, ×, / or the power were another one",
    "sign": "as if a minus sign were missing, or one too many",
    "comparison": "as if a comparison went the other way, or took its border the other way",
    "condition": "as if a condition were turned round",
    "number": "as if one number (a factor, a power, an index, an axis) were a little off",
    "name": "as if, in one place, a variable were taken for another",
    "function": "as if a function were taken for a similar one (a sum for a mean, max for min)",
    "keyword": "as if an option such as keepdims were set the other way",
}
"""What an answer behaves like, by the kind of edit that turns the right one into it."""


@dataclass(frozen=True)
class Outcome:
    """What one call, or one property without probes, came to: a value, an error, or a complaint."""

    value: Any = None
    said: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """One explanation at most, with its confidence in words; and what is right in any case."""

    structure: str | None = None
    hypothesis: str | None = None
    confidence: str = ""
    kind: str = ""
    right: str | None = None

    def __str__(self) -> str:
        facts = "; ".join(text for text in (self.structure, self.right) if text)
        facts = facts[:1].upper() + facts[1:] + "." if facts else ""
        guess = f"{self.hypothesis} ({self.confidence})" if self.hypothesis else ""
        return " ".join(text for text in (facts, guess) if text)


def diagnose(exercise: Exercise, answer: Callable, *, hold_out: bool = False) -> Diagnosis:
    """Why this answer is wrong, as far as that can be said.

    hold_out: leave out the edits of the reference itself, to measure how well the others explain.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of candidates on inputs that they cannot take
        return _diagnose(exercise, answer, hold_out)


def _diagnose(exercise: Exercise, answer: Callable, hold_out: bool) -> Diagnosis:
    own = outcomes(exercise, answer)
    if all(map(alike, own, outcomes_of_reference(exercise))):
        return Diagnosis()
    reading = _structure(exercise, own)
    found = _misconception(exercise, own)
    if found:
        return Diagnosis(reading.wrong, found, _confidence(exercise, own), "misconception")
    if reading.wrong and reading.firm:
        return Diagnosis(reading.wrong, kind="structure", right=reading.right)
    mutant = _edit(exercise, own, hold_out)
    if mutant:
        said = f"It behaves {EDITS[mutant.kind]}."
        return Diagnosis(reading.wrong, said, "possible", "edit", reading.right)
    return Diagnosis(reading.wrong, kind="structure" if reading.wrong else "", right=reading.right)


# --- What an answer does ------------------------------------------------------------------------


def outcomes(exercise: Exercise, answer: Callable) -> list[Outcome]:
    return list(_outcomes(exercise, answer))


def _outcomes(exercise: Exercise, answer: Callable) -> Generator[Outcome, None, None]:
    with others_are_right(exercise, answer), contextlib.redirect_stdout(io.StringIO()):
        for seed in SEEDS:
            for i, prop in enumerate(exercise.properties):
                rng = np.random.default_rng([seed, i])
                if prop.probes is None:
                    yield _said(prop, answer, rng)
                    continue
                for args in prop.probes(rng):
                    result = call(driven(answer, prop.drive), *copy.deepcopy(args))
                    yield Outcome(result.value, _plainly(result.error))


def _said(prop: Property, answer: Callable, rng: np.random.Generator) -> Outcome:
    try:
        prop.test(answer, rng)
    except Wrong as wrong:
        return Outcome(said=_plainly(str(wrong)))
    except Exception as error:  # raised by the answer's odd value, not by the answer itself
        return Outcome(said=type(error).__name__)
    return Outcome()


def _plainly(text: str | None) -> str | None:
    """A message without its last digits and its place in the code, so that rounding is no news."""
    if text is None:
        return None
    text = text[:LONGEST].split("\n  in ")[0]
    return re.sub(r"-?\d+\.\d+(e[+-]?\d+)?", lambda m: f"{float(m.group()):.3g}", text)


def alike(one: Outcome, other: Outcome) -> bool:
    if one.said or other.said:
        return one.said == other.said
    return _same(one.value, other.value)


def _same(one: Any, other: Any) -> bool:
    if _sequence(one) and _sequence(other) and len(one) == len(other) and not _flat(one):
        return all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[k], other[k]) for k in one)
    try:
        a, b = np.asarray(one), np.asarray(other)
    except ValueError:
        return False
    if a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return type(one) is type(other) and repr(one) == repr(other)
    if a.shape != b.shape or (a.dtype.kind == "b") != (b.dtype.kind == "b"):
        return False
    a, b = a.astype(float), b.astype(float)
    size = float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0))
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9 * size + TINY, equal_nan=True))


def _sequence(value: Any) -> bool:
    return isinstance(value, tuple | list)


def _flat(value: tuple | list) -> bool:
    return all(isinstance(v, int | float) for v in value)


# --- Explanations -------------------------------------------------------------------------------


def _structure(exercise: Exercise, own: list[Outcome]) -> Reading:
    """Of the first property with probes: how what was returned is related to what is right."""
    place = next((i for i, p in enumerate(exercise.properties) if p.probes), None)
    if place is None:
        return Reading(None, None)
    prop = exercise.properties[place]
    right = driven(exercise.reference, prop.drive)
    cases = []
    for args, index in _arguments(exercise, place):
        if own[index].said:
            return Reading(None, None)
        names = argument_names(exercise.reference, len(args)) if not prop.drive else _places(args)
        want = right(*copy.deepcopy(args))
        cases.append(Case(dict(zip(names, args, strict=False)), own[index].value, want))
    return read(cases, exercise.returns, right)


def _places(args: tuple) -> list[str]:
    return [f"argument {i + 1}" for i in range(len(args))]


def _arguments(exercise: Exercise, place: int) -> Iterator[tuple[tuple, int]]:
    """The probes of one property, each with its place among the outcomes."""
    index = 0
    for seed in SEEDS:
        for i, prop in enumerate(exercise.properties):
            if prop.probes is None:
                index += 1
                continue
            for args in prop.probes(np.random.default_rng([seed, i])):
                if i == place:
                    yield args, index
                index += 1


def _misconception(exercise: Exercise, own: list[Outcome]) -> str | None:
    known = _known(exercise)
    for i, misconception in enumerate(exercise.misconceptions):
        seen = known.setdefault(("misconception", i), [])
        if _behaves_like(exercise, own, seen, misconception.code):
            return misconception.says
    return None


def _edit(exercise: Exercise, own: list[Outcome], hold_out: bool) -> Mutant | None:
    known = _known(exercise)
    for i, mutant in enumerate(edits(exercise, hold_out)):
        seen = known.setdefault(("edit", hold_out, i), [])
        if _behaves_like(exercise, own, seen, mutant.source):
            return mutant
    return None


@lru_cache(maxsize=256)
def _known(exercise: Exercise) -> dict[tuple, list[Outcome]]:
    """What each candidate has come to so far: a class of answers costs one run of each."""
    return {}


@lru_cache(maxsize=256)
def edits(exercise: Exercise, hold_out: bool) -> tuple[Mutant, ...]:
    """One-token edits of the ways to write the right answer; none where a loop may not end."""
    sources = [] if hold_out else [exercise.source]
    sources += [exercise.variant(e.code) for e in exercise.equivalents]
    sources = [source for source in sources if "while " not in source]
    share = MOST_EDITS // max(len(sources), 1)
    found: dict[str, Mutant] = {}
    for source in sources:
        for mutant in islice(mutants(source), share):
            found.setdefault(mutant.source, mutant)
    return tuple(found.values())


def _behaves_like(
    exercise: Exercise, own: list[Outcome], seen: list[Outcome], code: str | tuple[str, str]
) -> bool:
    """Does this code come to the same, call by call? It runs only as far as it does.

    seen: what it came to when it was run before; longer when this returns, if it had to run on.
    """
    for mine, theirs in zip(own, seen, strict=False):
        if not alike(mine, theirs):
            return False
    if len(seen) == len(own):
        return True
    try:
        other = exercise.compile(code)
    except Exception:  # an edit that is no program any more explains nothing
        seen.append(Outcome(said="it cannot be compiled"))
        return False
    seen.clear()
    with contextlib.closing(_outcomes(exercise, other)) as running:
        for mine, theirs in zip(own, running, strict=True):
            seen.append(theirs)
            if not alike(mine, theirs):
                return False
    return True


def _confidence(exercise: Exercise, own: list[Outcome]) -> str:
    right = outcomes_of_reference(exercise)
    wrong = [mine for mine, good in zip(own, right, strict=True) if not alike(mine, good)]
    values = sum(outcome.said is None for outcome in wrong)
    return "almost certain" if values >= ENOUGH else "likely"


@lru_cache(maxsize=256)
def outcomes_of_reference(exercise: Exercise) -> tuple[Outcome, ...]:
    return tuple(outcomes(exercise, exercise.reference))

"""What a wrong answer looks like: by its structure, as a known mistake, as a small edit.

The answer runs on the public inputs, which are of several shapes. An explanation is spoken only
where it holds on all of them, and only one is. What is said to be right is right there, and names
the question where it was seen, because another may have failed on that very part.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from helpers._describing import is_are, join
from helpers._findings import close
from helpers.judging.dependence import moved_by
from helpers.judging.outcomes import (
    Hearing,
    Outcome,
    alike,
    fingerprint,
    mark,
    public_arguments,
    repeats,
)
from helpers.judging.places import condition, only
from helpers.judging.recorded import Record, record_of
from helpers.judging.relations import Case
from helpers.judging.structure import NAMES, Reading, capital, read
from helpers.questions.base import Asked, arguments_of
from helpers.questions.usual import but_nan

ENOUGH = 4
"""An explanation that holds on so many wrong values is almost certain."""

EDITS = {
    "comparison": "as if a comparison went the other way, or took its border the other way",
    "function": "as if a function were taken for a similar one (a sum for a mean, max for min)",
}
"""What an answer behaves like, by the kind of edit that turns the right one into it.

The other kinds that are recorded (a sign, a name, a number) could stand for too much to help.
"""

UNLIKE = "the same call does not give the same twice: look for what is kept, drawn or never set"
"""Said of an answer that two equal calls, one after the other, give different values of."""

MOST_NAMED = 3
"""Questions that are named in one sentence."""


@dataclass(frozen=True)
class Diagnosis:
    """One explanation at most, with its confidence in words; and what is right in any case."""

    structure: str | None = None
    hypothesis: str | None = None
    confidence: str = ""
    kind: str = ""
    right: str | None = None

    @property
    def short(self) -> str:
        """The explanation alone."""
        return self.hypothesis or self.structure or ""

    def __str__(self) -> str:
        facts = "; ".join(text for text in (self.structure, self.right) if text)
        facts = f"{capital(facts)}." if facts else ""
        guess = f"{self.hypothesis} ({self.confidence})" if self.hypothesis else ""
        return " ".join(text for text in (facts, guess) if text)


def diagnose(asked: Asked, answer: Callable, record: Record | None = None) -> Diagnosis:
    """Why this answer is wrong, as far as that can be said. record: another than the course's."""
    record = record or record_of(asked.name)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an answer on inputs that it cannot take
        return explain(Hearing(asked, answer, record.rights), record)


def explain(heard: Hearing, record: Record) -> Diagnosis:
    """The explanation of what an answer comes to on the public inputs."""
    asked, answer, own = heard.asked, heard.answer, heard.outcomes()
    right = record.right_outcomes(asked)
    wrong = [mine for mine, good in zip(own, right, strict=True) if not _same(mine, good)]
    if not wrong:
        return Diagnosis()
    found = fingerprint(own)
    known = record.mistake(found)
    if known:
        values = sum(outcome.said is None for outcome in wrong)
        sure = "almost certain" if values >= ENOUGH else "likely"
        return Diagnosis(None, known, sure, "misconception")
    reading = _reading(heard, record, own)
    told = bool(reading.wrong) and reading.firm
    if not told and reading.of_value and (ignored := _ignored(asked, answer, record)):
        reading, told = replace(reading, wrong=ignored, firm=True), True
    if not told and not repeats(asked, answer):
        return Diagnosis(UNLIKE, kind="structure")
    # An error alone is what many edits could raise: it is told as it is.
    raised = any(outcome.raised for outcome in wrong)
    edit = None if raised or told else _only_edit(record, found)
    if edit:
        said = f"It behaves {EDITS[edit]}."
        return Diagnosis(reading.wrong, said, "possible", "edit", reading.right)
    return Diagnosis(reading.wrong, kind="structure" if reading.wrong else "", right=reading.right)


def _same(one: Outcome, other: Outcome) -> bool:
    if one.said or other.said:
        return one.said == other.said
    return _identical(one.value, other.value) or alike(mark(one.value), mark(other.value))


def _identical(one: Any, other: Any) -> bool:
    """Whether they are the same to the last bit; mostly they are, and that is quickly seen.

    What it does not know is never the same, as it is for `_findings.same`, which looks for changes.
    """
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_identical, one, other))
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape
        return same and one.dtype.kind in "fiub" and one.tobytes() == other.tobytes()
    return type(one) in (int, float, bool, str) and one == other


def _ignored(asked: Asked, answer: Callable, record: Record) -> str | None:
    """Which arguments a part of an answer leaves out of account, or depends on, and should not."""
    count = 1 + max((part for part, _ in record.moves), default=0)
    moves = moved_by(asked, answer, record.parameters, whole=count == 1)
    names = asked.returns if len(asked.returns) == count else NAMES[:count]
    for part, who in enumerate(names if count > 1 else ("your result",)):
        others = {
            moved: [
                f"`{name}`"
                for (of, name), due in record.moves.items()
                if of == part and due is moved and moves.get((of, name), due) is not due
            ]
            for moved in (True, False)
        }
        if len(others[True]) == sum(of == part for of, _ in record.moves):
            continue  # it is the same for everything
        if others[True]:
            return f"{capital(who)} does not change with {join(others[True])}, and should"
        if others[False]:
            return f"{capital(who)} changes with {join(others[False])}, and should not"
    return None


def _only_edit(record: Record, found: Any) -> str | None:
    """The kind of the edits that this comes from, where they are all of one that is spoken of."""
    kinds = {kind for kind, known in record.edits if alike(known, found)}
    return next(iter(kinds)) if len(kinds) == 1 and kinds <= EDITS.keys() else None


# --- What is read from the values ----------------------------------------------------------------


@dataclass(frozen=True)
class Called:
    """One public call: the question's place, the arguments by name, what came and what is right."""

    place: int
    arguments: dict[str, Any]
    mine: Outcome
    want: Any

    @cached_property
    def right(self) -> bool:
        return not self.mine.said and _close(self.mine.value, self.want)

    @cached_property
    def sure(self) -> bool:
        """Whether it is wrong by more than digits that hardly count, or right in all digits."""
        said = bool(self.mine.said)
        return said or not self.right or _close(self.mine.value, self.want, rtol=1e-7)

    @property
    def case(self) -> Case:
        return Case(self.arguments, self.mine.value, self.want)


def _close(got: Any, want: Any, rtol: float = 1e-6) -> bool:
    """Equal to within rounding, by the size of what is right, however tiny that is."""
    if isinstance(want, tuple | list) and type(got) in (tuple, list):
        same = len(got) == len(want)
        return same and all(_close(g, w, rtol) for g, w in zip(got, want, strict=True))
    if not close(got, want):
        return False
    got, want = np.asarray(got, float), np.asarray(want, float)
    size = float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0))
    return bool(np.allclose(got, want, rtol=rtol, atol=1e-3 * rtol * size, equal_nan=True))


def _calls(asked: Asked, record: Record, own: list[Outcome], place: int) -> Iterator[Called]:
    """The public calls of one question with probes."""
    drive = asked.questions[place].drive
    wanted = [value for seed in record.values for value in seed[place]]
    for (args, index), want in zip(public_arguments(asked, place), wanted, strict=True):
        names = arguments_of(record.parameters, drive, len(args))
        mine = replace(own[index], value=but_nan(own[index].value, want))
        yield Called(place, dict(zip(names, args, strict=True)), mine, want)


def _reading(heard: Hearing, record: Record, own: list[Outcome]) -> Reading:
    asked = heard.asked
    first = list(_calls(asked, record, own, 0)) if asked.questions[0].probes else []
    off = any(not call.right for call in first)
    if off and heard.loses_all():  # else it is off by what does not count
        return _of_first(asked, record, own, first)
    places = heard.failing()
    if 0 in places:  # not for its value: how it was come by
        return Reading(None, None, firm=False)
    return _of_others(asked, record, own, places)


def _of_first(asked: Asked, record: Record, own: list[Outcome], first: list[Called]) -> Reading:
    """Where the first question fails: on its calls, and on those of the others like it."""
    alike_ = [place for place in _with_probes(asked, asked.questions[0].drive) if place]
    calls = [*first, *(call for place in alike_ for call in _calls(asked, record, own, place))]
    where = _where(calls)
    if any(call.mine.said for call in first):
        return Reading(where, None, firm=False)
    readings = [read([call.case for call in first], asked.returns, record.rows)]
    if not any(call.mine.said for call in calls):
        readings.insert(0, read([call.case for call in calls], asked.returns, record.rows))
    best = _best(readings)
    here_only = best is readings[-1] and bool(alike_)
    if _strength(best) < SOME and (where or _where(first)):
        best = replace(best, wrong=where or _where(first), firm=False)
        here_only = not where and bool(alike_)
    scope = f"in “{asked.questions[0].says}” "
    if len(asked.questions) == 1:
        return best
    if best.wrong and here_only:
        return replace(best, wrong=scope + _small(best.wrong))
    return replace(best, right=best.right and scope + best.right)


FIRM, SOME = 3, 2
SAYS_WHERE = "right in", "right but", "wrong only where"


def _strength(reading: Reading) -> int:
    """How much a reading says: what was done, in which places, how far off, or nothing."""
    if not reading.wrong:
        return 0
    if reading.firm:
        return FIRM
    return SOME if any(f" {words} " in reading.wrong for words in SAYS_WHERE) else 1


def _best(readings: list[Reading]) -> Reading:
    """The one that says the most; of equals the first, which was seen in more places."""
    return max(readings, key=_strength)


def _of_others(asked: Asked, record: Record, own: list[Outcome], places: set[int]) -> Reading:
    """Where the first question is right and others fail: which, and what is wrong there."""
    names = [f"“{asked.questions[place].says}”" for place in sorted(places)]
    rest = [f"“{q.says}”" for i, q in enumerate(asked.questions) if i not in places]
    if not names:
        return Reading(None, None, firm=False)
    told = f"All is right but {join(_few(names))}"
    if len(rest) < len(names):
        told = f"Only {is_are(_few(rest))} right"
    for place in sorted(places):
        if not asked.questions[place].probes:
            continue
        drive = asked.questions[place].drive
        calls = list(_calls(asked, record, own, place))
        more = _where(calls)
        if not any(call.mine.said for call in calls):
            returns = asked.returns if drive is asked.questions[0].drive else ()
            reading = read([call.case for call in calls], returns)
            more = reading.wrong if _strength(reading) >= SOME else more or reading.wrong
        if more:
            where = "there" if len(places) == 1 else f"in “{asked.questions[place].says}”"
            return Reading(f"{told}; {where} {_small(more)}", None, firm=False, of_value=False)
    return Reading(told, None, firm=False, of_value=False)


def _few(names: list[str]) -> list[str]:
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], f"{more} more"] if more > 0 else names


def _with_probes(asked: Asked, drive: Callable | None) -> list[int]:
    """The questions of values that use an answer in this way."""
    return [i for i, q in enumerate(asked.questions) if q.probes and q.drive is drive]


def _where(calls: list[Called]) -> str | None:
    """For which arguments it is wrong, or ends in an error."""
    if not all(call.sure for call in calls):
        return None
    given = [call.arguments for call in calls]
    wrong = [not call.right for call in calls]
    raised = [bool(call.mine.said) for call in calls]
    if raised == wrong:
        text = condition(given, raised)
        return text and f"it ends in an error where {text}, and is right elsewhere"
    text = condition(given, wrong)
    if text:
        return f"it is wrong where {text}, and right elsewhere"
    text = only(given, wrong)
    if text:
        return f"it is wrong only where {text}"
    if all(wrong):
        return None
    text = condition(given, raised)
    return text and f"it ends in an error where {text}, and is wrong on other inputs too"


def _small(text: str) -> str:
    """A sentence's beginning in the middle of another one; a symbol is left as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text

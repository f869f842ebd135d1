"""What an answer does on the public inputs, and its fingerprint, by which known mistakes are told.

Two answers that come to the same, up to rounding, have a fingerprint in common. A fingerprint is
two digests of the same numbers, each rounded on a grid of its own: where a number lies on the
border between two steps of one grid, it lies in the middle of a step of the other.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._findings import Raised, Wrong
from helpers.checks import Sink
from helpers.judging.right import Rights
from helpers.questions.base import Asked, Question, call_each, copies
from helpers.questions.usual import but_nan

PUBLIC_SEEDS = (101, 202, 303)
"""What students are asked on. No student is graded on these."""

TINY = 1e-100
"""Nobody asked for the digits of numbers below this one, such as a sigmoid at −1000."""

NOT_ASKED = "not asked"
"""Said of a question without probes where the first question is failed: nobody hears of it then."""

LONGEST = 2000
"""Characters of a message that are compared with another's."""

DIGITS, SMALLEST = 20, 30
"""Binary digits that count of each number; and of an array's largest number, for all of it."""

GRIDS = (0.1234, 0.6234)
"""Where the steps of both grids begin; not at numbers that people like."""

Fingerprint = tuple[bytes, bytes]
BYTES = 4
"""Of each digest: among 400 candidates a false match is one in five million."""


@dataclass(frozen=True)
class Outcome:
    """What one call, or one question without probes, came to: a value, or a complaint.

    raised: the complaint is of an error or a warning, not of a value.
    """

    value: Any = None
    said: str | None = None
    raised: bool = False


class Hearing:
    """What an answer comes to on the public seeds. Each question's test is run once on each."""

    def __init__(self, asked: Asked, answer: Callable, rights: Rights):
        self.asked, self.answer, self.rights = asked, answer, rights
        self._heard: dict[tuple[int, int], Outcome] = {}

    def outcomes(self) -> list[Outcome]:
        """Of every call and every question, in the same order for every answer."""
        with contextlib.redirect_stdout(Sink()), np.errstate(all="ignore"):
            return list(self._outcomes())

    def _outcomes(self) -> Iterator[Outcome]:
        lost = self.loses_all()
        for seed in PUBLIC_SEEDS:
            for place, question in enumerate(self.asked.questions):
                if question.probes is None:
                    yield Outcome(None, NOT_ASKED) if lost else self._said(place, seed)
                    continue
                right = self.rights(seed, place)
                drawn = list(question.probes(np.random.default_rng([seed, place])))
                expected = [right(*args, drive=question.drive) for args in drawn]
                calls = call_each(self.answer, copies(drawn), question.drive)
                for due, result in zip(expected, calls, strict=True):
                    value = but_nan(result.value, due)
                    yield Outcome(value, _plainly(result.error), bool(result.error))

    def loses_all(self) -> bool:
        """Whether the first question, one of values, is failed on some public seed."""
        values = self.asked.questions[0].probes is not None
        return values and any(self._said(0, seed).said for seed in PUBLIC_SEEDS)

    def failing(self) -> set[int]:
        """The places of the questions that the answer fails on some public seed.

        Of a question of values its outcomes do not say it: it may ask for the last digits, too.
        """
        with contextlib.redirect_stdout(Sink()), np.errstate(all="ignore"):
            return {
                place
                for place in range(len(self.asked.questions))
                if any(self._said(place, seed).said for seed in PUBLIC_SEEDS)
            }

    def _said(self, place: int, seed: int) -> Outcome:
        """What one question says of it, without its last digits."""
        if (place, seed) not in self._heard:
            question, rng = self.asked.questions[place], np.random.default_rng([seed, place])
            self._heard[place, seed] = _told(question, self.answer, rng, self.rights(seed, place))
        return self._heard[place, seed]


def outcomes(asked: Asked, answer: Callable, rights: Rights) -> list[Outcome]:
    return Hearing(asked, answer, rights).outcomes()


def repeats(asked: Asked, answer: Callable) -> bool:
    """Whether the first question's calls give twice the same, one directly after the other."""
    question = asked.questions[0]
    if question.probes is None:
        return True
    with contextlib.redirect_stdout(Sink()), np.errstate(all="ignore"):
        drawn = list(question.probes(np.random.default_rng([PUBLIC_SEEDS[0], 0])))
        twice = [args for args in drawn for _ in range(2)]
        calls = call_each(answer, copies(twice), question.drive)
        for one, two in zip(calls, calls, strict=True):
            if one.error or two.error:
                continue
            if not alike(mark(one.value), mark(two.value)):
                return False
    return True


def public_arguments(asked: Asked, place: int) -> Iterator[tuple[tuple, int]]:
    """The public probes of one question, each with its place among the outcomes."""
    index = 0
    for seed in PUBLIC_SEEDS:
        for i, question in enumerate(asked.questions):
            if question.probes is None:
                index += 1
                continue
            for args in question.probes(np.random.default_rng([seed, i])):
                if i == place:
                    yield args, index
                index += 1


def _told(question: Question, answer: Callable, rng: np.random.Generator, right: Any) -> Outcome:
    try:
        question.test(answer, rng, right)
    except Wrong as wrong:
        return Outcome(None, _plainly(str(wrong)), isinstance(wrong, Raised))
    except Exception as error:  # raised by the answer's odd value, not by the answer itself
        return Outcome(None, type(error).__name__, True)
    return Outcome()


def _plainly(text: str | None) -> str | None:
    """A message without its last digits and its place in the code, so that rounding is no news."""
    if text is None:
        return None
    text = _without_addresses(text[:LONGEST].split("\n  in ")[0])
    return re.sub(r"-?\d+\.\d+(e[+-]?\d+)?", lambda m: f"{float(m.group()):.3g}", text)


# --- Fingerprints -------------------------------------------------------------------------------


def fingerprint(found: Sequence[Outcome]) -> Fingerprint:
    return mark([(outcome.value, outcome.said) for outcome in found])


def mark(value: Any) -> Fingerprint:
    """The fingerprint of a value: numbers, arrays, and sequences and dicts of these."""
    words: list[bytes] = []
    arrays: list[np.ndarray] = []
    _take_apart(value, words, arrays)
    structure = b"".join(len(word).to_bytes(4, "big") + word for word in words)
    one, other = (
        hashlib.blake2b(structure + numbers, digest_size=BYTES).digest()
        for numbers in _steps(arrays)
    )
    return one, other


def alike(one: Fingerprint, other: Fingerprint) -> bool:
    return one[0] == other[0] or one[1] == other[1]


def _take_apart(
    value: Any, words: list[bytes], arrays: list[np.ndarray], around: tuple[int, ...] = ()
) -> None:
    """A value as bytes that say its structure, and its numbers.

    around: what it lies in; a list may hold itself.
    """
    if id(value) in around:
        words.append(b"what it lies in")
    elif isinstance(value, tuple | list) and not _flat(value):
        words.append(b"sequence %d" % len(value))
        for part in value:
            _take_apart(part, words, arrays, (*around, id(value)))
    elif isinstance(value, dict):
        words.append(b"dict %d" % len(value))
        for key in sorted(value, key=repr):
            words.append(repr(key).encode())
            _take_apart(value[key], words, arrays, (*around, id(value)))
    else:
        array = _as_array(value)
        if array is None:
            words.append(f"{type(value).__name__} {_without_addresses(repr(value))}".encode())
        else:
            words.append(f"array {array.shape} {array.dtype.kind == 'b'}".encode())
            arrays.append(array.astype(float).ravel())


def _without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9A-Fa-f]+", "", text)


def _flat(value: tuple | list) -> bool:
    """Whether all are numbers; one that numpy made may be an array without a dimension."""
    return all(
        isinstance(v, int | float | np.integer | np.floating)
        or (isinstance(v, np.ndarray) and v.ndim == 0 and v.dtype.kind in "fiub")
        for v in value
    )


def _as_array(value: Any) -> np.ndarray | None:
    if isinstance(value, str | bytes | type(None)):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in "fiub" else None


def _steps(arrays: list[np.ndarray]) -> tuple[bytes, bytes]:
    """Each number as the step of each grid that it lies on, and how wide that step is.

    How wide depends on the number, and on the largest of its array.
    """
    arrays = [array for array in arrays if array.size]
    if not arrays:
        return b"", b""
    numbers = np.concatenate(arrays)
    sizes = [array.size for array in arrays]
    starts = np.cumsum([0, *sizes[:-1]])
    with np.errstate(all="ignore"):
        finite = np.isfinite(numbers)
        plain = np.where(finite & (abs(numbers) > TINY), numbers, 0.0)
        # Powers of two bound the numbers; the factor keeps round numbers away from these bounds.
        own = np.frexp(1.2345 * plain)[1]
        largest = np.frexp(1.2345 * np.maximum.reduceat(abs(plain), starts))[1]
        narrowest = np.repeat(largest, sizes) - SMALLEST
        width = np.maximum(np.where(plain == 0, -(1 << 20), own) - DIGITS, narrowest)
        at = np.ldexp(plain, -width)
        one, other = (np.floor(at + begin).astype(np.int64).tobytes() for begin in GRIDS)
        odd = np.where(np.isnan(numbers), 1, np.where(finite, 0, np.where(numbers > 0, 2, 3)))
    rest = width.astype(np.int64).tobytes() + odd.astype(np.int64).tobytes()
    return one + rest, other + rest

"""How a wrong value relates to something else than the right one: an argument, a step, a power.

As in `relations`: a predicate that holds in every one of the cases, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers._findings import close
from helpers.judging.relations import RTOL, Case, quantities, ratio

THE_RIGHT_ONE = "the right one"


def itself(cases: list[Case]) -> str | None:
    """An argument, as it was given."""
    for name, given in _arguments(cases):
        for factor, words in ((1.0, ""), (-1.0, "minus ")):
            if all(close(c.got, factor * v) for c, v in zip(cases, given, strict=True)):
                return f"is {words}`{name}` itself"
    return None


def step_alone(cases: list[Case]) -> str | None:
    """What is added to an argument, not where it leads; or a multiple of that."""
    for name, shifted in _steps(cases, alone=True):
        if all(close(c.got, c.want) for c in shifted):
            return f"is the step alone: the right one minus `{name}`"
        text = ratio(shifted)
        if text and text != "is 0 everywhere":
            step = f"the right step from `{name}`"
            return f"{text.replace(THE_RIGHT_ONE, step)}, without `{name}` itself"
    return None


def step_scaled(cases: list[Case]) -> str | None:
    """Where another multiple of the step from an argument leads."""
    for name, shifted in _steps(cases, alone=False):
        text = ratio(shifted)
        if text and text != "is 0 everywhere" and not all(close(c.got, c.want) for c in shifted):
            step = text.removeprefix("is ").replace(THE_RIGHT_ONE, "the right step")
            if step.startswith("minus "):
                return f"is `{name}` {step}: it goes the wrong way"
            return f"is `{name}` plus {step}"
    return None


def _steps(cases: list[Case], alone: bool) -> Iterator[tuple[str, list[Case]]]:
    """For each argument of the result's shape: what came and what is right, less the argument."""
    if not _same_shapes(cases):
        return
    for name, given in _arguments(cases):
        if all(np.shape(v) == np.shape(c.want) for c, v in zip(cases, given, strict=True)):
            yield (
                name,
                [
                    Case(
                        c.arguments,
                        np.asarray(c.got, float) - (0 if alone else v),
                        np.asarray(c.want, float) - v,
                    )
                    for c, v in zip(cases, given, strict=True)
                ],
            )


POWERS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("the square of the right one", np.square),
    ("the square root of the right one", np.sqrt),
    ("the logarithm of the right one", np.log),
    ("one divided by the right one", lambda want: 1 / want),
    ("1 minus the right one", lambda want: 1 - want),
)


def power(cases: list[Case]) -> str | None:
    """A function of the right value, or a multiple of it."""
    if not _same_shapes(cases):
        return None
    for words, function in POWERS:
        with np.errstate(all="ignore"):  # the logarithm of what may be below 0
            made = [Case(c.arguments, c.got, function(np.asarray(c.want, float))) for c in cases]
        if all(np.isfinite(c.want).all() for c in made):
            if all(close(c.got, c.want) for c in made):
                return f"is {words}"
            text = ratio(made)
            if text and text != "is 0 everywhere" and not _constant(made):
                return text.replace(THE_RIGHT_ONE, words)
    return None


def affine(cases: list[Case]) -> str | None:
    """A multiple of the right one plus a number, the same in all cases."""
    if not _same_shapes(cases):
        return None
    got = np.concatenate([np.ravel(np.asarray(c.got, float)) for c in cases])
    want = np.concatenate([np.ravel(np.asarray(c.want, float)) for c in cases])
    if (
        got.size < 6
        or not np.isfinite(got).all()
        or not np.isfinite(want).all()
        or not np.ptp(want)
    ):
        return None
    factor, shift = np.polyfit(want, got, 1)
    plain = all(abs(v) > RTOL and abs(v - round(v, 2)) < RTOL for v in (factor, shift))
    held = all(close(c.got, factor * np.asarray(c.want, float) + shift) for c in cases)
    if not plain or not held:
        return None
    times = "" if abs(factor - 1) < RTOL else f"{factor:.6g} times "
    return f"is {times}the right one {'plus' if shift > 0 else 'minus'} {abs(shift):.6g}"


def quantity(cases: list[Case]) -> str | None:
    """A size or a number that was given, in every place."""
    for label, values in quantities(cases):
        for factor, words in ((1.0, ""), (-1.0, "minus ")):
            if all(
                np.size(c.got) and close(c.got, np.full(np.shape(c.got), factor * value))
                for c, value in zip(cases, values, strict=True)
            ):
                return f"is {words}`{label}` in every place"
    return None


def empty(cases: list[Case]) -> str | None:
    """Without an entry, where the right one has some."""
    return None if any(np.size(c.got) for c in cases) else "is empty: there is no entry in it"


def not_finite(cases: list[Case]) -> str | None:
    """nan or infinite throughout, where the right one is neither."""
    for test, words in ((np.isnan, "nan"), (np.isinf, "infinite")):
        if all(np.all(test(np.asarray(c.got, float))) for c in cases) and not any(
            np.any(test(np.asarray(c.want, float))) for c in cases
        ):
            return f"is {words} in every place"
    return None


def direction(cases: list[Case]) -> str | None:
    """Parallel to the right one, by another factor in each case."""
    sizes = []
    for c in cases:
        got, want = np.ravel(np.asarray(c.got, float)), np.ravel(np.asarray(c.want, float))
        if np.shape(c.got) != np.shape(c.want) or not np.isfinite(got).all():
            return None
        square = float(want @ want)
        if not square or not close(got, float(got @ want) / square * want) or got @ want <= 0:
            return None
        sizes.append((want.size, float(np.linalg.norm(got))))
    longer = [length for count, length in sizes if count > 1]
    if len(longer) < 3:
        return None
    if np.allclose(longer, longer[0], rtol=1e-6):
        return f"has the right direction, but always the length {longer[0]:.6g}"
    return "has the right direction, but not the right length"


def spread(cases: list[Case]) -> str | None:
    """The same number in every place, made of the right ones."""
    if not _same_shapes(cases) or not any(np.size(c.want) > 1 for c in cases):
        return None
    for how, words in ((np.sum, "the sum"), (np.mean, "the average"), (np.max, "the largest")):
        if all(close(c.got, np.full(np.shape(c.want), how(c.want))) for c in cases):
            return f"has the same number in every place: {words} of the right ones"
    return None


def totals(cases: list[Case]) -> str | None:
    """Columns that add up to 1 where rows should, or the other way."""
    if not _same_shapes(cases) or not all(np.ndim(c.want) == 2 for c in cases):
        return None
    for axis, mine, due in ((1, "columns", "rows"), (0, "rows", "columns")):
        crossed = [_sums_to_one(c.want, axis) and _sums_to_one(c.got, 1 - axis) for c in cases]
        if all(crossed) and not all(_sums_to_one(c.got, axis) for c in cases):
            return f"has {mine} that add up to 1, where its {due} should"
    return None


def truncated(cases: list[Case]) -> str | None:
    """Whole numbers, where the right ones have digits after the point."""
    if not _same_shapes(cases):
        return None
    for function, words in ((np.trunc, "cut off"), (np.floor, "rounded down")):
        if all(close(c.got, function(np.asarray(c.want, float))) for c in cases):
            return f"is a whole number in each place: what stands after the point is {words}"
    return None


def clipped(cases: list[Case]) -> str | None:
    """Right up to a bound that no entry passes."""
    if not _same_shapes(cases):
        return None
    got = np.concatenate([np.ravel(np.asarray(c.got, float)) for c in cases])
    want = np.concatenate([np.ravel(np.asarray(c.want, float)) for c in cases])
    for bound, limit, words in (
        (np.max(got), np.minimum, "above"),
        (np.min(got), np.maximum, "below"),
    ):
        changed = ~np.isclose(got, want, rtol=1e-6)
        held = all(close(c.got, limit(np.asarray(c.want, float), bound)) for c in cases)
        if 1 < changed.sum() < got.size - 1 and held:
            return f"is right, but never {words} {bound:.6g}"
    return None


def repeated(cases: list[Case]) -> str | None:
    """The same row or entry again and again: the last or the first that is right."""
    cases = [c for c in cases if np.ndim(c.want)]
    if not cases or not _same_shapes(cases) or max(len(c.want) for c in cases) < 3:
        return None
    what = "row" if np.ndim(cases[0].want) > 1 else "entry"
    for place, words in ((-1, "last"), (0, "first")):
        if all(
            len(c.want) and close(c.got, np.broadcast_to(c.want[place], np.shape(c.want)))
            for c in cases
        ):
            return f"has the same {what} everywhere, which should be its {words} one only"
    return None


def same_steps(cases: list[Case]) -> str | None:
    """A path that begins as it should, and then makes its first step again and again."""
    if not _same_shapes(cases) or not all(np.ndim(c.want) for c in cases):
        return None
    long = [c for c in cases if len(c.want) > 3]
    if any(close(c.got, c.want) for c in long):
        return None
    for c in long:
        got, want = np.diff(np.asarray(c.got, float), axis=0), np.diff(c.want, axis=0)
        if not close(c.got[0], c.want[0]) or not close(got, np.broadcast_to(want[0], got.shape)):
            return None
    return "makes its first step, which is right, again and again" if len(long) > 1 else None


def beginning(cases: list[Case]) -> str | None:
    """Right up to the same place in every case, and nowhere after it."""
    if not _same_shapes(cases) or not all(np.ndim(c.want) for c in cases):
        return None
    firsts, whole = set(), [0]
    for c in cases:
        right = [close(g, w) for g, w in zip(c.got, c.want, strict=True)]
        if all(right):
            whole.append(len(right))
            continue
        first = right.index(False)
        if any(right[first:]):
            return None
        firsts.add(first)
    if len(firsts) != 1 or max(whole) > min(firsts):
        return None
    what = "rows" if np.ndim(cases[0].want) > 1 else "entries"
    count = {2: "two", 3: "three", 4: "four", 5: "five"}.get(min(firsts))
    return count and f"is right in its first {count} {what} only"


def sided(cases: list[Case]) -> str | None:
    """Never below the right one, or never above it."""
    if not _same_shapes(cases):
        return None
    gaps = []
    for c in cases:
        got, want = np.asarray(c.got, float), np.asarray(c.want, float)
        if not np.isfinite(got).all() or not np.isfinite(want).all():
            return None
        gaps.append(np.where(np.isclose(got, want, rtol=1e-6), 0.0, got - want).ravel())
    gap = np.concatenate(gaps)
    if np.count_nonzero(gap) < 3:
        return None
    every = "in every place" if any(np.ndim(c.want) for c in cases) else "for every input"
    where = every if np.all(gap) else "wherever it is wrong"
    if np.all(gap >= 0):
        return f"is too large {where}"
    if np.all(gap <= 0):
        return f"is too small {where}"
    return None


# --- Helpers ------------------------------------------------------------------------------------


def _arguments(cases: list[Case]) -> Iterator[tuple[str, list[np.ndarray]]]:
    """The arguments that are numbers in every case, and not 0 in one of them."""
    for name in cases[0].arguments:
        given: list[Any] = [c.arguments.get(name) for c in cases]
        if all(isinstance(v, int | float | np.ndarray) and not isinstance(v, bool) for v in given):
            arrays = [np.asarray(v) for v in given]
            if all(a.dtype.kind in "fiu" and a.any() for a in arrays):
                yield name, arrays


def _same_shapes(cases: list[Case]) -> bool:
    return all(np.shape(c.got) == np.shape(c.want) for c in cases)


def _constant(cases: list[Case]) -> bool:
    """Whether the compared values are all of one size, so that any would be a multiple."""
    values = np.concatenate([np.ravel(c.want) for c in cases])
    return bool(np.allclose(values, values[0]))


def _sums_to_one(value: Any, axis: int) -> bool:
    return bool(np.allclose(np.sum(value, axis=axis), 1, rtol=1e-6))

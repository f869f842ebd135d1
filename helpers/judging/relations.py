"""How a wrong value relates to the right one: a predicate for each way, or None.

Each looks at all the cases of one part, and speaks only where it holds in every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers._findings import close
from helpers._reading import simple_factor
from helpers.judging.outcomes import Fingerprint, alike, mark

RTOL = 1e-6
"""How close to a factor computed numbers must be to be called its multiples."""

FACTORS = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


@dataclass(frozen=True)
class Case:
    """One call: the arguments by name, what was returned and what is right."""

    arguments: dict[str, Any]
    got: Any
    want: Any


def ratio(cases: list[Case]) -> str | None:
    ratios, used = [], []
    for c in cases:
        got, want = np.asarray(c.got, float), np.asarray(c.want, float)
        if got.shape != want.shape or not np.isfinite(got).all() or not np.isfinite(want).all():
            return None
        size = float(np.sum(want * want))
        if not size:
            if got.any():
                return None
            continue
        ratio = float(np.sum(got * want)) / size
        if not close(got, ratio * want):
            return None
        ratios.append(ratio)
        used.append(c)
    if not ratios:
        return None
    if max(abs(r) for r in ratios) < 1e-12:
        return "is 0 everywhere"
    if np.allclose(ratios, ratios[0], rtol=1e-6):
        return f"is {_factor_in_words(ratios[0])}"
    for label, sizes in quantities(used):
        for factor in FACTORS:
            for power, words in (
                (1, "{} times the right one"),
                (-1, "the right one divided by {}"),
            ):
                with np.errstate(all="ignore"):
                    fits = np.allclose(ratios, factor * np.power(sizes, power), rtol=1e-6)
                if fits:
                    return f"is {_with_factor(factor, words.format(f'`{label}`'))}"
    return None


def _factor_in_words(ratio: float) -> str:
    if abs(ratio + 1) < RTOL:
        return "the right one with its sign turned round"
    sign = "minus " if ratio < 0 else ""
    factor = simple_factor(abs(ratio), RTOL)
    if factor:
        words = {"1/2 of": "half of", "2 times": "twice"}.get(factor, factor)
        return f"{sign}exactly {words} the right one"
    return f"{sign}{abs(ratio):.6g} times the right one"


def _with_factor(factor: float, text: str) -> str:
    words = {1.0: "exactly ", 2.0: "twice ", 0.5: "half of "}[abs(factor)]
    return ("minus " if factor < 0 else "") + words + text


def quantities(cases: list[Case]) -> Iterator[tuple[str, np.ndarray]]:
    """Sizes and scalar arguments that differ from case to case, by name: `len(X)`, `X.shape[1]`."""
    for name in cases[0].arguments:
        values: list[Any] = [c.arguments.get(name) for c in cases]
        if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
            yield from _varying(name, values)
        if not all(isinstance(v, np.ndarray) for v in values):
            continue
        for axis in range(min(v.ndim for v in values)):
            label = f"len({name})" if axis == 0 else f"{name}.shape[{axis}]"
            yield from _varying(label, [v.shape[axis] for v in values])
        yield from _varying(f"{name}.size", [v.size for v in values])


def _varying(label: str, values: list) -> Iterator[tuple[str, np.ndarray]]:
    numbers = np.array(values, dtype=float)
    if len(set(values)) > 1 and np.isfinite(numbers).all() and (numbers != 0).all():
        yield label, numbers


def constant(cases: list[Case]) -> str | None:
    values = [np.asarray(c.got, float).ravel() for c in cases]
    flat = np.concatenate(values)
    if flat.size > 2 and np.isfinite(flat).all() and np.ptp(flat) == 0 and len(cases) > 1:
        return f"is {flat[0]:.6g} on every input that was tried"
    return None


def transposed(cases: list[Case]) -> str | None:
    if not all(np.ndim(c.got) == 2 and close(np.transpose(c.got), c.want) for c in cases):
        return None
    return "is transposed: its rows should be its columns"


def reshaped(cases: list[Case]) -> str | None:
    same = all(
        np.size(c.got) == np.size(c.want) and close(np.ravel(c.got), np.ravel(c.want))
        for c in cases
    )
    odd = next((c for c in cases if np.shape(c.got) != np.shape(c.want)), None)
    if not same or odd is None:
        return None
    return (
        f"has the right numbers in the shape {np.shape(odd.got)} where {np.shape(odd.want)} is due"
    )


def not_summed(cases: list[Case]) -> str | None:
    for axis in (0, 1, -1):
        for how, words in ((np.sum, "added up"), (np.mean, "averaged")):
            if all(
                np.ndim(c.got) == np.ndim(c.want) + 1
                and np.ndim(c.got) > abs(axis + (axis < 0))
                and close(how(c.got, axis=axis), c.want)
                for c in cases
            ):
                return f"has one axis too many: over axis {axis} it should be {words}"
    if all(np.ndim(c.want) == 0 and np.size(c.got) > 1 for c in cases):
        for how, words in ((np.sum, "added up"), (np.mean, "averaged")):
            if all(close(how(c.got), c.want) for c in cases):
                return f"has many entries, which should be {words}"
    return None


def summed(cases: list[Case]) -> str | None:
    if not all(np.ndim(c.want) for c in cases):
        return None
    for how, words in ((np.sum, "added up"), (np.mean, "averaged")):
        if all(close(c.got, how(c.want)) for c in cases):
            return f"is one number: entries that should stay apart are {words}"
        for axis in (0, 1):
            if not all(np.ndim(c.want) > axis and np.ndim(c.want) > 1 for c in cases):
                continue
            if all(close(c.got, how(c.want, axis=axis)) for c in cases):
                return f"lacks axis {axis}: entries that should stay apart are {words}"
    return None


def offset(cases: list[Case]) -> str | None:
    """Apart from the right one by an argument, or by the same number everywhere."""
    gaps = []
    for c in cases:
        got, want = np.asarray(c.got, float), np.asarray(c.want, float)
        if got.shape != want.shape or not np.isfinite(got).all():
            return None
        gaps.append(got - want)
    for name in cases[0].arguments:
        given: list[Any] = [c.arguments.get(name) for c in cases]
        if not all(isinstance(v, int | float | np.ndarray) for v in given):
            continue
        if not all(np.shape(v) in (g.shape, ()) for v, g in zip(given, gaps, strict=True)):
            continue
        for factor in FACTORS:
            if all(
                np.any(v) and close(g, factor * np.asarray(v) + np.zeros(g.shape))
                for v, g in zip(given, gaps, strict=True)
            ):
                return f"is the right one {_plus(factor)} `{name}`"
    flat = np.concatenate([g.ravel() for g in gaps])
    if flat.size > 2 and np.allclose(flat, flat[0], rtol=1e-6, atol=0) and abs(flat[0]) > 1e-9:
        return f"is too {'large' if flat[0] > 0 else 'small'} by {abs(flat[0]):.6g} everywhere"
    return None


def _plus(factor: float) -> str:
    size = {1.0: "", 2.0: " twice", 0.5: " half of"}[abs(factor)]
    return ("plus" if factor > 0 else "minus") + size


def signs(cases: list[Case]) -> str | None:
    if not all(np.shape(c.got) == np.shape(c.want) for c in cases):
        return None
    if not all(close(np.abs(c.got), np.abs(c.want)) for c in cases):
        return None
    if all(np.all(np.asarray(c.got) >= 0) for c in cases):
        return "has lost its signs: the sizes are right"
    return "has the right sizes, with the sign turned round in some places"


def length(cases: list[Case]) -> str | None:
    for text, cut_got, cut_want in (
        ("has one entry too many, at its end", slice(None, -1), slice(None)),
        ("has one entry too many, at its beginning", slice(1, None), slice(None)),
        ("lacks its last entry", slice(None), slice(None, -1)),
        ("lacks its first entry", slice(None), slice(1, None)),
    ):
        if all(
            np.ndim(c.got)
            and np.ndim(c.want)
            and np.shape(c.got) != np.shape(c.want)
            and close(np.asarray(c.got)[cut_got], np.asarray(c.want)[cut_want])
            for c in cases
        ):
            return text
    return None


def order(cases: list[Case]) -> str | None:
    if not all(np.shape(c.got) == np.shape(c.want) and np.size(c.got) > 1 for c in cases):
        return None
    if all(close(np.asarray(c.got)[::-1], c.want) for c in cases):
        return "has the right entries in reverse order"
    if all(close(np.sort(c.got, axis=None), np.sort(c.want, axis=None)) for c in cases):
        return "has the right entries, in other places"
    return None


ROWS = (
    ("only the first example counted", slice(None, 1)),
    ("only the last example counted", slice(-1, None)),
    ("the last example were left out", slice(None, -1)),
    ("the first example were left out", slice(1, None)),
)
"""Some of the rows of a batch, in words."""


def with_batch(cases: list[Case]) -> list[Case]:
    """The cases that have enough examples for some of them to be left out."""
    return [c for c in cases if (batch(c) or 0) > 2]


def subset(rows: Sequence[tuple[str, Fingerprint]]) -> Callable[[list[Case]], str | None]:
    """rows: by its words, what this part comes to where only some rows of the batch count."""

    def hypothesis(cases: list[Case]) -> str | None:
        many = with_batch(cases)
        if len(many) < 2:
            return None
        found = mark([c.got for c in many])
        words = next((words for words, known in rows if alike(known, found)), None)
        return words and f"is what it would be if {words}"

    return hypothesis


def batch(case: Case) -> int | None:
    """The number of examples: that of X, or the first axis that the most arguments share."""
    if isinstance(case.arguments.get("X"), np.ndarray):
        return len(case.arguments["X"])
    sizes = [len(v) for v in case.arguments.values() if isinstance(v, np.ndarray) and v.ndim]
    shared = [n for n in sizes if sizes.count(n) > 1]
    return max(shared, key=sizes.count) if shared else None


def on_rows(case: Case, rows: slice) -> list[Any]:
    """The arguments of a case, with these rows of its batch alone."""
    n = batch(case)
    return [
        v[rows] if isinstance(v, np.ndarray) and v.ndim and len(v) == n else v
        for v in case.arguments.values()
    ]


def rounded(cases: list[Case]) -> str | None:
    for digits in range(7):
        if all(
            np.shape(c.got) == np.shape(c.want)
            and np.array_equal(np.round(np.asarray(c.got, float), digits), np.asarray(c.got, float))
            and np.allclose(c.got, c.want, rtol=0, atol=0.51 * 10.0**-digits)
            for c in cases
        ):
            return f"is rounded to {digits} digits after the point" if digits else "is rounded"
    return None


def one_place(cases: list[Case]) -> str | None:
    """Wrong at the same end of every array."""
    masks = []
    for c in cases:
        got, want = np.asarray(c.got, float), np.asarray(c.want, float)
        if got.shape != want.shape or got.ndim == 0:
            return None
        if len(got) < 2 and close(got, want):
            continue
        if len(got) < 2:
            return None
        near = np.isclose(got, want, rtol=1e-6, atol=1e-9)
        masks.append(~near.reshape(len(near), -1).all(axis=1))
    what = "row" if np.ndim(cases[0].want) > 1 else "entry"
    wrong = [m for m in masks if m.any()]
    for text, place in (("first", 0), ("last", -1)):
        if len(wrong) > 1 and all(m[place] and m.sum() == 1 for m in wrong):
            return f"is right but for its {text} {what}"
        if len(wrong) > 1 and all(not m[place] and m.sum() == m.size - 1 for m in wrong):
            return f"is right in its {text} {what} only"
    return None


def near(cases: list[Case]) -> str | None:
    off = 0.0
    for c in cases:
        got, want = np.asarray(c.got, float), np.asarray(c.want, float)
        if got.shape != want.shape or not np.isfinite(got).all():
            return None
        size = np.max(np.abs(want), initial=0.0)
        off = max(off, float(np.max(np.abs(got - want), initial=0.0) / size) if size else np.inf)
    if off < 0.01:
        return f"is close to the right one, but off by up to {100 * off:.2g} %"
    return None

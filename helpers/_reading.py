"""Reading the difference of two gradients: a factor, a sign, a transpose, a row."""

from __future__ import annotations

import numpy as np

from helpers._describing import index
from helpers._findings import close

RTOL, SHARE = 1e-5, 1e-7
"""How close to a factor, or to each other, measured numbers must be to be called the same."""


def read_difference(yours: np.ndarray, numerical: np.ndarray, wrong: np.ndarray) -> list[str]:
    """What the entries marked in `wrong` have in common, in sentences; all three of one shape."""
    sentences = []
    if not wrong.all():
        sentences.append(f"Only {_places(wrong)} wrong.")
    if yours.size > 1 and not yours.any():
        return [*sentences, "Yours is 0 in every entry."]
    matrix = yours.ndim == 2 and min(yours.shape) > 1 and not np.array_equal(yours, yours.T)
    if matrix and _same(yours, numerical.T.reshape(yours.shape)):
        square = yours.shape[0] == yours.shape[1]
        match = "is the transpose of" if square else "holds the numbers of the transpose of"
        return [f"Yours {match} the numerical one."]
    return sentences + [
        s for s in [_compare(yours[wrong], numerical[wrong], bool(wrong.all()))] if s
    ]


def _compare(yours: np.ndarray, numerical: np.ndarray, everywhere: bool) -> str | None:
    where = "" if yours.size == 1 else " in every entry" if everywhere else " there"
    largest = int(np.argmax(abs(numerical)))
    if numerical[largest] == 0:
        return None
    flipped = yours * numerical < 0
    if not flipped.any() and _same(yours, numerical):
        by = np.max(abs(yours - numerical)) / abs(numerical[largest])
        size = "its size" if yours.size == 1 else "the largest"
        return f"Yours is close{where}, but off by about {by:.0e} of {size}: measured, or rounded?"
    ratio = float(yours[largest] / numerical[largest])
    words = _ratio_in_words(ratio)
    if _same(yours, ratio * numerical) and (words or yours.size > 1):
        return f"Yours {words or f'is {ratio:.6g} times the numerical one'}{where}."
    if flipped.any() and _same(abs(yours), abs(numerical)):
        return f"The sizes agree{where}; the sign is flipped at {_listing(flipped)}."
    difference = yours - numerical
    if yours.size > 1 and _same(difference, np.full_like(difference, difference.mean())):
        more = "larger" if difference[0] > 0 else "smaller"
        return f"Yours is {more} by {abs(difference.mean()):.6g}{where}."
    return None


def _ratio_in_words(ratio: float) -> str | None:
    """A ratio that someone could have written: a whole number, or one over a whole number."""
    if abs(ratio) < 1e-9:
        return "is 0"
    if abs(ratio + 1) < RTOL:
        return "has its sign flipped"
    factor = simple_factor(abs(ratio), RTOL)
    return factor and f"is exactly {'−' if ratio < 0 else ''}{factor} the numerical one"


def simple_factor(size: float, rtol: float) -> str | None:
    """`2 times`, `1/6 of`: a factor that someone could have written, or None."""
    for number, text in ((size, "{} times"), (1 / size, "1/{} of")):
        whole = round(number)
        if 2 <= whole <= 100_000 and abs(number - whole) < min(rtol * whole, 0.02):
            return text.format(whole)
    return None


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return close(one, other, RTOL, SHARE)


def _places(wrong: np.ndarray) -> str:
    """`the entry [2] is`, `row 1 is`, `the entries [0], [3] are`."""
    if wrong.sum() == 1:
        return f"the entry {_listing(wrong)} is"
    if wrong.ndim == 2:
        for axis, word in ((1, "row"), (0, "column")):
            lines = np.flatnonzero(wrong.any(axis=axis))
            if len(lines) == 1 and np.all(wrong.take(lines[0], axis=1 - axis)):
                return f"{word} {lines[0]} is"
    return f"the entries {_listing(wrong)} are"


def _listing(mask: np.ndarray, most: int = 6) -> str:
    indices = np.argwhere(mask)
    shown = ", ".join(index(i) for i in indices[:most])
    return shown if len(indices) <= most else f"{shown} and {len(indices) - most} more"

"""What `balanced_batches` is asked."""

from __future__ import annotations

import numpy as np

from helpers._findings import change
from helpers.checks import name_of
from helpers.questions.base import Asked, Question, Wrong, call_each, different, numbers, run_each
from helpers.questions.kept import Kept


def _batches_each(f, many):
    """What it returns for each y, count and seed, as a list of index arrays."""
    many = [(y, count, np.random.default_rng(seed)) for y, count, seed in many]
    for (y, count, _), found in zip(many, run_each(f, many), strict=True):
        yield _batches(f, found, y, count)


def _batches(f, found, y, count):
    """A list of index arrays that hold each example once, of what was returned."""
    where = f"{name_of(f)} of {len(y)} examples in {count} batches"
    if not isinstance(found, list | tuple) or len(found) != count:
        many = f"{len(found)} things" if isinstance(found, list | tuple) else "no list"
        raise Wrong(f"{where} should return a list of {count} index arrays; it returned {many}")
    batches = [numbers(batch) for batch in found]
    if any(batch.ndim != 1 for batch in batches):
        raise Wrong(f"{where}: each batch should be an array of one dimension, of indices")
    every = np.sort(np.concatenate(batches))
    if len(every) != len(y) or np.any(every != np.arange(len(y))):
        missing = len(np.setdiff1d(np.arange(len(y)), every))
        twice = len(every) - len(np.unique(every))
        raise Wrong(
            f"{where}: each index from 0 to {len(y) - 1} should be in one batch; {missing} are "
            f"missing, {twice} are there once too often"
        )
    return [batch.astype(int) for batch in batches]


def _decks(rng):
    """Classes of several sizes, in any order; one that is rarer than there are batches; labels
    that begin anywhere, and a dozen; sizes that divide evenly, and do not; one batch, and one for
    each example.
    """
    a, b, c = different(rng, 3, 5, 12)
    for sizes, count in (([a, b, c], 4), ([9, 6, 3], 3), ([20, 2, 1], 5), ([a], 3), ([b, c], 1)):
        yield rng.permutation(np.repeat(np.arange(len(sizes)), sizes)), count
    yield rng.permutation(np.repeat([7, 3, 5], [a, 4, b])), 4
    yield rng.permutation(np.repeat([0, 1], [3, 4])), 7
    yield rng.permutation(np.repeat(np.arange(12), 2)), 4
    yield np.repeat([0, 1, 2], [8, 8, 8]), 6
    yield np.array([2]), 1


def _once(f, rng, right):
    for _ in _batches_each(f, _seeded(rng)):
        pass


def _seeded(rng):
    return [(y, count, int(rng.integers(1000))) for y, count in _decks(rng)]


def _shares(f, rng, right):
    turns = _seeded(rng)
    for (y, count, _), batches in zip(turns, _batches_each(f, turns), strict=True):
        sizes = [len(batch) for batch in batches]
        if max(sizes) - min(sizes) > 1:
            raise Wrong(
                f"{len(y)} examples in {count} batches: the sizes should differ by 1 at most; "
                f"they are {sizes}"
            )
        for label in np.unique(y):
            held = [int(np.sum(y[batch] == label)) for batch in batches]
            if max(held) - min(held) > 1:
                raise Wrong(
                    f"of class {label} there are {np.sum(y == label)}: dealt out to {count} "
                    f"batches, their numbers should differ by 1 at most; they are {held}"
                )


def _together(batches, n):
    """Which examples share a batch: an (n, n) array of 0 and 1."""
    place = np.zeros(n, dtype=int)
    for k, batch in enumerate(batches):
        place[batch] = k
    return place[:, None] == place


def _drawn(f, rng, right):
    """Equal seeds give equal batches; other seeds bring others together, in each class."""
    y = rng.permutation(np.repeat([0, 1, 2], [12, 12, 12]))
    seed = int(rng.integers(1000))
    turns = [(y, 4, seed + k) for k in (0, *range(25))]
    one, same, *met = (_together(batches, 36) for batches in _batches_each(f, turns))
    if np.any(one != same):
        raise Wrong("two generators of the same seed give other batches: draw from rng")
    # 25 times in a row the same: by chance never
    for first in range(3):
        for second in range(first, 3):
            part = np.ix_(y == first, y == second)
            if all(np.array_equal(one[part], other[part]) for other in met):
                raise Wrong(
                    "with 25 seeds the same examples come together: shuffle within every class"
                )
    always = np.all([one, *met], axis=0) & ~np.eye(36, dtype=bool)
    if np.any(always):
        raise Wrong("two examples are together in all of 26 epochs: shuffle within every class")


def _left(f, rng, right):
    kept = Kept()
    turns = [(y, count) for y, count in _decks(rng) for _ in range(2)]
    given = [(y.copy(), k, np.random.default_rng(int(rng.integers(1000)))) for y, k in turns]
    for (y, count), (handed, *_), found in zip(turns, given, call_each(f, given), strict=True):
        if found.error:
            raise Wrong(found.error)
        wrong = change(f, lambda: ("y",), (y,), (handed,))
        if wrong:
            raise Wrong(wrong)
        kept.add(found.value, f, (y, count))
    kept.look_again()


ASKED = Asked(
    "balanced_batches",
    Question("every example in one batch", 2, _once),
    Question("sizes and classes differ by 1 at most", 2, _shares),
    Question("drawn anew from the generator, in every class", 1, _drawn),
    Question("y and earlier results are left as they were", 1, _left),
)

"""What `genetic_step` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import arrays, kinds, left_alone, value


def _drawn(rng, h, m):
    """What chance brings to a generation of 2h with m weights; each survivor has a child."""
    pairs = np.column_stack([rng.permutation(h), rng.permutation(h)])
    return pairs, rng.random((h, m)) < 0.5, rng.normal(size=(h, m))


def _generations(rng):
    """Losses of either sign in any order; one generation square, two of one size; one of which the
    better half comes first already, the best one last in it.
    """
    a, b, c = different(rng, 3, 2, 6)
    for h, m in ((a, b), (a, b), (c, 2 * c), (b, 1), (b, c)):
        yield 5 * rng.normal(size=(2 * h, m)), rng.normal(size=2 * h), *_drawn(rng, h, m)
    losses = np.concatenate(
        [np.sort(rng.uniform(-2, -1, size=4))[::-1], rng.normal(3, 0.1, size=4)]
    )
    yield 5 * rng.normal(size=(8, a)), losses, *_drawn(rng, 4, a)


def _apart(rng):
    """Losses that are no equals as whole numbers either."""
    herd, _, *chance = next(_generations(rng))
    yield herd, rng.permutation(len(herd)) - rng.uniform(0, len(herd)), *chance


def _ties(rng):
    """Equal losses, for which the order of the rows decides."""
    for h in (4, 9):
        losses = rng.permutation(np.repeat([1.0, 2.0, 3.0], h)[: 2 * h])
        yield rng.normal(size=(2 * h, 3)), losses, *_drawn(rng, h, 3)
    middle = rng.permutation(np.repeat([1.0, 2.0, 3.0], [1, 4, 1]))  # where the halves part, too
    yield rng.normal(size=(6, 3)), middle, *_drawn(rng, 3, 3)


def _small(rng):
    """Two rows and one child of a single parent; whole numbers; no noise at all; zeros; tiny."""
    yield rng.normal(size=(2, 3)), np.array([2.0, 1.0]), *_drawn(rng, 1, 3)
    pairs, mask, noise = _drawn(rng, 3, 2)
    yield rng.integers(1, 9, size=(6, 2)), rng.normal(size=6), pairs, mask, noise
    yield rng.normal(size=(6, 2)), rng.normal(size=6), pairs, mask, np.zeros((3, 2))
    herd = rng.normal(size=(4, 3))
    yield herd * (rng.random((4, 3)) < 0.5), rng.normal(size=4), *_drawn(rng, 2, 3)
    pairs, mask, noise = _drawn(rng, 2, 3)
    yield 1e-7 * herd, rng.normal(size=4), pairs, mask, 1e-7 * noise


ASKED = Asked(
    "genetic_step",
    value(2, _generations, keeps=True, says="survivors and children"),
    value(1, _ties, says="of equal losses the earlier row is better"),
    arrays(1, _small, says="two rows; whole numbers; no noise"),
    left_alone(1, _generations),
    kinds(1, _apart, integers=(0, 1, 4)),
)

"""What `permute_units` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import describe_call
from helpers.questions.base import Asked, Wrong, different, parts
from helpers.questions.usual import kinds, left_alone, value


def _cycle(rng, units):
    """An order in one cycle through all units: none stays, and it is not its own inverse."""
    way, order = rng.permutation(units), np.zeros(units, dtype=int)
    order[way] = np.roll(way, 1)
    return order


def _orders(rng):
    """Orders that are not their own inverse; sizes of which two are alike, of few units and many;
    one unit; none moved; weights far from 0, and some that are 0.
    """
    m, q, c = different(rng, 3, 3, 7)
    sizes = ((m, q, c), (m, q, c), (q - 1, q, c), (m, q, q), (c, q, q + 1), (m, 3, c), (c, 9, m))
    for inputs, units, outputs in sizes:
        yield (
            rng.normal(size=(inputs + 1, units)),
            rng.normal(size=(units + 1, outputs)),
            _cycle(rng, units),
        )
    yield rng.normal(size=(m + 1, 1)), rng.normal(size=(2, c)), np.array([0])
    yield rng.normal(size=(m + 1, q)), rng.normal(size=(q + 1, c)), np.arange(q)
    yield rng.normal(size=(4, 3)), rng.normal(size=(4, 2)), np.array([1, 2, 0])
    for sign in (1, -1):
        W1, W2 = sign * rng.uniform(7, 9, size=(4, 3)), sign * rng.uniform(7, 9, size=(4, 2))
        yield W1, W2, np.array([2, 0, 1])
    for which in (0, 1):
        pair = [rng.uniform(1, 3, size=(4, 3)), rng.uniform(1, 3, size=(4, 2))]
        pair[which][rng.integers(3), 0] = 0.0
        yield *pair, np.array([2, 0, 1])


def _anew(permute_units, W1, W2, order):
    """What it returned; `Wrong` where that is what it was given."""
    returned = parts(permute_units, permute_units(W1, W2, order), "new W1", "new W2")
    for name, given in (("W1", W1), ("W2", W2)):
        if any(part is given for part in returned):
            where = describe_call(permute_units, (W1, W2, order))
            raise Wrong(f"{where}: it returned the `{name}` that it was given; return new arrays")
    return returned


ASKED = Asked(
    "permute_units",
    value(2, _orders, keeps=True, says="columns of W1 and rows of W2, the biases in their place"),
    left_alone(1, _orders, drive=_anew, says="new arrays; those given stay as they were"),
    kinds(1, _orders, integers=(0, 1)),
    returns=("the new W1", "the new W2"),
)

"""What `layer` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, value


def _layers(rng):
    a, b, d = different(rng, 3)
    general, alike = ((a, b, d), (1, d, a), (b, a, 1), (d, 1, b)), ((d, d, d), (a, b, a))
    for n, m, c in (*general, *alike, (b, d, d), (d, d, a), (1, 1, 1)):
        X, W = rng.normal(size=(n, m)), rng.normal(size=(c, m))
        X[:-1, 0] = W[0, 1:] = 0.0
        yield X, W, rng.normal(size=c)
    W, b = rng.normal(size=(2, 3)), -rng.uniform(15, 20, size=2)  # all but silent units
    yield rng.normal(size=(4, 3)), W, b


ASKED = Asked(
    "layer",
    value(2, _layers, says="every unit's output for every example"),
    left_alone(1, _layers, says="X, W, b and earlier results are left as they were"),
    kinds(1, _layers, integers=(0, 1, 2)),
)

"""What `layer` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, value


def _layers(rng):
    a, b, d = different(rng, 3)
    general, alike = ((a, b, d), (1, d, a), (b, a, 1), (d, 1, b)), ((d, d, d), (a, b, a))
    for n, m, c in (*general, *alike, (b, d, d), (d, d, a)):
        yield rng.normal(size=(n, m)), rng.normal(size=(c, m)), rng.normal(size=c)


ASKED = Asked(
    "layer",
    value(2, _layers, says="every unit's output for every example"),
    left_alone(1, _layers, says="X, W and b are left as they were"),
    kinds(1, _layers, integers=(0,)),
)

"""What `update_weights` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.usual import kinds, left_alone, value


def _updates(rng):
    n, m = different(rng, 2)
    for shape in ((n, m), (m, 1), (1, m), (n,), (m, m), (1, 1), (1,)):
        yield rng.normal(size=shape), rng.normal(size=shape), float(rng.uniform(0.01, 1))
    for rate in (0.0, float(rng.uniform(2, 9))):
        yield rng.normal(size=(n, m)), rng.normal(size=(n, m)), rate
    yield rng.normal(size=n), np.zeros(n), 0.1
    yield np.append(0.0, rng.normal(size=n)), rng.normal(size=n + 1), 0.1


ASKED = Asked(
    "update_weights",
    value(1, _updates, says="W − learning rate · gradient"),
    left_alone(1, _updates, says="W, gradient and earlier results are left as they were"),
    kinds(1, _updates, integers=(0, 1, 2), scaled=(0, 1)),
)

"""What `squared_loss_gradient` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different, kinds, left_alone, value


def _matrices(rng):
    c, m, k = different(rng, 3)
    for shape in ((c, m), (m, k), (1, m), (c, 1)):
        yield rng.normal(size=shape), rng.normal(size=shape[1]), rng.normal(size=shape[0])


ASKED = Asked(
    "squared_loss_gradient",
    value(3, _matrices, says="the gradient, in the shape of W"),
    left_alone(1, _matrices, says="W, x and y are left as they were"),
    kinds(1, _matrices, integers=(1, 2), scaled=(1, 2)),
)

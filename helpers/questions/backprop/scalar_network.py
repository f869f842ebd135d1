"""What `scalar_network` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, value


def _scalars(rng):
    for _ in range(5):
        w1, w2, x, y = rng.choice([-1.0, 1.0], size=4) * rng.uniform(0.3, 1.5, size=4)
        yield float(w1), float(w2), float(x), float(y)


ASKED = Asked(
    "scalar_network",
    value(4, _scalars, says="the loss and its three derivatives"),
    returns=("E", "∂E/∂ŷ", "∂E/∂w2", "∂E/∂w1"),
)

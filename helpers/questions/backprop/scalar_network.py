"""What `scalar_network` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, tiny
from helpers.questions.usual import exact, value


def _scalars(rng):
    """Each number of either sign, and so is ŷ − y; each of them 0; and all of
    them whole numbers.
    """
    for signs in ((1, 1, 1, 1), (-1, 1, 1, -1), (1, -1, -1, 1), (-1, -1, 1, -1), (1, 1, -1, 1)):
        w1, w2, x, y = signs * rng.uniform(0.4, 1.5, size=4)
        yield float(w1), float(w2), float(x), float(y)
    for sign in (1, -1):  # ŷ past y, and y past ŷ
        w1, w2, x = rng.uniform(0.8, 1.5, size=3)
        yield float(w1), float(sign * w2), float(x), float(sign * rng.uniform(0.05, 0.2))
        yield float(w1), float(sign * w2), float(x), float(sign * rng.uniform(1.6, 2))
    for place in range(4):
        numbers = [float(v) for v in rng.uniform(0.4, 1.5, size=4)]
        yield *numbers[:place], 0, *numbers[place + 1 :]
    yield 1, -2, 1, int(rng.integers(9, 19))


def _tiny_scalars(rng):
    """A tiny w2, and then a tiny w1: the derivative with respect to the other one is tiny."""
    for tiny_place in (1, 0, 1, 0):
        weights = rng.choice([-1.0, 1.0], size=2) * rng.uniform(0.3, 1.5, size=2)
        weights[tiny_place] = tiny(rng)
        x, y = rng.uniform(0.5, 1.5, size=2)
        yield float(weights[0]), float(weights[1]), float(x), float(y)


ASKED = Asked(
    "scalar_network",
    value(2, _scalars, says="the loss and its three derivatives"),
    exact(2, _tiny_scalars),
    returns=("L", "∂L/∂ŷ", "∂L/∂w2", "∂L/∂w1"),
)

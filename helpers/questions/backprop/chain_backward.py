"""What `chain_backward` is asked."""

from __future__ import annotations

from helpers.questions.backprop.shared import keeping_lists, link
from helpers.questions.base import Asked, different
from helpers.questions.usual import value


def _chains(rng):
    """Of three lengths and of one link; the loss's derivative is neither 0 nor 1 at the end."""
    for length in (*different(rng, 3, 2, 5), 1):
        yield _chain(rng, length, float(rng.normal()))
    for x, slope in ((int(rng.integers(1, 4)), -5.0), (0.0, 5.0)):
        yield _chain(rng, 3, x, slope)
    yield _level_chain(rng, float(rng.normal()))


def _chain(rng, length, x, slope=0.0):
    links = [link(rng, slope) for _ in range(length)]
    _, error_derivative = link(rng, float(rng.uniform(1.5, 3)))
    return [f for f, _ in links], [d for _, d in links], error_derivative, x


def _level_chain(rng, x):
    """The one in the middle is level where the chain comes to it: before it, nothing counts."""
    first, last = link(rng), link(rng)
    middle = link(rng, level_at=first[0](x))
    functions, derivatives = zip(first, middle, last, strict=True)
    return [*functions], [*derivatives], link(rng, 2.0)[1], x


ASKED = Asked(
    "chain_backward",
    value(2, _chains, says="the derivative of the loss with respect to every value", keeps=True),
    value(1, _chains, drive=keeping_lists, says="the lists stay as they are"),
)

"""What `descend` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different
from helpers.questions.optimizers.shared import ball, rests
from helpers.questions.usual import calls, left_alone, value


def _bowl(rng, m):
    curvatures, centre = rng.uniform(0.5, 2, size=m), rng.normal(size=m)

    def gradient(w):
        return curvatures * (w - centre)

    return gradient


def _descended(descend, rule, gradient, start, steps, settings):
    return descend(rule, gradient, start, steps, **settings)


def _descents(rng):
    """Two paths of each size, one of them square; one weight is 0 at the start."""
    a, b, c = different(rng, 3, 2, 6)
    for m, steps in ((a, 6), (b, b - 1), (c, 9)):
        settings = {"learning_rate": float(rng.uniform(0.1, 0.5))}
        for more in ({}, {"alpha": 0.8}):
            start = rng.normal(size=m)
            start[rng.integers(m)] = 0.0
            yield ball, _bowl(rng, m), start, steps, settings | more


def _no_steps(rng):
    m = different(rng, 1)[0]
    yield ball, _bowl(rng, m), rng.normal(size=m), 0, {}
    yield ball, _bowl(rng, m), rng.normal(size=m), 2, {}
    yield ball, _bowl(rng, m), rng.integers(1, 9, size=m), 3, {}


def _oddly(rng):
    """Standing still for a while; hardly moving; and uphill, further at each step."""
    m = different(rng, 1)[0]
    yield rests, _bowl(rng, m), rng.normal(size=m), 7, {"learning_rate": 0.3}
    yield ball, _bowl(rng, m), rng.normal(size=m), 4, {"learning_rate": 1e-9}
    yield ball, _bowl(rng, m), rng.normal(size=m), 4, {"learning_rate": 0.0}
    yield rests, _bowl(rng, m), rng.normal(size=m), 9, {"learning_rate": -50.0}


ASKED = Asked(
    "descend",
    value(
        2,
        _descents,
        drive=_descended,
        keeps=True,
        says="every point of the path",
        rtol=1e-9,
    ),
    value(1, _no_steps, drive=_descended, says="no step, no settings; whole numbers at the start"),
    value(1, _oddly, drive=_descended, says="all the steps, wherever they lead"),
    calls(
        1,
        lambda rule, gradient, start, steps, settings: steps,
        _descents,
        which=1,
        drive=_descended,
        says="one gradient a step",
    ),
    left_alone(1, _descents, drive=_descended, says="the start is left as it was"),
)

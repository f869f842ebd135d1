"""What `descend` is asked."""

from __future__ import annotations

from itertools import islice

import numpy as np

from helpers.questions.base import Asked, different
from helpers.questions.optimizers.shared import rule_that_rests, rule_with_memory
from helpers.questions.usual import arrays, calls, left_alone, value


def _bowl(rng, m, steep=1.0):
    curvatures, centre = steep * rng.uniform(0.5, 2, size=m), rng.normal(size=m)

    def gradient(w):
        return curvatures * (w - centre)

    return gradient


def _descended(descend, rule, gradient, start, steps, settings):
    return descend(rule, gradient, start, steps, **settings)


def _descents(rng):
    """Two paths of each size, at least one of them square; one weight is 0 at the start."""
    a, b, c = different(rng, 3, 3, 7)
    for m, steps in ((a, 5), (b, b - 1), (c, 3)):
        settings = {"learning_rate": float(rng.uniform(0.1, 0.5))}
        for more in ({}, {"alpha": 0.8}):
            start = rng.normal(size=m)
            start[rng.integers(m)] = 0.0
            yield rule_with_memory, _bowl(rng, m), start, steps, settings | more


def _each_size(rng):
    """One path of each size."""
    return islice(_descents(rng), 0, None, 2)


def _no_steps(rng):
    m = different(rng, 1)[0]
    yield rule_with_memory, _bowl(rng, m), rng.normal(size=m), 0, {}
    yield rule_with_memory, _bowl(rng, m), rng.normal(size=m), 2, {}
    yield rule_with_memory, _bowl(rng, m), rng.integers(1, 9, size=m), 3, {}


def _oddly(rng):
    """Standing still for a while, or for ever; on where all is flat; hardly moving; and uphill to
    both sides, further at each step.
    """
    m = different(rng, 1)[0]
    yield rule_with_memory, _bowl(rng, m, 0.0), rng.normal(size=m), 3, {"learning_rate": 0.3}
    for steep in (1.0, 0.0):
        bowl = _bowl(rng, m, steep)
        yield rule_that_rests, bowl, rng.normal(size=m), 5, {"learning_rate": 0.3}
    yield rule_with_memory, _bowl(rng, m), rng.normal(size=m), 3, {"learning_rate": 1e-9}
    yield rule_with_memory, _bowl(rng, m), rng.normal(size=m), 3, {"learning_rate": 0.0}
    apart = 9 * (-1.0) ** np.arange(m)
    yield rule_that_rests, _bowl(rng, m), apart, 6, {"learning_rate": -50.0}


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
    arrays(
        1,
        _no_steps,
        drive=_descended,
        says="one array; also with no step, no settings, whole numbers at the start",
    ),
    value(1, _oddly, drive=_descended, says="all the steps, wherever they lead"),
    calls(
        1,
        lambda rule, gradient, start, steps, settings: steps,
        _each_size,
        which=1,
        drive=_descended,
        says="one gradient a step",
    ),
    left_alone(1, _each_size, drive=_descended, says="the start is left as it was"),
)

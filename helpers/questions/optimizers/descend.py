"""What `descend` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, different
from helpers.questions.usual import calls, left_alone, value


def _ball(w, gradient, state, learning_rate=0.1, alpha=0.5):
    """A rule with a memory and two settings, for the tests of `descend`."""
    n = state.get("n", 0) + 1
    v = alpha * state.get("v", 0.0) - learning_rate * gradient / n
    return w + v, {"v": v, "n": n}


def _bowl(rng, m):
    curvatures, centre = rng.uniform(0.5, 2, size=m), rng.normal(size=m)

    def gradient(w):
        return curvatures * (w - centre)

    return gradient


def _descended(descend, rule, gradient, start, steps, settings):
    return descend(rule, gradient, start, steps, **settings)


def _descents(rng):
    for m, steps in zip(different(rng, 3), (6, 3, 9), strict=True):
        settings = {"learning_rate": float(rng.uniform(0.1, 0.5))}
        yield _ball, _bowl(rng, m), rng.normal(size=m), steps, settings
        yield _ball, _bowl(rng, m), rng.normal(size=m), steps, settings | {"alpha": 0.8}


def _no_steps(rng):
    m = different(rng, 1)[0]
    yield _ball, _bowl(rng, m), rng.normal(size=m), 0, {}
    yield _ball, _bowl(rng, m), rng.normal(size=m), 2, {}


ASKED = Asked(
    "descend",
    value(3, _descents, drive=_descended, says="every point of the path"),
    value(1, _no_steps, drive=_descended, says="no step, and no settings"),
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

"""What `nesterov` is asked."""

from __future__ import annotations

import copy

import numpy as np

from helpers._findings import changed, same
from helpers.checks import name_of
from helpers.questions.base import Asked, Wrong
from helpers.questions.optimizers.shared import (
    begun,
    shapes,
    some_of,
    step,
    to_the_velocity,
    velocities_of,
)
from helpers.questions.usual import calls, value


def _steep(rng, shape, steep=1.0):
    """The gradient of a loss that is no quadratic: where it is asked for makes a difference."""
    curvatures, centre = rng.uniform(0.5, 2, size=shape), rng.normal(size=shape)

    def gradient(w):
        return steep * (curvatures * (w - centre) + np.sin(w))

    return gradient


def _points(nesterov, w, gradient, state, steps, settings):
    """The weights and the state after each step."""
    for _ in range(steps):
        w, state = step(nesterov, w, gradient, state, settings)
        yield w, state


def _followed(nesterov, w, gradient, state, steps, settings):
    """Where each step leads."""
    points = _points(nesterov, w, gradient, state, steps, settings)
    return np.array([np.array(w) for w, _ in points])  # the next call may write into w


def _velocities(nesterov, w, gradient, state, steps, settings):
    """What the state holds under "v" after each step."""
    return velocities_of(nesterov, _points(nesterov, w, gradient, state, steps, settings))


def _kept(nesterov, w, gradient, state, steps, settings):
    """What w and the states hold after the next call; what was returned is given, and kept."""
    given = copy.deepcopy(state)
    first, after = step(nesterov, w, gradient, state, settings)
    before, place = copy.deepcopy(after), np.array(first)
    step(nesterov, first, gradient, after, settings)
    if not same((given, before), (state, after)):
        raise Wrong(changed(name_of(nesterov), "state", given=True))
    if not same(place, np.array(first)):
        raise Wrong(changed(name_of(nesterov), "w", given=True))
    return np.asarray(w)


def _paths(rng):
    """Over several shapes, from rest and on the way.

    Of one, all lies the other way round in memory, and the settings are as large as they come.
    """
    walks = (3, 1.0), (2, 1.0), (2, 0.01), (5, 1.0), (3, 30.0), (3, 1.0)
    for shape, (steps, steep) in zip(shapes(rng), walks, strict=True):
        settings = {"learning_rate": rng.uniform(0.05, 0.4), "alpha": rng.uniform(0.3, 0.95)}
        yield begun(rng, shape), _steep(rng, shape, steep), {}, steps, settings
    turned = shape[::-1]
    state, settings = {"v": rng.normal(size=turned).T}, {"learning_rate": 0.4, "alpha": 0.95}
    yield begun(rng, turned).T, _steep(rng, shape), state, 2, settings


def _usual(rng):
    """The settings of the signature; plain numbers, whole ones; α = 0, and a rate of 0."""
    yield begun(rng, 3), _steep(rng, 3), {}, 3, {}
    yield begun(rng, 3), _steep(rng, 3), {"v": rng.normal(size=3)}, 3, {}
    yield float(rng.normal()), _steep(rng, ()), {}, 2, {}
    yield 0.0, _steep(rng, ()), {"v": float(rng.normal())}, 2, {}
    yield int(rng.integers(1, 9)), _steep(rng, ()), {}, 2, {}
    yield rng.integers(1, 9, size=3), _steep(rng, 3), {}, 2, {}
    yield rng.integers(1, 9, size=3), _steep(rng, 3), {"v": rng.normal(size=3)}, 2, {}
    for settings in ({"alpha": 0.0}, {"alpha": 0}, {"alpha": 1}, {"learning_rate": 0.0}):
        yield begun(rng, 3), _steep(rng, 3), {"v": 50 * rng.normal(size=3)}, 2, settings
    yield begun(rng, 2), _steep(rng, 2), {}, 2, {"learning_rate": 1}


ASKED = Asked(
    "nesterov",
    value(2, _paths, drive=_followed, says="every step of a path", rtol=1e-9),
    value(1, _usual, drive=_followed, says="the settings of the signature; numbers, whole ones"),
    value(
        1,
        to_the_velocity(_paths),
        drive=_velocities,
        says='the new state holds the velocity, as "v"',
    ),
    calls(
        1,
        lambda w, gradient, state, steps, settings: steps,
        some_of(_paths),
        which=1,
        drive=_followed,
        says="one gradient a step",
    ),
    value(1, some_of(_paths), drive=_kept, says="w and state are left as they were"),
    returns=("the path, a row for each step,",),
)

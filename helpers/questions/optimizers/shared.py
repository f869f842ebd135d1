"""What several exercises of this lesson are asked on."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from helpers._findings import changed, outermost, same
from helpers.checks import compare, name_of
from helpers.questions.base import Wrong, different, parts
from helpers.questions.usual import value


def rule_with_memory(w, gradient, state, learning_rate=0.1, alpha=0.5):
    """A rule with a memory and two settings, for what is asked of a loop that takes any rule.

    What is in the state at first, and is not the rule's own, leads it astray.
    """
    n = state.get("n", 0) + 1
    v = alpha * state.get("v", 0.0) - learning_rate * gradient / n
    return w + v + len(state.keys() - {"v", "n"}), {"v": v, "n": n}


def rule_that_rests(w, gradient, state, learning_rate=0.1):
    """A rule that stands still for two steps. In the third it moves, on flat ground too, as weight
    decay does, and forgets all that it kept.
    """
    n = state.get("n", 0) + 1
    moves = n == 3
    return w - moves * learning_rate * (gradient + w), {} if moves else {"n": n}


def step(rule, w, gradient, state, settings):
    """The new weights and the new state."""
    return parts(rule, rule(w, gradient, state, **settings), "new w", "new state")


def points_of(rule, w, gradients, settings):
    """The weights and the state after each of these gradients, from an empty state."""
    state: Any = {}
    for gradient in gradients:
        w, state = step(rule, w, gradient, state, settings)
        yield w, state


def velocities_of(rule, points):
    """What each state of these points holds under "v"."""
    found = []
    for _, state in points:
        held = outermost(state)
        if type(held) is not dict or "v" not in held:
            raise Wrong(f'the state that {name_of(rule)} returns holds no "v", the velocity')
        found.append(copy.deepcopy(held["v"]))  # the next call may write into it
    return np.array(found)


def walk(rule, w, gradients, settings):
    """The weights after each of these gradients, from an empty state."""
    points = points_of(rule, w, gradients, settings)
    return np.array([np.array(w) for w, _ in points])  # the next call may write into w


def in_turns(rule, w, gradients, other_w, other_gradients, settings):
    """Two parameters, each with its own state, updated in turns."""
    state: Any = {}
    other_state: Any = {}
    for gradient, other in zip(gradients, other_gradients, strict=True):
        w, state = step(rule, w, gradient, state, settings)
        other_w, other_state = step(rule, other_w, other, other_state, settings)
    return np.asarray(w), np.asarray(other_w)


def kept(rule, w, gradients, settings):
    """What the weights, a gradient and an old state hold after the next call."""
    empty: dict = {}
    first, state = step(rule, w, gradients[0], empty, settings)
    before, place = copy.deepcopy(state), np.array(first)
    second, again = (
        np.array(step(rule, first, gradients[1], state, settings)[0]) for _ in range(2)
    )
    if not same(place, np.array(first)):
        raise Wrong(changed(name_of(rule), "w", given=True))
    if empty or not same(before, state) or compare(again, second):
        raise Wrong(changed(name_of(rule), "state", given=True))
    return np.asarray(w), gradients


def shapes(rng):
    n, m = different(rng, 2, 2, 5)
    return (n,), (1,), (1, m), (m, 1), (2, 2), (n, m)


def begun(rng, shape):
    """Weights to begin with: one is 0, and some are far from it."""
    w = rng.normal(size=shape)
    far = rng.uniform(20, 40, size=2)
    places = rng.permutation(w.size)[:3]
    w.flat[places] = [0.0, far[0], -far[1]][: len(places)]
    return w


def steps(**ranges):
    """Walks of changing gradients over several shapes, with random settings.

    One walk is long. One is along steep gradients, one along flat ones: no step is bounded. Of two,
    all arrays lie the other way round in memory, the settings are as small and as large as they
    come, and the slope turns round and is short then: what is remembered falls, and pulls uphill.
    """

    def probes(rng):
        walks = (3, 1.0), (2, 1.0), (2, 0.01), (6, 1.0), (3, 1.0), (3, 100.0)
        for shape, (count, steep) in zip(shapes(rng), walks, strict=True):
            settings = {name: float(rng.uniform(*limits)) for name, limits in ranges.items()}
            yield begun(rng, shape), steep * rng.normal(size=(count, *shape)), settings
        for end in (0, 1):
            slope = rng.normal(size=shape[::-1])
            settings = {name: limits[end] for name, limits in ranges.items()}
            slopes = np.array([slope, -0.1 * slope]).swapaxes(1, 2)
            yield begun(rng, shape[::-1]).T, slopes, settings

    return probes


def some_of(probes):
    """A vector, a square, a matrix and two by columns, for what no shape makes a difference to."""

    def chosen(rng):
        first, *others = probes(rng)
        return [first, *others[-4:]]

    return chosen


def to_the_velocity(probes):
    """Some of these, and the last of them with an α of 0: a velocity is held though nothing of it
    will be kept.
    """

    def chosen(rng):
        some = some_of(probes)(rng)
        *args, settings = some[-1]
        return [*some, (*args, settings | {"alpha": 0.0})]

    return chosen


def pairs_of(steps):
    def probes(rng):
        for w, gradients, settings in steps(rng):
            yield w, gradients, 2 * w, rng.normal(size=gradients.shape), settings

    return probes


def large(rng, size):
    """Gradients of sizes 300 to 600: ε does not show in them, and has its own point."""
    return rng.choice([-1.0, 1.0], size=size) * rng.uniform(300, 600, size=size)


def usual(rng):
    """The settings that the signature has, or a rate of 0; arrays, and plain numbers.

    Some gradient on the way is 0, and what is remembered moves on; some numbers are whole.
    """
    for shape in ((3,), (2, 4)):
        gradients = large(rng, (3, *shape))
        gradients[1] = 0.0
        yield rng.normal(size=shape), gradients, {}
    one, other = large(rng, (2, 3)).tolist()
    yield float(rng.normal()), one, {}
    yield 0.0, [other[0], 0.0, other[2]], {}
    yield int(rng.integers(1, 9)), large(rng, 2).tolist(), {}
    yield rng.normal(size=2), large(rng, (2, 2)) * [[0.0], [1.0]], {}
    yield rng.integers(1, 9, size=3), np.rint(large(rng, (3, 3)) / 10).astype(int), {}
    yield rng.normal(size=3), large(rng, (3, 3)), {"learning_rate": 0.0}


def zero_memory(name):
    def probes(rng):
        for shape in shapes(rng)[-3:]:
            yield begun(rng, shape), large(rng, (3, *shape)), {name: 0.0}

    return probes


def rule_properties(steps, points=3):
    """points: for the steps of a walk."""
    return (
        value(
            points,
            steps,
            drive=walk,
            says="every step of a walk with changing gradients",
            rtol=1e-9,
        ),
        value(1, usual, drive=walk, says="the settings of the signature; numbers, whole ones too"),
        value(
            1, pairs_of(some_of(steps)), drive=in_turns, says="two parameters do not share a state"
        ),
        value(1, some_of(steps), drive=kept, says="w, gradient and state are left as they were"),
    )


def near_root(rng):
    """Gradients of the size of √ε, where the place of ε shows; its default as well."""
    for settings in ({"epsilon": 1e-2}, {"epsilon": 1e-4}, {}):
        w, size = rng.normal(size=4), np.sqrt(settings.get("epsilon", 1e-8))
        yield w, size * rng.normal(size=(3, 4)), {"learning_rate": 0.1, **settings}

"""What `look_ahead` is asked."""

from __future__ import annotations

import copy

from helpers._findings import change
from helpers.checks import call
from helpers.questions.base import Asked, Question, Wrong
from helpers.questions.optimizers.shared import begun, shapes
from helpers.questions.usual import value


def _velocities(rng):
    """Of each shape; with the usual α twice; and with an α of 0 and of 1, as whole numbers too."""
    for shape in shapes(rng):
        yield begun(rng, shape), {"v": rng.normal(size=shape)}, float(rng.uniform(0.2, 0.95))
    yield begun(rng, shape[::-1]).T, {"v": rng.normal(size=shape[::-1]).T}
    for alpha in ((), (), (0.0,), (1.0,), (0,), (1,)):
        yield begun(rng, 3), {"v": (1e3 if alpha else 1.0) * rng.normal(size=3)}, *alpha


def _at_rest(rng):
    for shape in shapes(rng):
        yield begun(rng, shape), {}, float(rng.uniform(0.2, 0.95))
    for w in (float(rng.normal()), 0.0):
        yield w, {}
        yield w, {"v": float(rng.normal())}
    yield rng.integers(1, 9, size=3), {"v": rng.normal(size=3)}
    yield int(rng.integers(1, 9)), {"v": float(rng.normal())}


def _nothing_moves(f, rng, right):
    """Whoever stumbles over an empty state has lost the point for that, and only that one."""
    for args in (*_velocities(rng), *_at_rest(rng)):
        w, state, *rest = copy.deepcopy(args)
        error = call(f, w, state, *rest).error
        if error and args[1]:
            raise Wrong(error)
        wrong = change(f, lambda: ("w", "state"), args[:2], (w, state))
        if wrong:
            raise Wrong(wrong)


ASKED = Asked(
    "look_ahead",
    value(1, _velocities, keeps=True, says="where the velocity alone would lead"),
    value(1, _at_rest, says="no velocity at the start; numbers, whole ones too"),
    Question("w and state are left as they were", 1, _nothing_moves),
)

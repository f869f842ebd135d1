"""What `momentum` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.optimizers.shared import (
    points_of,
    rule_properties,
    steps,
    to_the_velocity,
    velocities_of,
    walk,
    zero_memory,
)
from helpers.questions.usual import value

_momentum_steps = steps(learning_rate=(0.05, 0.5), alpha=(0.3, 0.95))


def velocities(rule, w, gradients, settings):
    """What the state holds under "v" after each of these gradients, for `look_ahead` to use."""
    return velocities_of(rule, points_of(rule, w, gradients, settings))


ASKED = Asked(
    "momentum",
    *rule_properties(_momentum_steps, points=2),
    value(
        1,
        to_the_velocity(_momentum_steps),
        drive=velocities,
        says='the new state holds the velocity, as "v"',
    ),
    value(1, zero_memory("alpha"), drive=walk, says="α = 0 is gradient descent"),
    returns=("the path, a row for each step,",),
)

"""What `momentum` is asked."""

from __future__ import annotations

import numpy as np

from helpers.checks import name_of
from helpers.questions.base import Asked, Wrong
from helpers.questions.optimizers.shared import points_of, rule_properties, steps, walk, zero_memory
from helpers.questions.usual import value

_momentum_steps = steps(learning_rate=(0.05, 0.5), alpha=(0.3, 0.95))


def velocities(rule, w, gradients, settings):
    """What the state holds under "v" after each of these gradients, for `look_ahead` to use."""
    found = []
    for _, state in points_of(rule, w, gradients, settings):
        if type(state) is not dict or "v" not in state:
            raise Wrong(f'the state that {name_of(rule)} returns holds no "v", the velocity')
        found.append(state["v"])
    return np.array(found)


ASKED = Asked(
    "momentum",
    *rule_properties(_momentum_steps, points=2),
    value(1, _momentum_steps, drive=velocities, says='the new state holds the velocity, as "v"'),
    value(1, zero_memory("alpha"), drive=walk, says="α = 0 is gradient descent"),
    returns=("the path, a row for each step,",),
)

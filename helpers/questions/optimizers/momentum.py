"""What `momentum` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.optimizers.shared import rule_properties, steps, walk, zero_memory
from helpers.questions.usual import value

_momentum_steps = steps(learning_rate=(0.05, 0.5), alpha=(0.3, 0.95))


ASKED = Asked(
    "momentum",
    *rule_properties(_momentum_steps),
    value(1, zero_memory("alpha"), drive=walk, says="α = 0 is gradient descent"),
    returns=("the path, a row for each step,",),
)

"""What `adamw` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.optimizers.shared import near_root, rule_properties, steps, walk, zero_memory
from helpers.questions.usual import value

_adamw_steps = steps(
    learning_rate=(0.05, 0.5),
    beta1=(0.5, 0.95),
    beta2=(0.6, 0.99),
    epsilon=(0.0, 0.0),
    decay=(0.05, 0.8),
)


ASKED = Asked(
    "adamw",
    *rule_properties(_adamw_steps),
    value(
        1, near_root, drive=walk, says="ε stands outside the root; it is 1e-8 where none is given"
    ),
    value(1, zero_memory("decay"), drive=walk, says="a decay of 0 leaves Adam"),
    returns=("the path, a row for each step,",),
)

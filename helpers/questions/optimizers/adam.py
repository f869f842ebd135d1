"""What `adam` is asked."""

from __future__ import annotations

import numpy as np

from helpers.questions.base import Asked
from helpers.questions.optimizers.shared import near_root, rule_properties, steps, walk
from helpers.questions.usual import value


def _constant(rng):
    """Steady gradients of any size, one for long. ε = 0: where it stands has its own point."""
    for scale, count in ((1e-3, 4), (1.0, 14), (1e3, 4)):
        yield rng.normal(size=3), np.tile(scale * rng.normal(size=3), (count, 1)), {"epsilon": 0.0}


_adam_steps = steps(
    learning_rate=(0.05, 0.5), beta1=(0.5, 0.95), beta2=(0.6, 0.99), epsilon=(0.0, 0.0)
)


ASKED = Asked(
    "adam",
    *rule_properties(_adam_steps),
    value(
        1, near_root, drive=walk, says="ε stands outside the root; it is 1e-8 where none is given"
    ),
    value(1, _constant, drive=walk, says="steady gradients of any size", rtol=1e-6),
    returns=("the path, a row for each step,",),
)

"""What `rms_prop` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.optimizers.shared import near_root, rule_properties, steps, walk, zero_memory
from helpers.questions.usual import value

# ε = 0: whoever misplaces ε still has every step right, and loses the point for ε's place only.
_rms_steps = steps(learning_rate=(0.05, 0.5), rho=(0.3, 0.95), epsilon=(0.0, 0.0))


ASKED = Asked(
    "rms_prop",
    *rule_properties(_rms_steps),
    value(
        1, near_root, drive=walk, says="ε stands inside the root; it is 1e-8 where none is given"
    ),
    value(1, zero_memory("rho"), drive=walk, says="ρ = 0 leaves the sign only"),
    returns=("the path, a row for each step,",),
)

"""What `local_derivatives` is asked."""

from __future__ import annotations

from helpers.questions.backprop.shared import apply
from helpers.questions.base import Asked, value


def _rules(rng):
    for operation in ("+", "*", "exp", "max", "max", "*"):
        inputs = [float(v) for v in rng.normal(size=1 if operation == "exp" else 2)]
        if operation == "max":  # one of each order
            inputs.sort()
        yield operation, inputs, apply(operation, inputs)
        yield operation, inputs[::-1], apply(operation, inputs[::-1])


def _ties(rng):
    a = float(rng.normal())
    yield "max", [a, a], a


ASKED = Asked(
    "local_derivatives",
    value(2, _rules, says="one derivative for each input"),
    value(1, _ties, says="at a tie, max follows its first input"),
)

"""What `local_derivatives` is asked."""

from __future__ import annotations

from helpers.questions.backprop.shared import apply
from helpers.questions.base import Asked, tiny
from helpers.questions.usual import exact, value


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


def _tiny_rules(rng):
    for inputs in ([rng.normal(), tiny(rng)], [tiny(rng), rng.normal()]):
        inputs = [float(v) for v in inputs]
        yield "*", inputs, apply("*", inputs)
    inputs = [float(rng.uniform(-706, -703))]
    yield "exp", inputs, apply("exp", inputs)


ASKED = Asked(
    "local_derivatives",
    value(1, _rules, says="one derivative for each input"),
    exact(1, _tiny_rules, rtol=1e-14),
    value(1, _ties, says="at a tie, max follows its first input"),
)

"""What `local_derivatives` is asked."""

from __future__ import annotations

from helpers._findings import changed
from helpers.checks import name_of
from helpers.questions.backprop.shared import apply
from helpers.questions.base import Asked, Wrong, tiny
from helpers.questions.usual import exact, value


def _rules(rng):
    """Both orders, and all signs; for the product a 0 too, on either side and on both; and sum and
    product of one number with itself.
    """
    for sign in (-1.0, 1.0):
        inputs = [sign * float(rng.uniform(0.3, 2))]
        yield "exp", inputs, apply("exp", inputs)
    small, large = float(rng.uniform(0.2, 0.9)), float(rng.uniform(1.1, 2))
    for operation in ("+", "*", "max"):
        for inputs in ([small, large], [-small, -large], [small, -large], [-small, large]):
            yield operation, inputs, apply(operation, inputs)
            yield operation, inputs[::-1], apply(operation, inputs[::-1])
    for inputs in ([0.0, large], [-large, 0.0], [0.0, 0.0]):
        yield "*", inputs, apply("*", inputs)
    for operation in ("+", "*"):
        yield operation, [large, large], apply(operation, [large, large])
    yield "exp", [0.0], 1.0


def _ties(rng):
    a = float(rng.uniform(0.3, 2))
    for tied in (a, -a, 0.0):
        yield "max", [tied, tied], tied
    above = a * (1 + 1e-13)  # hardly, and no tie
    for inputs in ([a, above], [above, a]):
        yield "max", inputs, above


def _keeping_inputs(local_derivatives, operation, inputs, output):
    """What the answer returns; `Wrong` where the inputs are no longer what they were."""
    before = list(inputs)
    derivatives = local_derivatives(operation, inputs, output)
    if inputs != before:
        raise Wrong(changed(name_of(local_derivatives), "inputs"))
    return derivatives


def _tiny_rules(rng):
    """And a maximum of either order, whose inputs must not be sorted."""
    for inputs in ([2.0, 1.0], [1.0, 2.0]):
        yield "max", inputs, 2.0
    for inputs in ([rng.normal(), tiny(rng)], [tiny(rng), rng.normal()]):
        inputs = [float(v) for v in inputs]
        yield "*", inputs, apply("*", inputs)
    inputs = [float(tiny(rng)), float(tiny(rng))]  # the product is 0
    yield "*", inputs, apply("*", inputs)
    inputs = [float(rng.uniform(-706, -703))]
    yield "exp", inputs, apply("exp", inputs)


ASKED = Asked(
    "local_derivatives",
    value(1, _rules, says="one derivative for each input"),
    exact(
        1,
        _tiny_rules,
        rtol=1e-14,
        drive=_keeping_inputs,
        says="to the last digits, and the inputs are left as they were",
    ),
    value(1, _ties, says="at a tie, and only there, max follows its first input"),
)

"""What `linear_model` is asked."""

from __future__ import annotations

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Wrong, answered, run, watched
from helpers.questions.derivatives.shared import curve, elsewhere
from helpers.questions.usual import value


def _models(rng):
    """To the right of p in the first case, to the left in the second, and so on."""
    for k in range(5):
        f, derivative = curve(rng)
        yield f, derivative, float(rng.normal(1, 1)), float((-1) ** k * rng.uniform(0.05, 0.6))
    for p, epsilon in ((0.0, 0.7), (1.0, 0.0), (-0.5, 40.0)):
        yield *curve(rng), p * float(rng.uniform(0.5, 2)), epsilon * float(rng.uniform(0.5, 2))
    for sign in (1, -1):  # steep, upwards and downwards
        yield *curve(rng, float(sign * rng.uniform(20, 30))), float(rng.uniform(1, 2)), 0.5
    yield *curve(rng), int(rng.integers(2, 5)), float(rng.uniform(0.05, 0.6))
    yield *curve(rng), float(rng.normal(1, 1)), -int(rng.integers(1, 4))


def _at_p_only(f, rng, right):
    """The curve and its derivative are asked for at p, if at all, and nowhere else.

    Where epsilon is 0, the value needs no derivative.
    """
    for args, expected in answered(right, _models(rng)):
        given, derivative, p, epsilon = args
        (given, places), (derivative, slopes) = watched(given), watched(derivative)
        found = run(f, (given, derivative, p, epsilon))
        for name, seen in (("f", places), ("derivative", slopes)):
            odd = elsewhere(seen, p)
            if odd:
                raise Wrong(
                    f"with p = {p!r} and epsilon = {epsilon:.6g} it asked for {name} at {odd}; "
                    "a model of the curve at p needs it at p, and only there"
                )
        wrong = compare(found, expected)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}: {wrong}")


ASKED = Asked(
    "linear_model",
    value(1, _models, says="f(p) + f'(p)·ε for random curves"),
    Question("f and its derivative are asked for at p only", 1, _at_p_only),
)

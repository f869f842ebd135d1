"""What `difference_quotient` is asked."""

from __future__ import annotations

from helpers.checks import compare, describe_call
from helpers.questions.base import Asked, Question, Wrong, answered, run, watched
from helpers.questions.derivatives.shared import curve, elsewhere
from helpers.questions.usual import value


def _quotients(rng):
    for h in (0.3, 1e-2, 1e-4, -0.1, 1e-6, -4.0):
        f, _ = curve(rng)
        yield f, float(rng.normal(1, 1)), h
    for sign in (1, -1):  # steep, upwards and downwards
        f, _ = curve(rng, float(sign * rng.uniform(20, 30)))
        yield f, float(rng.uniform(1, 2)), 0.5
    for h in (1e-6, -1e-8):  # so small that whatever is added to it shows
        f, _ = curve(rng, float(rng.uniform(20, 30)))
        yield f, float(rng.uniform(0.1, 0.2)), h
    for x, h in ((0.0, 0.3), (int(rng.integers(1, 5)), 0.2), (float(rng.normal(1, 1)), -2)):
        f, _ = curve(rng)
        yield f, x, h


def _two_places(f, rng, right):
    """It asks for f at x and at x + h, and nowhere else."""
    for args, expected in answered(right, _quotients(rng)):
        curve, x, h = args
        asked, seen = watched(curve)
        found = run(f, (asked, x, h))
        odd = elsewhere(seen, x, x + h)
        if odd:
            raise Wrong(
                f"with x = {x!r} and h = {h!r} it asked for f at {odd}; "
                "it needs f at x and at x + h, and only there"
            )
        wrong = compare(found, expected, rtol=1e-7, atol=1e-8)
        if wrong:
            raise Wrong(f"{describe_call(f, args)}: {wrong}")


ASKED = Asked(
    "difference_quotient",
    value(2, _quotients, rtol=1e-7, atol=1e-8, says="(f(x + h) − f(x)) / h"),
    Question("f is asked for at x and x + h only", 1, _two_places),
)

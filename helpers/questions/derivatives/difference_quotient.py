"""What `difference_quotient` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, Question, Wrong, run, value
from helpers.questions.derivatives.shared import curve


def _quotients(rng):
    for h in (0.3, 1e-2, 1e-4, -0.1):
        f, _ = curve(rng)
        yield f, float(rng.normal(1, 1)), h


def _two_calls(f, rng, right):
    """It asks for f at x and at x + h, and nowhere else."""
    seen = []

    def counted(x):
        seen.append(float(x))
        return x**3

    run(f, (counted, 2.0, 0.25))
    if sorted(set(seen)) != [2.0, 2.25]:
        raise Wrong(f"it asked for f at {sorted(set(seen))}; it needs f at x and at x + h")


ASKED = Asked(
    "difference_quotient",
    value(2, _quotients, rtol=1e-6, says="(f(x + h) − f(x)) / h"),
    Question("f is asked for at x and x + h only", 1, _two_calls),
)

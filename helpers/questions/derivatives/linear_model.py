"""What `linear_model` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.derivatives.shared import curve
from helpers.questions.usual import value


def _models(rng):
    for _ in range(5):
        f, derivative = curve(rng)
        yield f, derivative, float(rng.normal(1, 1)), float(rng.normal(0, 0.3))


ASKED = Asked(
    "linear_model",
    value(2, _models, says="f(p) + f'(p)·ε for random curves"),
)

"""What a Downhill notebook imports: gradient checks, instant checks, surfaces, data, explorers.

Small on purpose. Read any of it; it holds no solution of an exercise.
"""

from helpers import datasets, surfaces
from helpers.checks import (
    CheckFailed,
    Report,
    check_property,
    check_reproducible,
    check_shape,
    check_silent,
    check_true,
    check_unchanged,
    check_value,
)
from helpers.gradients import check_derivative, check_gradient, check_vjp, numerical_gradient
from helpers.judging.examining import examine
from helpers.predict import Prediction
from helpers.waiting import once_written

__all__ = [
    "CheckFailed",
    "Prediction",
    "Report",
    "check_derivative",
    "check_gradient",
    "check_property",
    "check_reproducible",
    "check_shape",
    "check_silent",
    "check_true",
    "check_unchanged",
    "check_value",
    "check_vjp",
    "datasets",
    "examine",
    "numerical_gradient",
    "once_written",
    "surfaces",
]

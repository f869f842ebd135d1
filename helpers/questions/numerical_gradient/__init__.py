"""What lesson 2 asks."""

EXERCISES = (
    "probe",
    "slopes_from_table",
    "forward_gradient",
    "numerical_gradient",
    "best_step",
    "relative_error",
    "gradient_check",
    "kinks",
    "find_wrong_gradients",
    "slope_along",
    "richardson",
    "complex_step",
    "hessian_vector",
)
"""In the lesson's order."""

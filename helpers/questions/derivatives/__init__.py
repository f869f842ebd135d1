"""What lesson 1 asks."""

EXERCISES = (
    "square",
    "difference_quotient",
    "linear_model",
    "derivatives_by_hand",
    "gradient_descent",
    "descend_until",
    "update_weights",
    "squared_loss_gradient",
    "least_squares",
    "newton_path",
)
"""In the lesson's order."""

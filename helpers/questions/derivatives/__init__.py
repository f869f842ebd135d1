"""What lesson 1 asks."""

EXERCISES = (
    "square",
    "linear_model",
    "difference_quotient",
    "derivatives_by_hand",
    "gradient_step",
    "gradient_descent",
    "squared_loss_gradient",
    "update_weights",
    "least_squares",
)
"""In the lesson's order."""

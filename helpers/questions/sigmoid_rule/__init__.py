"""What lesson 3 asks."""

EXERCISES = (
    "linear_rule",
    "sigmoid",
    "sigmoid_derivative",
    "sigmoid_rule",
    "layer",
    "logistic_loss_loops",
    "logistic_loss",
    "softmax",
    "softmax_loss",
    "penalty",
)
"""In the lesson's order."""

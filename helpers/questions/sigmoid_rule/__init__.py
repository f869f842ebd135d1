"""What lesson 3 asks."""

EXERCISES = (
    "linear_rule_gradient",
    "linear_rule",
    "perceptron",
    "sigmoid",
    "sigmoid_derivative",
    "sigmoid_rule_gradient",
    "sigmoid_rule",
    "logistic_loss_loops",
    "logistic_loss",
    "layer",
    "softmax",
    "softmax_loss",
    "penalty",
    "regularised_loss",
    "soft_threshold",
    "smoothed_loss",
)
"""In the lesson's order; the last two are for the curious."""

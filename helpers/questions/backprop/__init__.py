"""What lesson 4 asks."""

EXERCISES = (
    "chain_derivative",
    "scalar_network",
    "local_derivatives",
    "backward",
    "Dense",
    "Sigmoid",
    "ReLU",
    "train_epoch",
    "unbroadcast",
    "Tensor",
)
"""In the lesson's order."""

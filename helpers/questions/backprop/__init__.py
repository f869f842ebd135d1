"""What lesson 4 asks."""

EXERCISES = (
    "chain_derivative",
    "chain_backward",
    "scalar_network",
    "local_derivatives",
    "backward",
    "Dense",
    "Sigmoid",
    "ReLU",
    "loss_and_gradients",
    "train_epoch",
    "unbroadcast",
    "tensor_rules",
    "topological_order",
    "Tensor",
    "forward_sweep",
)
"""In the lesson's order."""

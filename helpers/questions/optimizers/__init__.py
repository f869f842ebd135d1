"""What lesson 5 asks."""

EXERCISES = (
    "standard_error",
    "inverse_decay",
    "descend",
    "momentum",
    "look_ahead",
    "nesterov",
    "rms_prop",
    "adam",
    "newton_step",
    "train_with",
    "momentum_factor",
    "clip_gradients",
    "adamw",
)
"""In the lesson's order."""

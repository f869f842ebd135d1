"""What lesson 5 asks."""

EXERCISES = (
    "mini_batches",
    "standard_error",
    "inverse_decay",
    "descend",
    "momentum",
    "look_ahead",
    "rms_prop",
    "adam",
    "newton_step",
)
"""In the lesson's order."""

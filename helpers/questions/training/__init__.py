"""What lesson 6 asks."""

EXERCISES = (
    "normalise",
    "output_bias",
    "diagnose",
    "early_stopping",
    "Dropout",
    "augment",
    "random_search",
    "one_epoch",
    "one_hot",
)
"""In the lesson's order."""

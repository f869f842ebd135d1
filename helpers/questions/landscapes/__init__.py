"""What lesson 7 asks."""

EXERCISES = (
    "surrogates",
    "keep_best",
    "genetic_step",
    "kind_of_place",
    "loss_slice",
    "filter_normalised",
    "bezier",
    "balanced_batches",
    "feedback_backprop",
    "permute_units",
    "gradient_guess",
)
"""In the lesson's order."""

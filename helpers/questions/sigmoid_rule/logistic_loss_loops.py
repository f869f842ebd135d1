"""What `logistic_loss_loops` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked
from helpers.questions.sigmoid_rule.shared import logistic_properties

ASKED = Asked(
    "logistic_loss_loops",
    *logistic_properties(),
    returns=("the loss", "dw", "db"),
)

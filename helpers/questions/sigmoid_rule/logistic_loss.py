"""What `logistic_loss` is asked."""

from __future__ import annotations

from helpers.checks import compare
from helpers.questions.base import Asked, Question, Wrong, answered, replaced, run
from helpers.questions.sigmoid_rule.shared import classes, logistic_properties


def _itself(f, rng, right):
    called = []

    def loops(w, b, X, y):
        called.append(True)
        return 0.0, 0.0 * w, 0.0

    (args, expected), *_ = answered(right, classes(rng))
    with replaced(f, {"logistic_loss_loops": loops}):
        found = run(f, args)
    if called:
        raise Wrong("logistic_loss calls logistic_loss_loops: here the sums are matrix products")
    wrong = compare(found, expected)
    if wrong:
        raise Wrong(wrong)


ASKED = Asked(
    "logistic_loss",
    *logistic_properties(digits=1),
    Question("by itself, without logistic_loss_loops", 1, _itself),
    returns=("the loss", "dw", "db"),
)

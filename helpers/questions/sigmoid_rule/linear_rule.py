"""What `linear_rule` is asked."""

from __future__ import annotations

from helpers.questions.base import Asked, kinds, left_alone, value
from helpers.questions.sigmoid_rule.shared import sizes


def _regressions(rng):
    for n, m in sizes(rng):
        yield (
            rng.normal(size=m),
            rng.normal(size=(n, m)),
            rng.normal(size=n),
            rng.uniform(0.01, 0.3),
        )


ASKED = Asked(
    "linear_rule",
    value(2, _regressions, says="the new weights"),
    left_alone(1, _regressions, says="w, X and y are left as they were"),
    kinds(1, _regressions, integers=(1, 2), scaled=(1, 2)),
)

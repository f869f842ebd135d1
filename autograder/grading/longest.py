"""How long one submission may keep a worker, whatever it does: the sum of its limits.

Seconds that count: of a processor, or waited for something of its own. Those in which others have
all processors are nobody's, and do not count.
"""

from __future__ import annotations

from autograder.grading import feedback, submission
from autograder.grading.envelope import MOST_OTHERS
from autograder.grading.work import PATIENCE_FOR_NAMES
from autograder.playing.player import Limits
from autograder.playing.sanitize import Room
from autograder.sandbox.clock import BUSIEST, LATE

ROOMS = 4
"""What is made harmless, each in a time of its own: outputs and answers, of the course's cells and
of the student's own."""


def longest(limits: Limits) -> dict[str, float]:
    """Seconds that count, at most, by what they are spent on."""
    return {
        "reading the files that may be the notebook": submission.PATIENCE * (1 + MOST_OTHERS),
        "which cells and names a grade needs": PATIENCE_FOR_NAMES,
        "the notebook: cells, questions, all that is run again": limits.notebook,
        "cells of the student's own that no answer needs": limits.question,
        "an answer that is judged again without haste": limits.question,
        "the judge's computing broken off": LATE,
        "outputs and answers made harmless": ROOMS * Room().seconds,
        "the page": feedback.PATIENCE,
    }


def on_the_clock(limits: Limits) -> float:
    """Seconds, at most, of one that keeps the processors busy itself with other processes."""
    crowded = (BUSIEST - 1) * (limits.notebook + limits.question)
    return sum(longest(limits).values()) + crowded + limits.question

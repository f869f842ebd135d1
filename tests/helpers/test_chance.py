"""What chance may do in questions that count: a right answer is hardly ever refused for it."""

from __future__ import annotations

import numpy as np

from helpers.questions.training.shared import SIGMAS


def outside(share: float, count: int) -> float:
    """How likely a drawn share of so many is further off than `SIGMAS` allow; by its definition."""
    drawn = np.arange(count + 1)
    factorial = np.cumsum(np.log(np.maximum(np.arange(count + 1), 1)))
    logs = factorial[-1] - factorial - factorial[::-1]
    chance = np.exp(logs + drawn * np.log(share) + (count - drawn) * np.log(1 - share))
    off = abs(drawn / count - share) >= SIGMAS * np.sqrt(share * (1 - share) / count)
    return float(chance[off].sum())


def test_the_chances_add_up_as_the_table_of_a_fair_coin_has_it():
    assert np.isclose(outside(0.5, 49), 2 * 0.5**49)  # only all of one side is seven σ off


def test_a_false_alarm_is_rarer_than_one_in_a_hundred_million():
    nine = [s / 9 + (1 - s) * (place == 4) for s in (1, 0.4, 0.95) for place in range(9)]
    assert sum(outside(due, 1200) for due in nine) < 1e-8  # all that `augment` is asked of
    assert all(outside(due, 1000) < 1e-8 for due in np.arange(0.05, 1, 0.05))

"""How sure the report says it is: tried on classes of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reporting import statistics

OF = np.array([2.0, 4.0, 1.0, 3.0])


def drawn(rng, count):
    """A class's shares of four questions; the last is answered by chance."""
    level = rng.normal(size=(count, 1))
    easy = np.array([0.5, -0.3, 0.2])
    right = rng.uniform(size=(count, 3)) < 1 / (1 + np.exp(-1.5 * level - easy))
    return np.hstack([right, rng.uniform(size=(count, 1)) < 0.5]).astype(float)


def with_rest(shares, k):
    rest = np.delete(shares * OF, k, axis=1).sum(axis=1)
    return np.corrcoef(shares[:, k], rest)[0, 1]


def test_the_correlation_is_that_with_the_rest_without_the_question_itself():
    shares = drawn(np.random.default_rng(1), 200)
    for k, found in enumerate(statistics.discriminations(shares, OF)):
        assert found.value == pytest.approx(with_rest(shares, k))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    true = [with_rest(drawn(np.random.default_rng(0), 60_000), k) for k in range(4)]
    held, told, below = np.zeros(4), 0, 0
    for seed in range(120):
        found = statistics.discriminations(drawn(np.random.default_rng(seed + 1), 30), OF)
        if None in found:
            continue
        told += 1
        held += [each.low <= value <= each.high for each, value in zip(found, true, strict=True)]
        below += found[0].high < 0.2
    assert told > 100
    assert (held / told > 0.86).all()
    assert held.sum() / (4 * told) > 0.9
    assert below / told < 0.1  # a good question is seldom called a bad one


def test_a_question_with_which_too_few_differ_is_not_judged():
    shares = drawn(np.random.default_rng(3), 27)
    shares[:, 0] = 1.0
    shares[:2, 1], shares[2:, 1] = 0.0, 1.0
    found = statistics.discriminations(shares, OF)
    assert found[:2] == [None, None]
    assert found[2] is not None
    assert statistics.discriminations(shares[:9], OF) == [None] * 4


def test_what_is_not_known_of_a_question_is_left_out_and_no_zero():
    shares = drawn(np.random.default_rng(4), 100)
    known = shares[:60]
    waiting = shares.copy()
    waiting[60:, 3] = np.nan
    found = statistics.discriminations(waiting, OF)
    rest = (known * OF)[:, :3].sum(axis=1)
    assert found[3].value == pytest.approx(np.corrcoef(known[:, 3], rest)[0, 1])
    everything = np.where(np.isfinite(waiting), OF, 0.0).sum(axis=1)
    earned = np.nansum(waiting * OF, axis=1)
    share = (earned - waiting[:, 0] * OF[0]) / (everything - OF[0])
    assert found[0].value == pytest.approx(np.corrcoef(waiting[:, 0], share)[0, 1])


def walked(rng, students, lessons, noise=0.5):
    """Shares of a class in which nothing odd happens."""
    level = rng.normal(size=(students, 1)) + noise * rng.normal(size=(students, lessons))
    return 1 / (1 + np.exp(-level - rng.normal(size=lessons)))


def test_of_a_class_in_which_nothing_is_odd_few_results_and_trends_look_so():
    far = told = falling = trends = swapped = 0
    for seed in range(12):
        course = statistics.standing(walked(np.random.default_rng(seed), 80, 6))
        for student in range(80):
            trend = statistics.trend(course, student)
            trends, falling = trends + 1, falling + (trend.high < 0)
            for lesson in range(6):
                found = statistics.unlike(course, student, lesson)
                told, far = told + 1, far + (abs(found.residual) > 1.96)
        swapped += len(statistics.swaps(course))
    assert 0.03 < far / told < 0.075
    assert 0.01 < falling / trends < 0.05
    assert swapped <= 2


def test_a_result_beside_the_others_is_told_with_what_was_expected():
    shares = walked(np.random.default_rng(2), 60, 6)
    shares[0] = [0.9, 0.85, 0.9, 0.05, 0.9, 0.88]
    found = statistics.unlike(statistics.standing(shares), 0, 3)
    assert found.residual < -3
    assert 0.05 < found.expected.low < found.expected.value < found.expected.high <= 1


def test_swapped_results_are_found_in_their_lesson():
    shares = walked(np.random.default_rng(5), 60, 6)
    assert statistics.swaps(statistics.standing(shares)) == []
    ranked = np.argsort(shares.mean(axis=1))
    low, high = int(ranked[4]), int(ranked[-5])
    shares[[low, high], 2] = shares[[high, low], 2]
    (found,) = statistics.swaps(statistics.standing(shares))
    assert (found.lesson, found.one, found.other) == (2, high, low)


def test_missing_lessons_are_no_zeros_of_a_student():
    shares = walked(np.random.default_rng(6), 40, 6)
    whole = statistics.standing(shares)
    shares[0, 3:] = np.nan
    course = statistics.standing(shares)
    assert statistics.unlike(course, 0, 4) is None
    assert abs(statistics.unlike(course, 0, 1).residual) < 3
    assert statistics.trend(course, 0).low < statistics.trend(whole, 0).value
    shares[0, 2] = np.nan
    assert statistics.trend(statistics.standing(shares), 0) is None

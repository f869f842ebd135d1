"""What a beginner reads: wrong answers, under the lines of the lessons' own test cells."""

from __future__ import annotations

import re

import pytest

import helpers
from autograder.course import BEGIN_HIDDEN, TEST_PREFIX, grade_id
from autograder.exercises import find
from autograder.exercises.base import source_of
from autograder.judge import judge
from helpers._describing import describe
from tests.helpers.beginners import BEGINNERS, NEVER, notebook, run_cell

LESSONS = """
def sum_of_squares(x):
    return np.sum(x**2)

def sgd(w, gradient, state, learning_rate=0.01):
    return w - learning_rate * gradient, state

rng = np.random.default_rng(0)
"""
"""What the lessons themselves have defined before."""


@pytest.fixture(scope="module")
def visible(course) -> dict[str, str]:
    """The visible checks of every exercise, by its name."""
    found = {}
    for lesson in course.lessons():
        for cell in lesson.notebook().cells:
            if grade_id(cell).startswith(TEST_PREFIX):
                source = cell.source.split(BEGIN_HIDDEN)[0]
                name = grade_id(cell).removeprefix(TEST_PREFIX)
                found[name] = re.sub(r"(?m)^examine\(.*\)$", "", source)
    return found


def printed(visible: dict[str, str], exercise: str, answer: str) -> str:
    """What the visible checks print for an answer, where all before it is right."""
    checks = {name: getattr(helpers, name) for name in helpers.__all__}
    earlier = "\n".join(map(source_of, find(exercise).earlier.values()))
    return run_cell(visible[exercise], notebook(LESSONS, earlier, answer, **checks), 9)


@pytest.mark.parametrize("mistake", BEGINNERS)
def test_a_mistake_is_told_in_a_beginners_words(visible, mistake):
    exercise, answer, expected = BEGINNERS[mistake]
    text = printed(visible, exercise, answer)
    assert "✗" in text
    for words in expected:
        assert words in text, text
    assert not NEVER.search(text), text


@pytest.mark.parametrize("exercise", sorted({exercise for exercise, *_ in BEGINNERS.values()}))
def test_what_is_right_is_praised_for_what_it_is(visible, exercise):
    text = printed(visible, exercise, find(exercise).source)
    assert "✗" not in text, text
    assert "✓" in text
    assert not NEVER.search(text), text


def test_numbers_of_a_list_that_differ_read_differently():
    assert describe([0.5, 0.5 + 2**-44, 2.0]) == "[0.5, 0.5000000000000568, 2]"
    assert describe([0.1, 0.1, 1 / 3]) == "[0.1, 0.1, 0.3333333333]"


def test_a_list_that_misses_gradients_is_told_by_how_many():
    exercise = find("loss_and_gradients")
    none = exercise.source.replace('hasattr(module, "weights")', "False")
    reason = judge(exercise, exercise.compile(none), 20).reason
    assert "gradients in the list: 0; modules with `weights` in this network: 2" in reason

"""The bank proves the tests: what is wrong is refused and named, what is right is accepted."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.course import TEST_PREFIX
from autograder.exercises import BANKS, exercises, find
from autograder.exercises.base import Exercise
from autograder.judge import diagnose, judge

EVERY = [(lesson, e) for lesson in BANKS for e in exercises(lesson)]
MISCONCEPTIONS = [(e, m) for _, e in EVERY for m in e.misconceptions]
EQUIVALENTS = [(e, q) for _, e in EVERY for q in e.equivalents]
SEEDS = range(20)


def ids(pairs):
    return [f"{e.name}-{other.name}".replace(" ", "_") for e, other in pairs]


def test_each_lesson_and_its_bank_have_the_same_exercises_and_points(course):
    assert [lesson.name for lesson in course.lessons()] == list(BANKS)
    for lesson in course.lessons():
        points = lesson.points()
        assert lesson.exercises() == [e.name for e in exercises(lesson.name)]
        for exercise in exercises(lesson.name):
            assert points[TEST_PREFIX + exercise.name] == exercise.points, exercise.name


def test_a_name_belongs_to_one_exercise():
    names = [e.name for _, e in EVERY]
    assert len(names) == len(set(names))
    assert all(find(name).name == name for name in names)


@pytest.mark.parametrize("exercise", [e for _, e in EVERY], ids=lambda e: e.name)
def test_an_exercise_has_enough_of_both(exercise: Exercise):
    assert len(exercise.misconceptions) >= 8
    assert len(exercise.equivalents) >= 4


@pytest.mark.parametrize("exercise", [e for _, e in EVERY], ids=lambda e: e.name)
def test_the_reference_earns_everything(exercise: Exercise):
    for seed in SEEDS:
        verdict = judge(exercise, exercise.reference, seed)
        assert verdict.earned == exercise.points, str(verdict)


@pytest.mark.parametrize(("exercise", "equivalent"), EQUIVALENTS, ids=ids(EQUIVALENTS))
def test_a_right_answer_earns_everything(exercise: Exercise, equivalent):
    answer = exercise.compile(equivalent.code)
    for seed in SEEDS:
        verdict = judge(exercise, answer, seed)
        assert verdict.earned == exercise.points, str(verdict)


@pytest.mark.parametrize(("exercise", "wrong"), MISCONCEPTIONS, ids=ids(MISCONCEPTIONS))
def test_a_misconception_is_refused_and_named(exercise: Exercise, wrong):
    answer = exercise.compile(wrong.code)
    for seed in SEEDS:
        verdict = judge(exercise, answer, seed)
        assert verdict.earned < exercise.points
        assert diagnose(exercise, verdict, seed) == wrong.says


NOTHINGS = {
    "None": lambda *args, **kwargs: None,
    "zero": lambda *args, **kwargs: 0.0,
    "nan": lambda *args, **kwargs: np.nan,
    "a string": lambda *args, **kwargs: "42",
    "True": lambda *args, **kwargs: True,
    "an empty dict": lambda *args, **kwargs: {},
    "its arguments": lambda *args, **kwargs: args,
}


@pytest.mark.parametrize("nothing", NOTHINGS)
@pytest.mark.parametrize("exercise", [e for _, e in EVERY], ids=lambda e: e.name)
def test_an_answer_that_says_nothing_earns_nothing(exercise: Exercise, nothing):
    assert judge(exercise, NOTHINGS[nothing]).earned == 0


@pytest.mark.parametrize("exercise", [e for _, e in EVERY], ids=lambda e: e.name)
def test_an_unsolved_exercise_says_so(exercise: Exercise):
    def unsolved(*args, **kwargs):
        raise NotImplementedError

    verdict = judge(exercise, unsolved)
    assert verdict.earned == 0
    assert "not implemented yet" in verdict.reason

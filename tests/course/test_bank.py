"""The bank proves the tests: what is wrong is refused and named, what is right is accepted."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from autograder.course import TEST_PREFIX, grade_id
from autograder.exercises import exercises, find
from autograder.exercises.base import Exercise
from autograder.judge import judge
from autograder.proving.prove import prove
from helpers.judging.recorded import record_of
from helpers.questions import LESSONS

SEEDS, RIGHT_SEEDS = 4, 10

EVERY = [(lesson, e) for lesson in LESSONS for e in exercises(lesson)]


def test_each_lesson_and_its_bank_have_the_same_exercises_and_points(course):
    assert [lesson.name for lesson in course.lessons()] == list(LESSONS)
    told = (course.root / "docs" / "instructor.md").read_text(encoding="utf-8")
    for lesson in course.lessons():
        points = lesson.points()
        assert f"| {lesson.name} | {sum(points.values()):g} |" in told
        ungraded = lesson.for_the_curious()
        listed = [e for e in exercises(lesson.name) if e.name not in ungraded]
        assert lesson.exercises() == [e.name for e in listed]
        assert {*lesson.exercises(), *ungraded} == {e.name for e in exercises(lesson.name)}
        for exercise in listed:
            assert points[TEST_PREFIX + exercise.name] == exercise.points, exercise.name


def test_a_name_belongs_to_one_exercise():
    names = [e.name for _, e in EVERY]
    assert len(names) == len(set(names))
    assert all(find(name).name == name for name in names)


@pytest.mark.parametrize("exercise", [e for _, e in EVERY], ids=lambda e: e.name)
def test_the_answers_of_a_page_differ_as_programs(exercise: Exercise):
    """Two that are one as syntax trees are filler."""
    answers = (*exercise.page.wrong, *exercise.page.others)
    trees = [ast.dump(ast.parse(text)) for text in (exercise.source, *(a.source for a in answers))]
    assert len(set(trees)) == len(trees)
    assert exercise.page.wrong
    assert exercise.page.others


def test_an_exercise_that_is_asked_whole_numbers_says_that_they_may_come(course):
    """An array of these has no room for others: who works in place has to know."""
    for lesson in course.lessons():
        cells = {grade_id(cell): cell.source for cell in lesson.notebook().cells}
        for exercise in exercises(lesson.name):
            asked = [question.says for question in exercise.asked.questions]
            if any(re.search(r"\binteger|\bwhole (numbers|ones)", says) for says in asked):
                text = cells.get(exercise.name) or next(
                    source for source in cells.values() if f"\ndef {exercise.name}(" in source
                )
                assert re.search(r"integers|whole numbers", text), exercise.name


@pytest.mark.spread
@pytest.mark.parametrize("exercise", [e for _, e in EVERY], ids=lambda e: e.name)
def test_what_is_wrong_is_refused_and_named_and_what_is_right_is_not(exercise: Exercise):
    """Every wrong answer, one-token edit and right form; `autograder prove` takes more seeds.

    Mistakes are named by the record that students have, of which test_examine.py proves that
    recorded again it is the same.
    """
    proof = prove(exercise, SEEDS, RIGHT_SEEDS, explain=5, recorded=record_of(exercise.name))
    assert not proof.faults, "\n".join(proof.faults)
    assert proof.named == proof.misconceptions
    assert proof.refused == 0
    assert proof.right == RIGHT_SEEDS * (1 + len(exercise.page.others))


def test_the_class_of_right_answers_is_large_enough():
    """5,000 gradings of right answers, over all exercises, and not one refused (see above).

    `python -m benchmarks.bank` takes a hundred thousand.
    """
    assert sum(RIGHT_SEEDS * (1 + len(e.page.others)) for _, e in EVERY) >= 5000


class PretendsToBeEqual(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = float.__hash__


class PretendsToBeClose(np.ndarray):
    def __array_function__(self, *args, **kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return np.array(True)


class DoesTheArithmeticItself(list):
    """Whatever the judge divides, subtracts or compares comes out as it should."""

    def hoped_for(self, *others):
        return 0.0

    def yes(self, *others):
        return True

    __truediv__ = __rtruediv__ = __sub__ = __rsub__ = __mul__ = __rmul__ = hoped_for
    __add__ = __radd__ = __pow__ = __abs__ = __neg__ = __float__ = __matmul__ = hoped_for
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = yes
    __hash__ = None


NOTHINGS = {
    "None": lambda *args, **kwargs: None,
    "zero": lambda *args, **kwargs: 0.0,
    "nan": lambda *args, **kwargs: np.nan,
    "a string": lambda *args, **kwargs: "42",
    "True": lambda *args, **kwargs: True,
    "an empty dict": lambda *args, **kwargs: {},
    "its arguments": lambda *args, **kwargs: args,
    "inf": lambda *args, **kwargs: np.inf,
    "an object that says it is equal": lambda *args, **kwargs: PretendsToBeEqual(1.0),
    "an object with arithmetic of its own": lambda *args, **kwargs: DoesTheArithmeticItself([1.0]),
    "an array that says it is close": lambda *args, **kwargs: np.ones(3).view(PretendsToBeClose),
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

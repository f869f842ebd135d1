"""An exercise for the curious: asked by `examine`, proved as any other, and counted nowhere."""

from __future__ import annotations

import json
import re

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring.build import build
from autograder.classroom import COURSE_ID, Classroom, kept
from autograder.course import Course, CourseError
from autograder.exercises import find
from autograder.runner import Options, grade
from benchmarks.classes import EXERCISES, LESSON, answered, place, released, small_course
from tests.conftest import contained

CURIOUS = "sigmoid"
GRADED = [name for name in EXERCISES if name != CURIOUS]
PLAIN = f"""
```{{code-cell}}
print("for the curious")
examine({CURIOUS})
```
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Course:
    """A small course, one of whose exercises has no test cell."""
    course = small_course(tmp_path_factory.mktemp("curious"))
    path = course.lesson(LESSON).path
    cells = re.split(r"(?=\n```{code-cell})", path.read_text())
    path.write_text("".join(PLAIN if f"test-{CURIOUS}" in cell else cell for cell in cells))
    return course


def test_it_is_no_exercise_that_counts(small):
    lesson = small.lesson(LESSON)
    assert lesson.exercises() == GRADED
    assert lesson.for_the_curious() == [CURIOUS]
    assert set(lesson.points()) == {f"test-{name}" for name in GRADED} | {"why"}


@contained
def test_it_counts_nowhere(small):
    blank = released(small)
    classroom = Classroom.of(small.root / "submitted")
    wrong = "def sigmoid(z):\n    return z\n"
    students = {
        "right": answered(blank, {}),
        "wrong": answered(blank, {CURIOUS: wrong}),
        "blank": blank,
    }
    for student, notebook in students.items():
        place(classroom.submitted, student).write_text(json.dumps(notebook))
    outcome = grade(small, classroom, [LESSON], Options(jobs=2))
    whole = sum(find(name).points for name in GRADED)
    results = {result.student: result for result in outcome.results}
    assert {student: r.points for student, r in results.items()} == {
        "right": whole,
        "wrong": whole,
        "blank": 0,
    }
    assert {r.of for r in results.values()} == {whole + 3}
    assert results["wrong"].reasons == ()
    assert len(results["blank"].reasons) == len(GRADED)
    for path in (classroom.folder / "records").glob("*/*/*.json"):
        record = kept(path)
        assert record is not None
        assert not [name for name in record["marks"] if CURIOUS in name]
    with Gradebook(classroom.db_url, COURSE_ID) as book:
        notebook = book.find_submission_notebook(LESSON, LESSON, "blank")
        assert not [grade.name for grade in notebook.grades if CURIOUS in grade.name]
        said = {comment.name: comment.auto_comment for comment in notebook.comments}
        assert said.pop(CURIOUS) is None
        assert all(said.values())
    page = (classroom.feedback / "wrong" / LESSON / f"{LESSON}.html").read_text()
    assert f"{CURIOUS}</a>" not in page
    with pytest.raises(CourseError, match=f"there is no question '{CURIOUS}'"):
        grade(small, classroom, [LESSON], Options(question=CURIOUS))


def test_its_solution_is_released_blank_and_examined_when_built(small):
    build(small)
    path = f"{LESSON}/{LESSON}.ipynb"
    release = nbformat.read(small.notebooks / path, 4)
    assert "NotImplementedError" in next(c.source for c in release.cells if c.id == CURIOUS)
    solution = nbformat.read(small.solutions / path, 4)
    cell = next(c for c in solution.cells if "for the curious" in c.source)
    points = f"{find(CURIOUS).points:g}"
    assert f"sigmoid: {points} of {points} points" in cell.outputs[0].text

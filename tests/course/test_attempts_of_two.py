"""Attempts at a lesson of two notebooks, of which one is handed in anew."""

from __future__ import annotations

import json

import nbformat
import pytest

from autograder.classroom import Classroom, Place
from autograder.course import Course
from autograder.grading.attempts import keep_files
from autograder.grading.envelope import Envelope
from autograder.grading.policy import NAME
from autograder.runner import Options, grade
from tests.conftest import contained
from tests.course.test_other_courses import notebook

LESSON, NAMES = "hw", ("one", "two")
FIRST, SECOND = "2026-03-05 10:00:00 UTC", "2026-03-06 10:00:00 UTC"


@pytest.fixture
def course(tmp_path) -> Course:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    (tmp_path / NAME).write_text('attempts = "best"\n')
    for folder in ("source", "submitted/amy"):
        (tmp_path / folder / LESSON).mkdir(parents=True)
        for name in NAMES:
            nbformat.write(asking(name), tmp_path / folder / LESSON / f"{name}.ipynb")
    return Course(tmp_path)


def asking(name: str, value: int = 1) -> nbformat.NotebookNode:
    """A notebook of one question, called by the notebook's name, and what it is answered."""
    text = json.dumps(notebook()).replace('"y"', f'"{name}"').replace('"test-y"', f'"test-{name}"')
    book = nbformat.from_dict(json.loads(text))
    book.cells[0].source = book.cells[0].source.replace("y = 1", f"y = {value}")
    return book


def points(course: Course) -> dict[str, float]:
    room = Classroom.of(course.root / "submitted")
    found = grade(course, room, [LESSON], Options(jobs=1, resume=True, pages=False)).results
    return {result.notebook: result.points for result in found}


@contained
def test_what_was_not_handed_in_anew_keeps_its_points(course):
    folder = course.root / "submitted" / "amy" / LESSON
    (folder / "timestamp.txt").write_text(FIRST)
    assert points(course) == {"one": 1, "two": 1}
    nbformat.write(asking("one", value=2), folder / "one.ipynb")
    (folder / "timestamp.txt").write_text(SECOND)
    for _ in range(3):
        assert points(course) == {"one": 1, "two": 1}


@contained
def test_files_that_students_may_replace_are_theirs(course):
    """As nbgrader's own setting names them; and a question by the name that its table shows."""
    config = f"c = get_config()\nc.Autograde.exclude_overwriting = {{{LESSON!r}: ['own.py']}}\n"
    (course.root / "nbgrader_config.py").write_text(config)
    for folder, text in (("source", "y = 1"), ("submitted/amy", "y = 2")):
        for name in ("own.py", "ours.py"):
            (course.root / folder / LESSON / name).write_text(text)
        book = asking("one")
        book.cells[1].source = "import own, ours\nassert (own.y, ours.y) == (2, 1)"
        nbformat.write(book, course.root / folder / LESSON / "one.ipynb")
    assert points(course) == {"one": 1, "two": 1}
    room = Classroom.of(course.root / "submitted")
    assert grade(course, room, [LESSON], Options(jobs=1, question="one")).results


def test_the_files_of_an_attempt_are_kept_notebook_by_notebook(tmp_path):
    room = Classroom.of(tmp_path / "submitted")
    for name in (*NAMES, "one"):
        envelope = Envelope(f"{name}.ipynb", name.encode())
        keep_files(room, Place("amy", LESSON, name), "2026.graded", envelope)
    folder = room.attempts / "amy" / LESSON / "2026"
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        f"{name}.ipynb": name for name in NAMES
    }

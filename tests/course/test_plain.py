"""What the instructor's page promises of plain nbgrader is true, and no more is promised."""

from __future__ import annotations

import importlib
import json
import re
from datetime import datetime

import nbformat
import pytest
from nbconvert.exporters.exporter import ResourcesDict
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.nbgraderformat import SchemaTooOldError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    DeduplicateIds,
    OverwriteCells,
    SaveAutoGrades,
)
from nbgrader.utils import parse_utc

from autograder.authoring.nbgrader_api import Revised, configuration, convert
from autograder.classroom import COURSE_ID
from autograder.course import Course, grade_id
from autograder.grading.release import generate
from benchmarks.classes import LESSON
from tests.conftest import ROOT
from tests.course.rooms import add, by_hand

HEAD = "| plain nbgrader | is it so? |\n|---|---|\n"
HELD = {
    "gives a complete notebook": "test_class.test_plain_nbgrader_gives_honest_work_the_same_points",
    "makes the pages and": "test_grading.test_nbgraders_own_feedback_goes_on_from_here",
    "its page says that a written": "test_plain.test_its_page_shows_no_points_for_what_waits",
    "reads a time with an offset": "test_plain.test_it_reads_times_hours_off",
    "follows a lesson": "test_plain.test_it_does_not_follow_a_revised_lesson",
    "grades a notebook in which": "test_plain.test_it_stops_at_a_test_cell_that_stands_twice",
    "keeps points that a person": "test_plain.test_it_keeps_what_a_person_gave_and_asks_again",
}
"""The beginning of each promise, and the test that holds it."""


def promises() -> list[str]:
    text = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
    table = text.split(HEAD)[1].split("\n\n")[0]
    return re.findall(r"^\| (.*?) \|", table, re.MULTILINE)


def test_each_promise_has_a_test():
    assert len(promises()) == len(HELD)
    for promise, (beginning, test) in zip(promises(), HELD.items(), strict=True):
        assert promise.startswith(beginning)
        module, name = test.split(".")
        assert callable(getattr(importlib.import_module(f"tests.course.{module}"), name))


def test_its_page_shows_no_points_for_what_waits(room, tmp_path):
    config = configuration(
        Course(room.folder),
        db_url=room.db_url,
        autograded_directory=room.autograded,
        feedback_directory=tmp_path / "pages",
    )
    convert(GenerateFeedback, config, LESSON, "amy")
    (page,) = (tmp_path / "pages").glob("amy/*/*.html")
    text = re.sub(r"\s+", " ", page.read_text())
    assert "Score: 0.0 / 3.0" in text
    assert "waits for a person" not in text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-01 23:30:00 +0200", datetime(2026, 3, 1, 23, 26, 40)),
        ("2026-03-01 23:30:00 CEST", datetime(2026, 3, 1, 23, 30)),
        ("2026-03-01 09:30 PM", datetime(2026, 3, 1, 9, 30)),
    ],
)
def test_it_reads_times_hours_off(text, read):
    assert parse_utc(text) == read


def test_it_does_not_follow_a_revised_lesson(room):
    add(room)
    with pytest.raises(Revised):
        generate(Course(room.folder), room, LESSON)


def graded_notebook(room) -> nbformat.NotebookNode:
    return nbformat.read(room.autograded / "amy" / LESSON / f"{LESSON}.ipynb", 4)


def about(room) -> ResourcesDict:
    return ResourcesDict(
        nbgrader={
            "student": "amy", "assignment": LESSON, "notebook": LESSON, "db_url": room.db_url
        }
    )  # fmt: skip


def test_it_keeps_what_a_person_gave_and_asks_again(room):
    by_hand(room, 2.5)
    SaveAutoGrades().preprocess(graded_notebook(room), about(room))
    with Gradebook(room.db_url, COURSE_ID) as book:
        grade = book.find_grade("why", LESSON, LESSON, "amy")
        assert (grade.manual_score, grade.needs_manual_grade) == (2.5, True)


def test_it_stops_at_a_test_cell_that_stands_twice(room):
    notebook = graded_notebook(room)
    twice = next(cell for cell in notebook.cells if grade_id(cell) == "test-square")
    notebook.cells.append(nbformat.from_dict(json.loads(json.dumps(twice)) | {"id": "copy"}))
    for step in (DeduplicateIds, OverwriteCells):
        notebook, _ = step().preprocess(notebook, about(room))
    with pytest.raises(SchemaTooOldError):  # of the copy, whose marks were taken away
        CheckCellMetadata().preprocess(notebook, about(room))

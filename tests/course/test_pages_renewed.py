"""Pages that are gone are made again, and those that are older than the grade are known."""

from __future__ import annotations

import shutil

import pytest

from autograder.classroom import Place
from autograder.course import Course
from autograder.renewal import outdated
from benchmarks.classes import LESSON
from tests.course.rooms import by_hand, graded
from tests.course.test_gradebook import page


@pytest.mark.parametrize("gone", ["feedback", "autograded", "feedback/amy", "autograded/amy"])
def test_pages_and_graded_copies_that_are_gone_are_made_by_the_next_resume(room, gone):
    shutil.rmtree(room.folder / gone)
    assert graded(room, dry_run=True, resume=True).changes == []
    assert not (room.folder / gone).exists()
    results = graded(room, resume=True).results
    assert [r.points for r in results] == [20, 20]
    assert "20 of 23 points" in page(room)
    assert (room.autograded / "amy" / LESSON / f"{LESSON}.ipynb").is_file()


def test_a_page_that_is_older_than_the_grade_is_known_until_it_is_made_anew(room):
    course = Course(room.folder)
    assert outdated(course, room, [LESSON]) == set()
    by_hand(room)
    assert outdated(course, room, [LESSON]) == {Place("amy", LESSON, LESSON)}
    assert outdated(course, room, ["02-other"]) == set()
    graded(room, resume=True)
    assert outdated(course, room, [LESSON]) == set()

"""The gradebook is the one that nbgrader's configuration names, as nbgrader's own commands use."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom import Classroom
from autograder.course import Course, CourseError
from autograder.grading.release import class_of
from autograder.terminal import repeated

POSTGRES = "postgresql://me:secret@host/grades"


@pytest.fixture
def course(tmp_path, monkeypatch) -> Course:
    root = tmp_path / "a course"
    (root / "submitted").mkdir(parents=True)
    (tmp_path / "term" / "submitted").mkdir(parents=True)
    monkeypatch.chdir(root)
    return Course(root)


def configured(course: Course, named: str, submitted: str = "submitted") -> Classroom:
    text = f"c = get_config()\nc.CourseDirectory.db_url = {named!r}\n"
    (course.root / "nbgrader_config.py").write_text(text)
    return class_of(course, course.root / submitted)


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("sqlite:///grades/my.db", "sqlite:///{}/grades/my.db?timeout=120"),
        ("sqlite:////srv/my.db?timeout=9", "sqlite:////srv/my.db?timeout=9"),
        (POSTGRES, POSTGRES),
    ],
)
def test_the_one_that_is_configured_is_used(course, named, url):
    found = configured(course, named)
    assert found.db_url == url.format(course.root)
    assert repeated(found) == "", "it is named without --db the next time, too"


@pytest.mark.parametrize("named", ["", "sqlite:///gradebook.db", "sqlite:///{}/./gradebook.db"])
def test_the_usual_one_is_that_of_the_class(course, named):
    for submitted in ("submitted", "../term/submitted"):
        found = configured(course, named.format(course.root), submitted)
        assert found == Classroom.of(course.root / submitted)


def test_another_class_is_asked_which_one_it_is_and_what_is_given_holds(course):
    with pytest.raises(CourseError, match=r"host/grades, and .* give its own by --db") as error:
        configured(course, POSTGRES, "../term/submitted")
    assert "secret" not in str(error.value)
    given = class_of(course, Path("submitted"), "sqlite:///other.db")
    assert given.db_url == "sqlite:///other.db"
    assert repeated(given) == " --db URL"

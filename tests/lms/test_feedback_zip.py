"""Feedback pages go back under the names that the platform gave out."""

from __future__ import annotations

import pytest

from autograder.course import CourseError
from autograder.lms.collected import Entry
from autograder.lms.feedback import pack
from autograder.lms.roster import Roster
from tests.lms.platforms import CANVAS_NAMES, WORKSHEET, canvas_feedback, moodle_feedback

LESSON = "01-small"


@pytest.fixture
def pages(room):
    def run(*students: str) -> None:
        for student in students:
            path = room.feedback / student / LESSON / f"{LESSON}.html"
            path.parent.mkdir(parents=True)
            path.write_text(f"page of {student}")

    return run


def test_canvas_finds_each_student_and_the_file_by_number(room, pages, tmp_path):
    pages("jdoe1", "jroe", "zmue", "loose")
    collected = {
        "jdoe1": Entry("canvas", "101", (CANVAS_NAMES[101],)),
        "jroe": Entry("canvas", "103", (CANVAS_NAMES[103], "roejojb_LATE_103_9999_data.csv")),
        "zmue": Entry("canvas", "104", (CANVAS_NAMES[104],)),
    }
    packed = pack(room, LESSON, "canvas", collected, tmp_path / "out" / "f.zip")
    assert canvas_feedback(packed.path) == {
        ("101", "9001"): "page of jdoe1",
        ("103", "9003"): "page of jroe",
        ("104", "9004"): "page of zmue",
    }
    assert (packed.pages, packed.nameless) == (3, ["loose"])


@pytest.mark.parametrize(
    "name",
    [
        "Jane Doe_11_assignsubmission_file_",
        "Jane Doe_11_assignsubmission_file",
        "Jane Doe_11_assignsubmission_file_01-small.ipynb",
        "Group A-Jane {0} Doe_11_assignsubmission_onlinetext_",
    ],
)
def test_moodle_finds_each_student_by_participant(room, pages, tmp_path, name):
    pages("jane")
    collected = {"jane": Entry("moodle", "11", (name,))}
    packed = pack(room, LESSON, "moodle", collected, tmp_path / "f.zip")
    assert moodle_feedback(packed.path) == {"11": f"{LESSON}.html"}


def test_where_nothing_was_collected_moodles_worksheet_tells_the_numbers(room, pages, tmp_path):
    (tmp_path / "w.csv").write_text(WORKSHEET)
    pages("jane.doe@uni.example", "doe2", "stranger")
    roster = Roster.of(tmp_path / "w.csv")
    packed = pack(room, LESSON, "moodle", {}, tmp_path / "f.zip", roster)
    assert set(moodle_feedback(packed.path)) == {"11", "12"}
    assert packed.nameless == ["stranger"]


def test_the_same_pages_make_the_same_zip(room, pages, tmp_path):
    pages("jdoe1")
    collected = {"jdoe1": Entry("canvas", "101", (CANVAS_NAMES[101],))}
    one, two = (pack(room, LESSON, "canvas", collected, tmp_path / n).path for n in ("1", "2"))
    assert one.read_bytes() == two.read_bytes()


def test_what_came_from_another_platform_is_not_sent_to_this_one(room, pages, tmp_path):
    pages("jdoe1")
    collected = {"jdoe1": Entry("moodle", "11", ("Jane Doe_11_assignsubmission_file_",))}
    packed = pack(room, LESSON, "canvas", collected, tmp_path / "f.zip")
    assert packed.nameless == ["jdoe1"]
    assert not packed.path.exists()


def test_without_pages_it_says_what_to_do(room, tmp_path):
    with pytest.raises(CourseError, match="run autograder grade"):
        pack(room, LESSON, "canvas", {}, tmp_path / "f.zip")
    assert list(tmp_path.glob(".*")) == []

"""A download of Canvas or Moodle, taken into `submitted/`: each student's, and nobody's is lost."""

from __future__ import annotations

import json
import os
import zipfile

import pytest

from autograder.classroom import Classroom
from autograder.course import CourseError
from autograder.grading.times import handed_in
from autograder.lms.collect import AGAIN, NEW, SAME, STAMPED, Outcome
from autograder.lms.collected import entries
from autograder.lms.roster import Roster
from tests.lms.platforms import (
    CANVAS_NAMES,
    LESSON,
    LESSONS,
    PARTICIPANTS,
    WORKSHEET,
    canvas_zip,
    lies,
    moodle_zip,
    zipped,
)


@pytest.fixture
def worksheet(tmp_path) -> Roster:
    path = tmp_path / "worksheet.csv"
    path.write_text(WORKSHEET, encoding="utf-8")
    return Roster.of(path)


def whats(outcome: Outcome) -> dict[str, str]:
    return {each.student: each.what for each in outcome.collected}


def test_canvas_students_are_found_by_number_and_called_by_login(room, roster, collect, tmp_path):
    outcome = collect(canvas_zip(tmp_path / "submissions.zip"), roster=roster)
    assert whats(outcome) == dict.fromkeys(["jdoe1", "jdoe2", "jroe", "zmue"], NEW)
    assert outcome.unmatched == []
    assert outcome.missing == ["aevil", "alate"]
    assert lies(room, "jdoe1") == {"01-small.ipynb": "work of 101"}
    assert lies(room, "jdoe2") == {"01-small.ipynb": "work of 102"}
    assert lies(room, "jroe") == {
        "01-small.ipynb": "work of 103", "timestamp.txt": "LATE, as Canvas says\n"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ending", "flat"),
    [("_assignsubmission_file", False), ("_assignsubmission_file_", False),
     ("_assignsubmission_file", True)],
)  # fmt: skip
def test_moodle_students_are_found_by_participant(room, worksheet, collect, tmp_path, ending, flat):
    download = moodle_zip(tmp_path / "C1-Homework-99.zip", ending, flat)
    outcome = collect(download, roster=worksheet, zone="Europe/Berlin")
    assert outcome.unmatched == []
    assert lies(room, "jane.doe@uni.example") == {
        "01-small.ipynb": "work of 11", "timestamp.txt": "2026-03-02 20:30:00 +0000\n"
    }  # fmt: skip
    assert lies(room, "doe2@uni.example")["timestamp.txt"] == "2026-03-02 23:05:00 +0000\n"
    assert outcome.missing == ["evil@uni.example"]


def test_a_time_in_the_hour_that_clocks_pass_twice_stays_to_be_told(room, collect, tmp_path):
    """Else it would be in time by having none, without a word from then on."""
    path = tmp_path / "worksheet.csv"
    twice = "Sunday, 25 October 2026, 2:30 AM"
    path.write_text(WORKSHEET.replace("Monday, 2 March 2026, 9:30 PM", twice), encoding="utf-8")
    for what in ("new", "unchanged"):
        download = moodle_zip(tmp_path / "m.zip")
        outcome = collect(download, roster=Roster.of(path), zone="Europe/Berlin")
        (jane,) = (each for each in outcome.collected if each.student.startswith("jane"))
        assert (jane.what, "is no one time" in jane.note) == (what, True)
        said = handed_in(room.submitted / jane.student / "01-small" / "timestamp.txt")
        assert said is not None
        assert said.when is None
        assert "is no one time" in said.note
    stamp = room.submitted / jane.student / "01-small" / "timestamp.txt"
    stamp.write_text("2026-10-25 00:30:00 +0000\n")
    outcome = collect(moodle_zip(tmp_path / "m.zip"), roster=Roster.of(path), zone="Europe/Berlin")
    assert stamp.read_text() == "2026-10-25 00:30:00 +0000\n"
    assert [each.note for each in outcome.collected if each.student == jane.student] == [""]


def test_without_a_time_zone_no_time_is_written_which_is_said(room, worksheet, collect, tmp_path):
    outcome = collect(moodle_zip(tmp_path / "m.zip"), roster=worksheet)
    assert "timestamp.txt" not in lies(room, "pat@uni.example")
    assert all("--timezone" in each.note for each in outcome.collected)


def test_two_of_one_name_without_numbers_are_told_and_not_merged(room, collect, tmp_path):
    path = tmp_path / "participants.csv"
    path.write_text(PARTICIPANTS.replace('Pat,"O\'Neil"', '"O\'Neil",Pat'), encoding="utf-8")
    outcome = collect(moodle_zip(tmp_path / "m.zip"), roster=Roster.of(path))
    assert set(whats(outcome)) == {"m3"}
    assert {what for what, _ in outcome.unmatched} == {"Jane Doe (11)", "Jane Doe (12)"}
    assert all("grading worksheet" in why for _, why in outcome.unmatched)
    chosen = {"11": "m1", "12": "m2"}
    outcome = collect(tmp_path / "m.zip", roster=Roster.of(path), chosen=chosen)
    assert whats(outcome) == {"m1": NEW, "m2": NEW, "m3": SAME}
    assert lies(room, "m2") == {"01-small.ipynb": "work of 12"}


def test_without_a_roster_two_of_one_name_stay_two_from_one_download_to_the_next(
    room, collect, tmp_path
):
    first = zipped(tmp_path / "1.zip", {"doejane_101_1_a.ipynb": "of 101"})
    second = zipped(tmp_path / "2.zip", {"doejane_102_2_a.ipynb": "of 102"})
    collect(first)
    collect(second)
    collect(zipped(tmp_path / "3.zip", {"doejane_102_3_a.ipynb": "more"}), lesson="02-more")
    assert lies(room, "doejane") == {"01-small.ipynb": "of 101"}
    assert lies(room, "doejane_102") == {"01-small.ipynb": "of 102"}
    assert sorted(path.name for path in (room.submitted / "doejane_102").iterdir()) == LESSONS


def test_what_cannot_be_matched_is_listed_with_what_to_do(room, roster, collect, tmp_path):
    download = zipped(
        tmp_path / "submissions.zip",
        {
            CANVAS_NAMES[101]: "x",
            "stranger_555_9_01-small.ipynb": "x",
            "lateanna_106_text.html": "x",
            "anon_aB3x9_9_01-small.ipynb": "x",
            "notes.txt": "x",
        },
    )
    outcome = collect(download, roster=roster)
    said = dict(outcome.unmatched)
    assert set(whats(outcome)) == {"jdoe1"}
    assert "number 555" in said["stranger (555)"]
    assert "no file: ask for the notebook" in said["lateanna_106_text.html"]
    assert "hides whose it is" in said["anon_aB3x9_9_01-small.ipynb"]
    assert "no platform gives such a name" in said["notes.txt"]
    assert "alate" in outcome.missing


def test_what_is_no_download_is_said(collect, roster, tmp_path):
    outcome = collect(zipped(tmp_path / "a.zip", {"a/01-small.ipynb": "x"}), roster=roster)
    assert ("a.zip", "nothing in it is named as a platform does") in outcome.unmatched
    (tmp_path / "b.zip").write_text("no zip")
    with pytest.raises(CourseError, match=r"b\.zip: it is no zip archive"):
        collect(tmp_path / "b.zip", roster=roster)
    with pytest.raises(CourseError, match=r"there is no .*c\.zip"):
        collect(tmp_path / "c.zip", roster=roster)


def test_collecting_twice_changes_nothing(room, roster, collect, tmp_path):
    download = canvas_zip(tmp_path / "submissions.zip")
    collect(download, roster=roster)
    before = {p: p.stat().st_mtime_ns for p in room.folder.rglob("*.ipynb")}
    assert set(whats(collect(download, roster=roster)).values()) == {SAME}
    assert {p: p.stat().st_mtime_ns for p in room.folder.rglob("*.ipynb")} == before
    assert not (room.folder / "attempts").exists()


def test_an_earlier_attempt_is_kept_under_its_time(room, roster, worksheet, collect, tmp_path):
    collect(canvas_zip(tmp_path / "1.zip"), roster=roster)
    (room.submitted / "jdoe1" / LESSON / "timestamp.txt").write_text("2026-03-01 10:00:00 +0100")
    outcome = collect(canvas_zip(tmp_path / "2.zip", n101="better"), roster=roster)
    assert whats(outcome)["jdoe1"] == AGAIN
    assert lies(room, "jdoe1") == {"01-small.ipynb": "better"}
    kept = room.folder / "attempts" / "jdoe1" / LESSON / "2026-03-01T09-00-00Z"
    assert (kept / "01-small.ipynb").read_text() == "work of 101"
    assert [each.kept for each in outcome.collected if each.what == AGAIN] == [(kept,)]
    collect(canvas_zip(tmp_path / "3.zip", n101="best"), roster=roster)
    assert len(list((room.folder / "attempts" / "jdoe1" / LESSON).iterdir())) == 2


def test_a_time_that_the_instructor_gave_is_not_replaced_by_late(room, roster, collect, tmp_path):
    collect(canvas_zip(tmp_path / "1.zip"), roster=roster)
    stamp = room.submitted / "jroe" / LESSON / "timestamp.txt"
    stamp.write_text("2026-03-03 10:00:00 +0100")
    assert whats(collect(tmp_path / "1.zip", roster=roster))["jroe"] == SAME
    assert stamp.read_text() == "2026-03-03 10:00:00 +0100"


def test_a_time_that_became_known_is_put_right(room, worksheet, collect, tmp_path):
    collect(moodle_zip(tmp_path / "m.zip"), roster=worksheet)
    outcome = collect(tmp_path / "m.zip", roster=worksheet, zone="UTC")
    assert set(whats(outcome).values()) == {STAMPED}
    assert lies(room, "pat@uni.example")["timestamp.txt"] == "2026-03-02 21:31:00 +0000\n"


def test_no_student_says_when_it_was_handed_in(room, worksheet, collect, tmp_path):
    folder = "O'Neil, Pat_13_assignsubmission_file"
    early = {f"{folder}/timestamp.txt": "2020-01-01", f"{folder}/01-small.ipynb": "x"}
    collect(zipped(tmp_path / "m.zip", early), roster=worksheet)
    assert set(lies(room, "pat@uni.example")) == {
        "01-small.ipynb", "timestamp (of the student).txt"
    }  # fmt: skip


def test_who_has_an_underscore_in_the_name_is_told_from_late(room, roster, collect, tmp_path):
    names = {"van_der_dyk_LATE_103_8_x.ipynb": "x", "o_b_104_9_y.ipynb": "y"}
    assert set(whats(collect(zipped(tmp_path / "1.zip", names), roster=roster))) == {"jroe", "zmue"}
    assert "timestamp.txt" in lies(room, "jroe")
    assert "timestamp.txt" not in lies(room, "zmue")


def test_blindly_marked_students_are_participants_by_number(room, collect, tmp_path):
    text = "Identifier,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
    text += "".join(f"Participant {n},Submitted for grading,,10.00,-,\n" for n in (21, 22))
    (tmp_path / "blind.csv").write_text(text)
    names = {f"Participant_{n}_assignsubmission_file_/a.ipynb": f"{n}" for n in (21, 22)}
    outcome = collect(zipped(tmp_path / "1.zip", names), roster=Roster.of(tmp_path / "blind.csv"))
    assert set(whats(outcome)) == {"Participant 21", "Participant 22"}
    assert lies(room, "Participant 22") == {"01-small.ipynb": "22"}


def test_a_download_that_a_browser_has_unpacked_is_taken(room, roster, collect, tmp_path):
    with zipfile.ZipFile(canvas_zip(tmp_path / "1.zip")) as archive:
        archive.extractall(tmp_path / "submissions")
    outcome = collect(tmp_path / "submissions", roster=roster)
    assert set(whats(outcome)) == {"jdoe1", "jdoe2", "jroe", "zmue"}
    assert lies(room, "jroe")["timestamp.txt"] == "LATE, as Canvas says\n"
    assert entries(room, LESSON)["zmue"].names == (CANVAS_NAMES[104],)


@pytest.mark.parametrize("name", ["cs_101_2026_submissions.zip", "submissions.ZIP"])
def test_a_download_is_one_whatever_it_is_called(roster, collect, tmp_path, name):
    outcome = collect(canvas_zip(tmp_path / name), roster=roster)
    assert set(whats(outcome)) == {"jdoe1", "jdoe2", "jroe", "zmue"}


def test_one_file_of_a_download_is_taken_and_a_folder_within_a_folder(
    room, roster, collect, tmp_path
):
    (tmp_path / CANVAS_NAMES[104]).write_text("alone")
    zipped(tmp_path / "doejane_101_7_work.zip", {"a/b.ipynb": "packed"})
    outcome = collect(
        tmp_path / CANVAS_NAMES[104], tmp_path / "doejane_101_7_work.zip", roster=roster
    )
    assert (outcome.unmatched, set(whats(outcome))) == ([], {"zmue", "jdoe1"})
    assert list(lies_bytes(room, "jdoe1")) == ["work.zip"]
    inner = tmp_path / "outer" / "submissions"
    inner.mkdir(parents=True)
    (inner / CANVAS_NAMES[102]).write_text("within")
    assert set(whats(collect(tmp_path / "outer", roster=roster))) == {"jdoe2"}


def lies_bytes(room: Classroom, student: str) -> dict[str, bytes]:
    folder = room.submitted / student / LESSON
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_an_unpacked_folder_of_moodle_is_taken_without_links(room, worksheet, collect, tmp_path):
    folder = tmp_path / "m" / "Jane Doe_11_assignsubmission_file_"
    (folder / "data").mkdir(parents=True)
    (folder / "work.ipynb").write_text("mine")
    (folder / "data" / "x.csv").write_text("1")
    (folder / "theirs.ipynb").symlink_to(tmp_path / "gradebook.csv")
    collect(tmp_path / "m", roster=worksheet)
    place = room.submitted / "jane.doe@uni.example" / LESSON
    files = {str(p.relative_to(place)) for p in place.rglob("*") if p.is_file()}
    assert files == {"01-small.ipynb", "data/x.csv"}


@pytest.mark.parametrize(
    ("files", "called"),
    [
        (["Untitled.ipynb"], ["01-small.ipynb"]),
        (["01-small-2.ipynb", "notes.txt"], ["01-small.ipynb", "notes.txt"]),
        (["a.ipynb", "b.ipynb"], ["a.ipynb", "b.ipynb"]),
        (["02-more.ipynb"], ["02-more.ipynb"]),  # another lesson's: the grader is to say so
        (["work.zip"], ["work.zip"]),
    ],
)
def test_a_lone_notebook_gets_the_lessons_name(room, roster, collect, tmp_path, files, called):
    names = {f"doejane_101_{k}_{name}": name for k, name in enumerate(files)}
    collect(zipped(tmp_path / "1.zip", names), roster=roster)
    assert list(lies(room, "jdoe1")) == called


def test_a_dry_run_says_the_same_and_writes_nothing(room, roster, collect, tmp_path):
    download = canvas_zip(tmp_path / "1.zip")
    outcome = collect(download, roster=roster, dry_run=True)
    assert set(whats(outcome).values()) == {NEW}
    assert not room.submitted.exists()


def test_nothing_is_written_through_a_link(room, roster, collect, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    room.submitted.mkdir(parents=True)
    os.symlink(outside, room.submitted / "jdoe1")
    outcome = collect(canvas_zip(tmp_path / "1.zip"), roster=roster)
    assert "it is a link" in dict(outcome.unmatched)["doejane (101)"]
    assert list(outside.iterdir()) == []


def test_the_names_of_the_platform_are_kept_for_the_way_back(room, roster, collect, tmp_path):
    collect(canvas_zip(tmp_path / "1.zip"), roster=roster)
    one = entries(room, LESSON)["jdoe2"]
    assert (one.platform, one.number, one.names) == ("canvas", "102", (CANVAS_NAMES[102],))
    path = room.folder / "collected" / f"{LESSON}.json"
    found = json.loads(path.read_text())
    found["jdoe2"]["names"] = ["../../evil_102_1_x"]
    path.write_text(json.dumps(found))
    assert entries(room, LESSON)["jdoe2"].names == ("evil_102_1_x",)
    path.write_text("{")
    with pytest.raises(CourseError, match="collect 01-small again"):
        entries(room, LESSON)


def test_two_of_a_download_never_become_one_student(roster, collect, tmp_path):
    chosen = {"102": "jdoe1"}
    outcome = collect(canvas_zip(tmp_path / "1.zip"), roster=roster, chosen=chosen)
    assert "jdoe1" in whats(outcome)
    assert "is jdoe1's, as doejane (101) is" in dict(outcome.unmatched)["doejane (102)"]


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_folder_called_as_the_file_that_says_when_costs_nobody(
    room, worksheet, collect, tmp_path, unpacked
):
    mine, other = (f"{n}_assignsubmission_file_" for n in ("Jane Doe_11", "Jane Doe_12"))
    files = {f"{mine}/timestamp.txt/a.ipynb": "x", f"{other}/a.ipynb": "y"}
    download = zipped(tmp_path / "m.zip", files)
    if unpacked:
        with zipfile.ZipFile(download) as archive:
            archive.extractall(tmp_path / "m")
        download = tmp_path / "m"
    outcome = collect(download, roster=worksheet, zone="UTC")
    assert set(whats(outcome)) == {"jane.doe@uni.example", "doe2@uni.example"}
    place = room.submitted / "jane.doe@uni.example" / LESSON
    assert (place / "timestamp.txt").is_file()

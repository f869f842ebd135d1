"""A student's own part of a file's name says nothing of whose it is."""

import zipfile

import pytest

from autograder.classroom import Classroom
from autograder.course import CourseError
from autograder.grading import archives, inbox
from autograder.grading.inbox import submissions
from autograder.lms.download import opened
from tests.autograder.handed_in import put, zipped
from tests.autograder.test_inbox_nearly import graded_of


@pytest.mark.parametrize("alone", [False, True])
def test_no_file_of_a_told_student_is_read_as_anothers(submitted, taken, alone):
    names = ["adams_111_5001_x_999_assignsubmission_file_01-small.ipynb",
             "adams_111_5003_z_zim_attempt_2026-03-01-10-11-12_01-small.ipynb"]  # fmt: skip
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "stolen")
        if not alone:
            archive.writestr("zim_999_5002_01-small.ipynb", "{}")
    found, unread = taken()
    assert {student for student, _ in found} <= {"adams", "zim"}
    assert {each.student for each in unread} <= {"adams"}
    assert alone == (("zim", "01-small") not in found)
    assert alone or graded_of("zim", found) == b"{}"


MOODLE = "Mallory M_21_assignsubmission_file_"
ODD = {
    "a file where another has a folder": ["mallory_21_22_x", "mallory_21_23_x\\y"],
    "a control character": ["mallory_21_22_x\x07y"],
    "a path that leads outside": ["mallory_21_22_x\\..\\..\\..\\y"],
    "a drive": ["mallory_21_22_x:y"],
    "many folders": [f"{MOODLE}/{'d/' * 21}f"],
    "what a stamp is called": [
        f"{MOODLE}/timestamp (of the student).txt",
        f"{MOODLE}/timestamp.txt/b",
    ],
}
"""Files of one student in the download of a class, which some system does not take."""


@pytest.mark.parametrize("names", ODD.values(), ids=ODD)
def test_one_students_odd_names_cost_nobody_else_anything(submitted, taken, tmp_path, names):
    moodle = "assignsubmission" in names[0]
    whole = "{}_assignsubmission_file_/01-small.ipynb" if moodle else "{}_1_01-small.ipynb"
    honest = [whole.format(who) for who in ("alice_11", "zoe_31")]
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        for name in (honest[0], *names, honest[1]):
            archive.writestr(zipfile.ZipInfo(name), "{}")
    found, _ = taken()
    assert {("alice", "01-small"), ("zoe", "01-small")} <= {*found}
    (tmp_path / "collected").mkdir()
    entries, _ = opened(submitted / "all.zip", tmp_path / "collected")
    assert {"alice", "zoe"} <= {entry.of.student for entry in entries}


def test_one_students_large_files_leave_the_others_room(submitted, taken, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_OF_STUDENT", 1000)
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        archive.writestr("alice_11_12_01-small.ipynb", "{}")
        for k in range(5):
            archive.writestr(f"mallory_21_{k}_x{k}", "x" * 400)
        archive.writestr("zoe_31_32_01-small.ipynb", "{}")
    found, unread = taken()
    assert {("alice", "01-small"), ("zoe", "01-small")} <= {*found}
    assert sum("too large" in each.why for each in unread) == 3


def test_one_students_many_files_leave_the_others_room(submitted, taken, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        archive.writestr("alice_11_12_01-small.ipynb", "{}")
        for k in range(5):
            archive.writestr(f"mallory_21_{k}_x{k}", "")
        archive.writestr("zoe_31_32_01-small.ipynb", "{}")
    found, unread = taken()
    assert {("alice", "01-small"), ("zoe", "01-small")} <= {*found}
    assert sum("more than 3 files of one student" in each.why for each in unread) == 2


def test_a_large_class_has_more_room_than_one_students_archive(submitted, taken, monkeypatch):
    """As many files and bytes of each as of one; and an archive in it is one student's."""
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 100)
    monkeypatch.setattr(inbox, "LARGEST_OF_STUDENT", 100)
    bomb = submitted / "bomb.zip"
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("01-small.ipynb", "x" * 101)
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        for k in range(9):
            archive.writestr(f"amy{k}_1{k}_2{k}_01-small.ipynb", '"' + "x" * 50 + '"')
        archive.write(bomb, "mallory_31_32_all.zip")
    bomb.unlink()
    found, unread = taken()
    assert {who for who, _ in found} == {f"amy{k}" for k in range(9)}
    assert any(each.student == "mallory" and "too large" in each.why for each in unread)


@pytest.mark.parametrize("folder", ["", "01-small/"])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("mallory.zip", ""),
        ("mallory_1234_5678_work.zip", ""),
        ("mallory_LATE_1234_5678_work.zip", "LATE, as Canvas says"),
        ("mallory_123_assignsubmission_file_work.zip", ""),
    ],
)
def test_no_file_in_a_students_archive_says_when(submitted, tmp_path, name, says, folder):
    with zipfile.ZipFile(submitted / name, "w") as archive:
        archive.writestr(f"{folder}01-small.ipynb", "{}")
        archive.writestr(f"{folder}timestamp.txt", "2020-01-01 00:00:00 UTC")
    (tmp_path / "aside").mkdir(exist_ok=True)
    every, _ = submissions(submitted, ["01-small"], tmp_path / "aside")
    (found,) = (each for each in every if each.student == "mallory")
    assert (found.stamp.read_text() if found.stamp.exists() else "") == says


@pytest.mark.parametrize("name", ["mallory.zip", "all.zip"])
def test_nor_does_one_in_a_folder_of_the_students_name(submitted, tmp_path, name):
    """In the archive, or in one within the class's."""
    (tmp_path / "aside").mkdir(exist_ok=True)
    inner = tmp_path / "mallory.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("mallory/01-small/01-small.ipynb", "{}")
        archive.writestr("mallory/01-small/timestamp.txt", "2020-01-01 00:00:00 UTC")
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        archive.write(inner, "mallory.zip")
        archive.writestr("zoe/01-small/01-small.ipynb", "{}")
        archive.writestr("zoe/01-small/timestamp.txt", "2020-01-01 00:00:00 UTC")
    if name != "all.zip":
        (submitted / "all.zip").unlink()
        inner.rename(submitted / name)
    every, _ = submissions(submitted, ["01-small"], tmp_path / "aside")
    stamps = {each.student: each.stamp.exists() for each in every}
    assert not stamps["mallory"]
    assert stamps.get("zoe", True)  # a class's own archive says when


@pytest.mark.parametrize("packed", [False, True])
def test_nobody_hands_in_for_another_who_has_an_archive(submitted, tmp_path, packed):
    (tmp_path / "aside").mkdir(exist_ok=True)
    outer = tmp_path / "made" if packed else submitted
    for name, holds in (("abel", ("abel", "noa")), ("noa", ("noa",))):
        outer.mkdir(exist_ok=True)
        with zipfile.ZipFile(outer / f"{name}.zip", "w") as archive:
            for student in holds:
                archive.writestr(f"{student}/01-small/01-small.ipynb", f'"of {name}"')
    if packed:
        with zipfile.ZipFile(submitted / "class.zip", "w") as archive:
            for path in sorted(outer.iterdir()):
                archive.write(path, path.name)
    every, unread = submissions(submitted, ["01-small"], tmp_path / "aside")
    for name in ("abel", "noa"):
        (folder,) = (each.folder for each in every if each.student == name)
        assert (folder / "01-small.ipynb").read_text() == f'"of {name}"'
    assert [u.student for u in unread if "a second time" in u.why] == ["noa"]


def test_one_students_many_folders_have_an_end(submitted, taken, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 30)
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        archive.writestr("alice_11_12_01-small.ipynb", "{}")
        for k in range(5):
            deep = "/".join(f"{k}{j}" for j in range(10))
            archive.writestr(f"Mallory_21_assignsubmission_file_/{deep}/x", "")
    found, unread = taken()
    assert ("alice", "01-small") in found
    assert any("more than 30 folders" in each.why for each in unread)


def test_a_name_with_a_colon_leads_nowhere(submitted, taken):
    with zipfile.ZipFile(submitted / "ann.zip", "w") as archive:
        archive.writestr("01-small.ipynb", "{}")
        archive.writestr("Screen Shot 10:30.png", "")
        archive.writestr("Mar 1 9:30/notes.txt", "")
    found, unread = taken()
    assert ("ann", "01-small") in found
    assert not any("leads outside" in each.why for each in unread)


def test_the_classs_folder_is_told_from_a_student_who_is_called_submitted(tmp_path):
    put(tmp_path / "class" / "submitted", "ann/01-small/01-small.ipynb")
    with pytest.raises(CourseError, match=r"is the class.s folder: give .*submitted"):
        Classroom.at(tmp_path / "class")
    for folder in ("submitted", "handed-in"):
        put(tmp_path / folder, "submitted/01-small/01-small.ipynb")
        assert Classroom.at(tmp_path / folder).submitted == tmp_path / folder


def test_a_zip_of_notebooks_with_names_is_not_one_students(submitted, taken):
    names = ["J\u00f6rg M\u00fcller - 01-small.ipynb", "Sean O'Brien - 01-small.ipynb"]
    zipped(submitted / "01-small-20260329T100000Z-001.zip", *names)
    zipped(submitted / "ann.zip", "01-small.ipynb", "01-small (1).ipynb", "draft of 01-small.ipynb")
    found, unread = taken()
    assert set(found) == {("ann", "01-small")}
    (told,) = unread
    assert told.student.startswith("01-small-2026")
    assert "whose it is cannot be told" in told.why

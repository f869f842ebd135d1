"""What a grade is made of, by digest: of the bank what the lesson needs, and no more."""

from __future__ import annotations

import pytest

from autograder import course
from autograder.course import CourseError
from autograder.grading import sheet
from helpers.questions import LESSONS


@pytest.fixture
def edited(monkeypatch):
    """The digest when each file of these folders has another line."""
    before = sheet._code()

    def made(folders: set[str], exercises: list[str] | None) -> str:
        code = [(f, text + b"#" if f in folders else text) for f, text in before]
        monkeypatch.setattr(sheet, "_code", lambda: code)
        return sheet.code_version(exercises)

    return made


def test_what_the_banks_files_import_from_is_what_python_would_import():
    """It is read by the line; a parser is slower, and right."""
    parsed: dict[str, set[str]] = {}
    for folder, content in sheet._code():
        for name in sheet.imported(content.decode()) if folder else ():
            parts = name.split(".")
            if len(parts) > 2 and parts[1] in sheet.BANKS and parts[2] in LESSONS.values():
                parsed.setdefault(folder, set()).add(parts[2])
    assert sheet._needs() == parsed
    assert len(parsed) == len(LESSONS)


def test_an_edit_of_the_bank_changes_the_lessons_that_need_it(edited):
    of_sigmoid, of_all = edited(set(), ["sigmoid"]), edited(set(), None)
    assert edited({"derivatives", "backprop"}, ["sigmoid"]) == of_sigmoid
    assert edited({"derivatives"}, None) != of_all
    for needed in ("sigmoid_rule", ""):
        assert edited({needed}, ["sigmoid"]) != of_sigmoid


def test_what_another_lessons_questions_lend_is_needed_too(edited):
    """The questions of lesson 6 use networks of lesson 4."""
    before = edited(set(), ["one_epoch"])
    assert edited({"backprop"}, ["one_epoch"]) != before
    assert edited({"landscapes"}, ["one_epoch"]) == before


def test_an_exercise_that_no_bank_has_counts_on_everything(edited):
    assert edited({"landscapes"}, ["unheard_of"]) != edited(set(), ["unheard_of"])


def test_files_beyond_the_limit_are_refused_and_the_largest_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "LARGEST_FILES", 3_000_000)
    (tmp_path / "small.bin").write_bytes(bytes(1_000_000))
    assert set(course.files_beside(tmp_path)) == {"small.bin"}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "large.bin").write_bytes(bytes(2_100_000))
    with pytest.raises(CourseError, match=r"more than 3 MB .* data/large.bin of 2 MB"):
        course.files_beside(tmp_path)

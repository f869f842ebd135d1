"""Only the answers are taken from a submission, whatever was done to the rest of it."""

import copy
import json

import nbformat
import pytest

from autograder.build import write_sources
from autograder.course import CourseError
from autograder.submission import (
    Unreadable,
    name_fault,
    read,
    read_cells,
    rebuild,
    submissions,
)

ANSWER = "def double(x):\n    return x + x"


@pytest.fixture
def release(small):
    """The small lesson as a student gets it, near enough: the solution emptied."""
    write_sources(small)
    notebook = small.lesson("01").notebook()
    notebook.cells[2].source = "def double(x):\n    raise NotImplementedError"
    return notebook


@pytest.fixture
def submit(release, tmp_path):
    """A function that edits a copy of the release and gives the rebuilt notebook."""

    def run(change):
        notebook = copy.deepcopy(release)
        notebook.cells[2].source = ANSWER
        change(notebook)
        path = tmp_path / "handed-in.ipynb"
        path.write_text(json.dumps(notebook))
        return rebuild(release, read(path))

    return run


def answer(rebuilt) -> str:
    return next(c for c in rebuilt.notebook.cells if c.id == "double").source


def test_an_honest_submission_is_taken_without_a_note(submit):
    rebuilt = submit(lambda nb: None)
    assert answer(rebuilt) == ANSWER
    assert rebuilt.notes == ()


def test_extra_cells_metadata_and_tags_are_left_out(submit, release):
    def change(nb):
        nb.cells.insert(0, nbformat.v4.new_code_cell("import os", id="mine"))
        nb.cells[3].metadata["tags"] = ["skip-execution"]
        nb.metadata["kernelspec"] = {"name": "other", "display_name": "other"}

    rebuilt = submit(change)
    assert len(rebuilt.notebook.cells) == len(release.cells)
    assert rebuilt.notebook.metadata == release.metadata
    assert all("tags" not in c.metadata for c in rebuilt.notebook.cells)


def test_a_changed_test_cell_is_put_right_and_noted(submit, release):
    def change(nb):
        nb.cells[3].source = "100.0"

    rebuilt = submit(change)
    assert rebuilt.notebook.cells[3].source == release.cells[3].source
    assert rebuilt.notes == ("the test cell test-double was changed: the course's own was used",)


def test_a_deleted_answer_counts_as_unanswered(submit, release):
    rebuilt = submit(lambda nb: nb.cells.pop(2))
    assert answer(rebuilt) == release.cells[2].source
    assert rebuilt.notes == ("the answer cell double is missing: it counts as unanswered",)


def test_a_deleted_test_is_put_back(submit, release):
    rebuilt = submit(lambda nb: nb.cells.pop(3))
    assert [c.id for c in rebuilt.notebook.cells] == [c.id for c in release.cells]
    assert rebuilt.notes == ("the test cell test-double was deleted: it was put back",)


def test_of_copies_the_original_is_graded(submit):
    def change(nb):
        twin = copy.deepcopy(nb.cells[2])
        twin.id, twin.source = "twin", "def double(x):\n    return 0"
        nb.cells.insert(0, twin)

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert "stands 2 times" in rebuilt.notes[0]


def test_a_renamed_answer_is_found_by_its_cell_id(submit):
    def change(nb):
        nb.cells[2].metadata.nbgrader.grade_id = "my-answer"

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert "was renamed" in rebuilt.notes[0]


def test_an_answer_is_found_by_grade_id_where_ids_are_lost(submit):
    def change(nb):
        nb.cells = [{k: v for k, v in c.items() if k != "id"} for c in nb.cells]

    assert answer(submit(change)) == ANSWER


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not valid JSON"),
        (b'{"cells": [', "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
    ],
)
def test_a_damaged_file_is_named_and_counts_as_unanswered(release, tmp_path, content, reason):
    path = tmp_path / "damaged.ipynb"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        read_cells(read(path))
    rebuilt = rebuild(release, read(path))
    assert reason in rebuilt.notes[0]
    assert [c.source for c in rebuilt.notebook.cells] == [c.source for c in release.cells]


def test_strange_cells_are_passed_over(tmp_path):
    path = tmp_path / "strange.ipynb"
    cells = [None, 3, {}, {"source": 5}, {"source": ["a", "b"], "metadata": {"nbgrader": 7}}]
    path.write_text(json.dumps({"cells": cells}))
    assert [c.source for c in read_cells(read(path))] == ["", "ab"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Unreadable, match=r"there is no file x\.ipynb"):
        read(tmp_path / "x.ipynb")


def test_an_empty_class_is_refused(tmp_path):
    with pytest.raises(CourseError, match="there is no folder"):
        submissions(tmp_path / "submitted", ["01-small"])
    (tmp_path / "submitted").mkdir()
    with pytest.raises(CourseError, match="holds no submission of 01-small"):
        submissions(tmp_path / "submitted", ["01-small"])


@pytest.mark.parametrize(
    "name",
    [
        "José",
        "Jose\u0301",
        "O'Neill",
        "李雷",
        "Doe, Jane (2)",
        "R&D",
        "a b",
        "Zoë;1",
        "x=1%",
        "#7",
        "🙂",
    ],
)
def test_an_honest_name_has_no_fault(name):
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("<img src=x onerror=alert(1)>", "< >"),
        ('x" onmouseover="alert(1)', '"'),
        ('"; alert(1); "', '"'),
        ("the quote of a script\\", "\\"),
        ("two\nlines", "printed"),
        ("\x1b[2Jclean", "printed"),
        ("\x9b2J", "printed"),
        ("ann\u202eefas", "printed"),
        ("one\u2028two", "printed"),
        ("J\udcf6rg", "UTF-8"),
    ],
)
def test_a_name_that_a_page_would_obey_has_a_fault_that_says_what_to_do(name, why):
    fault = name_fault(name)
    assert fault is not None
    assert why in fault
    assert fault.endswith("rename it")

"""Only the answers are taken from a submission, whatever was done to the rest of it."""

import copy
import hashlib
import json

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from autograder.course import CourseError, is_own
from autograder.grading.envelope import Envelope
from autograder.grading.files import Unreadable, read
from autograder.grading.forms import read_cells
from autograder.grading.inbox import submissions
from autograder.grading.places import defines
from autograder.grading.submission import NOT_JUDGED, rebuild
from tests.autograder.handed_in import ANSWER, answer, by_id, code, ids, own, words


def test_an_honest_submission_is_taken_without_a_note(submit):
    rebuilt = submit(lambda nb: None)
    assert answer(rebuilt) == ANSWER
    assert rebuilt.notes == ()


def test_metadata_and_tags_are_left_out(submit, release):
    def change(nb):
        nb.cells[3].metadata["tags"] = ["skip-execution"]
        nb.metadata["kernelspec"] = {"name": "other", "display_name": "other"}

    rebuilt = submit(change)
    assert rebuilt.notebook.metadata == release.metadata
    assert all("tags" not in c.metadata for c in rebuilt.notebook.cells)


def test_a_changed_test_cell_is_put_right_and_noted(submit, release):
    def change(nb):
        nb.cells[3].source = "100.0"

    rebuilt = submit(change)
    assert by_id(rebuilt, "test-double").source == release.cells[3].source
    assert own(rebuilt) == ["100.0"]
    assert rebuilt.notes == ("the test cell test-double was changed: the course's own was used",)


def test_a_deleted_answer_counts_as_unanswered(submit, release):
    rebuilt = submit(lambda nb: nb.cells.pop(2))
    assert answer(rebuilt) == release.cells[2].source
    assert rebuilt.notes == ("the answer cell double is missing: it counts as unanswered",)


def test_a_deleted_test_is_put_back(submit, release):
    rebuilt = submit(lambda nb: nb.cells.pop(3))
    assert [c.id for c in rebuilt.notebook.cells] == [c.id for c in release.cells]
    assert rebuilt.notes == ("the test cell test-double was deleted: it was put back",)


def test_a_question_that_is_newer_than_the_notebook_was_not_deleted(submit):
    rebuilt = submit(lambda nb: [nb.cells.pop(i) for i in (3, 2)])
    assert rebuilt.notes == ("the answer cell double is missing: it counts as unanswered",)


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
        (b"", "it is empty"),
        (b"\0" * 100, "it is empty"),
        (b'{"cells": ["a', "it breaks off before its end"),
        (b'{"cells": [,]}', "not valid JSON"),
        (b"\xff\xfe\x00", "it is UTF-16 text"),
        (b"<!DOCTYPE html>", "it is a web page"),
        (b"{\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n}", "both sides of a merge"),
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
    rebuilt = rebuild(release, Envelope(path.name, read(path)))
    assert reason in rebuilt.notes[0]
    assert rebuilt.notes[0].endswith(NOT_JUDGED)
    assert [c.source for c in rebuilt.notebook.cells] == [c.source for c in release.cells]


def test_half_characters_and_odd_marks_are_no_trouble(submit):
    deep: list = []
    for _ in range(60):
        deep = [deep]

    def change(nb):
        nb.cells.insert(0, code("\ud800\x00", "odd"))
        nb.cells[1].metadata["nbgrader"] = {"grade_id": 3, "checksum": 1, "grade": deep}

    assert own(submit(change)) == ["?"]


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


# --- Everything that the student wrote is there ---------------------------------------------------


def test_cells_of_the_students_own_keep_their_places(submit):
    def change(nb):
        nb.cells.insert(0, code("import os", "first"))
        nb.cells.insert(3, code("half = 0.5", "second"))
        nb.cells.append(words("My notes.", "third"))

    rebuilt = submit(change)
    assert own(rebuilt) == ["import os", "half = 0.5", "My notes."]
    places = [ids(rebuilt).index(c.id) for c in rebuilt.notebook.cells if is_own(c)]
    assert places == [0, 3, 8]
    assert rebuilt.notes == ("you added 2 cells; they were run",)
    nbformat.validate(rebuilt.notebook)


def test_ids_of_the_students_own_are_new_ones(submit):
    def change(nb):
        nb.cells.insert(0, code("a = 1", "own-1"))
        nb.cells.insert(1, code("b = 1", "own-1"))

    assert len(set(ids(submit(change)))) == 8


def test_an_edited_cell_of_the_courses_is_run_after_ours(submit, release):
    def change(nb):
        nb.cells[1].source += "\nfrom scipy import linalg"

    rebuilt = submit(change)
    assert rebuilt.notebook.cells[1].source == release.cells[1].source
    assert own(rebuilt) == [release.cells[1].source + "\nfrom scipy import linalg"]
    assert is_own(rebuilt.notebook.cells[2])
    assert rebuilt.notes == ("you changed 1 cell of the course's; yours was run after ours",)


def test_an_edited_cell_that_was_cut_and_pasted_is_run_after_ours(submit, release):
    def change(nb):
        nb.cells[1] = code(nb.cells[1].source + "\nmine = 1", "pasted")

    rebuilt = submit(change)
    assert rebuilt.notebook.cells[1].source == release.cells[1].source
    assert is_own(rebuilt.notebook.cells[2])


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_ends_of_lines_are_no_change(submit, end):
    def change(nb):
        for cell in nb.cells:
            cell.source = cell.source.replace("\n", end)

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert rebuilt.notes == ()


def test_what_the_course_has_changed_since_is_nobodys_change(submit, release):
    """An id of ours is the digest of its text, and a mark holds nbgrader's checksum."""

    def change(nb):
        test = nb.cells[3]
        test.source += "\n# as it was"
        test.metadata.nbgrader.checksum = compute_checksum(test)
        plot = nb.cells[4]
        plot.source += "\n# as it was"
        plot.id = hashlib.sha256(f"code\n{plot.source}".encode()).hexdigest()[:12]

    rebuilt = submit(change)
    assert rebuilt.notes == ()
    assert own(rebuilt) == []
    assert [c.source for c in rebuilt.notebook.cells[3:]] == [c.source for c in release.cells[3:]]


# --- What a person grades -------------------------------------------------------------------------


def test_words_beside_a_blank_answer_wait_for_a_person(submit):
    rebuilt = submit(lambda nb: nb.cells.append(words("Because it is so.")))
    assert rebuilt.waits == {"why"}
    assert own(rebuilt) == ["Because it is so."]


def test_words_in_place_of_a_deleted_answer_are_the_answer(submit):
    def change(nb):
        nb.cells[5] = words("Because it is so.")
        nb.cells[5].attachments = {"a.png": {"image/png": "x"}}

    rebuilt = submit(change)
    assert by_id(rebuilt, "why").source == "Because it is so."
    assert by_id(rebuilt, "why").attachments == {"a.png": {"image/png": "x"}}
    assert rebuilt.notes == ()


def test_pictures_in_cells_of_their_own_are_kept(submit):
    def change(nb):
        nb.cells.append(words("![x](attachment:a.png)"))
        nb.cells[-1].attachments = {"a.png": {"image/png": "x"}}

    rebuilt = submit(change)
    assert rebuilt.notebook.cells[-1].attachments == {"a.png": {"image/png": "x"}}


@pytest.mark.parametrize("content", [None, b"{", b"PK"])
def test_what_cannot_be_read_waits_for_a_person_all_the_same(release, content):
    why = "" if content else "the file is larger than 100 MB"
    rebuilt = rebuild(release, Envelope("x.ipynb", content, why))
    assert rebuilt.waits == {"why"}
    assert rebuild(release, Envelope("x.ipynb", None, "there is no file", True)).waits == set()


# --- What a cell defines --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(): pass", {"f"}),
        ("class A:\n    x = 1", {"A"}),
        ("a, (b, c) = 1, (2, 3)", {"a", "b", "c"}),
        ("import os.path as p, sys\nfrom math import sin", {"p", "sys", "sin"}),
        ("if True:\n    def f(): pass\nelse:\n    g = 1", {"f", "g"}),
        ("try:\n    import x\nexcept ImportError:\n    x = None", {"x"}),
        ("%matplotlib inline\n!ls\nf = lambda x: x", {"f"}),
        ("def f(:\n    pass\nclass B:\ng = 1\nx == 3", {"f", "B", "g"}),
        ("print(f(3))", set()),
    ],
)
def test_a_cell_defines_what_it_binds_at_its_top(source, names):
    assert defines(source) == names


def test_many_cells_that_are_missing_are_told_in_one_sentence(release):
    lesson = copy.deepcopy(release)
    for name in ("one", "two", "three", "four"):
        cell = copy.deepcopy(next(c for c in release.cells if c.id == "double"))
        cell.id = cell.metadata.nbgrader.grade_id = name
        lesson.cells.append(cell)
    (said,) = rebuild(lesson, Envelope("a.ipynb", json.dumps(release).encode())).notes
    assert said.startswith("the answer cells one, two, three and 1 more are missing"), said


def test_behind_more_cells_than_are_read_answers_are_found_by_their_marks(submit):
    def change(nb):
        nb.cells[:0] = [code("1")] * 6000

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert not any("missing" in note for note in rebuilt.notes)

"""Answers are found in a submission, whatever became of its cells, its form and its name."""

import copy
import json

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

from autograder.grading import submission
from autograder.grading.envelope import Envelope
from autograder.grading.files import without_clashes
from autograder.grading.submission import Rebuilt, rebuild
from tests.autograder.handed_in import ANSWER, answer, by_id, code, ids, own, words

# --- Answers are found ----------------------------------------------------------------------------


def stripped(nb):
    for cell in nb.cells:
        cell.pop("id")
        cell.metadata = {}
    nb.nbformat_minor = 4


def test_answers_are_found_where_all_marks_are_lost(submit):
    def change(nb):
        nb.cells[5].source = "Because."
        stripped(nb)

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert by_id(rebuilt, "why").source == "Because."
    assert own(rebuilt) == []
    (note,) = rebuilt.notes
    assert note.startswith("the file has lost the cells' ids")


def test_colabs_ids_stand_in_the_metadata(submit):
    def change(nb):
        for cell in nb.cells:
            cell.metadata = {"id": cell.pop("id"), "colab": {"base_uri": "x"}}

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert rebuilt.notes == ()


def test_an_answer_that_was_cut_and_pasted_is_the_answer(submit):
    def change(nb):
        nb.cells[2] = code(ANSWER, "pasted")

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert own(rebuilt) == []
    assert rebuilt.notes == ()


@pytest.mark.parametrize("place", [0, 2, 3, 6])
def test_an_answer_in_a_cell_beside_is_found_by_its_name(submit, release, place):
    def change(nb):
        nb.cells[2].source = release.cells[2].source
        nb.cells.insert(place, code(f"import math\n\n{ANSWER}"))

    rebuilt = submit(change)
    assert rebuilt.elsewhere == {"double"}
    assert own(rebuilt) == [f"import math\n\n{ANSWER}"]
    assert "the answer double was found in another cell, by its name" in rebuilt.notes


def test_an_answer_in_its_test_cell_is_found_and_stands_before_ours(submit, release):
    def change(nb):
        nb.cells[3].source = ANSWER + "\n" + nb.cells[3].source
        nb.cells[2].source = release.cells[2].source

    rebuilt = submit(change)
    assert rebuilt.elsewhere == {"double"}
    assert ids(rebuilt).index("test-double") > ids(rebuilt).index("own-1")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("helper = 2", ANSWER),
        (ANSWER, "print(double(3))"),
    ],
)
def test_an_answer_that_was_split_is_run_in_its_parts(submit, first, second):
    def change(nb):
        nb.cells[2].source = first
        nb.cells.insert(3, code(second))

    rebuilt = submit(change)
    assert (answer(rebuilt), own(rebuilt)) == (first, [second])
    assert ids(rebuilt)[2:4] == ["double", "own-1"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("def double(x):\n    y = x", "    return y + x"),
        ("def double(x):", "    return x + x"),
        ("class Double:\n    a = 1", "    def b(self):\n        return 2"),
    ],
)
def test_an_answer_that_was_split_within_is_one_again(submit, first, second):
    def change(nb):
        nb.cells[2].source = first
        nb.cells.insert(3, code(second))

    rebuilt = submit(change)
    assert answer(rebuilt) == f"{first}\n{second}"
    assert own(rebuilt) == []


@pytest.mark.parametrize("keeps", [0, 1])
def test_a_split_that_copies_the_marks_is_run_in_order(submit, keeps):
    """Jupyter copies the metadata of a cell that it splits; one of the parts has its id."""

    def change(nb):
        parts = [copy.deepcopy(nb.cells[2]) for _ in range(2)]
        parts[0].source, parts[1].source = "helper = 2", ANSWER
        parts[1 - keeps].id = "new"
        nb.cells[2:3] = parts

    rebuilt = submit(change)
    sources = [c.source for c in rebuilt.notebook.cells]
    assert sources.index("helper = 2") + 1 == sources.index(ANSWER)


def test_an_indented_cell_of_its_own_is_left_alone(submit):
    rebuilt = submit(lambda nb: nb.cells.insert(3, code("    a = 1")))
    assert (answer(rebuilt), own(rebuilt)) == (ANSWER, ["    a = 1"])


def test_an_answer_that_was_merged_with_the_cell_above_is_found(submit):
    def change(nb):
        nb.cells[1].source += "\n\n" + ANSWER
        del nb.cells[2]

    rebuilt = submit(change)
    assert answer(rebuilt).endswith(ANSWER)
    assert not any("missing" in note for note in rebuilt.notes)


def test_an_answer_that_was_merged_with_its_test_is_no_deleted_test(submit):
    def change(nb):
        nb.cells[2].source += "\n\n" + nb.cells[3].source
        del nb.cells[3]

    rebuilt = submit(change)
    assert "test-double" in ids(rebuilt)
    assert rebuilt.notes == ()


def test_a_copy_for_another_try_is_run_where_it_stands(submit):
    def change(nb):
        twin = copy.deepcopy(nb.cells[2])
        twin.id, twin.source = "twin", "def double(x):\n    return 2 * x"
        nb.cells.insert(3, twin)

    rebuilt = submit(change)
    assert (answer(rebuilt), own(rebuilt)) == (ANSWER, ["def double(x):\n    return 2 * x"])
    assert rebuilt.notes == (
        "the answer cell double stands 2 times: what was written in each was run",
    )


def test_a_blank_copy_is_nothing_that_was_written(submit, release):
    def change(nb):
        twin = copy.deepcopy(nb.cells[2])
        twin.id, twin.source = "twin", release.cells[2].source
        nb.cells.insert(3, twin)

    assert own(submit(change)) == []


# --- Files of other forms and names ---------------------------------------------------------------


@pytest.fixture
def answered(release) -> NotebookNode:
    notebook = copy.deepcopy(release)
    notebook.cells[2].source = ANSWER
    return notebook


def taken(release, name: str, content: bytes, **more) -> Rebuilt:
    return rebuild(release, Envelope(name, content, **more))


def test_version_3_is_read(release, answered):
    """As it is written: the lines of each cell apart, and of a heading too."""
    old = nbformat.convert(answered, 3)
    old.worksheets[0].cells.insert(0, nbformat.v3.new_heading_cell("A heading", level=1))
    rebuilt = taken(release, "x.ipynb", nbformat.v3.writes_json(old).encode())
    assert answer(rebuilt) == ANSWER
    assert own(rebuilt) == ["# A heading"]


def test_version_4_without_ids_is_read(release, answered):
    for cell in answered.cells:
        del cell["id"]
    answered.nbformat_minor = 0
    rebuilt = taken(release, "x.ipynb", json.dumps(answered).encode())
    assert answer(rebuilt) == ANSWER
    assert rebuilt.notes == ()


@pytest.mark.parametrize(
    ("form", "name"),
    [("py:percent", "x.py"), ("py:light", "x.py"), ("md:myst", "x.md"), ("md", "x.md")],
)
def test_a_notebook_that_is_a_text_is_read(release, answered, form, name):
    text = jupytext.writes(answered, fmt=form).encode()
    rebuilt = taken(release, name, text)
    assert answer(rebuilt) == ANSWER
    assert own(rebuilt) == []


def test_a_script_that_is_no_notebook_is_searched_for_answers(release):
    rebuilt = taken(release, "x.py", f"import math\n\n{ANSWER}\n".encode())
    assert rebuilt.elsewhere == {"double"} or ANSWER in answer(rebuilt)


def test_a_blank_original_does_not_hide_the_copy(release, answered):
    blank, full = json.dumps(release).encode(), json.dumps(answered).encode()
    rebuilt = taken(release, "x.ipynb", blank, others={"x (1).ipynb": full})
    assert answer(rebuilt) == ANSWER
    assert rebuilt.notes == ("x.ipynb is as it was released: x (1).ipynb was graded in its place",)


def test_a_copy_stands_for_a_missing_or_damaged_file(release, answered):
    others = {"x (1).ipynb": json.dumps(answered).encode()}
    missing = rebuild(release, Envelope("x.ipynb", None, "there is no file x.ipynb", True, others))
    assert answer(missing) == ANSWER
    assert missing.notes == ("there is no file x.ipynb: x (1).ipynb was graded in its place",)
    damaged = taken(release, "x.ipynb", b"{", others=others)
    assert answer(damaged) == ANSWER
    assert "x (1).ipynb was graded in its place" in damaged.notes[0]


def test_a_file_that_takes_too_long_is_no_notebook_and_hides_no_other(
    release, answered, monkeypatch
):
    monkeypatch.setattr(submission, "PATIENCE", 0.2)
    endless = copy.deepcopy(answered)
    endless.cells.append(code("def f(self):\n    pass"))
    endless.cells += [code("    return 1\n" * 50, f"n{k}") for k in range(1000)]
    slow, full = (json.dumps(nb).encode() for nb in (endless, answered))
    alone = taken(release, "x.ipynb", slow)
    assert answer(alone) != ANSWER
    assert alone.notes[0].startswith("the file cannot be read in time")
    assert answer(taken(release, "x.ipynb", slow, others={"x (1).ipynb": full})) == ANSWER


def test_a_file_of_the_students_gives_way_to_the_courses_folders():
    ours = {"data/a.csv": b"", "b.csv": b""}
    files = {"data": b"", "b.csv": b"1", "b.csv/c": b"", "data/d.csv": b"", "other": b""}
    assert without_clashes(files, ours) == {"data/d.csv", "other"}


def test_a_copy_with_another_answer_is_told(release, answered):
    other = copy.deepcopy(answered)
    other.cells[2].source = "def double(x):\n    return 3 * x"
    full, copied = (json.dumps(nb).encode() for nb in (answered, other))
    rebuilt = taken(release, "x.ipynb", full, others={"x (1).ipynb": copied})
    assert answer(rebuilt) == ANSWER
    (note,) = rebuilt.notes
    assert note == "x (1).ipynb lies beside it, with other answers: it was not graded"
    same = taken(release, "x.ipynb", full, others={"x.py": full})
    assert same.notes == ()


def test_a_notebook_of_another_lesson_is_no_answer(release):
    foreign = json.dumps({"cells": [{"cell_type": "code", "source": "def other(): pass"}]}).encode()
    handed = Envelope("x.ipynb", None, "there is no file x.ipynb", True, {"y.ipynb": foreign})
    rebuilt = rebuild(release, handed)
    assert "which is not of this lesson" in rebuilt.notes[0]


# --- Files and cells as they come back ------------------------------------------------------------


@pytest.mark.parametrize("end", [b"", b"\0" * 100])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_file_is_read_as_editors_and_crashes_leave_it(release, encoding, end):
    notebook = copy.deepcopy(release)
    notebook.cells[2].source = f"{ANSWER}  # f\xfcr dich"
    content = json.dumps(notebook, ensure_ascii=False).encode(encoding, "replace") + end
    rebuilt = rebuild(release, Envelope("a.ipynb", content))
    assert answer(rebuilt) == f"{ANSWER}  # f\xfcr dich"


def test_a_mark_of_encoding_that_was_pasted_with_an_answer_is_left_out(submit):
    def change(nb):
        nb.cells[2].source = f"\ufeff{ANSWER}"

    assert answer(submit(change)) == ANSWER


def test_a_blank_copy_beside_an_answer_is_no_answer(submit, release):
    def change(nb):
        nb.cells.insert(2, copy.deepcopy(release.cells[2]))

    rebuilt = submit(change)
    assert answer(rebuilt) == ANSWER
    assert (rebuilt.notes, own(rebuilt)) == ((), [])


def test_a_check_that_was_merged_with_its_answer_is_not_said_to_be_changed(submit, release):
    def change(nb):
        nb.cells[3].source = f"{ANSWER}\n{nb.cells[3].source}"
        del nb.cells[2]

    rebuilt = submit(change)
    assert ANSWER in answer(rebuilt)
    assert rebuilt.notes == ()


WRITTEN_ELSEWHERE = {
    "beside": lambda nb: nb.cells.append(words("Because.")),
    "at the end": lambda nb: nb.cells.extend([code("1"), words("Because.")]),
    "as comments": lambda nb: nb.cells.append(code("# Because\n# it is so.")),
    "as a text": lambda nb: nb.cells.append(code("'Because.'")),
    "as code by mistake": lambda nb: nb.cells.append(code("Because it isn't $x$.")),
}


@pytest.mark.parametrize("gone", [False, True], ids=["blank", "gone"])
@pytest.mark.parametrize("where", WRITTEN_ELSEWHERE)
def test_an_answer_in_words_waits_for_a_person_wherever_it_stands(submit, where, gone):
    def change(nb):
        at = next(k for k, cell in enumerate(nb.cells) if cell.id == "why")
        if gone:
            del nb.cells[at]
        WRITTEN_ELSEWHERE[where](nb)

    rebuilt = submit(change)
    taken = by_id(rebuilt, "why").source == "Because."  # as the answer itself, which waits
    assert taken or (rebuilt.waits == {"why"} and own(rebuilt))
    assert not any("missing" in note for note in rebuilt.notes)


def test_an_answer_in_words_whose_cell_is_gone_may_stand_anywhere(submit):
    def change(nb):
        nb.cells = [c for c in nb.cells if c.id != "why"]
        nb.cells.insert(0, words("Because."))

    assert submit(change).waits == {"why"}


def test_a_note_elsewhere_is_no_answer_in_words(submit):
    assert submit(lambda nb: nb.cells.insert(0, words("My note."))).waits == set()


def test_code_of_ones_own_is_no_answer_in_words(submit):
    rebuilt = submit(lambda nb: nb.cells.append(code("print(double(2))")))
    assert rebuilt.waits == set()


@pytest.mark.parametrize("cells", [[], [code("x = 1")]])
def test_a_notebook_of_another_lesson_is_said_to_be_one(release, cells):
    handed = Envelope("a.ipynb", json.dumps({"cells": cells}).encode())
    rebuilt = rebuild(release, handed)
    assert rebuilt.notes[0].endswith("perhaps it is another's; every question counts as unanswered")
    assert not any("missing" in note or "deleted" in note for note in rebuilt.notes)
    assert own(rebuilt) == [c.source for c in cells]
    assert rebuilt.waits == ({"why"} if cells else set())


@pytest.mark.parametrize("marked", [False, True])
def test_words_are_an_answer_but_not_those_of_a_notebook_with_anothers_marks(release, marked):
    marks = {"nbgrader": {"grade_id": "of-another", "solution": True, "grade": False}}
    cells = [words("It falls."), code("x = 1") | ({"metadata": marks} if marked else {})]
    rebuilt = rebuild(release, Envelope("a.ipynb", json.dumps({"cells": cells}).encode()))
    assert ("perhaps it is another's" in rebuilt.notes[0]) == marked
    assert rebuilt.waits == {"why"}, "a person looks at it all the same"


def test_what_lies_there_in_place_of_a_notebook_is_named_and_waits(release):
    export = {"01.html": b"<html>", "a.csv": b"1"}
    handed = Envelope("01.ipynb", None, "there is no file 01.ipynb", True, files=export)
    rebuilt = rebuild(release, handed)
    assert "no notebook is in what lies there (01.html, a.csv)" in rebuilt.notes[0]
    assert rebuilt.waits == {"why"}


def test_what_is_true_of_many_cells_is_said_once():
    from autograder.grading.submission import _together

    notes = [f"the test cell t{k} was deleted: it was put back" for k in range(5)]
    notes += [f"the answer a{k} was found in another cell, by its name" for k in range(3)]
    assert list(_together(notes)) == [
        "the test cells t0, t1, t2 and 2 more were deleted: they were put back",
        *notes[5:],
    ]

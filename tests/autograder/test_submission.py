"""Only the answers are taken from a submission, whatever was done to the rest of it."""

import copy
import hashlib
import json

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.authoring.build import write_sources
from autograder.course import CourseError, is_own
from autograder.grading import submission
from autograder.grading.envelope import Envelope
from autograder.grading.files import Unreadable, read
from autograder.grading.forms import read_cells
from autograder.grading.grader import without_clashes
from autograder.grading.inbox import submissions
from autograder.grading.places import defines
from autograder.grading.submission import Rebuilt, rebuild

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
        return rebuild(release, Envelope(path.name, read(path)))

    return run


def by_id(rebuilt: Rebuilt, name: str) -> NotebookNode:
    return next(c for c in rebuilt.notebook.cells if c.id == name)


def answer(rebuilt: Rebuilt) -> str:
    return by_id(rebuilt, "double").source


def own(rebuilt: Rebuilt) -> list[str]:
    """The sources of the student's own cells, in order."""
    return [c.source for c in rebuilt.notebook.cells if is_own(c)]


def code(source: str, name: str = "mine") -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=name)


def words(source: str, name: str = "mine") -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name)


def ids(rebuilt: Rebuilt) -> list[str]:
    return [c.id for c in rebuilt.notebook.cells]


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


# --- Files of other forms and names ---------------------------------------------------------------


@pytest.fixture
def answered(release) -> NotebookNode:
    notebook = copy.deepcopy(release)
    notebook.cells[2].source = ANSWER
    return notebook


def taken(release, name: str, content: bytes, **more) -> Rebuilt:
    return rebuild(release, Envelope(name, content, **more))


def test_version_3_is_read(release, answered):
    old = json.dumps(nbformat.convert(answered, 3)).encode()
    rebuilt = taken(release, "x.ipynb", old)
    assert answer(rebuilt) == ANSWER
    assert own(rebuilt) == []


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
    assert set(without_clashes(files, ours)) == {"data/d.csv", "other"}


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

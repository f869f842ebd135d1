"""A lesson of several notebooks: which one a file is whose name does not say it."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import grade_id
from autograder.grading.claims import ids_of, unclaimed
from autograder.grading.envelope import opened
from autograder.grading.inbox import Submission
from autograder.grading.submission import Rebuilt, rebuild


def part(name: str) -> NotebookNode:
    """A question of its own and one that both parts have, and an answer in words."""
    cells = []
    for grade, kind in ((name, "code"), ("both", "code"), (f"{name}-why", "markdown")):
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        mark = {"grade_id": grade, "solution": True, "grade": kind == "markdown", "points": 1}
        cells.append(make("to do", id=f"{name}-{grade}", metadata={"nbgrader": mark}))
    return nbformat.v4.new_notebook(cells=cells)


PARTS = {"one": part("one"), "two": part("two")}
IDS = ids_of({("hw", name): notebook for name, notebook in PARTS.items()})["hw"]


def answered(name: str) -> NotebookNode:
    notebook = nbformat.from_dict(json.loads(json.dumps(PARTS[name])))
    for cell in notebook.cells:
        cell.source = f"{grade_id(cell)} = 'of {name}'"
    return notebook


def bare(notebook: NotebookNode) -> NotebookNode:
    """As platforms leave it that know neither ids nor marks."""
    for cell in notebook.cells:
        del cell["id"], cell.metadata["nbgrader"]
    return notebook


ONE, TWO = answered("one"), answered("two")
ALL = nbformat.v4.new_notebook(cells=[*ONE.cells, *TWO.cells])


@pytest.fixture
def hand_in(tmp_path):
    def run(**files: NotebookNode) -> Submission:
        for name, notebook in files.items():
            (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook))
        return Submission("amy", "hw", Path(tmp_path))

    return run


def graded(submission: Submission, name: str) -> Rebuilt:
    return rebuild(PARTS[name], opened(submission, name, IDS))


def sources(rebuilt: Rebuilt) -> dict[str, str]:
    return {grade_id(c): c.source for c in rebuilt.notebook.cells if grade_id(c)}


@pytest.mark.parametrize(
    "files",
    [
        {"amy_first": ONE, "amy_second": TWO},
        {"one": ONE, "amy_second": TWO},
        {"one": ONE, "two": PARTS["two"], "mine": TWO},
        {"one": ONE, "amy_second": bare(answered("two"))},
        {"one": TWO, "two": ONE},
        {"all": ALL},
        {"one": ALL},
    ],
    ids=["renamed", "one", "beside", "without-ids", "swapped", "merged", "pasted"],
)
def test_each_notebook_is_found_by_its_questions(hand_in, files):
    submission = hand_in(**files)
    assert not unclaimed(submission, IDS)
    for name in PARTS:
        rebuilt = graded(submission, name)
        assert sources(rebuilt)[name] == f"{name} = 'of {name}'"
        why = f"{name}-why"
        assert sources(rebuilt)[why] == f"{why} = 'of {name}'" or why in rebuilt.waits


def test_what_cannot_be_told_is_named_and_waits(hand_in):
    submission = hand_in(first=bare(answered("one")), second=bare(answered("two")))
    told = unclaimed(submission, IDS)
    assert [each.lesson for each in told] == ["first.ipynb", "second.ipynb"]
    assert all("call it one.ipynb or two.ipynb" in each.why for each in told)
    rebuilt = graded(submission, "two")
    assert sources(rebuilt)["two"] == "to do"
    assert any(note.startswith("second.ipynb lies there") for note in rebuilt.notes)
    assert rebuilt.waits == {"two-why"}


def test_what_is_not_there_is_no_file_that_waits(hand_in):
    submission = hand_in(one=ONE)
    assert not unclaimed(submission, IDS)
    assert graded(submission, "two").waits == set()


def test_a_further_notebook_is_none_of_a_lesson_that_is_there(hand_in):
    submission = hand_in(one=ONE, two=TWO, notes=bare(answered("two")))
    assert not unclaimed(submission, IDS)
    for name in PARTS:
        assert not graded(submission, name).notes

"""Code that a person grades, in a file that has lost its cells' ids and marks."""

from __future__ import annotations

import copy
import json

import pytest
from nbformat import NotebookNode

from autograder.grading.envelope import Envelope
from autograder.grading.submission import Rebuilt, rebuild
from tests.autograder.handed_in import ANSWER, by_id, code, own

BY_HAND = ("draw", "plot")


@pytest.fixture
def drawn(release) -> NotebookNode:
    """The release with two such cells next to one another, after the answer in words."""
    at = 1 + next(k for k, cell in enumerate(release.cells) if cell.id == "why")
    for name in reversed(BY_HAND):
        mark = {"grade_id": name, "solution": True, "grade": True, "points": 4}
        cell = code("raise NotImplementedError()", name)
        cell.metadata["nbgrader"] = mark
        release.cells.insert(at, cell)
    return release


def stripped(notebook: NotebookNode, **answers: str) -> bytes:
    cells = copy.deepcopy(notebook.cells)
    for cell in cells:
        cell.source = answers.get(cell.id, cell.source)
        cell.metadata = {}
        del cell["id"]
    return json.dumps({"cells": [cell for cell in cells if cell.source]}).encode()


def taken(release: NotebookNode, content: bytes) -> Rebuilt:
    return rebuild(release, Envelope("x.ipynb", content))


@pytest.mark.parametrize("why", ["Because.", ""])
def test_code_for_a_person_is_found_by_where_it_stands(drawn, why):
    """Without ids, next to one another, and where the answer before them was deleted."""
    content = stripped(drawn, double=ANSWER, why=why, draw="xs = [1]", plot="print(xs)")
    rebuilt = taken(drawn, content)
    assert [by_id(rebuilt, name).source for name in BY_HAND] == ["xs = [1]", "print(xs)"]
    assert not own(rebuilt)


def test_code_for_a_person_that_is_not_found_waits(drawn):
    content = stripped(drawn, double=ANSWER, why="Because.", draw="xs = [1]\nprint(xs)", plot="")
    rebuilt = taken(drawn, content)
    assert by_id(rebuilt, "draw").source == "xs = [1]\nprint(xs)"
    assert rebuilt.waits == {"plot"}
    assert "the answer cell plot was not found: a person looks for it" in rebuilt.notes


def test_code_for_a_person_that_nobody_wrote_does_not_wait(drawn):
    content = stripped(drawn, double=ANSWER, why="Because.", draw="", plot="")
    assert taken(drawn, content).waits == set()

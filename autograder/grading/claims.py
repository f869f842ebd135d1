"""In a lesson of several notebooks, which one a file is whose name does not say it: by its cells.

Its ids alone are read, as text: a file is made cells of where it is graded, within bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import grade_id, is_grade, is_solution, is_task
from autograder.grading.files import DEEPEST, Unreadable, is_plain, read, walked
from autograder.grading.inbox import NotRead, Submission
from autograder.grading.names import NOTEBOOK, is_notebook, may_be, shown_name

Ids = Mapping[str, frozenset[str]]
"""For each notebook of a lesson the ids of its questions that no other one of them has."""
IDS = re.compile(rb'"(?:grade_id|id)"\s*:\s*"([^"\\]+)"')
UNTOLD = "which of the lesson's notebooks it is cannot be told"


def ids_of(notebooks: Mapping[tuple[str, str], NotebookNode]) -> dict[str, Ids]:
    """Of each lesson. notebooks: all of them, by lesson and name."""
    lessons: dict[str, dict[str, set[str]]] = {}
    for (lesson, name), notebook in notebooks.items():
        lessons.setdefault(lesson, {})[name] = {*_questions(notebook)} - {""}
    return {lesson: _only_there(every) for lesson, every in lessons.items()}


def _only_there(every: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {
        name: frozenset(ids.difference(*(every[other] for other in every if other != name)))
        for name, ids in every.items()
    }


def _questions(notebook: NotebookNode) -> Iterable[str]:
    for cell in notebook.cells:
        if is_solution(cell) or is_grade(cell) or is_task(cell):
            yield from (grade_id(cell), cell.get("id", ""))


def holds(content: bytes, ids: frozenset[str]) -> bool:
    return any(found.decode("utf-8", "replace") in ids for found in IDS.findall(content))


def is_named(path: Path, lesson: Iterable[str]) -> bool:
    """Whether its name says that it is one of a lesson's notebooks."""
    return any(may_be(path.name, each) for each in lesson)


def by_cells(notebook: str, lesson: Ids, there: Iterable[Path], sure: bool) -> list[Path]:
    """Files that are this notebook by their cells, and by their names none or another one.

    sure: a file of its own name holds its cells, so that no other notebook's is looked into.
    """
    return [
        path
        for path in there
        if is_notebook(path.name)
        and not (sure and is_named(path, lesson))
        and _is_of(path, lesson[notebook])
    ]


def untold(there: list[Path], lesson: Ids) -> tuple[list[Path], list[str]]:
    """Files that are none of the lesson's notebooks by name and cells, and notebooks without one.

    No files where there is one for each notebook.
    """
    every = [path for path in there if is_notebook(path.name)]
    strays = [path for path in every if not is_named(path, lesson)]
    of_none = [path for path in strays if not any(_is_of(path, lesson[each]) for each in lesson)]
    if not of_none:
        return [], []
    without = [
        name
        for name in lesson
        if not any(path.stem == name or may_be(path.name, name) for path in there)
        and not any(_is_of(path, lesson[name]) for path in every)
    ]
    return (of_none if without else []), without


def unclaimed(submission: Submission, lesson: Ids) -> list[NotRead]:
    """Files that may be a notebook of the lesson that is missing: a person has to say which."""
    if len(lesson) < 2 or not submission.alone:
        return []
    try:
        there = [path for path in walked(submission.folder, DEEPEST) if is_plain(path)]
        files, without = untold(there, lesson)
    except OSError:
        return []  # which is told when it is to be graded
    if len(files) == len(without) == 1:
        return []  # it is taken for that one
    asked = " or ".join(name + NOTEBOOK for name in without)
    why = f"{UNTOLD} (of {submission.lesson}): call it {asked}"
    return [NotRead(submission.student, shown_name(path.name), why) for path in files]


def _is_of(path: Path, ids: frozenset[str]) -> bool:
    try:
        return holds(read(path), ids)
    except Unreadable:
        return False

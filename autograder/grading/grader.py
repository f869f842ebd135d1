"""Grades one submission: its answers into the sheet, the sheet into the sandbox, points from here.

A pure function of its task, but for the warm process that it uses: the same task gives the same
points, on whatever machine.
"""

from __future__ import annotations

import json
import platform
import re
import traceback
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course import (
    NOTES,
    RUBRIC,
    TEST_PREFIX,
    CourseError,
    grade_id,
    graded_exercises,
    is_exercise,
    is_grade,
    is_own,
    is_plain,
    is_solution,
    is_test,
    mark,
    ungraded_exercises,
)
from autograder.exercises import without_page
from autograder.grading.sheet import Sheet, as_json, digest, valid
from autograder.grading.submission import Rebuilt, rebuild
from autograder.grading.task import Graded, Task
from autograder.grading.work import Work
from autograder.playing.player import Player
from autograder.playing.screen import ALL_OF_OWN, show_answers
from autograder.sandbox.container import Container
from autograder.sandbox.process import SandboxError
from helpers._text import printable

LONGEST_TRACEBACK = 20_000

NOT_TAMPER_PROOF = (
    "Graded by the assignment's own test cells, in the student's process: "
    "contained, but not proof against tampering."
)

PLAIN_CELLS = NOT_TAMPER_PROOF[0].lower() + NOT_TAMPER_PROOF[1:].replace(
    "the assignment's own test cells", "their own tests"
)


def grade(task: Task, sheet: Sheet, container: Container) -> Graded:
    """Grade one submission. Raises `SandboxError` where the sandbox fails, which is no verdict."""
    rebuilt = rebuild(sheet.cells, task.envelope)
    made = digest(task.made_of(sheet))
    graded = Graded(task.student, task.key, notes=rebuilt.notes, made=made_by(task, sheet))
    graded.made["written"] = written(rebuilt)
    seed = int(made[:8], 16)
    files = task.envelope.files | sheet.files
    with Player(container, task.limits, files, seed) as player:
        work = Work(task, sheet, rebuilt, player, graded)
        work.do()
    graded.notes = (*work.as_it_went(rebuilt.notes), *work.missing())
    graded.use = player.use
    left_out = {*(ungraded_exercises(rebuilt.notebook) if sheet.bank else ())}
    left_out |= rebuilt.elsewhere | rebuilt.waits
    graded.unanswered = tuple(n for n in unanswered(rebuilt.notebook) if n not in left_out)
    show_answers(filter(is_solution, rebuilt.notebook.cells))
    show_answers(filter(is_own, rebuilt.notebook.cells), ALL_OF_OWN)
    shown = with_rubrics(with_notes(rebuilt.notebook, graded.notes, sheet), sheet)
    graded.notebook = as_json(valid(shown))
    return graded


def written(rebuilt: Rebuilt) -> dict[str, str]:
    """The digests of the written answers that a person grades, by grade id.

    In each is what the student added in words, and all that they added where the answer stands in
    another cell. Code and tasks have none: what a person sees of them comes from other cells too.
    """
    cells = rebuilt.notebook.cells
    own = [cell for cell in cells if is_own(cell)]
    words = [cell for cell in own if cell.cell_type == "markdown"]
    found = {}
    for cell in cells:
        if is_solution(cell) and is_grade(cell) and cell.cell_type == "markdown":
            name = grade_id(cell)
            beside = own if name in rebuilt.waits | rebuilt.elsewhere else words
            read = [(each.source, each.get("attachments", {})) for each in (cell, *beside)]
            found[name] = digest(json.dumps(read, sort_keys=True))
    return found


def made_by(task: Task, sheet: Sheet) -> dict[str, Any]:
    """What made a grade, so that the same can be made again."""
    return {
        "submission": digest(*task.envelope.parts),
        "course": sheet.version,
        "python": platform.python_version(),
        "packages": dict(packages()),
    }


@cache
def packages() -> dict[str, str]:
    found = {}
    for name in ("downhill", "numpy", "matplotlib", "ipython", "nbgrader"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def unanswered(notebook: NotebookNode) -> Iterator[str]:
    """As in nbgrader: the answer's checksum is still that of the release."""
    from nbgrader.utils import compute_checksum

    for cell in notebook.cells:
        if is_solution(cell) and mark(cell).get("checksum") == compute_checksum(cell):
            yield grade_id(cell)


def with_notes(notebook: NotebookNode, notes: tuple[str, ...], sheet: Sheet) -> NotebookNode:
    """What was put right stands in the first cell, for the feedback."""
    lines = [f"- {as_markdown(note)}" for note in notes]
    plain = [grade_id(cell) for cell in sheet.cells.cells if is_plain(cell)]
    if not sheet.bank:
        lines.append(f"- {NOT_TAMPER_PROOF}")
    elif plain:
        lines.append(f"- {as_markdown(', '.join(plain))}: {PLAIN_CELLS}")
    if lines:
        text = "**What the grader found in this file**\n\n" + "\n".join(lines)
        cell = nbformat.v4.new_markdown_cell(text, id="grader-notes", metadata={NOTES: True})
        if notebook.nbformat_minor < 5:  # cells had no ids yet
            del cell["id"]
        notebook.cells.insert(0, cell)
    return notebook


def with_rubrics(notebook: NotebookNode, sheet: Sheet) -> NotebookNode:
    """Above each written answer its rubric, for whoever grades it in Formgrader."""
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        rubric = sheet.rubrics.get(grade_id(cell))
        if rubric:
            text = f"*For whoever grades; no student's page shows it.*\n\n{rubric}"
            beside = nbformat.v4.new_markdown_cell(text, metadata={RUBRIC: True})
            beside.id = f"rubric-{len(cells)}"  # the same each time
            if notebook.nbformat_minor < 5:
                del beside["id"]
            cells.append(beside)
        cells.append(cell)
    notebook.cells = cells
    return notebook


def as_markdown(words: str) -> str:
    """A sentence as it stands: a name in it may be a student's, and is no link and no tag."""
    return re.sub(r"([\\`*_\[\]()<>!$&|~#])", r"\\\1", words)


class Worker:
    """Grades tasks one after another with one warm process, started again where it fails."""

    def __init__(
        self, sheets: dict[tuple[str, str], Sheet], start: Any, lent: Container | None = None
    ):
        self.sheets = sheets
        self.start = start
        self.container = lent
        for sheet in sheets.values():  # the bank is read before any student's code runs
            for name in graded_exercises(sheet.cells) if sheet.bank else ():
                without_page(name)

    def grade(self, task: Task) -> Graded:
        """Never raises: what is the grader's fault is said to be so."""
        for attempt in (1, 2):
            try:
                if self.container is None:
                    self.container = self.start()
                return grade(task, self.sheets[task.key], self.container)
            except SandboxError as error:
                self.stop()
                if attempt == 2:
                    return Graded(task.student, task.key, failed=str(error))
            except Exception:
                self.stop()  # it may be in the middle of something
                text = printable(traceback.format_exc()[-LONGEST_TRACEBACK:], LONGEST_TRACEBACK)
                return Graded(task.student, task.key, failed=text)
        raise AssertionError("unreachable")

    def stop(self) -> None:
        if self.container is not None:
            self.container.stop()
            self.container = None


def exercises_in(sheet: Sheet) -> list[str]:
    """Those that are graded: without a bank, all; a plain test cell by its own name."""
    if sheet.bank:
        tests = [grade_id(c) for c in sheet.cells.cells if is_test(c)]
        return [name.removeprefix(TEST_PREFIX) for name in tests]
    return [grade_id(c) for c in sheet.cells.cells if is_exercise(c)]


def check_question(question: str | None, made: dict[tuple[str, str], Sheet]) -> None:
    known = [name for sheet in made.values() for name in questions(sheet)]
    if question is not None and not {question, TEST_PREFIX + question} & {*known}:
        raise CourseError(f"there is no question {question!r}; there are {', '.join(known)}")


def questions(sheet: Sheet) -> list[str]:
    if sheet.bank:
        return exercises_in(sheet)
    return [grade_id(c) for c in sheet.cells.cells if is_grade(c)]

"""A sheet: one notebook as it is graded. It travels to wherever the grading is done, as plain data.

A lesson of this course is graded by the exercise bank. Any other nbgrader assignment has no bank:
its own test cells, hidden tests included, run in the sandbox after the student's answers.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import autograder
import helpers
from autograder.authoring import nbgrader_api
from autograder.course import CourseError, grade_id
from helpers.questions import LESSONS, lesson_of

BANKS = ("exercises", "questions")
"""The packages that have a folder for each lesson."""
FROM = re.compile(r"^\s*(?:from|import)\s+([\w.]+)", re.MULTILINE)
"""What a line of ours imports from; to parse all files of the bank takes a third of a second."""


Regions = tuple[tuple[str, str], ...]
"""Marks in lines around what no student is to read, the first and the last of each kind."""
HIDDEN = nbgrader_api.hidden()


@dataclass(frozen=True)
class Sheet:
    """A notebook to be graded.

    assignment, notebook: as in the gradebook; a lesson has one notebook, of its own name.
    release: the notebook that the students got, as JSON text.
    sources: the source that is executed of the cells that are not the student's, by grade id.
    files: what lies beside the notebook, by its path.
    bank: whether the exercise bank grades it, and not its own test cells.
    rubrics: the model answer and rubric of each written question, for whoever grades it.
    hidden: between which marks stands what no student is to read.
    """

    assignment: str
    notebook: str
    release: str
    version: str
    sources: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    bank: bool = False
    rubrics: dict[str, str] = field(default_factory=dict)
    hidden: Regions = HIDDEN

    @property
    def key(self) -> tuple[str, str]:
        return self.assignment, self.notebook

    @cached_property
    def cells(self) -> NotebookNode:
        """The release, parsed once; who changes it changes a copy."""
        notebook = nbformat.reads(self.release, 4)
        language = notebook.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            raise CourseError(f"{self.notebook} is in {language}; only Python can be graded here")
        return notebook

    def imports(self) -> set[str]:
        """The modules that its code cells import."""
        return {
            name
            for cell in self.cells.cells
            if cell.cell_type == "code"
            for name in imported(self.sources.get(grade_id(cell), cell.source))
        }


def digest(*parts: str | bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "replace") if isinstance(part, str) else part
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def code_version(exercises: Iterable[str] | None = None) -> str:
    """The digest of what decides on points: this package and the helpers.

    exercises: those that it is about. Of the bank and the questions it is then what lies in the
    folders of these, and in those which these import from.
    """
    left_out = set() if exercises is None else {*LESSONS.values()} - folders_used(exercises)
    return digest(*(content for folder, content in _code() if folder not in left_out))


@cache
def _code() -> list[tuple[str, bytes]]:
    """Each file of ours, with the lesson's folder of `BANKS` that it lies in, if any."""
    found = []
    for package in (autograder, helpers):
        root = Path(str(package.__file__)).parent
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).parts
            folder = parts[1] if parts[0] in BANKS and len(parts) > 2 else ""
            found.append((folder, path.read_bytes()))
    return found


@cache
def _needs() -> dict[str, set[str]]:
    """The folders of other lessons that the files of a lesson's folders import from."""
    found: dict[str, set[str]] = {}
    for folder, content in _code():
        for name in FROM.findall(content.decode()) if folder else ():
            bank, other = [*name.split("."), "", ""][1:3]
            if bank in BANKS and other in LESSONS.values():
                found.setdefault(folder, set()).add(other)
    return found


def folders_used(exercises: Iterable[str]) -> set[str]:
    """The lessons' folders that these exercises need; all of them where one is in none."""
    try:
        waiting = {LESSONS[lesson_of(name)] for name in exercises}
    except KeyError:
        return {*LESSONS.values()}
    found: set[str] = set()
    while waiting:
        folder = waiting.pop()
        found.add(folder)
        waiting |= _needs().get(folder, set()) - found
    return found


def imported(source: str) -> set[str]:
    """The modules that a piece of code imports; its IPython lines are passed over."""
    plain = "\n".join("" if line.lstrip()[:1] in ("%", "!", "?") else line for line in
                      source.split("\n"))  # fmt: skip
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def without_hidden(source: str, hidden: Regions = HIDDEN) -> str:
    """Without the lines between these marks, and those that hold them, as nbgrader does it."""
    for begin, end in hidden:
        kept, within = [], False
        for line in source.split("\n"):
            begins, ends = begin in line, end in line
            if not (begins or ends or within):
                kept.append(line)
            within = begins or (within and not ends)
        source = "\n".join(kept)
    return source


def valid(notebook: NotebookNode) -> NotebookNode:
    """The notebook as nbformat's schema has it: without outputs, where one of them is at fault.

    None ever should be. Where the release itself is not valid, it stays as it is.
    """
    if is_valid(notebook):
        return notebook
    bare = nbformat.from_dict(notebook)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return bare if is_valid(bare) else notebook


def is_valid(notebook: NotebookNode) -> bool:
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError:
        return False
    return True


def as_json(notebook: NotebookNode) -> str:
    """Its text. Raises `ValueError` for NaN and the infinities, which no browser reads."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

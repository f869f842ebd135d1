"""What students hand in, as several files of tests make it."""

import zipfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course import is_own
from autograder.grading.submission import Rebuilt

LESSONS = ["01-small", "02-more"]


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")


def zipped(path: Path, *names: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")


ANSWER = "def double(x):\n    return x + x"


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

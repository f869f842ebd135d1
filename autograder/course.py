"""The course on disk: the one place that knows paths, and the one reader of `source/`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

from autograder import sealing

LESSON_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
TEST_PREFIX = "test-"
OWN = "own"
"""The mark, in the metadata, of a cell that the student has added."""
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""The output that only a running kernel can show."""
PART = ".part"
"""The end of the name of a file that is being written, which begins with a dot."""


class CourseError(Exception):
    """The course, or a folder given for it, is not as it must be; the message says what to do."""


@dataclass(frozen=True)
class Course:
    """A course by its root folder, the one that holds `source/` and `nbgrader_config.py`."""

    root: Path

    @classmethod
    def here(cls, start: Path | None = None) -> Course:
        """The course that `start` (the working folder) lies in."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
                return cls(folder)
        raise CourseError(
            f"{start} is not inside a course: no folder above it holds nbgrader_config.py and "
            "source/. Run this from the course's folder."
        )

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def helpers(self) -> Path:
        return self.root / "helpers"

    def helper_files(self) -> list[Path]:
        """The files of the helpers, without what Python and pip leave among them."""
        left = {"__pycache__", "build"}
        return sorted(
            path
            for path in self.helpers.rglob("*")
            if path.is_file()
            and not left & {*path.parts[len(self.helpers.parts) :]}
            and not any(part.endswith(".egg-info") for part in path.parts)
        )

    def sealed(self, lesson: str) -> Path:
        """The answers to this lesson's predictions."""
        return self.helpers / "sealed" / f"{lesson}.json"

    @property
    def built(self) -> Path:
        """What can be made again at any time (ignored by git)."""
        return self.root / ".build"

    @property
    def built_sources(self) -> Path:
        """The notebooks that nbgrader reads as its source."""
        return self.built / "source"

    def has_lessons(self) -> bool:
        """Whether this is a course with an exercise bank, or some other nbgrader course."""
        return any((p / f"{p.name}.md").is_file() for p in self._sources())

    def _sources(self) -> list[Path]:
        return sorted(p for p in self.source.iterdir() if LESSON_NAME.fullmatch(p.name))

    def lessons(self) -> list[Lesson]:
        """Every lesson, in lecture order."""
        folders = self._sources()
        if not folders:
            raise CourseError(f"{self.source} holds no lesson: a folder such as 01-derivatives")
        return [Lesson(folder) for folder in folders]

    def lesson(self, name: str) -> Lesson:
        """The lesson of this name; its number alone will do."""
        for lesson in self.lessons():
            if lesson.name == name or lesson.name.split("-")[0] == name.zfill(2):
                return lesson
        names = ", ".join(lesson.name for lesson in self.lessons())
        raise CourseError(f"there is no lesson {name!r}; the lessons are {names}")


@dataclass(frozen=True)
class Lesson:
    """One lesson by its folder in `source/`; the notebook has the folder's name."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.md"

    def text(self) -> str:
        if not self.path.is_file():
            raise CourseError(f"{self.folder} has no {self.path.name}")
        return self.path.read_text(encoding="utf-8")

    def notebook(self) -> NotebookNode:
        """The source as a notebook, solutions and hidden tests included, with stable cell ids.

        The answers to its predictions are not in it.
        """
        notebook, _ = self._read()
        notebook.metadata.pop("jupytext", None)
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        for cell, cell_id in zip(notebook.cells, cell_ids(notebook), strict=True):
            cell.id = cell_id
        return notebook

    def sealed(self) -> dict[str, Any]:
        """The answers to its predictions, by question."""
        return self._read()[1]

    def _read(self) -> tuple[NotebookNode, dict[str, Any]]:
        text = self.text()
        notebook = jupytext.reads(text, fmt="md:myst")
        if not (self.folder.parent.parent / "helpers" / "predict.py").is_file():
            return notebook, {}  # a course without helpers of its own keeps them in its cells
        sealed = sealing.seal(notebook, text)
        if sealed.faults:
            raise CourseError(
                "\n".join(f"{self.path}:{line}: {reason}" for line, reason in sealed.faults)
            )
        return notebook, sealed.secrets

    def points(self) -> dict[str, float]:
        """The points of every graded cell, by grade id, in the lesson's order."""
        cells = self.notebook().cells
        return {grade_id(c): float(mark(c)["points"]) for c in cells if is_grade(c)}

    def solution(self, name: str) -> str:
        """The worked solution cell of this exercise, without its markers."""
        for cell in self.notebook().cells:
            if is_solution(cell) and grade_id(cell) == name:
                return without_markers(cell.source)
        raise CourseError(f"{self.path} has no solution cell {name!r}")

    def exercises(self) -> list[str]:
        """The names of the exercises that are graded automatically."""
        return graded_exercises(self.notebook())

    def for_the_curious(self) -> list[str]:
        """The names of the exercises that `examine` answers and nothing grades."""
        return ungraded_exercises(self.notebook())


# --- Cells --------------------------------------------------------------------------------------


def mark(cell: NotebookNode) -> dict:
    """nbgrader's metadata of a cell; empty where it has none."""
    found = cell.metadata.get("nbgrader", {})
    return found if isinstance(found, dict) else {}


def grade_id(cell: NotebookNode) -> str:
    return str(mark(cell).get("grade_id", ""))


def is_solution(cell: NotebookNode) -> bool:
    return bool(mark(cell).get("solution"))


def is_grade(cell: NotebookNode) -> bool:
    return bool(mark(cell).get("grade"))


def is_exercise(cell: NotebookNode) -> bool:
    """A code cell that the student fills in and a test cell grades."""
    return cell.cell_type == "code" and is_solution(cell) and not is_grade(cell)


def is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def is_written(cell: NotebookNode) -> bool:
    """An answer in words, graded by a person."""
    return cell.cell_type == "markdown" and is_solution(cell) and is_grade(cell)


def is_task(cell: NotebookNode) -> bool:
    """Work that students do in cells of their own, graded by a person."""
    return bool(mark(cell).get("task"))


def is_own(cell: NotebookNode) -> bool:
    """A cell of the student's own, which the course does not know."""
    return bool(cell.metadata.get(OWN))


def graded_exercises(notebook: NotebookNode) -> list[str]:
    ungraded = ungraded_exercises(notebook)
    names = [grade_id(c) for c in notebook.cells if is_exercise(c)]
    return [name for name in names if name not in ungraded]


def ungraded_exercises(notebook: NotebookNode) -> list[str]:
    """Those without a test cell of their name: asked for in a course with a bank."""
    tests = {grade_id(c) for c in notebook.cells if is_test(c)}
    names = [grade_id(c) for c in notebook.cells if is_exercise(c)]
    return [name for name in names if TEST_PREFIX + name not in tests]


def without_markers(source: str) -> str:
    markers = (BEGIN_SOLUTION, END_SOLUTION)
    return "\n".join(line for line in source.split("\n") if line.strip() not in markers).strip("\n")


def cell_ids(notebook: NotebookNode) -> Iterator[str]:
    """An id a cell: its grade id, or a digest of its text, so that an edit moves no other id."""
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        text = f"{cell.cell_type}\n{cell.source}"
        base = grade_id(cell) or hashlib.sha256(text.encode()).hexdigest()[:12]
        seen[base] += 1
        yield base if seen[base] == 1 else f"{base}-{seen[base]}"


# --- Files --------------------------------------------------------------------------------------


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Whole or not at all, whatever happens in the middle. An `OSError` names the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(part, mode)
        os.replace(part, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def class_secret(folder: Path) -> str:
    """What the seeds of a class are made of: drawn once, and kept in its folder for regrades."""
    path = folder / ".secret"
    if not path.exists() or not path.stat().st_size:
        write(path, secrets.token_hex(16), 0o600)
    return path.read_text(encoding="ascii")

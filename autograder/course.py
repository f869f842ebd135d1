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

from nbformat import NotebookNode

from autograder import reading, sealing

LESSON_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
TEST_PREFIX = "test-"
PLAIN = "plain"
"""The tag of a test cell whose own asserts give the points, and no judge."""
OWN = "own"
"""The mark, in the metadata, of a cell that the student has added."""
NOTES = "notes"
"""The mark, in the metadata, of the cell that says what the grader found in the file."""
RUBRIC = "rubric"
"""The mark, in the metadata, of a cell that holds a rubric: no student's page shows it."""
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""The output that only a running kernel can show."""
LARGEST_FILES = 50_000_000
"""Bytes of the files that lie beside an assignment's notebooks, all together."""
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

    @property
    def has_helpers(self) -> bool:
        """Whether its course has helpers of its own, as one with a bank has."""
        return (self.folder.parent.parent / "helpers" / "predict.py").is_file()

    def text(self) -> str:
        if not self.path.is_file():
            raise CourseError(f"{self.folder} has no {self.path.name}")
        try:
            return self.path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = self.path.read_bytes()[: error.start].count(b"\n") + 1
            raise CourseError(f"{self.path}:{line}: no UTF-8: save it as that") from error

    def notebook(self) -> NotebookNode:
        """The source as a notebook, solutions and hidden tests included, with stable cell ids.

        The answers to its predictions are not in it, and the points of what the bank asks neither:
        see `give_points`.
        """
        notebook, _ = self._read()
        notebook.metadata.pop("jupytext", None)
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        for cell, cell_id in zip(notebook.cells, cell_ids(notebook), strict=True):
            cell.id = cell_id
        return notebook

    def places(self) -> list[int]:
        """The line in the source of each cell."""
        return reading.places(self.text())

    def sealed(self) -> dict[str, Any]:
        """The answers to its predictions, by question."""
        return self._read()[1]

    def _read(self) -> tuple[NotebookNode, dict[str, Any]]:
        text = self.text()
        try:
            notebook = reading.read(text)
        except reading.Unreadable as unreadable:
            raise CourseError(self._listed(unreadable.faults)) from unreadable
        if not self.has_helpers:
            return notebook, {}  # a course without helpers of its own keeps them in its cells
        sealed = sealing.seal(notebook, text)
        if sealed.faults:
            raise CourseError(self._listed(sealed.faults))
        return notebook, sealed.secrets

    def _listed(self, faults: list[tuple[int, str]]) -> str:
        return "\n".join(f"{self.path}:{line}: {reason}" for line, reason in faults)

    def points(self) -> dict[str, float]:
        """The points of every graded cell, by grade id, in the lesson's order."""
        cells = give_points(self.notebook()).cells
        return {grade_id(c): float(mark(c)["points"]) for c in cells if is_grade(c)}

    def solution(self, name: str) -> str:
        """The worked solution cell of this exercise, without its markers."""
        for cell in self.notebook().cells:
            if is_solution(cell) and grade_id(cell) == name:
                return without_markers(cell.source)
        raise CourseError(f"{self.path} has no solution cell {name!r}")

    def exercises(self) -> list[str]:
        """The names of the exercises that the judge grades."""
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


def is_plain(cell: NotebookNode) -> bool:
    """A test cell as in any nbgrader course: its own asserts give the points.

    It runs where the student's code runs, and is not proof against tampering.
    """
    return is_test(cell) and PLAIN in cell.metadata.get("tags", ())


def is_judged(cell: NotebookNode) -> bool:
    """A test cell of a course with a bank, for which the judge gives the points."""
    return is_test(cell) and not is_plain(cell)


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
    """Those that the judge grades: they have a test cell of their name that is not plain."""
    judged = {grade_id(c) for c in notebook.cells if is_judged(c)}
    names = [grade_id(c) for c in notebook.cells if is_exercise(c)]
    return [name for name in names if TEST_PREFIX + name in judged]


def ungraded_exercises(notebook: NotebookNode) -> list[str]:
    """Those that nothing grades: without a test cell of their name, or a plain one behind them."""
    tests = {grade_id(c) for c in notebook.cells if is_test(c)}
    found: list[str] = []
    before = ""
    for cell in notebook.cells:
        if is_exercise(cell):
            before = grade_id(cell)
            found += [before] if TEST_PREFIX + before not in tests else []
        elif is_plain(cell) and before in found:
            found.remove(before)
    return found


def rubrics_of(notebook: NotebookNode) -> dict[str, str]:
    """The model answer and rubric of each written question, by grade id."""
    return {grade_id(c): without_markers(c.source) for c in notebook.cells if is_written(c)}


def give_points(notebook: NotebookNode) -> NotebookNode:
    """Write into each test cell the points of what its exercise is asked; the same notebook.

    They stand with the questions, and nowhere else.
    """
    from helpers.questions import asked_of, every_name  # not before a lesson is read

    known = set(every_name())
    for cell in filter(is_judged, notebook.cells):
        name = grade_id(cell).removeprefix(TEST_PREFIX)
        if name in known:
            points = asked_of(name).points
            mark(cell)["points"] = int(points) if points == int(points) else points
    return notebook


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


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Whole or not at all, whatever happens in the middle. An `OSError` names the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with open(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        os.chmod(part, mode)
        os.replace(part, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def files_beside(folder: Path) -> dict[str, bytes]:
    """The files of an assignment's folder that are no notebooks, by their paths within it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".ipynb" and not is_hidden(path, folder):
            found[path.relative_to(folder).as_posix()] = path
    sizes = {name: path.stat().st_size for name, path in found.items()}
    if sum(sizes.values()) > LARGEST_FILES:
        largest = max(sizes, key=sizes.__getitem__)
        raise CourseError(
            f"{folder} holds more than {LARGEST_FILES // 10**6} MB beside notebooks; the largest "
            f"file is {largest} of {sizes[largest] / 10**6:.0f} MB"
        )
    return {name: path.read_bytes() for name, path in found.items()}


def is_hidden(path: Path, folder: Path) -> bool:
    """Whether it, or a folder between, has a name that is passed over: `.git`, `__pycache__`."""
    return any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)


def class_secret(folder: Path) -> str:
    """What the seeds of a class are made of: drawn once, and kept in its folder for regrades."""
    path = folder / ".secret"
    if not path.exists() or not path.stat().st_size:
        write(path, secrets.token_hex(16), 0o600)
    return path.read_text(encoding="ascii")

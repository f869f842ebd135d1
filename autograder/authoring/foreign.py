"""What is at fault in the sources of any other nbgrader course: its assignments are notebooks.

nbgrader itself looks at each cell here, by its own rules and the course's configuration, without
running anything; what it refuses is told by lesson, notebook and cell.
"""

from __future__ import annotations

import copy
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.nbgraderformat import MetadataValidator, SchemaTooOldError
from nbgrader.preprocessors import (
    ClearHiddenTests,
    ClearMarkScheme,
    ClearSolutions,
    InstantiateTests,
)
from traitlets import TraitError
from traitlets.config import Config

from autograder.course import (
    Course,
    CourseError,
    files_beside,
    grade_id,
    is_grade,
    is_hidden,
    is_solution,
    is_task,
    mark,
)

PATTERN = re.compile(r"[*?\[\]]")
"""In an assignment's name nbgrader takes these for a pattern of names."""
LONGEST = 200
"""Letters of what nbgrader says of a cell."""


def assignments(course: Course, names: Iterable[str] = ()) -> list[str]:
    """Those of these names, or all."""
    there = sorted(path.name for path in course.source.iterdir() if any(path.glob("*.ipynb")))
    for name in names:
        if name not in there:
            raise CourseError(f"there is no assignment {name!r}: {', '.join(there) or 'none'}")
    return [*names] or there


def faults_of(course: Course, config: Config, name: str) -> list[str]:
    """What nbgrader or the grader would refuse of an assignment."""
    folder = course.source / name
    return [
        *_of_name(folder),
        *_of_files(folder),
        *(fault for path in sorted(folder.glob("*.ipynb")) for fault in _of_notebook(path, config)),
    ]


def _of_name(folder: Path) -> Iterator[str]:
    if PATTERN.search(folder.name):
        yield f"{folder}: nbgrader takes * ? [ ] in a name for a pattern: rename the folder"
        return
    try:
        as_read = CourseDirectory(assignment_id=folder.name).assignment_id
    except TraitError as error:
        yield f"{folder}: nbgrader refuses this name ({error}): rename the folder"
    else:
        if as_read != folder.name:
            yield f"{folder}: nbgrader drops the blanks around a name: rename the folder"


def _of_files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() and path.is_dir() and not is_hidden(path, folder):
            yield (
                f"{path}: a link to a folder: nbgrader hands out nothing of what is in it, and it "
                "would be missing when tests run: put the folder itself here"
            )
    try:
        files_beside(folder)
    except CourseError as error:
        yield str(error)


def _of_notebook(path: Path, config: Config) -> Iterator[str]:
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), 4)
        cells = notebook.cells
    except Exception as error:  # of a library that met what nobody foresaw
        yield f"{path}: it cannot be read as a notebook ({_in_short(error)}): mend or remove it"
        return
    kernel = notebook.metadata.get("kernelspec", {})
    language = kernel.get("language", "python")
    if language != "python":
        yield f"{path}: it is in {language}; only Python can be graded here"
        return
    rules = [*_rules(config, language), _tests_by_template(path, config)]
    for number, cell in enumerate(cells, 1):
        for rule in rules:
            try:
                rule(copy.deepcopy(cell))
            except CourseError as error:
                yield f"{path}: {_called(number, cell)}: {error}"
                break
            except SchemaTooOldError:
                yield f"{path}: an older nbgrader made it: run `nbgrader update` on it"
                return
            except Exception as error:  # nbgrader's own refusals are of many kinds
                yield f"{path}: {_called(number, cell)}: {_in_short(error)}: mend this cell"
                break
    yield from _twice(path, cells)


SILENT = logging.Logger("rules")
SILENT.disabled = True
"""What nbgrader would log of a cell is said by us; its own log is everybody's."""


def _rules(config: Config, language: str) -> Iterator[Callable[[NotebookNode], object]]:
    """nbgrader's own rules of a cell, which raise where it breaks one."""
    yield _has_points
    yield MetadataValidator().validate_cell
    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        made = step(config=config, log=SILENT)
        resources = ResourcesDict(language=language)
        yield partial(made.preprocess_cell, resources=resources, cell_index=0)


def _has_points(cell: NotebookNode) -> None:
    if (is_grade(cell) or is_task(cell)) and "points" not in mark(cell):
        raise CourseError("it is graded and has no points: give it some, or 0")


def _tests_by_template(path: Path, config: Config) -> Callable[[NotebookNode], None]:
    """The rule for cells whose tests are written by nbgrader, from a file of templates."""
    step = InstantiateTests(config=config)
    name = step.autotest_filename
    there = any((folder / name).is_file() for folder in (path.parent, path.parents[2]))

    def rule(cell: NotebookNode) -> None:
        asked = any(
            step.autotest_delimiter in line and line.lstrip().startswith("#")
            for line in cell.source.split("\n")
        )
        if cell.cell_type == "code" and asked and not there:
            raise CourseError(
                f"{step.autotest_delimiter} needs the file {name}: put it beside the notebook or "
                "into the course's folder"
            )

    return rule


def _twice(path: Path, cells: list[NotebookNode]) -> Iterator[str]:
    named = [(k, c) for k, c in enumerate(cells, 1) if is_grade(c) or is_solution(c) or _locked(c)]
    for name, count in Counter(grade_id(cell) for _, cell in named).items():
        if count > 1 and name:
            where = " and ".join(str(k) for k, cell in named if grade_id(cell) == name)
            yield f"{path}: cells {where} have one grade id, {name}: give each its own"


def _locked(cell: NotebookNode) -> bool:
    return bool(mark(cell).get("locked"))


def _called(number: int, cell: NotebookNode) -> str:
    name = grade_id(cell)
    return f"cell {number} ({name})" if name else f"cell {number}"


def _in_short(error: Exception) -> str:
    line = str(error).strip().split("\n")[0] or type(error).__name__
    return line[:LONGEST].rstrip(" .")

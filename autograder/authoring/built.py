"""`.build/source/`: each lesson as the notebook that nbgrader reads.

It is always what `source/` makes. Formgrader links to it, so people edit it there: what they did is
kept, nothing is released of it, and a sentence says where it belongs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum
from traitlets import Unicode

from autograder import course as _course
from autograder import reading, sealing
from autograder.authoring import rules
from autograder.authoring.rules import check_source
from autograder.course import (
    BEGIN_HIDDEN,
    BEGIN_SOLUTION,
    END_HIDDEN,
    END_SOLUTION,
    TEST_PREFIX,
    Course,
    CourseError,
    Lesson,
    give_points,
    mark,
    write,
)
from helpers.questions import asked_of, every_name


class Edited(CourseError):
    """A notebook in `.build/source/` was edited there; the message says what to do."""


def place(course: Course, lesson: Lesson) -> Path:
    return course.built_sources / lesson.name / f"{lesson.name}.ipynb"


def stamp(course: Course, lesson: Lesson) -> Path:
    """The file that holds what a built source was made of, and what it holds: two digests."""
    return course.built / "digests" / lesson.name


def made_of(lesson: Lesson) -> str:
    """The digest of all that a built source depends on: text, rules, and the points of the bank."""
    total = hashlib.sha256(lesson.text().encode())
    for module in (_course, reading, sealing, rules):
        total.update(Path(str(module.__file__)).read_bytes())
    names = list(every_name())
    points = {name: asked_of(name).points for name in names if TEST_PREFIX + name in lesson.text()}
    total.update(json.dumps([names, points]).encode())
    return total.hexdigest()


def write_sources(course: Course, lessons: Iterable[Lesson] | None = None) -> None:
    """Write these lessons, or all, where they have changed. Raises `CourseError` at a fault."""
    for lesson in lessons or course.lessons():
        write_source(course, lesson)


def refresh(course: Course) -> list[str]:
    """Write what can be written; the faults of the other lessons, which stay as they are."""
    faults = []
    for lesson in course.lessons():
        try:
            write_source(course, lesson)
        except CourseError as error:
            faults.append(str(error))
    return faults


def write_source(course: Course, lesson: Lesson) -> None:
    """Bring a built source up to date. Raises `CourseError` for what `source/` has wrong, and
    `Edited`, so that nothing that people wrote is lost.
    """
    target, kept, now = place(course, lesson), stamp(course, lesson), made_of(lesson)
    before, held = (*(kept.read_text().split() if kept.exists() else ()), "", "")[:2]
    if target.exists() and held:
        found = digest_of(cells_in(target))
        if found != held:
            raise Edited(_edited(course, lesson, before == now))
        if before == now:
            return
    notebook = lesson.notebook()
    check_source(lesson, notebook)
    write(target, nbformat.writes(give_points(notebook)) + "\n")
    write(kept, f"{now} {digest_of(cells_in(target))}")


# --- What a notebook says -----------------------------------------------------------------------


def cells_in(path: Path) -> list[dict[str, Any]] | None:
    """What decides on a release of each cell; None where the file is no notebook."""
    try:
        return [
            {
                "id": cell.get("id", ""),
                "kind": cell["cell_type"],
                "source": "".join(cell["source"]),
                "mark": cell["metadata"].get("nbgrader", {}),
                "tags": cell["metadata"].get("tags", []),
            }
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def digest_of(cells: list[dict[str, Any]] | None) -> str:
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _edited(course: Course, lesson: Lesson, same_source: bool) -> str:
    """What is said of a built source that people have edited; its cell only where that is known."""
    path = place(course, lesson)
    where, cells = lesson.path, cells_in(path)
    if same_source and cells is not None:
        due = give_points(lesson.notebook()).cells
        which = next(
            (i for i, (cell, own) in enumerate(zip(due, cells, strict=False)) if _other(cell, own)),
            min(len(due), len(cells)),
        )
        if which < len(due):
            where = Path(f"{lesson.path}:{lesson.places()[which]}")
    return (
        f"{path}: it was edited here, where Formgrader's link leads, and the next build would "
        f"lose that: bring the change into {where}, delete this file, and run it again"
    )


def _other(cell: NotebookNode, own: dict[str, Any]) -> bool:
    return (cell.source, mark(cell)) != (own["source"], own["mark"])


# --- What is released of it ---------------------------------------------------------------------


class FromSource(NbGraderPreprocessor):
    """The first step of nbgrader's release: whoever asks for it, it is made of `source/`.

    Formgrader has read the course's settings when it was started, and would go on with the source
    of that day.
    """

    root = Unicode(help="The course's folder.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        course = Course(Path(self.root))
        lesson = course.lesson(resources["nbgrader"]["assignment"])
        write_source(course, lesson)
        return nbformat.read(place(course, lesson), 4), resources


def stale_release(course: Course, lesson: Lesson) -> Iterator[str]:
    """Where a lesson in `notebooks/` is not what its built source makes, as far as one sees
    without making it; `autograder build --check` makes it, and compares every byte.
    """
    path = course.notebooks / lesson.name / f"{lesson.name}.ipynb"
    again = f"run `autograder build {lesson.name}`"
    if not path.exists():
        if course.notebooks.is_dir():
            yield f"{path}: it is missing: {again}"
        return
    found, due = cells_in(path), cells_in(place(course, lesson)) or []
    if found is None:
        yield f"{path}: it is no notebook: {again}"
        return
    known = {cell["id"] for cell in due}
    found = [cell for cell in found if cell["id"] in known or cell["mark"]]  # no header, no footer
    for i, (cell, other) in enumerate(zip(due, found, strict=False)):
        if not _releases(cell, other):
            line = lesson.places()[i]
            yield (
                f"{path}: cell {cell['id']} is not what {lesson.path}:{line} makes: {again}; "
                "what was edited in notebooks/ belongs into source/"
            )
            return
    if len(found) != len(due):
        yield f"{path}: it has {len(found)} cells where {lesson.path} makes {len(due)}: {again}"


def _releases(cell: dict[str, Any], found: dict[str, Any]) -> bool:
    """Whether this is what a student gets of a cell."""
    if any(cell[part] != found[part] for part in ("id", "kind", "tags")):
        return False
    due, own = cell["mark"], found["mark"]
    if {key: own.get(key) for key in due if key != "locked"} != {
        key: due[key] for key in due if key != "locked"
    }:
        return False
    if "checksum" in own and own["checksum"] != _checksum(found):
        return False
    if not any(marker in cell["source"] for marker in (BEGIN_SOLUTION, BEGIN_HIDDEN)):
        return bool(cell["source"] == found["source"])
    return re.fullmatch(_pattern(cell["source"]), found["source"], re.DOTALL) is not None


def _checksum(found: dict[str, Any]) -> str:
    """As nbgrader counts it, which enters it in what it releases."""
    cell = nbformat.from_dict(
        {"cell_type": found["kind"], "source": found["source"], "metadata": {}}
    )
    cell.metadata["nbgrader"] = found["mark"]
    return str(compute_checksum(cell))


def _pattern(source: str) -> str:
    """What nbgrader leaves of a cell: something for each solution, nothing of a hidden test."""
    parts, within = [], ""
    for line in source.split("\n"):
        word = line.strip()
        if word == BEGIN_SOLUTION:
            parts.append(".+")
        if word in (BEGIN_SOLUTION, BEGIN_HIDDEN):
            within = word
        elif word in (END_SOLUTION, END_HIDDEN):
            within = ""
        elif not within:
            parts.append(re.escape(line))
    return "\n".join(parts)

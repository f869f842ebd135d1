"""`.build/source/`: each lesson as the notebook that nbgrader reads.

It is always what `source/` makes. Formgrader links to it, so people edit it there: what they did is
kept, nothing is released of it, and a sentence says where it belongs.
"""

from __future__ import annotations

import hashlib
import json
import warnings
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
    PLAIN,
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
    """The file with three digests: of what a built source was made of, of what it holds, and of
    the answers to predictions that were taken out of it.
    """
    return course.built / "digests" / lesson.name


def made_of(lesson: Lesson) -> str:
    """The digest of all that a built source depends on: text, rules, and the points of the bank."""
    text = lesson.text()
    total = hashlib.sha256(text.encode())
    for module in (_course, reading, sealing, rules):
        total.update(Path(str(module.__file__)).read_bytes())
    names = list(every_name())
    points = {name: asked_of(name).points for name in names if TEST_PREFIX + name in text}
    total.update(json.dumps([names, points]).encode())
    return total.hexdigest()


def write_sources(course: Course, lessons: Iterable[Lesson] | None = None) -> None:
    """Write these lessons, or all, where they have changed. Raises `CourseError` at a fault."""
    for lesson in lessons or course.lessons():
        write_source(course, lesson)


class NotWritten(UserWarning):
    """A lesson is at fault, and what nbgrader would release of it is not brought up to date."""


def refresh(course: Course) -> None:
    """Write what can be written, and warn of the other lessons, which stay as they are."""
    for lesson in course.lessons():
        try:
            write_source(course, lesson)
        except CourseError as error:
            warnings.warn(str(error), NotWritten, stacklevel=2)


def write_source(course: Course, lesson: Lesson) -> None:
    """Bring a built source up to date. Raises `CourseError` for what `source/` has wrong, and
    `Edited`, so that nothing that people wrote is lost.
    """
    target, kept, now = place(course, lesson), stamp(course, lesson), made_of(lesson)
    before, held = _stamped(kept)[:2]
    if target.exists() and held:
        found = digest_of(cells_in(target))
        if found != held:
            raise Edited(_edited(course, lesson, before == now))
        if before == now:
            return
    notebook = lesson.notebook()
    check_source(lesson, notebook)
    write(target, nbformat.writes(give_points(notebook)) + "\n")
    write(kept, " ".join([now, digest_of(cells_in(target)), digest_of(lesson.sealed())]))


def _stamped(path: Path) -> list[str]:
    """The digests of a stamp; empty where there is none, or one of an older form."""
    found = path.read_text().split() if path.exists() else []
    return found if len(found) == 3 else ["", "", ""]


def sealed_digest(course: Course, lesson: Lesson) -> str:
    """Of the answers to predictions in a source whose built source is up to date."""
    return _stamped(stamp(course, lesson))[2]


def sources_at_fault(course: Course, lesson: Lesson) -> Iterator[str]:
    """What `write_source` would refuse, line by line; the built source is up to date after it."""
    try:
        write_source(course, lesson)
        if not lesson.has_helpers:  # whose bank is another course's: no build refuses it
            notebook = lesson.notebook()
            rules.refuse(lesson, notebook, list(rules.tests_are_in_the_bank(notebook)))
    except CourseError as error:
        yield from str(error).split("\n")


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


def digest_of(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


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
    there = {cell["id"] for cell in found}
    for i, (cell, other) in enumerate(zip(due, found, strict=False)):
        if not _releases(cell, other):
            line = lesson.places()[i]
            if cell["mark"] and cell["id"] not in there:
                new = f"cell {cell['id']}, {lesson.path}:{line}, is not in it yet"
                yield f"{path}: {new}: {again}, or remove it from the source"
                return
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
    return _leaves(cell["source"], found["source"])


def _checksum(found: dict[str, Any]) -> str:
    """As nbgrader counts it, which enters it in what it releases."""
    cell = nbformat.from_dict(
        {"cell_type": found["kind"], "source": found["source"], "metadata": {}}
    )
    cell.metadata["nbgrader"] = found["mark"]
    return str(compute_checksum(cell))


def _leaves(source: str, found: str) -> bool:
    """Whether nbgrader makes this of a cell: something for a solution, nothing of a hidden test."""
    pieces: list[list[str]] = [[]]
    within = ""
    for line in source.split("\n"):
        word = line.strip()
        if word == BEGIN_SOLUTION:
            pieces.append([])
        if word in (BEGIN_SOLUTION, BEGIN_HIDDEN):
            within = word
        elif word in (END_SOLUTION, END_HIDDEN):
            within = ""
        elif not within:
            pieces[-1].append(line)
    first, *others = ("\n".join(lines) for lines in pieces)
    if not others:
        return found == first
    place = len(first)
    for piece in others:
        place = found.find(piece, place) + len(piece)
        if place < len(piece):
            return False
    return found.startswith(first) and found.endswith(others[-1])


def plain_cells(course: Course, lesson: Lesson) -> list[str]:
    """The test cells of a built source that are not the judge's, by their ids."""
    cells = cells_in(place(course, lesson)) or []
    return [cell["id"] for cell in cells if PLAIN in cell["tags"]]


def strays(course: Course) -> Iterator[str]:
    """What was made of lessons that are no more."""
    known = {lesson.name for lesson in course.lessons()}
    made = [*course.notebooks.glob("*/"), *course.solutions.glob("*/")]
    made += course.sealed("*").parent.glob("*.json")
    for path in sorted(made):
        if path.stem not in known and not path.name.startswith("."):
            yield f"{path.relative_to(course.root)} belongs to no lesson in source/"

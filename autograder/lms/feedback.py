"""Feedback pages as a zip that a platform takes in again, under the names that it gave out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom import Classroom
from autograder.course import PART, CourseError
from autograder.grading.platforms import CANVAS
from autograder.lms.collected import Entry
from autograder.lms.roster import WORKSHEET, Roster

ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the same pages make the same zip."""
FOLDER = "_assignsubmission_file"
"""How Moodle's folders end; older versions put a `_` behind, and all read both."""


@dataclass
class Packed:
    """nameless: students whose page could go nowhere, as no name of the platform is known."""

    path: Path
    pages: int = 0
    nameless: list[str] = field(default_factory=list)


def pack(
    classroom: Classroom,
    lesson: str,
    platform: str,
    collected: Mapping[str, Entry],
    path: Path,
    roster: Roster | None = None,
    without: Collection[str] = (),
) -> Packed:
    """A zip of the lesson's pages. platform: `canvas` or `moodle`. without: these students'."""
    made = Packed(path)
    part = path.with_name(f".{path.name}{PART}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for student, pages in _pages(classroom, lesson):
                if student in without:
                    continue
                name = name_of(student, platform, collected.get(student), roster)
                if name is None:
                    made.nameless.append(student)
                    continue
                for page in pages:
                    info = zipfile.ZipInfo(name.format(page=page.name), ALWAYS)
                    info.external_attr = 0o644 << 16
                    archive.writestr(info, page.read_bytes(), zipfile.ZIP_DEFLATED)
                    made.pages += 1
        if not (made.pages or made.nameless or without):
            raise CourseError(
                f"{classroom.feedback} holds no page of {lesson}: run autograder grade"
            )
        if made.pages:
            part.replace(path)
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return made


def _pages(classroom: Classroom, lesson: str) -> Iterator[tuple[str, list[Path]]]:
    for folder in sorted(classroom.feedback.glob(f"*/{lesson}")):
        pages = sorted(folder.glob("*.html"))
        if pages:
            yield folder.parent.name, pages


def name_of(
    student: str, platform: str, entry: Entry | None, roster: Roster | None = None
) -> str | None:
    """Where a student's page belongs in the zip, with `{page}` in it; None where that is not known.

    Moodle reads the number after the name of a folder, Canvas the two numbers of a file: the
    student's and that of the file that was handed in.
    """
    if entry is not None and entry.platform != platform:
        entry = None
    if platform == "moodle":
        return _moodle(student, entry, roster)
    for name in entry.names if entry else ():
        found = CANVAS.fullmatch(name)
        if found:
            return _braced(name[: found.start("file")]) + "{page}"
    return None


def _moodle(student: str, entry: Entry | None, roster: Roster | None) -> str | None:
    if entry is not None:
        folder = next((n for n in entry.names if re.search(f"{FOLDER}_?$", n)), "")
        folder = folder or re.sub("_assignsubmission_.*", f"{FOLDER}_", entry.names[0])
        return f"{_braced(folder)}/{{page}}"
    person = roster.of_student(student) if roster and roster.kind == WORKSHEET else None
    if person is None or not person.number:
        return None
    name = re.sub(r"[_/\\:]", " ", person.full) or "Participant"
    return f"{_braced(name)}_{person.number}_{FOLDER.strip('_')}_/{{page}}"


def _braced(name: str) -> str:
    return name.replace("{", "{{").replace("}", "}}")

"""What was collected: under which names a platform handed out each student's files.

It lies in `collected/LESSON.json` beside `submitted/`. What goes back goes by these names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from autograder.classroom import Classroom
from autograder.course import CourseError, write


@dataclass(frozen=True)
class Entry:
    """platform: `canvas`, `moodle`, ... . number: the student's, as its names hold it.

    names: of the folder or the files that it handed out for the student. digest: of what they held.
    """

    platform: str
    number: str
    names: tuple[str, ...]
    digest: str = ""


def entries(classroom: Classroom, lesson: str) -> dict[str, Entry]:
    """By student; empty where nothing was collected."""
    path = classroom.folder / "collected" / f"{lesson}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {student: _entry(one) for student, one in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CourseError(f"{path} cannot be read ({error}): collect {lesson} again") from error


def _entry(one: dict[str, object]) -> Entry:
    names = one["names"]
    assert isinstance(names, list)
    return Entry(
        str(one["platform"]),
        str(one["number"]),
        tuple(PurePosixPath(str(name)).name for name in names),
        str(one.get("digest", "")),
    )


def enter(classroom: Classroom, lesson: str, new: Mapping[str, Entry]) -> None:
    path = classroom.folder / "collected" / f"{lesson}.json"
    kept = entries(classroom, lesson) if path.exists() else {}
    every = {student: asdict(one) for student, one in sorted((kept | dict(new)).items())}
    write(path, json.dumps(every, indent=1, ensure_ascii=False) + "\n")

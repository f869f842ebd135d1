"""A class on disk: where its submissions, gradebook and results lie, and how these are written."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.utils import parse_utc

from autograder.course import CourseError

COURSE_ID = "downhill"
"""As in nbgrader_config.py."""


@dataclass(frozen=True)
class Classroom:
    """Where a class's work lies: `submitted` is given, nbgrader's folders stand beside it."""

    submitted: Path
    db_url: str
    timeout: int = 30
    """Seconds a question may take."""

    @classmethod
    def of(cls, submitted: Path, db_url: str | None = None, timeout: int = 30) -> Classroom:
        """The class of these submissions; its SQLite waits for a lock while others write."""
        submitted = submitted.resolve()
        url = db_url or f"sqlite:///{submitted.parent / 'gradebook.db'}?timeout=120"
        return cls(submitted, url, timeout)

    @property
    def folder(self) -> Path:
        return self.submitted.parent

    @property
    def feedback(self) -> Path:
        return self.folder / "feedback"

    @property
    def autograded(self) -> Path:
        return self.folder / "autograded"

    @property
    def release(self) -> Path:
        return self.folder / "release"

    def record(self, student: str, assignment: str, notebook: str) -> Path:
        """What was found when this notebook was last graded."""
        return self.folder / "records" / student / assignment / f"{notebook}.json"

    def log(self, student: str, assignment: str, notebook: str) -> Path:
        """Why the grader itself failed on it."""
        return self.record(student, assignment, notebook).with_suffix(".log")

    def timestamp(self, student: str, assignment: str) -> datetime | None:
        """When it was handed in, if nbgrader's file beside the notebook says so."""
        path = self.submitted / student / assignment / "timestamp.txt"
        if path.is_symlink() or not path.is_file() or path.stat().st_size > 200:
            return None
        with contextlib.suppress(ValueError, OverflowError):
            return parse_utc(path.read_text(encoding="utf-8", errors="replace").strip())
        return None

    def check(self) -> None:
        """Raise `CourseError` where results cannot be written here."""
        if not os.access(self.folder, os.W_OK):
            raise CourseError(f"{self.folder} cannot be written to; the results belong there")
        for place in (self.autograded, self.feedback, self.release, self.folder / "records"):
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                raise CourseError(f"{place} is not a folder; move it away")


@dataclass(frozen=True)
class Result:
    """A graded notebook: points, what is left for a person to grade, and reasons in words."""

    student: str
    lesson: str
    notebook: str
    points: float
    of: float
    to_grade_by_hand: float
    reasons: tuple[str, ...]
    digest: str
    again: bool = False
    """True where nothing had changed and the earlier result stands."""
    failed: bool = False
    """True where the grader itself could not grade it."""


def keep(path: Path, result: Result, more: dict[str, Any]) -> None:
    """Write the record of a result; it is the last thing written, and stands for all the others."""
    write(path, json.dumps({**asdict(result), **more}, indent=1) + "\n")


def kept(path: Path) -> dict[str, Any] | None:
    """A record, or None where there is none, or only a part of one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    except (OSError, ValueError):
        return None


def as_result(record: dict[str, Any]) -> Result:
    names = ("student", "lesson", "notebook", "points", "of", "to_grade_by_hand", "digest")
    values = {name: record[name] for name in names}
    return Result(**values, reasons=tuple(record["reasons"]), again=True)


def write(path: Path, text: str) -> None:
    """Whole or not at all, whatever happens in the middle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=".", suffix=".part", delete=False
    ) as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)

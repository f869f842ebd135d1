"""A class on disk: where its submissions, gradebook and results lie, and how these are written."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from autograder.course import PART, TEST_PREFIX, CourseError, write

COURSE_ID = "downhill"
"""As in nbgrader_config.py."""
GRADEBOOK = "gradebook.db"
"""nbgrader's name for it, which lies beside `submitted`."""
LOCK = ".grading"
"""The file that a grader holds while it writes; in it is which one."""
SCORED = ("student", "lesson", "notebook", "points", "of", "to_grade_by_hand", "digest")
"""What a record holds of its result, besides the reasons."""
OF_MARKS = ("lost", "shown")
"""What of a result the marks of its record say."""


class Place(NamedTuple):
    """Whose notebook it is, and which."""

    student: str
    assignment: str
    notebook: str


@dataclass(frozen=True)
class Classroom:
    """Where a class's work lies: `submitted` is given, nbgrader's folders stand beside it."""

    submitted: Path
    db_url: str
    timeout: int = 30
    """Seconds a question may take."""
    configured: bool = False
    """Whether the course's configuration names this gradebook, and nobody on the command line."""

    @classmethod
    def of(cls, submitted: Path, db_url: str | None = None, timeout: int = 30) -> Classroom:
        """The class of these submissions; its SQLite waits for a lock while others write."""
        try:
            submitted = submitted.resolve()
            if submitted.is_symlink():  # Python 3.13 leaves a loop of links as it is
                submitted.stat()
        except (OSError, RuntimeError) as error:  # how a loop of links is told depends on Python
            raise CourseError(f"{submitted} cannot be found: {error}") from error
        path = str(submitted.parent / GRADEBOOK).replace("%", "%25").replace("?", "%3F")
        url = db_url or f"sqlite:///{path}?timeout=120"
        return cls(submitted, url, timeout)

    @classmethod
    def at(
        cls, submitted: Path, db_url: str | None = None, timeout: int = 30, *, there: bool = True
    ) -> Classroom:
        """The same, where submissions lie, or may. Raises `CourseError` where they cannot.

        there: they are needed.
        """
        found = cls.of(submitted, db_url, timeout)
        if not submitted.is_dir() and (there or submitted.exists()):
            raise missing(submitted)
        inner = submitted / "submitted"
        if inner.is_dir() and submitted.name != inner.name and not any(inner.glob("*/*.ipynb")):
            raise CourseError(f"{submitted} is the class's folder: give {inner}")
        return found  # else a student is called so

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

    @property
    def attempts(self) -> Path:
        """What was handed in before, where a student has done so more than once."""
        return self.folder / "attempts"

    def record(self, student: str, assignment: str, notebook: str) -> Path:
        """What was found when this notebook was last graded."""
        return self.folder / "records" / student / assignment / f"{notebook}.json"

    def log(self, student: str, assignment: str, notebook: str) -> Path:
        """Why the grader itself failed on it."""
        return self.record(student, assignment, notebook).with_suffix(".log")

    @property
    def written(self) -> list[Path]:
        """The folders that grading writes into."""
        records = self.folder / "records"
        return [self.autograded, self.feedback, self.release, self.attempts, records]

    def check(self) -> None:
        """Raise `CourseError` where results cannot be written here."""
        for place in self.written:
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                raise CourseError(f"{place} is not a folder; move it away")
        for place in (self.folder, *filter(Path.exists, self.written)):
            if not os.access(place, os.W_OK | os.X_OK):
                raise CourseError(f"{place} cannot be written to; the results belong there")

    @contextlib.contextmanager
    def alone(self, say: Callable[[str], None]) -> Iterator[None]:
        """Hold the class, so that no other grader writes into it. Waits for one, and says so.

        The lock is the kernel's and goes with the process; what a killed one left half-written is
        cleared away.
        """
        import fcntl  # not under Windows, where nothing can be graded either

        with (self.folder / LOCK).open("ab+", buffering=0) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                who = file.read(200).decode("utf-8", "replace")
                say(f"another grader is at work on this class ({who}); waiting until it has ended")
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError as error:
                say(
                    f"no locks on this file system ({error.strerror}): let no other grader run here"
                )
            if file.seek(0, os.SEEK_END):
                self._clear_away()
            try:
                file.truncate(0)
                file.write(f"process {os.getpid()} on {platform.node()}".encode())
                yield
            finally:
                file.truncate(0)
                with contextlib.suppress(OSError):  # there may be no locks
                    fcntl.flock(file, fcntl.LOCK_UN)  # forks of this process have it open, too

    def _clear_away(self) -> None:
        left = list(self.folder.glob(f".*{PART}"))
        for folder in (*self.written, self.folder / ".registered"):
            left += folder.rglob(f".*{PART}")
        for path in left:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


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
    """True where what was handed in had not changed, and was not played again."""
    failed: bool = False
    """True where the grader itself could not grade it."""
    late: str = ""
    """How late it was and what that cost, in words; empty where it was in time."""
    lost: tuple[str, ...] = ()
    """Of the reasons those for which a question lost points."""
    shown: tuple[str, ...] = ()
    """What test cells showed in place of points, which gave all of them: `NAME: VALUE`."""
    undated: bool = False
    """True where something says when it was handed in, and no one time: it counts as in time."""
    untaken: bool = False
    """True where no notebook of the lesson could be read: every question counts as unanswered."""


def keep(path: Path, result: Result, more: dict[str, Any]) -> None:
    """Write the record of a result; it is the last thing written, and stands for all the others."""
    said = {name: value for name, value in asdict(result).items() if name not in OF_MARKS}
    write(path, json.dumps({**said, **more}, indent=1) + "\n")


def kept(path: Path) -> dict[str, Any] | None:
    """A record, or None where there is none, or only a part of one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    needed = {*SCORED, "reasons", "marks", "made"}
    return found if isinstance(found, dict) and needed <= found.keys() else None


def as_result(record: dict[str, Any]) -> Result:
    values = {name: record[name] for name in SCORED}
    values |= {name: bool(record.get(name)) for name in ("undated", "untaken")}
    values |= {"late": str(record.get("late", "")), "reasons": tuple(record["reasons"])}
    lost, shown = tuple(why_lost(record["marks"])), tuple(no_numbers(record["marks"]))
    return Result(**values, again=True, lost=lost, shown=shown)


def results_of(classroom: Classroom, lesson: str) -> Iterator[Result]:
    """What the records of a lesson say, by student."""
    for path in sorted((classroom.folder / "records").glob(f"*/{lesson}/*.json")):
        record = kept(path)
        if record is not None:
            yield as_result(record)


def why_lost(marks: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Why points were lost, a line for each question that lost some."""
    for name, reason in losses(marks):
        yield f"{name}: {reason}"


def no_numbers(marks: dict[str, dict[str, Any]]) -> Iterator[str]:
    """What test cells showed in place of points, a line for each."""
    yield from (f"{name}: {mark['shown']}" for name, mark in marks.items() if mark.get("shown"))


def losses(marks: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Each question that lost points, by its exercise's name, and why."""
    for name, mark in marks.items():
        if mark["points"] is not None and mark["points"] < mark["of"] and mark["reason"]:
            yield name.removeprefix(TEST_PREFIX), str(mark["reason"])


def missing(submitted: Path) -> CourseError:
    should = "it should hold STUDENT/LESSON/LESSON.ipynb"
    return CourseError(f"there is no folder {submitted}; {should}")

"""What makes trouble around a class, and what is left of it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from autograder import course as courses
from autograder import runner
from autograder.classroom import Classroom, kept
from autograder.course import PART, Course, CourseError, grade_id, is_grade, is_test
from autograder.course import mark as mark_of
from autograder.grading.pool import Done
from autograder.grading.sheet import digest
from autograder.grading.task import Graded, Mark
from autograder.runner import Options, grade
from benchmarks.classes import LESSON

STUDENTS = ("amy", "bob")
MAIN = "from autograder.cli import main; raise SystemExit(main())"


def pretended(crew, orders, jobs) -> Iterator[Done]:
    """What workers would send, without any: every test cell has its points."""
    for order in orders:
        task = order.task
        sheet = crew.sheets[task.key]
        graded = Graded(task.student, task.key, sheet.release)
        for cell in filter(is_grade, sheet.cells.cells):
            of = float(mark_of(cell)["points"])
            graded.marks[grade_id(cell)] = Mark(of if is_test(cell) else None, of)
        graded.made = {"submission": digest(*task.envelope.parts)}
        yield Done(order, graded, f"<p>{task.student}</p>" if order.page else "")


def hurried(connection: sqlite3.Connection, *more: Any) -> None:
    """No power is cut here, and waiting for a disk to be sure is most of the time."""
    connection.execute("PRAGMA synchronous=OFF")


def renewed(fresh: Path, folder: Path) -> Classroom:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(fresh, folder)
    return Classroom.of(folder / "submitted", f"sqlite:///{folder / 'gradebook.db'}?timeout=0")


def graded(room: Classroom, **options: Any) -> runner.Outcome:
    return grade(Course(room.folder), room, [LESSON], Options(**options))


def state(room: Classroom) -> dict[str, Any]:
    """Everything that grading has written, without times; nothing is half-written."""
    assert not list(room.folder.rglob(f"*{PART}*"))
    found: dict[str, Any] = {}
    for folder in (room.autograded, room.feedback):
        for path in folder.rglob("*.*"):
            found[str(path.relative_to(room.folder))] = path.read_text()
    for path in (room.folder / "records").rglob("*.*"):
        record = json.loads(path.read_text())
        found[str(path.relative_to(room.folder))] = record["points"], record["marks"]
    with sqlite3.connect(room.folder / "gradebook.db") as book:
        found["points"] = book.execute(
            """SELECT s.student_id, b.name, g.auto_score, g.needs_manual_grade FROM grade g
               JOIN base_cell b ON b.id = g.cell_id
               JOIN submitted_notebook n ON n.id = g.notebook_id
               JOIN submitted_assignment s ON s.id = n.assignment_id ORDER BY 1, 2"""
        ).fetchall()
    return found


def one_sentence(error: CourseError) -> str:
    text = str(error)
    assert "\n" not in text
    assert "Traceback" not in text
    assert len(text) < 500
    return text


class Disk:
    """Lets so many steps of writing through, and then none, as a full disk does."""

    def __init__(self, steps: float, number: int = errno.ENOSPC):
        self.steps, self.number, self.refused = steps, number, ""

    def step(self, what: str) -> None:
        self.steps -= 1
        if self.steps < 0:
            self.refused = self.refused or what
            if what == "SQL":
                cause = sqlite3.OperationalError("database or disk is full")
                raise OperationalError("INSERT", {}, cause)
            raise OSError(self.number, os.strerror(self.number))

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Files are made, written, and given their names; rows are written and committed."""
        before_writing, making = open, courses.tempfile.mkstemp
        disk = self

        def mkstemp(**options):
            disk.step("make")
            return making(**options)

        def opened(*arguments, **options):
            file = before_writing(*arguments, **options)
            write = file.write

            def half(text):
                write(text[: len(text) // 2])
                disk.step("write")
                return write(text[len(text) // 2 :])

            file.write = half
            return file

        def mkdir(path, *arguments, **options):
            if not path.exists():
                disk.step("folder")
            os.makedirs(path, exist_ok=True)

        def statement(connection, cursor, text, *more):
            if not text.startswith(("SELECT", "PRAGMA")):
                disk.step("SQL")

        def commit(connection):
            disk.step("SQL")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(courses.tempfile, "mkstemp", mkstemp)
            patch.setattr(courses, "open", opened, raising=False)
            patch.setattr(Path, "mkdir", mkdir)
            event.listen(Engine, "before_cursor_execute", statement)
            event.listen(Engine, "commit", commit)
            try:
                yield
            finally:
                event.remove(Engine, "before_cursor_execute", statement)
                event.remove(Engine, "commit", commit)


def records(room: Classroom) -> list[dict[str, Any]]:
    found = [kept(path) for path in sorted((room.folder / "records").rglob("*.json"))]
    assert all(found)
    return [record for record in found if record]


def after_the_first(room: Classroom, trouble, **options: Any) -> runner.Outcome:
    """Grade, and make trouble when one notebook is done."""

    def progress(done, total, result):
        if done == 1:
            trouble()

    return grade(Course(room.folder), room, [LESSON], Options(**options), progress)


def odd_folders(room: Classroom) -> None:
    os.makedirs(os.path.join(os.fsencode(room.submitted), b"m\xfcller", LESSON.encode()))
    (room.submitted / "mallory").symlink_to("amy")
    (room.submitted / "[late] ann" / LESSON).mkdir(parents=True)
    (room.submitted / "zip.zip").write_bytes(b"PK")
    (room.submitted / "carl" / "other").mkdir(parents=True)
    (room.submitted / "carl" / LESSON).symlink_to("../amy/01-small")

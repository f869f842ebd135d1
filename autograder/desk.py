"""What is written of a graded notebook: its executed copy and page, its points, and its record.

The record is written last and stands for all the others: what was interrupted before has none, and
is simply graded again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from autograder.classroom import Classroom, Result, keep, kept
from autograder.course import TEST_PREFIX, grade_id, write
from autograder.feedback import Pages
from autograder.gradebook import Book, Score
from autograder.pool import Done, Order
from autograder.sheet import Sheet, as_json
from autograder.task import Graded, Mark


@dataclass
class Desk:
    """Where what the workers send is written down. question: it alone was graded."""

    classroom: Classroom
    book: Book
    sheets: dict[tuple[str, str], Sheet]
    question: str | None

    def write(self, done: Done) -> Result:
        record = kept(self.classroom.record(*done.graded.place)) or {}
        if self.question is not None:
            done = self._put_into_the_rest(done, record)
        self._write_files(done)
        score = self._enter(done, record)
        return self._keep(done, record, score)

    def _enter(self, done: Done, record: dict[str, Any]) -> Score:
        """The points in the gradebook, and the page again where it did not know of a penalty."""
        graded = done.graded
        same = record.get("made", {}).get("submission") == graded.made["submission"]
        when = self.classroom.timestamp(graded.student, graded.key[0])
        score = self.book.write(graded, when, same)
        if score.penalty and done.page:
            given = replace(done.order.given, penalty=score.penalty)
            page = self._page(graded, {"marks": {}}, replace(done.order, given=given))
            self._write_files(replace(done, page=page))
        return score

    def _keep(self, done: Done, record: dict[str, Any], score: Score) -> Result:
        """The record, with which the notebook is graded."""
        graded, task = done.graded, done.order.task
        marks = record.get("marks", {}) if self.question is not None else {}
        marks |= {name: vars(mark) for name, mark in graded.marks.items()}
        result = Result(
            *graded.place,
            score.points,
            score.of,
            score.by_hand,
            graded.notes + tuple(why_lost(marks)),
            replace(task, question=None).made_of(self.sheets[graded.key]),
        )
        more = {
            "marks": marks,
            "made": graded.made | {"limits": repr(task.limits)},
            "used": vars(graded.use),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        keep(self.classroom.record(*graded.place), result, more)
        self.classroom.log(*graded.place).unlink(missing_ok=True)
        return result

    def _put_into_the_rest(self, done: Done, record: dict[str, Any]) -> Done:
        """One question's new outputs in the notebook that was graded before, if there is one."""
        graded = done.graded
        path = self._file(self.classroom.autograded, graded, "ipynb")
        if not record or not path.is_file():
            return done
        notebook = nbformat.read(path, 4)
        fresh = {grade_id(c): c for c in nbformat.reads(graded.notebook, 4).cells if grade_id(c)}
        for cell in notebook.cells:
            if grade_id(cell) in graded.marks:
                cell.outputs = fresh[grade_id(cell)].outputs
        graded = replace(graded, notebook=as_json(notebook))
        return Done(done.order, graded, self._page(graded, record, done.order))

    def _page(self, graded: Graded, record: dict[str, Any], order: Order) -> str:
        marks = {name: Mark(**mark) for name, mark in record["marks"].items()} | graded.marks
        about = {"student": graded.student, "assignment": graded.key[0], "notebook": graded.key[1]}
        points = {name: mark.points for name, mark in marks.items()}
        return Pages().page(graded.notebook, points, order.given, about)

    def _write_files(self, done: Done) -> None:
        graded = done.graded
        write(self._file(self.classroom.autograded, graded, "ipynb"), graded.notebook)
        if done.page:
            write(self._file(self.classroom.feedback, graded, "html"), done.page)

    def _file(self, folder: Path, graded: Graded, suffix: str) -> Path:
        assignment, notebook = graded.key
        return folder / graded.student / assignment / f"{notebook}.{suffix}"


def why_lost(marks: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Why points were lost, a line for each question that lost some."""
    for name, mark in marks.items():
        if mark["points"] is not None and mark["points"] < mark["of"] and mark["reason"]:
            yield f"{name.removeprefix(TEST_PREFIX)}: {mark['reason']}"

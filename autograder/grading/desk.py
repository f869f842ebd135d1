"""What is written of a graded notebook: its executed copy and page, its points, and its record.

The record is written last and stands for all the others: what was interrupted before has none, and
is simply graded again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.nbgrader_api import hidden
from autograder.classroom import Classroom, Place, Result, keep, kept, no_numbers, why_lost
from autograder.course import class_secret, grade_id, write
from autograder.grading.attempts import FACTS, Attempts, as_data
from autograder.grading.feedback import Pages
from autograder.grading.gradebook import Book
from autograder.grading.pool import Done
from autograder.grading.sheet import Sheet, as_json, digest
from autograder.grading.stamps import stamp
from autograder.grading.submission import NOT_JUDGED
from autograder.grading.task import Given, Graded, Mark, Score
from autograder.grading.times import HandedIn

STAYS = {"marks", "notes", "made", "used", "when"}
"""What a record says of the grading itself, whatever people give later."""
COUNTING = ("last", "counts")
"""The names of two attempts, where there are several."""
MAY_STAY = ("unanswered", "handed_in", *COUNTING)
"""As well, where a record has it."""
ALL_POINTS = "no number of points: nbgrader gives all for that"
LATE_RULES = ("LateSubmissionPlugin", "AssignLatePenalties")
"""nbgrader's own, as the course sets them in its configuration."""


@dataclass
class Desk:
    """Where what the workers send is written down.

    stamps: the files that say when a student's work on a lesson was handed in.
    question: it alone was graded. pages: whether to make any.
    """

    classroom: Classroom
    book: Book
    sheets: dict[tuple[str, str], Sheet]
    stamps: dict[tuple[str, str], Path]
    question: str | None
    pages: bool = True

    def write(self, done: Done) -> Result:
        record = kept(self.classroom.record(*done.graded.place)) or {}
        if self.question is not None:
            self.attempts.stays(done.graded.place, record)
            done = self._put_into_the_rest(done, record)
        else:
            made = done.order.task.made_of(self.sheets[done.graded.key])
            fresh = done
            done, record = self.attempts.enter(fresh, record, made)
            if fresh.page and not done.page:  # what counts was graded before, without one
                done = replace(done, page=self._first_page(done, done.graded.marks))
        self._write_files(done)
        score = self._enter(done, record)
        return self._keep(done, record, score)

    def renew(
        self, place: Place, record: dict[str, Any], page: bool | None = None
    ) -> Result | None:
        """What was graded before, as it stands now that people have written into the gradebook.

        page: whether to make it anew; None where it is made if there is one. None where the graded
        notebook is gone.
        """
        path = _file(self.classroom.autograded, place, "ipynb")
        if page is None:
            page = _file(self.classroom.feedback, place, "html").is_file()
        if not record.keys() >= STAYS or not path.is_file():
            return None
        pick = self.attempts.find(place, record)
        if pick is not None and pick.name != record.get("counts"):
            write(path, pick.notebook)
            graded = pick.graded(place)
            same = unchanged(graded, record["made"])
            score = self.book.write(graded, self.handed_in(place), same)
            stays = {name: pick.facts[name] for name in FACTS if name != "digest"}
            record = record | stays | {"counts": pick.name}
        else:
            score = self.book.score(place, self.handed_in(place))
        if page:
            made = self._page(place, path.read_text(encoding="utf-8"), earlier(record), score)
            write(_file(self.classroom.feedback, place, "html"), made)
        self.stamp(place)
        result = self._result(place, score, record["notes"], record["marks"], record["digest"])
        if place[:2] in self.stamps:
            record = record | {"handed_in": as_data(self.handed_in(place))}
        stays = {name: record[name] for name in (*STAYS, *MAY_STAY) if name in record}
        keep(self.classroom.record(*place), result, stays | self._more(place, score, page))
        return replace(result, again=True)

    @cached_property
    def attempts(self) -> Attempts:
        return Attempts(self.classroom, self.book, self.stamps)

    def looked_at(self, place: Place, record: dict[str, Any]) -> Result:
        """As `renew`, and nothing is written but the gradebook, which is a copy."""
        pick = self.attempts.find(place, record)
        if pick is not None and pick.name != record.get("counts"):
            graded = pick.graded(place)
            same = unchanged(graded, record["made"])
            score = self.book.write(graded, self.handed_in(place), same)
            record = record | {name: pick.facts[name] for name in ("marks", "notes")}
        else:
            score = self.book.score(place, self.handed_in(place))
        return self._result(place, score, record["notes"], record["marks"], record["digest"])

    def handed_in(self, place: Place) -> HandedIn | None:
        """When what counts was handed in; None where nothing says it."""
        return self.attempts.when(place)

    def stamp(self, place: Place) -> None:
        """nbgrader's own files beside what was graded, without which no page is released.

        They are those of what lies in `submitted/`: by them a student fetches the page, whichever
        attempt it is of.
        """
        copy = _file(self.classroom.autograded, place, "ipynb")
        page = _file(self.classroom.feedback, place, "html")
        folders = [made.parent for made in (copy, page) if made.is_file()]
        if place[:2] in self.stamps:  # else it is gone, and what was written of it stays
            word = digest("submission_secret", class_secret(self.classroom.folder), *place[:2])
            stamp(folders, self.attempts.stamped(place), self.stamps[place[:2]].parent, word)

    def lies_there(self, place: Place) -> bool:
        """Whether its graded copy does, and its page where any are made."""
        copy, page = (self.classroom.autograded, "ipynb"), (self.classroom.feedback, "html")
        needed = (copy, page) if self.pages else (copy,)
        return all(_file(folder, place, suffix).is_file() for folder, suffix in needed)

    def seen(self, place: Place, given: Given) -> str:
        """The digest of all that a page shows and a late rule asks, besides the notebook itself."""
        rules = [str(self.book.config.get(name)) for name in LATE_RULES]
        rules += [self.book.policy.rule(), self.book.policy.zone]
        return digest(json.dumps(asdict(given), default=str, sort_keys=True), *rules,
                      repr(self.attempts.stamped(place)))  # fmt: skip

    def said(self, place: Place, score: Score, to_student: bool = False) -> list[str]:
        """Sentences on when it was handed in: for the table and the record, or for the page."""
        when = self.handed_in(place)
        matters = when is not None and (when.when is None or score.given.due is not None)
        note = (when.to_student if to_student else when.note) if when and matters else ""
        odd = "" if to_student else score.odd
        return [line for line in (self.attempts.said(place), score.late, note, odd) if line]

    def _enter(self, done: Done, record: dict[str, Any]) -> Score:
        """The points in the gradebook, and the page again where it says less than that."""
        graded = done.graded
        same = unchanged(graded, record.get("made", {}))
        score = self.book.write(graded, self.handed_in(graded.place), same)
        points = {name: mark.points for name, mark in graded.marks.items()}
        shown = replace(done.order.given.before(points), due=score.given.due)
        if done.page and (shown != score.given or self.said(graded.place, score)):
            marks = graded.marks if self.question is None else earlier(record) | graded.marks
            page = self._page(graded.place, graded.notebook, marks, score)
            self._write_files(replace(done, page=page))
        return score

    def _keep(self, done: Done, record: dict[str, Any], score: Score) -> Result:
        """The record, with which the notebook is graded."""
        graded, task = done.graded, done.order.task
        marks = record.get("marks", {}) if self.question is not None else {}
        marks |= {name: vars(mark) for name, mark in graded.marks.items()}
        made = task.made_of(self.sheets[graded.key])
        if task.attempt:
            made = record["digest"]  # which is of what lies in `submitted/`
        if self.question is not None and record.get("digest") != made:
            made = ""  # the other questions were not graded, or not in this form
        result = self._result(graded.place, score, graded.notes, marks, made)
        more = {
            "marks": marks,
            "notes": graded.notes,
            "made": graded.made | {"limits": repr(task.limits)},
            "used": vars(graded.use),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "unanswered": graded.unanswered,
            "handed_in": as_data(self.handed_in(graded.place)),
        }
        more |= {name: record[name] for name in COUNTING if name in record}
        more |= self._more(graded.place, score, bool(done.page))
        keep(self.classroom.record(*graded.place), result, more)
        self.classroom.log(*graded.place).unlink(missing_ok=True)
        return result

    def _result(
        self,
        place: Place,
        score: Score,
        notes: Iterable[str],
        marks: dict[str, dict[str, Any]],
        made: str,
    ) -> Result:
        lost = tuple(why_lost(marks))
        shown = tuple(no_numbers(marks))
        reasons = (*self.said(place, score), *notes, *lost, *(f"{s} – {ALL_POINTS}" for s in shown))
        points = score.points, score.of, score.by_hand
        when = self.handed_in(place)
        return Result(
            *place,
            *points,
            reasons,
            made,
            late=score.late,
            lost=lost,
            shown=shown,
            undated=when is not None and when.undated,
            untaken=any(note.endswith(NOT_JUDGED) for note in notes),
        )

    def _more(self, place: Place, score: Score, page: bool) -> dict[str, Any]:
        """What a record says of lateness, and what its page has seen of what people gave."""
        late = {"penalty": score.given.penalty, "late": score.late}
        return late | {"seen": self.seen(place, score.given) if page else ""}

    def _put_into_the_rest(self, done: Done, record: dict[str, Any]) -> Done:
        """One question's new outputs in the notebook that was graded before, if there is one."""
        graded = done.graded
        path = _file(self.classroom.autograded, graded.place, "ipynb")
        if not record or not path.is_file():
            return done
        notebook = nbformat.read(path, 4)
        fresh = {grade_id(c): c for c in nbformat.reads(graded.notebook, 4).cells if grade_id(c)}
        for cell in notebook.cells:
            if grade_id(cell) in graded.marks and cell.cell_type == "code":
                cell.outputs = fresh[grade_id(cell)].outputs
        graded = replace(graded, notebook=as_json(notebook))
        marks = earlier(record) | graded.marks
        done = Done(done.order, graded)
        done = replace(done, page=self._first_page(done, marks) if self.pages else "")
        self.attempts.correct(done, record, marks)
        return done

    def _first_page(self, done: Done, marks: dict[str, Mark]) -> str:
        """As a worker makes it: before the points are entered."""
        given = done.order.given.before({name: mark.points for name, mark in marks.items()})
        score = Score(0.0, 0.0, 0.0, given)
        return self._page(done.graded.place, done.graded.notebook, marks, score)

    def _page(self, place: Place, text: str, marks: dict[str, Mark], score: Score) -> str:
        about = place._asdict()
        points = {name: mark.points for name, mark in marks.items()}
        return self.maker.page(text, points, score.given, about, self.said(place, score, True))

    @cached_property
    def maker(self) -> Pages:
        return Pages(hidden(self.book.config))

    def _write_files(self, done: Done) -> None:
        graded = done.graded
        write(_file(self.classroom.autograded, graded.place, "ipynb"), graded.notebook)
        if done.page:
            write(_file(self.classroom.feedback, graded.place, "html"), done.page)
        self.stamp(graded.place)


def _file(folder: Path, place: Place, suffix: str) -> Path:
    student, assignment, notebook = place
    return folder / student / assignment / f"{notebook}.{suffix}"


def earlier(record: dict[str, Any]) -> dict[str, Mark]:
    """The marks of a record; none of no record."""
    return {name: Mark(**mark) for name, mark in record.get("marks", {}).items()}


def unchanged(graded: Graded, before: dict[str, Any]) -> set[str]:
    """The grade ids of those that nobody needs to look at again, by what made the last grade."""
    if before.get("submission") == graded.made["submission"]:
        return set(graded.marks)
    now, then = (made.get("written", {}) for made in (graded.made, before))
    return {name for name, answer in now.items() if then.get(name) == answer}

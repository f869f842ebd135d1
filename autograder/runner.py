"""Grade a class: what was handed in goes to the workers, what comes back is written.

Of each notebook first the executed copy and the feedback page are written, then the gradebook, and
last the record. What was interrupted in the middle has no record, and is simply graded again.
"""

from __future__ import annotations

import os
import secrets
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import nbformat

from autograder.classroom import Classroom, Result, as_result, keep, kept, write
from autograder.course import TEST_PREFIX, Course, CourseError, class_secret, grade_id
from autograder.feedback import Given, Pages
from autograder.gradebook import Book
from autograder.grader import Graded, Limits, Mark, Task, exercises_in
from autograder.pool import (
    Crew,
    Done,
    Order,
    check_confinement,
    code_version,
    processors,
    run_local,
    run_on_cluster,
)
from autograder.release import aside, course_id, release, settings, sheets
from autograder.sheet import Sheet, as_json, imports_of_folder
from autograder.submission import Submission, Unreadable, read, submissions


@dataclass(frozen=True)
class Options:
    """How a class is graded.

    jobs: submissions at a time. scheduler: a Dask scheduler's address. resume: leave alone what
    was graded already and has not changed. dry_run: write nothing. question: this one alone.
    """

    jobs: int | None = None
    scheduler: str | None = None
    resume: bool = False
    dry_run: bool = False
    question: str | None = None
    contained: bool = True
    pages: bool = True


@dataclass(frozen=True)
class Change:
    """Points of a question that would become others."""

    student: str
    assignment: str
    question: str
    before: float | None
    after: float | None


@dataclass
class Outcome:
    """What grading a class came to: results in the order of the submissions, and changes."""

    results: list[Result] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


Progress = Callable[[int, int, Result], None]


def grade(
    course: Course,
    classroom: Classroom,
    names: list[str],
    options: Options = Options(),
    progress: Progress = lambda done, total, result: None,
) -> Outcome:
    """Grade the submissions of these assignments; one student's fault is one student's.

    Before anything is written it raises `CourseError`, where the class or an option is at fault,
    and `NotContained`.
    """
    handed_in = submissions(classroom.submitted, names)
    if options.contained and options.scheduler is None:
        check_confinement()
    names = sorted({s.lesson for s in handed_in})
    with ExitStack() as stack:
        if options.dry_run:
            place = stack.enter_context(aside(classroom))
        else:
            classroom.check()
            place = classroom
        config = settings(course, place)
        release(course, place, config, names)
        book = stack.enter_context(Book.open(place.db_url, course_id(config), config))
        made = sheets(course, place, config, book, names)
        check_question(options.question, made)
        crew = crew_of(course, made, options)
        secret = secrets.token_hex(16) if options.dry_run else class_secret(classroom.folder)
        run = Run(course, classroom, made, options, secret, book, progress)
        if not options.dry_run:
            book.enter_students(sorted({s.student for s in handed_in}))
        run.look_back(stack)
        run.all(crew, handed_in)
        return run.outcome


def check_question(question: str | None, made: dict[tuple[str, str], Sheet]) -> None:
    known = [name for sheet in made.values() for name in questions(sheet)]
    if question is not None and question not in known:
        raise CourseError(f"there is no question {question!r}; there are {', '.join(known)}")


def questions(sheet: Sheet) -> list[str]:
    if sheet.bank:
        return exercises_in(sheet)
    return [grade_id(c) for c in sheet.cells.cells if c.metadata.get("nbgrader", {}).get("grade")]


def crew_of(course: Course, made: dict[tuple[str, str], Sheet], options: Options) -> Crew:
    imports = set().union(*(sheet.imports() for sheet in made.values()))
    if course.helpers.is_dir():
        imports |= imports_of_folder(course.helpers)
    return Crew(made, tuple(sorted(imports)), options.contained, code_version())


@dataclass
class Run:
    """One grading of a class, while it lasts."""

    course: Course
    classroom: Classroom
    sheets: dict[tuple[str, str], Sheet]
    options: Options
    secret: str
    book: Book
    progress: Progress
    outcome: Outcome = field(default_factory=Outcome)
    given: dict[tuple[str, str, str], Given] = field(default_factory=dict)
    before: dict[tuple[str, str, str], dict[str, float | None]] = field(default_factory=dict)

    def look_back(self, stack: ExitStack) -> None:
        """What people have written into the gradebook, and for a dry run the points in it."""
        book = self.book
        if self.options.dry_run:
            path = self.classroom.db_url.removeprefix("sqlite:///").split("?")[0]
            if self.classroom.db_url.startswith("sqlite") and not os.path.exists(path):
                return
            config = book.config
            book = stack.enter_context(Book.open(self.classroom.db_url, course_id(config), config))
        for name in {assignment for assignment, _ in self.sheets}:
            for (student, notebook), given in book.given(name).items():
                self.given[student, name, notebook] = given
            if self.options.dry_run:
                for (student, notebook), points in book.automatic(name).items():
                    self.before[student, name, notebook] = points

    def all(self, crew: Crew, handed_in: list[Submission]) -> None:
        work = [
            (submission, sheet)
            for submission in handed_in
            for sheet in self.sheets.values()
            if sheet.assignment == submission.lesson
        ]
        order = {self._place(s.student, sheet): i for i, (s, sheet) in enumerate(work)}
        found: dict[int, Result] = {}
        todo = []
        for submission, sheet in work:
            stands = self._stands(submission, sheet)
            if stands is None:
                todo.append((submission, sheet))
            else:
                found[order[self._place(submission.student, sheet)]] = stands
        done = len(found)
        for finished in self._grade(crew, todo):
            try:
                result = self.take(finished)
            except Exception:  # what came of one submission must not stop the class
                self.book.book.db.rollback()
                failed = replace(finished.graded, failed=traceback.format_exc())
                result = self.take(replace(finished, graded=failed))
            done += 1
            found[order[result.student, result.lesson, result.notebook]] = result
            self.progress(done, len(work), result)
        self.outcome.results = [found[i] for i in sorted(found)]

    def _place(self, student: str, sheet: Sheet) -> tuple[str, str, str]:
        return student, sheet.assignment, sheet.notebook

    def _stands(self, submission: Submission, sheet: Sheet) -> Result | None:
        if not self.options.resume:
            return None
        record = kept(self.classroom.record(*self._place(submission.student, sheet)))
        if record is None or record.get("failed"):
            return None
        task = self._task(submission, sheet)
        return as_result(record) if record.get("digest") == task.made_of(sheet) else None

    def _grade(self, crew: Crew, todo: list[tuple[Submission, Sheet]]) -> Iterator[Done]:
        orders = (self._order(submission, sheet) for submission, sheet in todo)
        if not todo:
            return iter(())
        if self.options.scheduler:
            return run_on_cluster(crew, orders, self.options.scheduler)
        jobs = min(self.options.jobs or processors(), len(todo))
        return run_local(crew, orders, jobs)

    def _order(self, submission: Submission, sheet: Sheet) -> Order:
        given = self.given.get(self._place(submission.student, sheet), Given())
        # The page of one question graded alone is made here, from the whole notebook.
        whole = self.options.pages and self.options.question is None and not self.options.dry_run
        return Order(self._task(submission, sheet), given, whole)

    def _task(self, submission: Submission, sheet: Sheet) -> Task:
        content, unreadable = None, ""
        try:
            content = read(submission.file(sheet.notebook))
        except Unreadable as reason:
            unreadable = str(reason)
        limits = Limits(question=float(self.classroom.timeout))
        return Task(
            submission.student,
            sheet.key,
            content,
            unreadable,
            self.secret,
            limits,
            self.options.question,
        )

    # --- What comes back

    def take(self, done: Done) -> Result:
        """Write what a worker has sent, or say why there is nothing to write."""
        graded, task = done.graded, done.order.task
        sheet = self.sheets[graded.key]
        place = self._place(graded.student, sheet)
        if graded.failed:
            return self._failed(graded, place)
        if self.options.dry_run:
            return self._compare(graded, place)
        record = kept(self.classroom.record(*place)) or {}
        if self.options.question is not None:
            done = self._put_into_the_rest(done, record)
            graded = done.graded
        self._write_files(done)
        same = record.get("made", {}).get("submission") == graded.made["submission"]
        when = self.classroom.timestamp(graded.student, graded.key[0])
        score = self.book.write(graded, when, same)
        if score.penalty and done.page:  # known only now
            given = replace(done.order.given, penalty=score.penalty)
            page = self._page(graded, {"marks": {}}, replace(done.order, given=given))
            self._write_files(replace(done, page=page))
        marks = record.get("marks", {}) if self.options.question is not None else {}
        marks |= {name: vars(mark) for name, mark in graded.marks.items()}
        result = Result(
            *place,
            score.points,
            score.of,
            score.by_hand,
            graded.notes + tuple(why_lost(marks)),
            replace(task, question=None).made_of(sheet),
        )
        more = {
            "marks": marks,
            "made": graded.made | {"limits": repr(task.limits)},
            "used": vars(graded.use),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        keep(self.classroom.record(*place), result, more)
        self.classroom.log(*place).unlink(missing_ok=True)
        return result

    def _failed(self, graded: Graded, place: tuple[str, str, str]) -> Result:
        log = self.classroom.log(*place)
        text = "the grader itself failed, not the student"
        if not self.options.dry_run:
            write(log, graded.failed + "\n")
            text += f": see {log}"
        return Result(*place, 0.0, 0.0, 0.0, (text,), "", failed=True)

    def _compare(self, graded: Graded, place: tuple[str, str, str]) -> Result:
        earlier = self.before.get(place, {})
        for name, mark in graded.marks.items():
            before = earlier.get(name)
            if before != mark.points:
                question = name.removeprefix(TEST_PREFIX)
                change = Change(place[0], place[1], question, before, mark.points)
                self.outcome.changes.append(change)
        marks = {name: vars(mark) for name, mark in graded.marks.items()}
        points = sum(mark.points or 0.0 for mark in graded.marks.values())
        of = sum(mark.of for mark in graded.marks.values())
        by_hand = sum(mark.of for mark in graded.marks.values() if mark.points is None)
        return Result(*place, points, of, by_hand, graded.notes + tuple(why_lost(marks)), "")

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

    def _file(self, folder: Any, graded: Graded, suffix: str) -> Any:
        assignment, notebook = graded.key
        return folder / graded.student / assignment / f"{notebook}.{suffix}"


def why_lost(marks: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Why points were lost, a line for each question that lost some."""
    for name, mark in marks.items():
        if mark["points"] is not None and mark["points"] < mark["of"] and mark["reason"]:
            yield f"{name.removeprefix(TEST_PREFIX)}: {mark['reason']}"

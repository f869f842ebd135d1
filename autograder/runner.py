"""Grade a class: what was handed in goes to the workers, what comes back to the desk.

What is one submission's own trouble costs that one. What all would meet stops the class, in one
sentence: a full disk, a gradebook that is locked or damaged.
"""

from __future__ import annotations

import secrets
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Set
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.classroom import Classroom, Place, Result, as_result, kept
from autograder.course import Course, CourseError, class_secret, write
from autograder.grading.attempts import as_written, attempts, is_known, others
from autograder.grading.claims import Ids, ids_of, unclaimed
from autograder.grading.database import explained, for_all, in_words
from autograder.grading.deadlines import feed, strangers
from autograder.grading.desk import Desk
from autograder.grading.envelope import opened
from autograder.grading.files import why_not
from autograder.grading.gradebook import Book
from autograder.grading.grader import check_question
from autograder.grading.inbox import NotRead, Submission, submissions
from autograder.grading.policy import policy_of
from autograder.grading.pool import (
    Crew,
    Done,
    Order,
    check_confinement,
    processors,
    run_local,
)
from autograder.grading.rehearsal import Change, Rehearsal
from autograder.grading.release import aside, course_id, listed, release, settings, sheets
from autograder.grading.sheet import Sheet, code_version
from autograder.grading.task import Given, Graded, Task
from autograder.playing.player import Limits
from autograder.sandbox.container import Container, helpers_folder, modules
from helpers._text import printable

LONGEST_LOG = 100_000
"""Letters of what the grader says of its own failure."""


@dataclass(frozen=True)
class Options:
    """How a class is graded.

    jobs: submissions at a time. scheduler: a Dask scheduler's address. resume: leave alone what
    was graded already and has not changed. dry_run: write nothing. question: this one alone.
    students: these alone. user: whom students' code runs as where it is not contained. whole: play
    a lesson's plots and demonstrations too, which no grade depends on. drop: questions that are no
    longer asked, and of which nothing is to be kept. begun: a sandbox that warms up already. check:
    is given the lessons that are to be graded; raises `CourseError` where one is not in order.
    """

    jobs: int | None = None
    scheduler: str | None = None
    resume: bool = False
    dry_run: bool = False
    question: str | None = None
    students: tuple[str, ...] = ()
    contained: bool = True
    user: int | None = None
    pages: bool = True
    whole: bool = False
    drop: tuple[str, ...] = ()
    begun: Container | None = None
    check: Callable[[list[str]], None] = lambda names: None


@dataclass
class Outcome:
    """What grading a class came to: results in the order of the submissions, and changes.

    unread: what lies in `submitted/` and could not be graded. faults: of lessons left out.
    """

    results: list[Result] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unread: list[NotRead] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


Progress = Callable[[int, int, Result], None]


def grade(
    course: Course,
    classroom: Classroom,
    names: list[str],
    options: Options = Options(),
    progress: Progress = lambda done, total, result: None,
    say: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Grade the submissions of these assignments; one student's fault is one student's.

    Before anything is written it raises `CourseError`, where the class or an option is at fault,
    and `NotContained`; in the middle `CourseError`, where the disk or the gradebook gives out.
    say: takes what the instructor should know meanwhile.
    """
    with ExitStack() as stack:
        stack.enter_context(explained(classroom.db_url))
        unpacked = Path(stack.enter_context(TemporaryDirectory(prefix="unpacked-")))
        known = listed(course)
        policy = policy_of(classroom.folder, known)
        handed_in, unread = submissions(classroom.submitted, names, unpacked, known)
        students = {each.student for each in handed_in} | {each.student for each in unread}
        if options.students:
            check_students(options.students, students)
            handed_in = [each for each in handed_in if each.student in options.students]
            unread = [each for each in unread if each.student in options.students]
        names = sorted({s.lesson for s in handed_in})
        options.check(names)
        if options.contained and options.scheduler is None:
            if options.begun:
                options.begun.check()
            else:
                check_confinement()
        if options.dry_run:
            place = stack.enter_context(aside(classroom))
        else:
            classroom.check()
            stack.enter_context(classroom.alone(say))
            place = classroom
        config = settings(course, place)
        faults = release(course, place, config, names, options.drop, say)
        names = [name for name in names if name not in faults]
        handed_in = [each for each in handed_in if each.lesson in names]
        book = stack.enter_context(Book.open(place.db_url, course_id(config), config, policy))
        changed = list(feed(book.book, policy, names))
        if changed and options.students:
            changed.append("`autograder policy` applies that to those who are not graded now")
        for sentence in (*changed, *strangers(book.book, policy, students)):
            say(sentence)
        made = sheets(course, place, config, book, names)
        check_question(options.question, made)
        crew = crew_of(made, options)
        secret = secrets.token_hex(16) if options.dry_run else class_secret(classroom.folder)
        outcome = Outcome(unread=unread, faults=[*faults.values()])
        run = Run(course, classroom, made, options, secret, book, progress, outcome)
        handed_in = run.enter(handed_in)
        run.look_back()
        run.all(crew, handed_in)
        return run.outcome


def check_students(students: Iterable[str], there: Set[str]) -> None:
    for name in sorted(set(students) - there):
        raise CourseError(f"nothing was handed in by a student of the name {name!r}")


def crew_of(made: dict[tuple[str, str], Sheet], options: Options) -> Crew:
    imports = set().union(*(sheet.imports() for sheet in made.values()))
    inner = {name for name in modules(helpers_folder()) if name.rpartition(".")[0] in imports}
    preload, code = tuple(sorted(imports | inner)), code_version()
    return Crew(made, preload, options.contained, code, options.user, options.begun)


def needing_dask() -> Callable[[Crew, Iterable[Order], str], Iterator[Done]]:
    try:
        from autograder.grading.cluster import run_on_cluster
    except ImportError as error:
        raise CourseError(
            "--scheduler needs Dask: pip install 'downhill[cluster]', here and on every worker"
        ) from error
    return run_on_cluster


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
    stamps: dict[tuple[str, str], Path] = field(default_factory=dict)
    given: dict[Place, Given] = field(default_factory=dict)
    before: dict[Place, dict[str, float | None]] = field(default_factory=dict)

    @cached_property
    def desk(self) -> Desk:
        asked, pages = self.options.question, self.options.pages
        return Desk(self.classroom, self.book, self.sheets, self.stamps, asked, pages)

    @cached_property
    def ids(self) -> dict[str, Ids]:
        """What tells the notebooks of each assignment."""
        return ids_of({key: sheet.cells for key, sheet in self.sheets.items()})

    @cached_property
    def rehearsal(self) -> Rehearsal:
        return Rehearsal(self.desk, self.given, self.before, self.outcome.changes)

    def enter(self, handed_in: list[Submission]) -> list[Submission]:
        """Enter the students in the gradebook. What it does not take is left out."""
        for each in handed_in:
            if not self.book.takes(each.student):
                why = "its name is longer than this gradebook takes: shorten it"
                self.outcome.unread.append(NotRead(each.student, each.lesson, why))
        taken = [each for each in handed_in if self.book.takes(each.student)]
        self.stamps |= {(each.student, each.lesson): each.stamp for each in taken}
        self.book.enter_students(sorted({each.student for each in taken}))
        for each in taken:
            self.outcome.unread += unclaimed(each, self.ids[each.lesson])
        return taken

    def look_back(self) -> None:
        """What people have written into the gradebook, and the automatic points in it."""
        book = self.book
        for name in {assignment for assignment, _ in self.sheets}:
            for (student, notebook), given in book.given(name).items():
                self.given[Place(student, name, notebook)] = given
            if self.options.dry_run or self.options.resume:
                for (student, notebook), points in book.automatic(name).items():
                    self.before[Place(student, name, notebook)] = points

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
                alone = self.options.question is not None
                todo.append((self._counted(submission, sheet) if alone else submission, sheet))
            else:
                found[order[self._place(submission.student, sheet)]] = stands

        told = len(self.outcome.unread)

        def so_far() -> str:
            kept = sum(not result.failed for result in found.values())
            again = "when that is mended, --resume goes on from there"
            return f" ({kept} of {len(work)} notebooks are graded and kept; {again})"

        for more in (lambda: todo, lambda: self._earlier(work)):
            with (
                explained(self.classroom.db_url, so_far),
                closing(self._grade(crew, more())) as graded,
            ):
                for finished in graded:
                    result = self.settle(finished)
                    if finished.order.task.attempt and result.failed:
                        continue  # what counts so far stands
                    found[order[Place(result.student, result.lesson, result.notebook)]] = result
                    unread = len(self.outcome.unread) - told
                    self.progress(len(found), len(work) - unread, result)
        self.outcome.results = [found[i] for i in sorted(found)]

    def _earlier(self, work: list[tuple[Submission, Sheet]]) -> list[tuple[Submission, Sheet]]:
        """The attempts that may count besides the last, where they are to be graded (again)."""
        if not self.book.policy.best or self.options.dry_run or self.options.question:
            return []
        found = []
        for submission, sheet in work:
            place = self._place(submission.student, sheet)
            record = kept(self.classroom.record(*place)) or {}
            there = attempts(self.classroom, place)
            for each in others(self.classroom, submission, there) if record else ():
                task = self._task(each, sheet)
                known = is_known(task, there, sheet.version if self.options.resume else "")
                # Of a lesson's notebooks an attempt may hold those alone that were handed in anew.
                if task.envelope.content is None or each.attempt == record.get("last"):
                    continue
                if not known:
                    found.append((each, sheet))
        return found

    def _counted(self, submission: Submission, sheet: Sheet) -> Submission:
        """Of several attempts the one that counts, of which one question alone is graded."""
        place = self._place(submission.student, sheet)
        record = kept(self.classroom.record(*place)) or {}
        if record.get("last") == record.get("counts"):
            return submission
        there = attempts(self.classroom, place)
        found = {each.attempt: each for each in others(self.classroom, submission, there)}
        return found.get(record["counts"], submission)

    def _place(self, student: str, sheet: Sheet) -> Place:
        return Place(student, sheet.assignment, sheet.notebook)

    def _stands(self, submission: Submission, sheet: Sheet) -> Result | None:
        """The earlier result, where nothing has changed and the gradebook still holds it."""
        place = self._place(submission.student, sheet)
        record = kept(self.classroom.record(*place)) if self.options.resume else None
        if record is None or record.get("failed"):
            return None
        held = self.before.get(place, {})
        if any(held.get(name, ()) != mark["points"] for name, mark in record["marks"].items()):
            return None
        try:
            digest = self._task(submission, sheet).made_of(sheet)
        except OSError:
            return None  # which is told when it is to be graded
        if record["digest"] != digest:
            return None
        seen = record.get("seen") == self.desk.seen(place, self.given.get(place, Given()))
        if seen and (self.options.dry_run or self.desk.lies_there(place)):
            if not self.options.dry_run:
                self.desk.stamp(place)
            return as_result(record)
        # What people have written since is to be shown, and what is gone made again; a dry run
        # writes nothing, and grades.
        pages = self.options.pages
        return None if self.options.dry_run else self.desk.renew(place, record, pages)

    def _grade(
        self, crew: Crew, todo: list[tuple[Submission, Sheet]]
    ) -> Generator[Done, None, None]:
        if not todo:
            return
        if self.options.scheduler:
            run_on_cluster = needing_dask()
            yield from run_on_cluster(crew, self._orders(todo), self.options.scheduler)
        else:
            jobs = min(self.options.jobs or processors(), len(todo))
            yield from run_local(crew, self._orders(todo), jobs)

    def _orders(self, todo: list[tuple[Submission, Sheet]]) -> Iterator[Order]:
        for submission, sheet in todo:
            given = self.given.get(self._place(submission.student, sheet), Given())
            # The page of one question graded alone is made here, from the whole notebook.
            page = self.options.pages and not (self.options.question or self.options.dry_run)
            try:
                task = self._task(submission, sheet)
            except OSError as error:
                unread = NotRead(submission.student, submission.lesson, why_not(error))
                self.outcome.unread.append(unread)
                continue
            yield Order(task, given, page)

    def _task(self, submission: Submission, sheet: Sheet) -> Task:
        """Raises `OSError` where the file cannot be read, which is not the student's fault."""
        envelope = opened(submission, sheet.notebook, self.ids[sheet.assignment], sheet.files)
        return Task(
            submission.student,
            sheet.key,
            as_written(submission, envelope, sheet.hidden),
            self.secret,
            Limits(question=float(self.classroom.timeout)),
            self.options.question,
            self.options.whole,
            submission.attempt,
        )

    # --- What comes back

    def settle(self, done: Done) -> Result:
        """Take what has come. What is one submission's own trouble does not stop the class."""
        try:
            return self.take(done)
        except Exception as error:
            if for_all(error):
                raise
            self.book.rollback()
            return self._failed(replace(done.graded, failed=traceback.format_exc()))

    def take(self, done: Done) -> Result:
        """Write what a worker has sent, or say why there is nothing to write."""
        if done.graded.failed:
            return self._failed(done.graded)
        if self.options.dry_run:
            return self.rehearsal.compare(done)
        return self.desk.write(done)

    def _failed(self, graded: Graded) -> Result:
        """One sentence; the details are in the log."""
        text = "the grader itself failed, not the student"
        log = self.classroom.log(*graded.place)
        if not self.options.dry_run:
            try:
                whole = printable(graded.failed[-LONGEST_LOG:], LONGEST_LOG) + "\n"
                write(log, whole.encode("utf-8", "backslashreplace").decode())
                text += f": see {log}"
            except OSError as error:
                if for_all(error):
                    raise
                text += f", and could not write why: {in_words(error, self.classroom.db_url)}"
        return Result(*graded.place, 0.0, 0.0, 0.0, (text,), "", failed=True)

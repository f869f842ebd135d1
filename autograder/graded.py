"""A class graded from the command line: its progress, and then what came of it."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from autograder import tables
from autograder.authoring.checking import require, scope_of
from autograder.authoring.nbgrader_api import shown
from autograder.classroom import Classroom, Result
from autograder.course import Course, CourseError
from autograder.grading.grader import NOT_TAMPER_PROOF
from autograder.grading.release import assignments, class_of
from autograder.runner import Options, Outcome, grade
from autograder.sandbox.container import Container, NotContained
from autograder.spent import profile
from autograder.summary import summary
from autograder.terminal import (
    console,
    number,
    relative,
    repeated,
    say,
    warn,
    wide,
)
from helpers._text import printable

NO_SANDBOX = """students' code cannot be confined on this machine, so nothing was graded.
{}
It takes Linux 5.14 or newer, bubblewrap (apt install bubblewrap), and user namespaces that an
ordinary user may make (many containers forbid them). To grade all the same, with students' code
running with your rights and able to read and change whatever you can: --uncontained"""

A_FEW = 20
"""Notebooks that are shown one by one."""

UNCONTAINED = (
    "no sandbox: students' code runs with your rights, and can read and change whatever you can."
)


def grade_class(course: Course, options: argparse.Namespace, begun: Container | None = None) -> int:
    """What `autograder grade` does. begun: a sandbox that warms up already."""
    if options.profile and options.dry_run:
        raise CourseError("--profile reads the records, and a dry run writes none")
    names = assignments(course, options.lessons)

    def check(handed_in: list[str]) -> None:
        """Others may be half-written meanwhile."""
        for note in require(course, scope_of(course, handed_in)):
            warn(note)

    classroom = class_of(course, options.submitted, options.db, options.timeout)
    chosen = Options(
        jobs=options.jobs,
        scheduler=options.scheduler,
        resume=options.resume,
        dry_run=options.dry_run,
        question=options.question,
        students=tuple(options.student),
        contained=not options.uncontained,
        pages=not options.no_feedback,
        whole=options.whole,
        drop=tuple(options.drop),
        begun=begun,
        check=check,
    )
    if options.uncontained:
        warn(UNCONTAINED)
    if not course.has_lessons():
        warn(NOT_TAMPER_PROOF)
    try:
        outcome = grade_with_progress(course, classroom, names, chosen)
    except NotContained as error:
        raise CourseError(NO_SANDBOX.format(error)) from error
    if options.dry_run:
        show_students(outcome, options.table)
        if outcome.changes:
            wide().print(tables.changes_table(outcome.changes))
        show_unread(outcome)
        print(f"{number(len(outcome.changes), 'question')} would change. Nothing was written.")
    else:
        show(outcome, classroom, options.table, not options.no_feedback)
        if options.profile:
            wide().print(profile(classroom, outcome.results))
    for fault in outcome.faults:
        warn(f"a lesson is at fault and was left out: {fault}")
    bad = outcome.faults or outcome.unread or any(result.failed for result in outcome.results)
    return 1 if bad else 0


def grade_with_progress(
    course: Course, classroom: Classroom, names: list[str], options: Options
) -> Outcome:
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    begun = time.monotonic()
    bar = Progress(*columns, console=console)
    task = bar.add_task("", total=None, rate="")
    with ExitStack() as stack:
        waiting = console.status("Reading the class ...")
        if console.is_terminal:
            stack.enter_context(waiting)

        def advance(done: int, total: int, result: Result) -> None:
            if not bar.live.is_started:  # where nothing can be graded, there is no bar
                waiting.stop()
                stack.enter_context(bar)
            text = printable(f"{result.student}, {result.lesson}")
            seconds = time.monotonic() - begun
            rate = f"{done / seconds:.1f}/s"
            bar.update(task, completed=done, total=total, description=text, rate=rate)
            if not console.is_terminal:
                left = f"{rate}, {seconds / done * (total - done):.0f} s left"
                print(f"  [{done}/{total}, {left}] {text}: {tables.points(result)}", flush=True)

        return grade(course, classroom, names, options, advance, say)


def show_students(outcome: Outcome, table: bool) -> None:
    """Every student's points and reasons, where that is asked for, and always of a few."""
    if table or len(outcome.results) <= A_FEW:
        wide().print(tables.table(outcome.results, outcome.unread))


def show(outcome: Outcome, classroom: Classroom, table: bool = False, pages: bool = True) -> None:
    show_students(outcome, table)
    wide().print(summary(outcome.results, outcome.unread, repeated(classroom)))
    show_unread(outcome)
    if pages:
        print(f"Feedback pages: {relative(classroom.feedback)}/STUDENT/LESSON/LESSON.html")
    print(f"Gradebook:      {shown(classroom.db_url)}")


def show_unread(outcome: Outcome) -> None:
    if outcome.unread:
        wide().print(tables.unread_table(outcome.unread))

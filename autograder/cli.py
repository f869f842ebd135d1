"""The command `autograder`: reads options, prints progress, calls the rest."""

from __future__ import annotations

import argparse
import io
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from autograder import report
from autograder.authoring.build import build, check
from autograder.authoring.bundle import bundle
from autograder.authoring.nbgrader_api import shown
from autograder.authoring.new import lay_out, unfilled
from autograder.classroom import Classroom, Result
from autograder.course import Course, CourseError
from autograder.exercises.page import PageError
from autograder.grading.grader import NOT_TAMPER_PROOF
from autograder.grading.release import assignments
from autograder.proving.prove import RIGHT_SEEDS, SEEDS, prove_all
from autograder.runner import Options, Outcome, grade
from autograder.sample import make_class
from autograder.sandbox.container import NotContained
from helpers._text import printable
from helpers.questions import every_name, lesson_of, names_in

console = Console()

LONGEST = 100_000
"""Letters of a message: nbgrader's own log may be a part of it."""
NO_SANDBOX = """students' code cannot be confined on this machine, so nothing was graded.
{}
It takes Linux 5.14 or newer, bubblewrap (apt install bubblewrap), and user namespaces that an
ordinary user may make (many containers forbid them). To grade all the same, with students' code
running with your rights and able to read and change whatever you can: --uncontained"""
UNCONTAINED = (
    "no sandbox: students' code runs with your rights, and can read and change whatever you can."
)

OWN_CLASS = """no sandbox on this machine: {}
The sample class is this course's own work, so it is graded without one. `autograder grade` will
not do that with students' work: see “Trust” in docs/instructor.md."""


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 where it succeeded, 1 where the course is at fault, 2 bad arguments."""
    options = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):  # a student's name is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return options.run(Course.here(), options)
    except (CourseError, PageError) as error:
        say(str(error))
        return 1
    except NotContained as error:
        say(NO_SANDBOX.format(error))
        return 1


def say(text: str) -> None:
    """Tell the instructor, beside what is printed. A name in it may be a student's."""
    print(f"autograder: {printable(text, LONGEST)}", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="autograder", description="Build and grade the course.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("build", help="make notebooks/ and solutions/ from source/")
    one.add_argument("lessons", nargs="*", metavar="LESSON", help="a name or number (default: all)")
    one.add_argument(
        "--check", action="store_true", help="write nothing; fail if anything is stale"
    )
    one.add_argument("--fresh", action="store_true", help="execute every solution again")
    one.set_defaults(run=run_build)

    one = commands.add_parser("bundle", help="make the zip for students")
    one.add_argument("--to", type=Path, help="the zip's path (default: dist/downhill.zip)")
    one.set_defaults(run=run_bundle)

    one = commands.add_parser("grade", help="grade a class and write feedback")
    one.add_argument("lessons", nargs="*", metavar="LESSON", help="a name or number (default: all)")
    one.add_argument(
        "--submitted",
        type=Path,
        default=Path("submitted"),
        help="the folder of STUDENT/LESSON/LESSON.ipynb (default: submitted); "
        "autograded/, feedback/ and the gradebook are written beside it",
    )
    where = one.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=positive, help="submissions at a time (default: one a core)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="grade on this Dask cluster")
    one.add_argument("--db", metavar="URL", help="the gradebook, as an SQLAlchemy address")
    one.add_argument(
        "--timeout", type=positive, default=30, help="seconds a question may take (30)"
    )
    one.add_argument(
        "--resume", action="store_true", help="leave alone what is graded and has not changed"
    )
    one.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
    one.add_argument("--question", metavar="NAME", help="grade this question alone")
    one.add_argument(
        "--student",
        metavar="NAME",
        action="append",
        default=[],
        help="grade this student alone, or several of these",
    )
    one.add_argument(
        "--drop",
        metavar="NAME",
        action="append",
        default=[],
        help="a question that is no longer asked: remove what people gave for it, too",
    )
    one.add_argument("--no-feedback", action="store_true", help="write no feedback pages")
    one.add_argument(
        "--whole",
        action="store_true",
        help="play the lessons' plots and demonstrations too, which no grade depends on",
    )
    one.add_argument(
        "--uncontained",
        action="store_true",
        help="grade without a sandbox: students' code runs with your rights",
    )
    one.set_defaults(run=run_grade)

    one = commands.add_parser("prove", help="prove the tests: what is wrong is refused and named")
    one.add_argument(
        "names",
        nargs="*",
        metavar="LESSON|EXERCISE",
        help="a lesson's name or number, or an exercise (default: all)",
    )
    one.add_argument(
        "--seeds", type=positive, default=SEEDS, help=f"inputs for each wrong answer ({SEEDS})"
    )
    one.add_argument(
        "--right-seeds",
        type=positive,
        default=RIGHT_SEEDS,
        help=f"inputs for each right answer ({RIGHT_SEEDS})",
    )
    one.add_argument("--jobs", type=positive, help="exercises at a time (default: one a core)")
    one.add_argument(
        "--kinds",
        action="store_true",
        help="also the checklist of kinds of mistakes, and edits of the other right forms",
    )
    one.set_defaults(run=run_prove)

    one = commands.add_parser("new", help="lay out a new exercise, for its author to fill in")
    one.add_argument("exercise", help="the name of the function, which is the exercise's")
    one.add_argument("--lesson", required=True, help="the lesson's name or number")
    one.add_argument(
        "--signature", default="x", help='the function\'s parameters, as "f, x, h=1e-4" (x)'
    )
    one.add_argument(
        "--ungraded", action="store_true", help="for the curious: examined, and not graded"
    )
    one.set_defaults(run=run_new)

    one = commands.add_parser(
        "demo", help="release, submit, grade and give feedback to a sample class"
    )
    one.add_argument("--jobs", type=positive, help="submissions at a time (default: one a core)")
    one.set_defaults(run=run_demo)
    return top


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def run_build(course: Course, options: argparse.Namespace) -> int:
    if options.check:
        stale = check(course)
        for line in stale:
            print(line)
        print("Run `make build` and commit the result." if stale else "Everything is up to date.")
        return 1 if stale else 0
    lessons = [course.lesson(name) for name in options.lessons] or None
    with console.status("Building notebooks/ and solutions/ ..."):
        changed = build(course, lessons, fresh=options.fresh)
    for line in changed or ["Everything was up to date."]:
        print(line)
    return 0


def run_bundle(course: Course, options: argparse.Namespace) -> int:
    target = bundle(course, options.to or course.root / "dist" / "downhill.zip")
    print(f"{target} ({target.stat().st_size / 1000:.0f} kB)")
    return 0


def run_grade(course: Course, options: argparse.Namespace) -> int:
    names = assignments(course, options.lessons)
    classroom = Classroom.of(options.submitted, options.db, options.timeout)
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
    )
    if options.uncontained:
        warn(UNCONTAINED)
    if not course.has_lessons():
        warn(NOT_TAMPER_PROOF)
    outcome = grade_with_progress(course, classroom, names, chosen)
    if options.dry_run:
        wide().print(report.changes_table(outcome.changes))
        show_unread(outcome)
        print(f"{len(outcome.changes)} questions would change. Nothing was written.")
    else:
        show(outcome, classroom)
    return 1 if outcome.unread or any(result.failed for result in outcome.results) else 0


def warn(text: str) -> None:
    print(f"WARNING: {text}", file=sys.stderr)


def run_new(course: Course, options: argparse.Namespace) -> int:
    lesson = course.lesson(options.lesson)
    print(lay_out(course, lesson, options.exercise, options.signature, options.ungraded))
    return 0


def chosen_exercises(course: Course, names: list[str]) -> list[str]:
    """The exercises of these lessons, and those that are named themselves; by default all."""
    chosen: dict[str, None] = {}
    for name in names or [lesson.name for lesson in course.lessons()]:
        found = (name,) if name in every_name() else names_in(course.lesson(name).name)
        chosen |= dict.fromkeys(found)
    return list(chosen)


def run_prove(course: Course, options: argparse.Namespace) -> int:
    names = chosen_exercises(course, options.names)
    places = list(
        dict.fromkeys(place for name in names for place in unfilled(course, name, lesson_of(name)))
    )
    if places:
        raise CourseError("these places are still to be filled in:\n" + "\n".join(places))
    proofs = []
    with Progress(TextColumn("Proving"), BarColumn(), MofNCompleteColumn(), console=console) as bar:
        task = bar.add_task("", total=len(names))
        chosen = options.seeds, options.right_seeds, options.jobs, options.kinds
        for proof in prove_all(names, *chosen):
            proofs.append(proof)
            bar.advance(task)
    wide().print(report.proof_table(proofs))
    for proof in proofs:
        for line, why in proof.same:
            print(f"{proof.exercise}: the same, because {why}: {line}")
    faults = [f"{proof.exercise}: {fault}" for proof in proofs for fault in proof.faults]
    for fault in faults:
        print(f"FAULT  {fault}")
    if faults:
        print(f"{len(faults)} faults: something wrong was accepted or misnamed, or right refused.")
    return 1 if faults else 0


def run_demo(course: Course, options: argparse.Namespace) -> int:
    with console.status("Building the release (notebooks/ and solutions/) ..."):
        changed = build(course)
    print("Built " + (", ".join(changed) if changed else "the release: nothing had changed") + ".")
    classroom = Classroom.of(course.root / "demo" / "submitted", timeout=15)
    count = make_class(course, classroom.submitted)
    print(f"A sample class has handed in {count} notebooks: {relative(classroom.submitted)}")
    names = assignments(course, [])
    chosen = Options(jobs=options.jobs)
    try:
        outcome = grade_with_progress(course, classroom, names, chosen)
    except NotContained as error:
        warn(OWN_CLASS.format(error))
        chosen = replace(chosen, contained=False)
        outcome = grade_with_progress(course, classroom, names, chosen)
    show(outcome, classroom)
    return 0


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
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, rate="")

        def advance(done: int, total: int, result: Result) -> None:
            text = printable(f"{result.student}, {result.lesson}")
            seconds = time.monotonic() - begun
            rate = f"{done / seconds:.1f}/s"
            bar.update(task, completed=done, total=total, description=text, rate=rate)
            if not console.is_terminal:
                left = f"{rate}, {seconds / done * (total - done):.0f} s left"
                print(f"  [{done}/{total}, {left}] {text}: {report.points(result)}", flush=True)

        return grade(course, classroom, names, options, advance, say)


def show(outcome: Outcome, classroom: Classroom) -> None:
    wide().print(report.table(outcome.results, outcome.unread))
    show_unread(outcome)
    print(f"Feedback pages: {relative(classroom.feedback)}/STUDENT/LESSON/LESSON.html")
    print(f"Gradebook:      {shown(classroom.db_url)}")


def show_unread(outcome: Outcome) -> None:
    if outcome.unread:
        wide().print(report.unread_table(outcome.unread))


def wide() -> Console:
    """A console that does not fold a table where nobody looks at a terminal."""
    return console if console.is_terminal else Console(width=140)


def relative(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

"""The command `autograder`: reads options, prints progress, calls the rest."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder import report
from autograder.build import build, check
from autograder.bundle import bundle
from autograder.course import Course, CourseError
from autograder.exercises import exercises
from autograder.prove import RIGHT_SEEDS, SEEDS, prove_all
from autograder.runner import Classroom, Result, grade
from autograder.sample import make_class

console = Console()


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 where it succeeded, 1 where the course is at fault, 2 bad arguments."""
    options = parser().parse_args(argv)
    try:
        return options.run(Course.here(), options)
    except CourseError as error:
        print(f"autograder: {error}", file=sys.stderr)
        return 1


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
    one.add_argument("--jobs", type=positive, help="submissions at a time (default: one a core)")
    one.add_argument("--db", metavar="URL", help="the gradebook, as an SQLAlchemy address")
    one.add_argument("--timeout", type=positive, default=30, help="seconds a cell may run (30)")
    one.set_defaults(run=run_grade)

    one = commands.add_parser("prove", help="prove the tests: what is wrong is refused and named")
    one.add_argument("lessons", nargs="*", metavar="LESSON", help="a name or number (default: all)")
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
    one.set_defaults(run=run_prove)

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
    lessons = [course.lesson(name).name for name in options.lessons]
    lessons = lessons or [lesson.name for lesson in course.lessons()]
    classroom = Classroom.of(options.submitted, options.db, options.timeout)
    show(grade_with_progress(course, classroom, lessons, options.jobs), classroom)
    return 0


def run_prove(course: Course, options: argparse.Namespace) -> int:
    lessons = [course.lesson(name) for name in options.lessons] or course.lessons()
    names = [exercise.name for lesson in lessons for exercise in exercises(lesson.name)]
    proofs = []
    with Progress(TextColumn("Proving"), BarColumn(), MofNCompleteColumn(), console=console) as bar:
        task = bar.add_task("", total=len(names))
        for proof in prove_all(names, options.seeds, options.right_seeds, options.jobs):
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
    lessons = [lesson.name for lesson in course.lessons()]
    show(grade_with_progress(course, classroom, lessons, options.jobs), classroom)
    return 0


def grade_with_progress(
    course: Course, classroom: Classroom, lessons: list[str], jobs: int | None
) -> list[Result]:
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)

        def advance(done: int, total: int, result: Result) -> None:
            text = f"{result.student}, {result.lesson}"
            bar.update(task, completed=done, total=total, description=text)
            if not console.is_terminal:
                print(f"  [{done}/{total}] {text}: {report.points(result)}", flush=True)

        return grade(course, classroom, lessons, jobs, advance)


def show(results: list[Result], classroom: Classroom) -> None:
    wide().print(report.table(results))
    print(f"Feedback pages: {relative(classroom.feedback)}/STUDENT/LESSON/LESSON.html")
    print(f"Gradebook:      {classroom.db_url.split('?')[0]}")


def wide() -> Console:
    """A console that does not fold a table where nobody looks at a terminal."""
    return console if console.is_terminal else Console(width=140)


def relative(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

"""`autograder gradescope`: make the zip that Gradescope runs, and grade a submission there."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.authoring.checking import require, scope_of
from autograder.classroom import Classroom, kept
from autograder.course import Course, CourseError, class_secret, write
from autograder.grading.pool import check_confinement
from autograder.grading.release import assignments
from autograder.lms import gradescope
from autograder.lms.gradescope import VISIBLE, Settings
from autograder.runner import Options, Outcome, grade
from autograder.sandbox.container import NotContained
from autograder.terminal import positive, warn

STUDENT = 64_999
"""The user as whom students' code runs where there is no sandbox; nothing else is its own."""
UNPROTECTED = (
    "The assignment's own test cells will run in the student's process there: that is not proof "
    "against tampering."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="a name or number (default: a zip for each)"
    )
    parser.add_argument("--to", type=Path, help="the folder of the zips (default: dist)")
    parser.add_argument(
        "--visibility", choices=VISIBLE, default="visible", help="when students see the questions"
    )
    parser.add_argument("--no-page", action="store_true", help="without the feedback page")
    parser.add_argument(
        "--timeout", type=positive, default=30, help="seconds a question may take (30)"
    )
    parser.add_argument("--grade", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)


def run(course: Course, options: argparse.Namespace) -> int:
    if options.grade:
        return here(course, options.grade)
    place = options.to or course.root / "dist"
    lessons = assignments(course, options.lessons)
    for note in require(course, scope_of(course, options.lessons)):
        warn(note)
    if not course.has_lessons():
        warn(UNPROTECTED)
    for lesson in lessons:
        settings = Settings(lesson, options.visibility, not options.no_page, options.timeout)
        target = gradescope.package(course, settings, place / f"gradescope-{lesson}.zip")
        print(f"{target} ({target.stat().st_size / 1000:.0f} kB)")
    print("Answers and tests are in it: upload it as the autograder, and hand it to nobody.")
    return 0


# --- On Gradescope --------------------------------------------------------------------------------


def here(course: Course, base: Path) -> int:
    """Grade what lies in `base/submission`, and write `base/results/results.json`.

    1 where the grader failed; the results say so then, and give no zero.
    """
    begun = time.monotonic()
    metadata = gradescope.about(base / "submission_metadata.json")
    status = 0
    try:
        found = graded(course, base, gradescope.student_of(metadata))
    except Exception:  # whatever it is, it is no student's
        traceback.print_exc(file=sys.stdout)
        found, status = gradescope.failed(metadata), 1
    found["execution_time"] = round(time.monotonic() - begun, 1)
    write(base / "results" / "results.json", json.dumps(found, indent=1) + "\n")
    return status


def graded(course: Course, base: Path, student: str) -> dict[str, Any]:
    settings = Settings.read(base / "source" / "settings.json")
    with tempfile.TemporaryDirectory(prefix="gradescope-") as folder:
        classroom = Classroom.of(Path(folder, "submitted"), timeout=settings.timeout)
        write(Path(folder, ".secret"), class_secret(course.root), 0o600)
        # Links stay links, which the grader does not follow.
        handed_in = classroom.submitted / student / settings.lesson
        deep = gradescope.copied(base / "submission", handed_in)
        outcome = run_one(course, classroom, settings)
        if not outcome.results:
            names = sorted(os.listdir(handed_in))
            why = [e.why for e in outcome.unread]
            return gradescope.nothing(settings.lesson, names, [*why, *deep])
        found = written(classroom, outcome, settings)
        return found | {"output": "\n".join(filter(None, [found["output"], *deep]))}


def run_one(course: Course, classroom: Classroom, settings: Settings) -> Outcome:
    """In the sandbox where this machine has one, else as another user than the grader."""
    lessons, options = [settings.lesson], Options(jobs=1, pages=settings.page)
    try:
        check_confinement()
        return grade(course, classroom, lessons, options)
    except NotContained as error:
        print(f"no sandbox ({error}): students' code runs as user {STUDENT}")
    try:
        return grade(course, classroom, lessons, replace(options, contained=False, user=STUDENT))
    finally:
        end_all_of(STUDENT)


def end_all_of(user: int) -> None:
    """End what a submission has left running; nothing else runs as this user."""
    if os.getuid() != 0:
        return
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            if os.getuid() == user:
                os.kill(-1, signal.SIGKILL)
        os._exit(0)
    os.waitpid(child, 0)


def written(classroom: Classroom, outcome: Outcome, settings: Settings) -> dict[str, Any]:
    records, notebooks, pages = [], [], []
    for result in outcome.results:
        place = (result.student, result.lesson, result.notebook)
        record = kept(classroom.record(*place))
        if result.failed or record is None:
            log = classroom.log(*place)
            raise CourseError(log.read_text(encoding="utf-8") if log.is_file() else str(result))
        name = Path(result.student, result.lesson, result.notebook)
        records.append(record)
        notebooks.append((classroom.autograded / f"{name}.ipynb").read_text(encoding="utf-8"))
        if settings.page:
            pages.append((classroom.feedback / f"{name}.html").read_text(encoding="utf-8"))
    return gradescope.results(records, notebooks, pages, settings)

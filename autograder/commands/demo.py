"""`autograder demo`: release, submit, grade and give feedback to a sample class."""

from __future__ import annotations

import argparse
from dataclasses import replace

from autograder.authoring.build import build
from autograder.classroom import Classroom
from autograder.course import Course
from autograder.graded import grade_with_progress, show
from autograder.grading.release import assignments
from autograder.runner import Options
from autograder.sample import make_class
from autograder.sandbox.container import NotContained
from autograder.terminal import console, positive, relative, warn

OWN_CLASS = """no sandbox on this machine: {}
The sample class is this course's own work, so it is graded without one. `autograder grade` will
not do that with students' work: see “Trust” in docs/instructor.md."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=positive, help="submissions at a time (default: one a core)")


def run(course: Course, options: argparse.Namespace) -> int:
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
    submitted = relative(classroom.submitted)
    print(f"Each student:   autograder grade --submitted {submitted} --resume --table")
    return 0

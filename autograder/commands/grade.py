"""`autograder grade`: grade a class and write feedback."""

from __future__ import annotations

import argparse
from contextlib import ExitStack

from autograder.course import Course
from autograder.sandbox.container import Container, NotContained, Warmth, helpers_folder
from autograder.terminal import gradebook_option, lessons_option, positive, submitted_option


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)
    submitted_option(
        parser,
        "the folder of STUDENT/LESSON/LESSON.ipynb (default: submitted); "
        "autograded/, feedback/ and the gradebook are written beside it",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=positive, help="submissions at a time (default: one a core)")
    where.add_argument("--scheduler", metavar="ADDRESS", help="grade on this Dask cluster")
    gradebook_option(parser)
    parser.add_argument(
        "--timeout", type=positive, default=30, help="seconds a question may take (30)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="leave alone what is graded and has not changed"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would change; write nothing"
    )
    parser.add_argument("--question", metavar="NAME", help="grade this question alone")
    parser.add_argument(
        "--student",
        metavar="NAME",
        action="append",
        default=[],
        help="grade this student alone; for several give it several times",
    )
    parser.add_argument(
        "--drop",
        metavar="NAME",
        action="append",
        default=[],
        help="a question that is no longer asked: remove what people gave for it, too",
    )
    parser.add_argument(
        "--table",
        action="store_true",
        help="print each student's points and reasons as well, as always of a few",
    )
    parser.add_argument(
        "--profile", action="store_true", help="print what a slow class spent where"
    )
    parser.add_argument("--no-feedback", action="store_true", help="write no feedback pages")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="play the lessons' plots and demonstrations too, which no grade depends on",
    )
    parser.add_argument(
        "--uncontained",
        action="store_true",
        help="grade without a sandbox: students' code runs with your rights",
    )


def run(course: Course, options: argparse.Namespace) -> int:
    """The sandbox warms up on another processor while this one imports the rest."""
    with ExitStack() as stack:
        begun = None
        if not (options.uncontained or options.scheduler):
            try:
                begun = stack.enter_context(Container(Warmth((helpers_folder(),)), told=False))
                begun.begin_trial()
            except NotContained:  # which is said when it is needed
                begun = None
        from autograder.graded import grade_class

        return grade_class(course, options, begun)

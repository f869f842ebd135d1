"""`autograder new`: lay out a new exercise, for its author to fill in."""

from __future__ import annotations

import argparse

from autograder.authoring.new import lay_out
from autograder.course import Course


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", help="the name of the function, which is the exercise's")
    parser.add_argument("--lesson", required=True, help="the lesson's name or number")
    parser.add_argument(
        "--signature", default="x", help='the function\'s parameters, as "f, x, h=1e-4" (x)'
    )
    parser.add_argument(
        "--ungraded", action="store_true", help="for the curious: examined, and not graded"
    )


def run(course: Course, options: argparse.Namespace) -> int:
    lesson = course.lesson(options.lesson)
    print(lay_out(course, lesson, options.exercise, options.signature, options.ungraded))
    return 0

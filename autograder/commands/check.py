"""`autograder check`: whether the course is in order. Build, prove and grade ask it first."""

from __future__ import annotations

import argparse

from autograder.authoring.checking import Scope, check
from autograder.course import Course
from autograder.terminal import lessons_option


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)


def run(course: Course, options: argparse.Namespace) -> int:
    found = check(course, Scope(tuple(options.lessons)))
    for line in found.faults:
        print(line)
    for line in found.notes:
        print(f"note: {line}")
    count = len(found.faults)
    print(f"{count} fault{'s' * (count > 1)}." if count else "The course is in order.")
    return 1 if count else 0

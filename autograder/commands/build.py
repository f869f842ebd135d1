"""`autograder build`: make notebooks/ and solutions/ from source/."""

from __future__ import annotations

import argparse

from autograder.authoring.build import build, check
from autograder.authoring.checking import Scope, require
from autograder.course import Course
from autograder.terminal import console, lessons_option, say


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if anything is stale"
    )
    parser.add_argument("--fresh", action="store_true", help="execute every solution again")


def run(course: Course, options: argparse.Namespace) -> int:
    if options.check:
        require(course, Scope(released=False))
        stale = check(course)
        for line in stale:
            print(line)
        print("Run `make build` and commit the result." if stale else "Everything is up to date.")
        return 1 if stale else 0
    lessons = [course.lesson(name) for name in options.lessons] or None
    for note in require(course, Scope(tuple(options.lessons), released=False)):
        say(note)
    with console.status("Building notebooks/ and solutions/ ..."):
        changed = build(course, lessons, fresh=options.fresh)
    for line in changed or ["Everything was up to date."]:
        print(line)
    return 0

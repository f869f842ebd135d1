"""The command `autograder`: finds the course and the command, and says what went wrong.

A command is a module of `commands` with `arguments(parser)` and `run(course, options)`. Only the
one that is asked for is imported, so that none waits for what others need.
"""

from __future__ import annotations

import argparse
import importlib
import io
import sys

from autograder.course import Course, CourseError
from autograder.terminal import say

COMMANDS = {
    "build": "make notebooks/ and solutions/ from source/",
    "check": "say what is at fault in the course; build, prove and grade ask this first",
    "bundle": "make the zip for students",
    "grade": "grade a class and write feedback",
    "prove": "prove the tests: what is wrong is refused and named",
    "new": "lay out a new exercise, for its author to fill in",
    "demo": "release, submit, grade and give feedback to a sample class",
}


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 where it succeeded, 1 where the course is at fault, 2 bad arguments."""
    argv = sys.argv[1:] if argv is None else argv
    options = parser(argv[0] if argv else "").parse_args(argv)
    for stream in (sys.stdout, sys.stderr):  # a student's name is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return options.run(Course.here(), options)
    except CourseError as error:
        say(str(error))
        return 1


def parser(asked: str) -> argparse.ArgumentParser:
    """Knows every command by name, and the options of the one that is asked for."""
    top = argparse.ArgumentParser(prog="autograder", description="Build and grade the course.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for name, what in COMMANDS.items():
        one = commands.add_parser(name, help=what)
        if name == asked:
            command = importlib.import_module(f"autograder.commands.{name}")
            command.arguments(one)
            one.set_defaults(run=command.run)
    return top

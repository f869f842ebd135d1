"""The command `autograder`: finds the course and the command, and says what went wrong.

A command is a module of `commands` with `arguments(parser)` and `run(course, options)`. Only the
one that is asked for is imported, so that none waits for what others need.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import select
import sys
from pathlib import Path
from typing import TextIO

from autograder.course import Course, CourseError
from autograder.terminal import say

AGAIN = "import sys; del sys.path[0]; from autograder.cli import main; sys.exit(main())"
"""What Python is told to run; not what lies in the folder where one stands, which is its first."""
TAKEN_OVER = "DOWNHILL_COURSE"
"""The environment variable that holds the course whose own `autograder` was started."""

COMMANDS = {
    "check": "say what is at fault in the course; build, prove and grade ask this first",
    "build": "make notebooks/ and solutions/ from source/",
    "bundle": "make what students get: a zip, or a package",
    "collect": "take a download of Canvas or Moodle into submitted/",
    "grade": "grade a class and write feedback",
    "policy": "due dates, extensions, late rule, attempts: what holds, and apply it",
    "written": "grade written answers, a question at a time",
    "export": "make the grades and pages that Canvas or Moodle takes in",
    "report": "say on one page what the class got wrong",
    "likeness": "show answers that are alike, side by side",
    "gradescope": "make the zip that Gradescope runs",
    "prove": "prove the tests: what is wrong is refused and named",
    "site": "make the course on the web, as files that any host can serve",
    "new": "lay out a new exercise, for its author to fill in",
    "demo": "release, submit, grade and give feedback to a sample class",
}


RESUME = " What is graded stays; autograder grade --resume goes on from there."
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
MOVE = "give another place, or move that away"
TO_DO = {
    errno.ENOENT: "look whether it was moved",
    **dict.fromkeys(FULL, "make room to write there, and run it again"),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 where it succeeded, 1 where the course is at fault, 2 bad arguments."""
    argv = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):  # a student's name is no reason to stop
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        options = parser(argv[0] if argv else "").parse_args(argv)  # imports the command
        course = Course.here()
        hand_over(course, argv)
        status = options.run(course, options)
        sys.stdout.flush()  # here it can be told that nobody reads it
        return status
    except CourseError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say(f"stopped.{RESUME if argv[:1] == ['grade'] else ''}")
        return 130
    except BrokenPipeError:
        if not unread(sys.stdout):
            raise
        say(f"stopped: nobody reads what it says.{RESUME if argv[:1] == ['grade'] else ''}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be said
        return 141
    except OSError as error:
        if error.filename is None and error.errno not in FULL:
            raise
        where = f"{error.filename}: " if error.filename else ""
        say(f"{where}{error.strerror}: {TO_DO.get(error.errno or 0, MOVE)}")
        return 1


def unread(stream: TextIO) -> bool:
    """Whether whoever read it has closed it, as `head` does. Windows does not tell."""
    if not hasattr(select, "poll"):
        return False
    watch = select.poll()
    try:
        watch.register(stream, 0)  # of errors a poll tells in any case
    except io.UnsupportedOperation:
        return False
    return any(event & select.POLLERR for _, event in watch.poll(0))


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


def hand_over(course: Course, argv: list[str]) -> None:
    """Start the course's own `autograder` in place of this one, where that is another.

    The bank, the questions and the rules are the course's in whose folder one stands. Returns where
    this one is the course's, or the course has none.
    """
    own, running = course.root / "autograder", Path(__file__).parent
    if not (own / "cli.py").is_file() or own.resolve() == running.resolve():
        return
    if os.environ.get(TAKEN_OVER) == str(course.root):
        raise CourseError(
            f"the bank of this course is in {own}, and Python takes that in {running}: run "
            f"PYTHONPATH={course.root} autograder ..., or install this course (pip install -e .)"
        )
    say(f"this course's own bank and rules are used, those in {own}")
    path = os.pathsep.join(filter(None, [str(course.root), os.environ.get("PYTHONPATH")]))
    chosen = os.environ | {"PYTHONPATH": path, TAKEN_OVER: str(course.root)}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-c", AGAIN, *argv], chosen)

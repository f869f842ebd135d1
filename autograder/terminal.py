"""What every command prints with, and what its options are read by."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from rich.console import Console

from autograder.classroom import Classroom
from helpers._text import printable

console = Console()

LONGEST = 100_000
"""Letters of a message: nbgrader's own log may be a part of it."""


def say(text: str) -> None:
    """Tell the instructor, beside what is printed. A name in it may be a student's."""
    print(f"autograder: {printable(text, LONGEST)}", file=sys.stderr, flush=True)


def warn(text: str) -> None:
    print(f"WARNING: {text}", file=sys.stderr)


def wide() -> Console:
    """A console that does not fold a table where nobody looks at a terminal."""
    return console if console.is_terminal else Console(width=140)


def relative(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def repeated(classroom: Classroom) -> str:
    """What a command that is printed has to repeat of the one that was typed: ` --submitted X`."""
    usual = Classroom.of(Path("submitted"))
    made = ""
    if classroom.submitted != usual.submitted:
        made = f" --submitted {shlex.quote(relative(classroom.submitted))}"
    usual = Classroom.of(classroom.submitted)
    if classroom.db_url != usual.db_url and not classroom.configured:
        made += " --db URL"  # which may hold a password
    return made


def number(count: int, one: str, many: str = "") -> str:
    """`1 page`, `2 pages`. many: where an s does not make it."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def lessons_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lessons", nargs="*", metavar="LESSON", help="a name or number (default: all)"
    )


def submitted_option(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--submitted", type=Path, default=Path("submitted"), help=what)


def gradebook_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--db", metavar="URL", help="the gradebook, as an SQLAlchemy address")

"""What every command prints with, and what its options are read by."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

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


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number

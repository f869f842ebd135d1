"""The points that a test cell gives by itself, as nbgrader takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder.course import is_solution
from autograder.grading.account import without_cell
from autograder.grading.task import Mark
from autograder.sandbox.session import Stopped
from helpers._text import printable

LONGEST_REASON = 300
LONGEST_SHOWN = 60


@dataclass
class Log:
    """Takes nbgrader's warning that a cell shows what it cannot read as points."""

    warned: bool = False

    def warning(self, *_: object) -> None:
        self.warned = True


def by_its_cell(cell: NotebookNode, of: float, stop: Stopped | None) -> Mark:
    """nbgrader's own rule: an error or stderr is 0, a displayed number counts, else everything.

    A value above the maximum, which stops nbgrader, counts as none. One that is no number, or less
    than 0, counts as full points: the mark says what it was, for a course whose tests show such.
    """
    log: Any = Log()  # which nbgrader calls a logger
    try:
        points, _ = determine_grade(cell, log)
    except ValueError as error:
        return Mark(0.0, of, printable(str(error), LONGEST_REASON))
    except KeyError:  # nbgrader would stop
        return Mark(0.0, of, "its last value is shown, but not as a text")
    if stop and points is not None:
        return Mark(0.0, of, str(stop))
    reason = "" if points in (None, of) else first_error(cell) or gave(cell, points)
    return Mark(points, of, reason, shown=last_value(cell) if log.warned else "")


def gave(cell: NotebookNode, points: float) -> str:
    """Where a test showed its points, that it did; a written answer has none to show."""
    shown = any(output.output_type == "execute_result" for output in cell.get("outputs", []))
    return f"its test gave {points:g}" if shown and not is_solution(cell) else ""


def last_value(cell: NotebookNode) -> str:
    """What a cell shows as its value, in a line."""
    values = (o.data["text/plain"] for o in cell.outputs if o.output_type == "execute_result")
    return printable(" ".join(str(next(values)).split()), LONGEST_SHOWN)


def said_of(error: str) -> str:
    """The first line of an error, without IPython's name for the cell that it is in."""
    return printable(without_cell(error.split("\n")[0]), LONGEST_REASON)


def first_error(cell: NotebookNode) -> str:
    for output in cell.get("outputs", []):
        said = ""
        if output.output_type == "error":
            said = f"{output.ename}: {output.evalue}"
        elif output.output_type == "stream" and output.name == "stderr":
            said = f"stderr: {output.text.strip()}"
        if said:
            return said_of(said)
    return ""

"""What went wrong in a student's cells, so that a name that is missing later has a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.course import grade_id, is_own, is_solution
from autograder.grading.places import defines
from helpers._text import printable

LONGEST_LABEL = 40
UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


@dataclass
class Failures:
    """What went wrong in the student's cells, in order: what each was to define, and the error."""

    found: list[tuple[frozenset[str], str]] = field(default_factory=list)

    def add(self, cell: NotebookNode, source: str, error: str) -> None:
        whose = f"your cell “{label(source)}” failed: " if is_own(cell) else ""
        names = defines(source) | ({grade_id(cell)} if is_solution(cell) else set())
        self.found.append((names, f"{whose}{error}"))

    def behind(self, said: str) -> str:
        """What went wrong first, where a name is missing for that reason; else nothing."""
        first = ""
        for _ in self.found:  # a missing name may have cost another cell, and so on
            missing = UNDEFINED.search(first or said)
            cause = next(
                (why for names, why in self.found if missing and missing[1] in names), first
            )
            if cause == first:
                break
            first = cause
        return first


def label(source: str) -> str:
    """What a cell is called in a sentence: the beginning of its first line."""
    line = next((line.strip() for line in source.split("\n") if line.strip()), "")
    short = printable(line, LONGEST_LABEL)
    return short if len(line) <= LONGEST_LABEL else f"{short.rstrip()} …"

"""What is to be graded, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder.envelope import Envelope
from autograder.player import Limits, Use
from autograder.sheet import Sheet, digest


@dataclass(frozen=True)
class Task:
    """What is to be graded: what was handed in for a notebook.

    question: grade this exercise alone. secret: what the inputs' seeds are made of. whole: play the
    cells too that no grade needs.
    """

    student: str
    key: tuple[str, str]
    envelope: Envelope
    secret: str
    limits: Limits = field(default_factory=Limits)
    question: str | None = None
    whole: bool = False

    def made_of(self, sheet: Sheet) -> str:
        """The digest of all that the points depend on."""
        how = f"{self.limits}, whole: {self.whole}"
        return digest(sheet.version, *self.envelope.parts, self.secret, self.student, how)


@dataclass(frozen=True)
class Mark:
    """One graded cell: points, or None where a person must give them; why some were lost."""

    points: float | None
    of: float
    reason: str = ""
    seed: int | None = None


@dataclass
class Graded:
    """A graded notebook. `failed` says why the grader itself could not do its work."""

    student: str
    key: tuple[str, str]
    notebook: str = ""
    marks: dict[str, Mark] = field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
    """Grade ids of the answer cells that are as they were released."""
    notes: tuple[str, ...] = ()
    made: dict[str, Any] = field(default_factory=dict)
    use: Use = field(default_factory=Use)
    failed: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """Student, assignment, notebook."""
        return self.student, *self.key

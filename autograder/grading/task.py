"""What is to be graded, what came of it, and what people gave: plain data, no more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from autograder.classroom import Place
from autograder.grading.envelope import Envelope
from autograder.grading.sheet import Sheet, digest
from autograder.playing.player import Limits, Use


@dataclass(frozen=True)
class Task:
    """What is to be graded: what was handed in for a notebook.

    question: grade this exercise alone. secret: what the inputs' seeds are made of. whole: play the
    cells too that no grade needs. attempt: an earlier one, by its folder; else what lies in
    `submitted/`.
    """

    student: str
    key: tuple[str, str]
    envelope: Envelope
    secret: str
    limits: Limits = field(default_factory=Limits)
    question: str | None = None
    whole: bool = False
    attempt: str = ""

    @property
    def handed_in(self) -> str:
        """The digest of what is graded."""
        return digest(*self.envelope.parts)

    def made_of(self, sheet: Sheet) -> str:
        """The digest of all that the points depend on."""
        how = f"{self.limits}, whole: {self.whole}"
        return digest(sheet.version, *self.envelope.parts, self.secret, self.student, how)


@dataclass(frozen=True)
class Given:
    """What people have given a notebook so far: it stands in its page and survives a regrade.

    scores, extra: points by grade id. comments: by grade id. penalty: points, for being late.
    waits: grade ids of what a person has yet to look at. due: in UTC, extension included.
    """

    scores: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0
    waits: tuple[str, ...] = ()
    due: datetime | None = None

    def before(self, points: dict[str, float | None]) -> Given:
        """As it is when a notebook has just been graded: what has no points waits for a person."""
        waits = sorted(n for n, p in points.items() if p is None and n not in self.scores)
        return replace(self, penalty=0.0, waits=tuple(waits))


@dataclass(frozen=True)
class Score:
    """How a notebook stands in the gradebook.

    by_hand: points that are left for a person to give. given: what people have given it so far.
    late: how late it was and what that cost, in words; empty where it was in time. odd: points by
    hand that are less than none, or more than all.
    """

    points: float
    of: float
    by_hand: float
    given: Given
    late: str = ""
    odd: str = ""


@dataclass(frozen=True)
class Mark:
    """One graded cell: points, or None where a person must give them; why some were lost.

    lost: the properties that it was asked for and did not have, in the words of their questions.
    shown: what a test cell showed as its points that is no number, for which nbgrader gives all.
    """

    points: float | None
    of: float
    reason: str = ""
    seed: int | None = None
    lost: tuple[str, ...] = ()
    shown: str = ""


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
    def place(self) -> Place:
        return Place(self.student, *self.key)

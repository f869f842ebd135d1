"""A dry run: what grading would change, worked out on a copy of the gradebook."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.classroom import Place, Result, kept, why_lost
from autograder.course import TEST_PREFIX
from autograder.grading.desk import Desk
from autograder.grading.pool import Done
from autograder.grading.task import Given

LATE = "(for being late)"
"""Stands for a question where points are taken off."""


@dataclass(frozen=True)
class Change:
    """Points of a question that would become others."""

    student: str
    assignment: str
    question: str
    before: float | None
    after: float | None


@dataclass
class Rehearsal:
    """Takes what the workers send, as a desk does, and writes into a copy of the gradebook alone.

    given, before: what people gave, and the automatic points, that stand in the gradebook.
    changes: filled with what would become other.
    """

    desk: Desk
    given: dict[Place, Given]
    before: dict[Place, dict[str, float | None]]
    changes: list[Change]

    def compare(self, done: Done) -> Result:
        """What this would come to. Of several attempts, what the one that counts would."""
        place = done.graded.place
        by_hand = self.given.get(place, Given()).scores  # which stay, whatever the grader finds
        record = kept(self.desk.classroom.record(*place)) or {}
        done, _ = self.desk.attempts.enter(done, record, "", dry=True)
        graded = done.graded
        earlier = self.before.get(place, {})
        for name, mark in graded.marks.items():
            if earlier.get(name) != mark.points and name not in by_hand:
                self._note(place, name.removeprefix(TEST_PREFIX), earlier.get(name), mark.points)
        score = self.desk.book.write(graded, self.desk.handed_in(place), graded.marks.keys())
        before, after = self.given.get(place, Given()).penalty, score.given.penalty
        if before != after:
            self._note(place, LATE, -before, -after)
        marks = {name: vars(mark) for name, mark in graded.marks.items()}
        reasons = (*self.desk.said(place, score), *graded.notes, *why_lost(marks))
        return Result(*place, score.points, score.of, score.by_hand, reasons, "")

    def _note(self, place: Place, question: str, before: float | None, after: float | None) -> None:
        self.changes.append(Change(place.student, place.assignment, question, before, after))

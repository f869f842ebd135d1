"""What people give, entered into the gradebook: never over what somebody gave meanwhile."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.course import CourseError
from autograder.grading.database import plainly
from helpers._text import printable

LONGEST = 5000
"""Letters of a comment."""
FORM = 1
"""Of the file that the page saves."""


@dataclass(frozen=True)
class Standing:
    """What a person has given an answer so far. waits: whether one has yet to look at it."""

    points: float | None = None
    comment: str = ""
    waits: bool = True


@dataclass(frozen=True)
class Given:
    """What one answer is to get. answer: the digest of its text. before: how it stood then."""

    student: str
    answer: str
    points: float
    comment: str
    before: tuple[float | None, str]


@dataclass(frozen=True)
class Sheet:
    """A file that the page has saved."""

    lesson: str
    notebook: str
    question: str
    given: tuple[Given, ...]


@dataclass
class Entered:
    """How many were entered, and how many stood there already; for the others, why not."""

    entered: int = 0
    already: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def read_sheet(path: Path) -> Sheet:
    """Raises `CourseError` where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("written") != FORM:
            raise ValueError("it is of another form")
        given = tuple(map(_given, found["answers"]))
        about = {name: found[name] for name in ("lesson", "notebook", "question")}
        if not all(isinstance(each, str) for each in about.values()):
            raise ValueError("a name is no text")
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CourseError(f"{path} is not what the page of a question saves: {error}") from error
    return Sheet(**about, given=given)


def _given(each: Any) -> Given:
    points, before, comment = each["points"], each["before"], each["comment"]
    for number in (points, 0.0 if before["points"] is None else before["points"]):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError("points are no number")
    texts = (each["student"], each["answer"], comment, before["comment"])
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is none")
    if not math.isfinite(points) or points < 0:
        raise ValueError(f"{points} points cannot be given")
    kept = printable(comment, LONGEST).strip()
    return Given(each["student"], each["answer"], points, kept, (before["points"], texts[3]))


def standing(book: Gradebook, sheet: tuple[str, str, str], student: str) -> Standing | None:
    """How an answer stands, or None. sheet: lesson, notebook, question."""
    lesson, notebook, question = sheet
    try:
        grade: Any = book.find_grade(question, notebook, lesson, student)
        comment: Any = book.find_comment(question, notebook, lesson, student)
    except MissingEntry:
        return None
    return Standing(
        grade.manual_score, comment.manual_comment or "", bool(grade.needs_manual_grade)
    )


@plainly()
def enter(
    book: Gradebook, sheet: Sheet, most: float, answers: Mapping[str, str], overwrite: bool = False
) -> Entered:
    """Enter what a sheet gives, all of it at once.

    most: the question's points. answers: the digest of each student's answer as it is now. What
    stands otherwise than when the page was made is left, unless `overwrite`.
    """
    done = Entered()
    place = (sheet.lesson, sheet.notebook, sheet.question)
    for given in sheet.given:
        now = standing(book, place, given.student)
        if now is not None and _stands(now, given):
            done.already += 1
            continue
        why = next(_why_not(now, given, most, answers, overwrite), "")
        if why:
            done.left.append((given.student, why))
            continue
        grade: Any = book.find_grade(sheet.question, sheet.notebook, sheet.lesson, given.student)
        grade.manual_score, grade.needs_manual_grade = float(given.points), False
        comment: Any = book.find_comment(
            sheet.question, sheet.notebook, sheet.lesson, given.student
        )
        comment.manual_comment = given.comment or None
        done.entered += 1
    book.db.commit()
    return done


def _stands(now: Standing, given: Given) -> bool:
    return (now.points, now.comment, now.waits) == (given.points, given.comment, False)


def _why_not(
    now: Standing | None,
    given: Given,
    most: float,
    answers: Mapping[str, str],
    overwrite: bool,
) -> Iterator[str]:
    if now is None:
        yield "the gradebook has no such answer"
        return
    if given.points > most:
        yield f"{given.points:g} points are more than the question's {most:g}"
    if answers.get(given.student) != given.answer:
        yield "the answer has changed since the page was made: make the page again"
    if (now.points, now.comment) != given.before and not overwrite:
        points = "no points" if now.points is None else f"{now.points:g} points"
        said = f" and “{printable(now.comment, 60)}”" if now.comment else ""
        gives = f"the page gives {given.points:g} (--overwrite)"
        yield f"somebody gave {points}{said} meanwhile; {gives}"

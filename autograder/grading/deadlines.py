"""The dates of a policy in nbgrader's gradebook, where Formgrader and its export look for them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import select

from autograder.grading.policy import Policy, composed


def feed(book: Gradebook, policy: Policy, lessons: Collection[str] | None = None) -> Iterator[str]:
    """Enter due dates and extensions, of all lessons or of these; in words what has changed.

    A table of the file holds as a whole: what it does not name has no due date, or no extension. A
    lesson that has not been released is entered with its date. Raises `CourseError`, having changed
    nothing, where an extension cannot be granted.
    """
    try:
        if policy.due is not None:
            yield from _due(book, policy, lessons)
        if policy.extensions is not None:
            yield from _extensions(book, policy, lessons)
    except BaseException:
        book.db.rollback()
        raise
    book.db.commit()


def _due(book: Gradebook, policy: Policy, lessons: Collection[str] | None) -> Iterator[str]:
    due = policy.due or {}
    there: dict[str, Any] = {str(each.name): each for each in book.assignments}
    for name in sorted({*there, *due} if lessons is None else lessons):
        if name not in there:
            there[name] = Assignment(name=name, course_id=book.course_id)
            book.db.add(there[name])
        before, now = there[name].duedate, due.get(name)
        if before != now:
            there[name].duedate = now
            yield f"{name} is due {policy.shown(now)}" + (
                f" (it was {policy.shown(before)})" if before else ""
            )
    book.db.flush()


def _extensions(book: Gradebook, policy: Policy, lessons: Collection[str] | None) -> Iterator[str]:
    query: Any = (
        select(SubmittedAssignment, Assignment.name, Assignment.duedate)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .order_by(Assignment.name, SubmittedAssignment.student_id)
    )
    for submission, lesson, due in book.db.execute(query):
        if lessons is not None and lesson not in lessons:
            continue
        student = str(submission.student_id)
        before, now = submission.extension, policy.extension(student, lesson, due)
        if (before or None) != (now or None):
            submission.extension = now
            until = f"due {policy.shown(due + now)}" if due and now else "no extension any more"
            yield f"{student}, {lesson}: {until}"


def strangers(book: Gradebook, policy: Policy, handed_in: Iterable[str]) -> Iterator[str]:
    """Who has an extension, but neither handed anything in nor stands in the gradebook."""
    known = {composed(n) for n in (*handed_in, *book.db.execute(select(Student.id)).scalars())}
    for name in sorted(set(policy.extensions or {}) - known):
        near = difflib.get_close_matches(name, sorted(known), 1)
        meant = f": is {near[0]!r} meant?" if near else ""
        yield f"{policy.path}: nobody is called {name!r} so far, who has an extension{meant}"

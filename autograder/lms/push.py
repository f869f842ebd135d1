"""Points and pages into Canvas by its API.

What stands there already is not sent again, so that a run that was stopped is simply run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.lms.api import Canvas
from autograder.lms.csvs import shown

SET, SAME, EXCUSED, FAILED, PAGE = "set", "unchanged", "excused", "failed", "page"


@dataclass(frozen=True)
class Send:
    """What one student is to have. number: Canvas's own id. pages: to be attached as comments."""

    student: str
    number: str
    points: float
    pages: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Sent:
    """What became of it. before: the points that stood there. why: of what failed, or stays."""

    student: str
    what: str
    before: float | None = None
    after: float | None = None
    why: str = ""


def send(
    canvas: Canvas, every: Iterable[Send], dry_run: bool, told: Callable[[Sent], None]
) -> None:
    """Set what differs. One student's fault is one student's; a refused token stops all."""
    from canvasapi.exceptions import CanvasException, InvalidAccessToken
    from requests.exceptions import RequestException

    for one in every:
        try:
            for sent in _one(canvas, one, dry_run):
                told(sent)
        except (CanvasException, RequestException, ValueError) as error:  # ValueError: no JSON
            why = canvas.address.hidden(str(error))
            if isinstance(error, InvalidAccessToken) or "rate limit" in why.lower():
                again = "run it again later, and it goes on from there"
                raise CourseError(f"Canvas refuses more ({why}): {again}") from None
            told(Sent(one.student, FAILED, why=why))


def _one(canvas: Canvas, one: Send, dry_run: bool) -> Iterator[Sent]:
    submission = canvas.submissions.get(one.number)
    if submission is None:
        why = "has no such assignment in Canvas" if one.number else "has no ID in the roster"
        yield Sent(one.student, FAILED, why=why)
        return
    if getattr(submission, "excused", False):
        yield Sent(one.student, EXCUSED, why="is excused in Canvas")
        return
    before = entered(submission)
    if before is not None and abs(before - one.points) < 0.005:
        yield Sent(one.student, SAME, before, before, deducted(submission))
    else:
        if not dry_run:
            submission.edit(submission={"posted_grade": shown(one.points)})
        yield Sent(one.student, SET, before, one.points, "" if dry_run else deducted(submission))
    for page in one.pages:
        if has_page(submission, page):
            continue
        done = dry_run or submission.upload_comment(str(page))[0]
        if done and not dry_run:
            _note(page).write_text(_digest(page), encoding="utf-8")
        what, why = (PAGE, page.name) if done else (FAILED, f"{page.name} was not taken")
        yield Sent(one.student, what, why=why)


def entered(submission: Any) -> float | None:
    """The points that were entered, before what Canvas itself takes off for lateness."""
    for name in ("entered_score", "score"):
        found = getattr(submission, name, None)
        if found is not None:
            return float(found)
    return None


def deducted(submission: Any) -> str:
    """Canvas's own late policy comes on top of ours, where a course has one."""
    off = getattr(submission, "points_deducted", None)
    return f"Canvas takes off {shown(float(off))} more for lateness" if off else ""


def has_page(submission: Any, page: Path) -> bool:
    """Whether a comment there holds this page, as it is now: Canvas tells of a file its name and
    size, and our note beside the page what was sent."""
    note = _note(page)
    if not note.is_file() or note.read_text(encoding="utf-8") != _digest(page):
        return False
    for comment in getattr(submission, "submission_comments", None) or []:
        for file in comment.get("attachments") or []:
            if file.get("display_name") == page.name and file.get("size") == page.stat().st_size:
                return True
    return False


def _note(page: Path) -> Path:
    return page.with_name(f".{page.name}.sent")


def _digest(page: Path) -> str:
    return hashlib.sha256(page.read_bytes()).hexdigest()

"""Points and pages into Canvas by its API, with the library `canvasapi`.

What stands there already is not sent again, so that a run that was stopped is simply run again. The
token comes from the environment alone, and stands in no message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.lms.csvs import shown

TOKEN, ADDRESS = "CANVAS_API_TOKEN", "CANVAS_API_URL"
"""The environment's variables."""
LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?/?")
MISSING = "--push needs canvasapi: pip install 'downhill[canvas]'"
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


@dataclass
class Address:
    """Where Canvas is, and the course and assignment there."""

    url: str
    course: int
    assignment: int
    token: str = field(repr=False)

    @classmethod
    def of(cls, url: str | None, course: int, assignment: int) -> Address:
        """The token, and the address where none is given, from the environment."""
        url = url or os.environ.get(ADDRESS, "")
        token = os.environ.get(TOKEN, "").strip()
        if not url:
            raise CourseError(f"give Canvas's address by --url, or in {ADDRESS}")
        if not token:
            raise CourseError(f"put an access token of Canvas (Account, Settings) into {TOKEN}")
        if not url.startswith("https://") and not LOCAL.fullmatch(url):
            raise CourseError(f"{url} does not begin with https://: the token would be readable")
        return cls(url, course, assignment, token)

    def hidden(self, text: str) -> str:
        return text.replace(self.token, "(token)")


@dataclass
class Canvas:
    """An assignment of Canvas, and what was handed in for it."""

    address: Address
    assignment: Any
    submissions: dict[str, Any]

    @classmethod
    def at(cls, address: Address) -> Canvas:
        """Raises `CourseError` where it cannot be reached, or is not ours to grade."""
        try:
            import canvasapi
        except ImportError as error:
            raise CourseError(MISSING) from error
        with _explained(address):
            course = canvasapi.Canvas(address.url, address.token).get_course(address.course)
            assignment = course.get_assignment(address.assignment)
            every = assignment.get_submissions(per_page=100, include=["submission_comments"])
            return cls(address, assignment, {str(one.user_id): one for one in every})

    @property
    def most(self) -> float | None:
        """The points that the assignment gives there."""
        most = getattr(self.assignment, "points_possible", None)
        return None if most is None else float(most)

    def send(self, every: Iterable[Send], dry_run: bool, told: Callable[[Sent], None]) -> None:
        """Set what differs. One student's fault is one student's; a refused token stops all."""
        from canvasapi.exceptions import CanvasException, InvalidAccessToken, RateLimitExceeded
        from requests.exceptions import RequestException

        for one in every:
            try:
                for sent in self._one(one, dry_run):
                    told(sent)
            except (InvalidAccessToken, RateLimitExceeded) as error:
                why = self.address.hidden(str(error))
                again = "run it again later, and it goes on from there"
                raise CourseError(f"Canvas refuses more ({why}): {again}") from None
            except (CanvasException, RequestException, ValueError) as error:  # it was no JSON
                told(Sent(one.student, FAILED, why=self.address.hidden(str(error))))

    def _one(self, one: Send, dry_run: bool) -> Iterator[Sent]:
        submission = self.submissions.get(one.number)
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
            yield Sent(
                one.student, SET, before, one.points, "" if dry_run else deducted(submission)
            )
        for page in one.pages:
            if has_page(submission, page):
                continue
            done = dry_run or submission.upload_comment(str(page))[0]
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
    """Whether a comment there holds a file of this name and size."""
    for comment in getattr(submission, "submission_comments", None) or []:
        for file in comment.get("attachments") or []:
            if file.get("display_name") == page.name and file.get("size") == page.stat().st_size:
                return True
    return False


@contextmanager
def _explained(address: Address) -> Iterator[None]:
    """What Canvas refuses before anything is sent, in one sentence."""
    from canvasapi.exceptions import CanvasException
    from requests.exceptions import RequestException

    try:
        yield
    except (CanvasException, RequestException) as error:
        where = f"{address.url}, course {address.course}, assignment {address.assignment}"
        why = address.hidden(str(error)) or type(error).__name__
        raise CourseError(f"Canvas ({where}) does not answer as it should: {why}") from None

"""Canvas by its API, with the library `canvasapi`: an assignment, and what was handed in for it.

The token comes from the environment alone, goes to https alone, and stands in no message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autograder.course import CourseError

TOKEN, ADDRESS = "CANVAS_API_TOKEN", "CANVAS_API_URL"
"""The environment's variables."""
LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?/?")
MISSING = "Canvas's API takes a library: pip install 'downhill[canvas]'"


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

    @property
    def times(self) -> dict[str, str]:
        """When each student handed in, by number, as nbgrader's timestamp.txt says it."""
        found = {}
        for number, one in self.submissions.items():
            if when := getattr(one, "submitted_at", None):
                moment = datetime.fromisoformat(when.replace("Z", "+00:00"))
                found[number] = f"{moment:%Y-%m-%d %H:%M:%S %z}"
        return found


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

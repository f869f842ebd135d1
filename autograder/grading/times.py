"""When something was handed in: read from the file that nbgrader puts beside it, never guessed."""

from __future__ import annotations

import codecs
import re
import stat
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from dateutil import parser

LARGEST = 200
"""Bytes of a file that holds a time."""
UNKNOWN = "so it counts as in time until timestamp.txt says it, as 2026-03-01 21:30:00 +0000"
"""What becomes of a submission whose time is not known, and what to do."""
UNDATED = (
    "when this was handed in cannot be told, so it counts as in time for now; "
    "that may change when your instructor has looked it up"
)
"""The same for the student."""
AREA = re.compile(r"\b[A-Z]\w+(?:/[A-Z][\w+-]*)+$")
"""A place of the time zone database at the end, as Europe/Berlin."""
FROM_UTC = re.compile(r"\b(?:UTC|GMT)(?=[+-]\d)")
"""What stands before an offset, and adds nothing to it; dateutil would turn its sign."""
ZERO = ("UTC", "GMT", "Z")
"""Short names that mean one thing everywhere."""
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|(?<!\d)\d{8}T")
"""Whole: of two digits nobody knows which. Where it stands first, the month is before the day."""
SOME_DAY, OTHER_DAY = datetime(2001, 1, 1, 0), datetime(2002, 2, 2, 11)
"""What is missing of a time differs between these, and so is missed."""


class Unclear(Exception):
    """A text that says no one time; the message says why."""


@dataclass(frozen=True)
class HandedIn:
    """When a file beside a submission says that it was handed in.

    when: in UTC and without a zone, as nbgrader keeps it; None where that is not known.
    note: what the instructor should know of it.
    """

    when: datetime | None
    note: str = ""

    @property
    def undated(self) -> bool:
        """Whether something says when, and no one time."""
        return self.when is None and bool(self.note)

    @property
    def to_student(self) -> str:
        """What the student should know of it, who puts no file right."""
        return UNDATED if self.undated else self.note


def handed_in(path: Path, usual: str = "UTC") -> HandedIn | None:
    """What this file says, or None where there is none.

    usual: the time zone that nbgrader's exchange writes in, which alone explains its short names.
    """
    try:
        return read(_content(path), usual)
    except FileNotFoundError:
        return None
    except OSError as error:
        return HandedIn(None, f"its timestamp.txt cannot be read ({error.strerror}), {UNKNOWN}")
    except Unclear as why:
        return HandedIn(None, f"its time cannot be told: {why}, {UNKNOWN}")


def _content(path: Path) -> str:
    """The text of a short file, as editors write it, those of Windows included."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
        raise Unclear("timestamp.txt is no short text")
    content = path.read_bytes()
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if wide else "utf-8-sig", "replace").strip()


def read(text: str, usual: str = "UTC") -> HandedIn:
    """The time that a text says. Raises `Unclear` where it says none, or could say several."""
    area = AREA.search(text)
    plain = FROM_UTC.sub("", text[: area.start()] if area else text).strip()
    local, name = _local(plain, text)
    if local.tzinfo is not None and not area:
        return HandedIn(_utc(local))
    if not (name or area):
        note = f"its time, {local}, names no time zone: it is read as UTC, as nbgrader does"
        return HandedIn(local, note)
    there = moments(local, _zone(area[0] if area else usual, text), name)
    if len(there) != 1:
        why = f", as {name} is no one time zone" if name else ""
        raise Unclear(f"{text!r} is no one time{why}")
    return HandedIn(there.pop())


def _local(plain: str, text: str) -> tuple[datetime, str]:
    """A time as its clock shows it, and the short name of that clock's time zone, if it has one."""
    orders = (False,) if YEAR.match(plain) else (False, True)
    try:
        found = {_parsed(plain, day, order) for day in (SOME_DAY, OTHER_DAY) for order in orders}
    except (ValueError, OverflowError):
        raise Unclear(f"{text!r} is no time" if text else "timestamp.txt is empty") from None
    if len(found) != 1 or not YEAR.search(plain):
        raise Unclear(f"{text!r} may mean several times")
    return found.pop()


def _parsed(text: str, missing: datetime, day_first: bool) -> tuple[datetime, str]:
    names: list[str] = []

    def zone(name: str | None, seconds: int | None) -> tzinfo | None:
        if name is None or name in ZERO:
            known = name is not None or seconds is not None
            return timezone(timedelta(seconds=seconds or 0)) if known else None
        names.append(name)
        return None

    found = parser.parse(text, default=missing, dayfirst=day_first, tzinfos=zone)
    return found, "".join(names)


def _zone(name: str, text: str) -> tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise Unclear(f"the time zone of {text!r} is not known") from None


def moments(local: datetime, zone: tzinfo, name: str = "") -> set[datetime]:
    """The times, in UTC, at which clocks there show this: two in the hour that comes twice.

    Two as well where they are put forward, and never show it. name: of the zone at that time.
    """
    there = [local.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return {_utc(each) for each in there if name in ("", each.tzname())}


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise Unclear("in UTC it is beyond the first or the last year that there is") from None


def span(seconds: float) -> str:
    """A length of time in its two largest units, as `2 days 3 h`."""
    rest, found = int(seconds), []
    for size, name in ((86400, "days"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, size)
        if count:
            found.append(f"{count} {'day' if (size, count) == (86400, 1) else name}")
    return " ".join(found[:2]) or "less than 1 s"

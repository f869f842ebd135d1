"""What holds for a class: due dates, extensions, the late rule, which attempt counts.

It stands in `policy.toml` beside `submitted/`, as the gradebook does: the same course is taught to
many classes, and each has dates of its own. What the file does not say stays nbgrader's: dates and
extensions as they stand in the gradebook, the late rule of `nbgrader_config.py`.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
import unicodedata
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.grading.times import moments, span

NAME = "policy.toml"
DAY = timedelta(days=1)
EVERY = "every"
"""In place of a lesson: an extension for each of them."""
ATTEMPTS = ("last", "best")
SHARES = ("earned", "possible")
TABLES = {
    "": ("timezone", "attempts", "due", "late", "extensions"),
    "late": ("percent_per_day", "grace_minutes", "most_percent", "zero_after_days", "of"),
}
"""What may stand in the file, and in its table of the late rule."""
EXAMPLE = "2026-03-01 22:00:00"
LONGEST_EXTENSION = 1000
"""Days."""


def composed(name: str) -> str:
    """A name as most systems write it: Macs write an ü as a u with dots, which looks the same."""
    return unicodedata.normalize("NFC", name)


@dataclass(frozen=True)
class Late:
    """What lateness costs: so many percent for each day begun after the time of grace.

    most: percent, all days together. zero_after: what is later than that earns nothing. of: of the
    points earned, or of those possible.
    """

    percent: float
    grace: timedelta = timedelta()
    most: float = 100.0
    zero_after: timedelta | None = None
    of: str = SHARES[0]

    def penalty(self, points: float, possible: float, seconds: float) -> float:
        """The points taken off of a notebook that is so late; never more than it earned."""
        beyond = timedelta(seconds=seconds) - self.grace
        if beyond <= timedelta():
            return 0.0
        if self.too_late(seconds):
            return max(points, 0.0)
        share = min(math.ceil(beyond / DAY) * self.percent, self.most) / 100
        taken = share * (points if self.of == SHARES[0] else possible)
        return round(max(min(taken, points), 0.0), 2)

    def too_late(self, seconds: float) -> str:
        """Why nothing is earned any more, whatever a person gives; empty where something is."""
        beyond = timedelta(seconds=seconds) - self.grace
        if self.zero_after is None or beyond <= self.zero_after:
            return ""
        return self._end()

    def _end(self) -> str:
        after = self.zero_after or timedelta()
        return f"nothing is earned after {span(after.total_seconds())}"

    def __str__(self) -> str:
        parts = [f"{self.percent:g} % of the points {self.of} for each day begun"]
        if self.grace:
            parts.append(f"after {span(self.grace.total_seconds())} of grace")
        if self.most < 100:
            parts.append(f"at most {self.most:g} %")
        if self.zero_after is not None:
            parts.append(self._end())
        return ", ".join(parts)


@dataclass(frozen=True)
class Policy:
    """What the file says; None where it says nothing of it, and nbgrader's own holds.

    due: by lesson, in UTC and without a zone, as nbgrader keeps it. extensions: by student and
    lesson, until when, or for how long. zone: what dates are shown in.
    """

    path: Path | None = None
    zone: str = "UTC"
    due: Mapping[str, datetime] | None = None
    extensions: Mapping[str, Mapping[str, datetime | timedelta]] | None = None
    late: Late | None = None
    best: bool = False

    def extension(self, student: str, lesson: str, due: datetime | None) -> timedelta | None:
        """For how long after this deadline. Raises `CourseError` where it ends before that."""
        own = (self.extensions or {}).get(composed(student), {})
        found = own.get(lesson, own.get(EVERY))
        if found is None or (due is None and lesson not in own):
            return None
        where = f"{self.path}: extensions of {student!r}, {lesson}"
        if due is None:
            raise CourseError(f"{where}: there is no due date to extend: give one under [due]")
        longer = (found if isinstance(found, datetime) else self._later(due, found)) - due
        if longer < timedelta():
            raise CourseError(
                f"{where}: it ends at {self.shown(due + longer)}, before the lesson is due "
                f"({self.shown(due)})"
            )
        return longer

    def _later(self, due: datetime, longer: timedelta) -> datetime:
        """So many days later, at the same time by clocks of the class, also where they are changed
        meanwhile; the later one of two."""
        zone = zoneinfo.ZoneInfo(self.zone)
        there = _there(due, zone).replace(tzinfo=None) + longer
        both = (there.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return max(both).replace(tzinfo=None)

    def by_clock(self, due: datetime, seconds: float) -> float:
        """How late it is by clocks of the class, where these are put back meanwhile: a day that has
        25 hours is one day.
        """
        zone = zoneinfo.ZoneInfo(self.zone)
        begin, end = _there(due, zone), _there(due + timedelta(seconds=seconds), zone)
        passed = (end.replace(tzinfo=None) - begin.replace(tzinfo=None)).total_seconds()
        return min(passed, seconds) if passed > 0 else seconds

    def shown(self, when: datetime | None) -> str:
        """A time of the gradebook's as clocks of the class show it."""
        if when is None:
            return "no date"
        there = _there(when, zoneinfo.ZoneInfo(self.zone))
        return f"{there:%Y-%m-%d %H:%M} {there.tzname()}"

    def rule(self) -> str:
        """All that decides on a penalty and on the attempt that counts."""
        return f"{self.late!r} {self.best}"


def _there(when: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    """A time of the gradebook's in a time zone."""
    return when.replace(tzinfo=UTC).astimezone(zone)


NOTHING = Policy()
"""What holds where there is no such file."""


def policy_of(folder: Path, lessons: list[str]) -> Policy:
    """What holds for the class in this folder. Raises `CourseError`, which names line and key."""
    path = folder / NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return NOTHING
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is no UTF-8: save it as that") from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{_at(path, text, error)}: {error}{_hint(text, error)}") from error
    return File(path, text, lessons).policy(content)


LINE = re.compile(r"at line (\d+)")


def _at(path: Path, text: str, error: Exception) -> str:
    found = LINE.search(str(error))
    return f"{path}:{found[1] if found else len(text.splitlines())}"


def _hint(text: str, error: Exception) -> str:
    found = LINE.search(str(error))
    lines = text.splitlines()
    line = lines[min(int(found[1]), len(lines)) - 1] if found and lines else ""
    if re.search(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?![:\d])", line):
        return f"; a time has seconds: {EXAMPLE}"
    if re.match(r"\s*\[extensions\.[^]\"']*[^\w.\]-]", line):
        return '; put a name with other characters between quotes: [extensions."O\'Brien, Sean"]'
    return ""


@dataclass(frozen=True)
class File:
    """A policy file while it is read: every fault is told with its line and key."""

    path: Path
    text: str
    lessons: list[str]

    def policy(self, content: dict[str, Any]) -> Policy:
        self._known("", content)
        zone = self._zone(content.get("timezone"))
        due = self._table(content, "due")
        dates = None if due is None else self._dates(due, zone)
        given = self._table(content, "extensions")
        extensions = None if given is None else self._extensions(given, zone, dates)
        rule = self._table(content, "late")
        late = None if rule is None else self._late(rule)
        best = self._one_of("", "attempts", content.get("attempts", ATTEMPTS[0]), ATTEMPTS)
        return Policy(self.path, zone or "UTC", dates, extensions, late, best == "best")

    def fault(self, table: str, key: str, why: str) -> CourseError:
        line = line_of(self.text, table, key)
        name = f"{table}.{key}" if table and key else table or key
        return CourseError(f"{self.path}{f':{line}' if line else ''}: {name}: {why}")

    def _known(self, table: str, content: dict[str, Any]) -> None:
        for key in content:
            if key not in TABLES[table]:
                raise self.fault(table, key, f"there is no such key{_near(key, TABLES[table])}")

    def _table(self, content: dict[str, Any], name: str) -> dict[str, Any] | None:
        found = content.get(name)
        if found is not None and not isinstance(found, dict):
            raise self.fault("", name, f"this is a table: begin it with a line [{name}]")
        return found

    def _one_of(self, table: str, key: str, value: Any, may: Iterable[str]) -> str:
        if value not in tuple(may):
            raise self.fault(table, key, f"{value!r} is none of {', '.join(may)}")
        return str(value)

    def _zone(self, name: Any) -> str | None:
        if name is None:
            return None
        try:
            zoneinfo.ZoneInfo(name)
        except (TypeError, ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            why = f"{name!r} is no time zone; one is called as Europe/Berlin"
            raise self.fault("", "timezone", why) from None
        return str(name)

    def _number(self, table: str, key: str, value: Any, most: float = math.inf) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= min(most, 1e6):
            upto = f"from 0 to {most:g}" if most < math.inf else "that is not negative"
            raise self.fault(table, key, f"{value!r} is no number {upto}")
        return float(value)

    # --- Dates

    def _lesson(self, table: str, key: str) -> str:
        """By its name or number. Raises `CourseError` for another."""
        for name in self.lessons:
            if key == name or (key.isdigit() and name.split("-")[0] == key.zfill(2)):
                return name
        why = f"there is no such lesson{_near(key, self.lessons)}"
        raise self.fault(table, key, why)

    def _by_lesson(self, table: str, content: dict[str, Any]) -> dict[str, str]:
        """The key that stands for each lesson."""
        found: dict[str, str] = {}
        for key in content:
            name = self._lesson(table, key)
            if name in found:
                raise self.fault(table, key, f"{name} stands here twice: keep one")
            found[name] = key
        return found

    def _dates(self, content: dict[str, Any], zone: str | None) -> dict[str, datetime]:
        keys = self._by_lesson("due", content)
        return {name: self._date("due", key, content[key], zone) for name, key in keys.items()}

    def _date(self, table: str, key: str, value: Any, zone: str | None) -> datetime:
        """In UTC. A day alone lasts until its last second."""
        value = _of_text(value) if isinstance(value, str) else value
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, 23, 59, 59)
        if not isinstance(value, datetime):
            raise self.fault(table, key, f"{value!r} is no date and time, as {EXAMPLE}")
        if value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        if zone is None:
            why = 'it names no time zone: put timezone = "Europe/Berlin", or yours, at the top'
            raise self.fault(table, key, f"{why} of the file, or an offset behind it (+01:00)")
        there = moments(value, zoneinfo.ZoneInfo(zone))
        if len(there) != 1:
            why = f"clocks of {zone} are put forward or back then, so that {value} is no one time"
            raise self.fault(table, key, f"{why}: put an offset behind it (+01:00)")
        return there.pop()

    def _extensions(
        self, content: dict[str, Any], zone: str | None, due: dict[str, datetime] | None
    ) -> dict[str, dict[str, datetime | timedelta]]:
        made: dict[str, dict[str, datetime | timedelta]] = {}
        for name, own in content.items():
            table, student = f"extensions.{name}", composed(name)
            if not isinstance(own, dict):
                why = f"name the lesson, too: [{table}] and below it LESSON = {own}"
                raise self.fault("extensions", name, why)
            made.setdefault(student, {})
            if EVERY in own:
                days = self._number(table, EVERY, own[EVERY], LONGEST_EXTENSION)
                made[student][EVERY] = timedelta(days=days)
            rest = {key: value for key, value in own.items() if key != EVERY}
            for lesson, key in self._by_lesson(table, rest).items():
                made[student][lesson] = self._extension(table, key, own[key], zone)
                if due is not None:
                    self._check(table, key, made[student][lesson], due.get(lesson))
        return made

    def _extension(
        self, table: str, key: str, value: Any, zone: str | None
    ) -> datetime | timedelta:
        if isinstance(value, int | float):
            return timedelta(days=self._number(table, key, value, LONGEST_EXTENSION))
        return self._date(table, key, value, zone)

    def _check(
        self, table: str, key: str, until: datetime | timedelta, due: datetime | None
    ) -> None:
        if due is None:
            raise self.fault(table, key, "there is no due date to extend: give one under [due]")
        if isinstance(until, datetime) and until < due:
            raise self.fault(table, key, "it ends before the lesson is due")

    # --- The late rule

    def _late(self, content: dict[str, Any]) -> Late:
        self._known("late", content)
        if "percent_per_day" not in content:
            why = "percent_per_day is missing: what a day costs, as percent_per_day = 10"
            raise self.fault("late", "", why)
        number = {
            key: self._number("late", key, value, 100 if "percent" in key else math.inf)
            for key, value in content.items()
            if key != "of"
        }
        zero = number.get("zero_after_days")
        return Late(
            number["percent_per_day"],
            timedelta(minutes=number.get("grace_minutes", 0)),
            number.get("most_percent", 100.0),
            None if zero is None else timedelta(days=zero),
            self._one_of("late", "of", content.get("of", SHARES[0]), SHARES),
        )


def _of_text(text: str) -> date | str:
    """A date between quotes, which TOML does not need."""
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text.strip())
        except ValueError:
            continue
    return text


def _near(key: str, names: Iterable[str]) -> str:
    """What was meant, or all that there is."""
    near = difflib.get_close_matches(key, names, 1)
    return f"; is {near[0]} meant?" if near else f"; there are {', '.join(names)}"


def line_of(text: str, table: str, key: str) -> int | None:
    """The line of a key, or of its table's heading; None where it is written in another way."""
    here, heading = "", None
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r"\s*\[([^\[\]]+)\]\s*(#|$)", line)
        if found:
            here = _unquoted(found[1])
            heading = number if here in (table, f"{table}.{key}") else heading
        elif here == table and key and line.split("=")[0].strip().strip("\"'") == key:
            return number
    return heading


def _unquoted(name: str) -> str:
    return re.sub(r"[\"'](.*?)[\"']\s*$", r"\1", re.sub(r"\s*\.\s*", ".", name.strip(), count=1))

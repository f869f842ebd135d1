"""Who is in the class: a CSV of Canvas, Moodle or nbgrader, and whom a platform's name means."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path

from autograder.course import CourseError
from autograder.grading.names import unreadable_name
from autograder.grading.platforms import ATTEMPT, Named
from autograder.grading.times import Unclear
from autograder.grading.times import read as time_of
from autograder.lms.csvs import Sheet, read

CANVAS, WORKSHEET, MOODLE, NBGRADER = "Canvas", "Moodle's worksheet", "Moodle", "nbgrader"
"""The kinds: Canvas's gradebook, Moodle's grading worksheet of one assignment, any other list of
Moodle's with e-mail addresses, nbgrader's students.csv."""
KEYS = {
    CANVAS: ("SIS Login ID", "SIS User ID", "ID"),
    WORKSHEET: ("Username", "ID number", "Email address", "Identifier"),
    MOODLE: ("Username", "ID number", "Email address"),
    NBGRADER: ("id",),
}
"""The columns that a student is called by, the first that says something."""
NUMBERS = {CANVAS: "ID", WORKSHEET: "Identifier", MOODLE: "", NBGRADER: "lms_user_id"}
"""The column with the number that stands in the names of the platform's downloads."""
PLATFORMS = {CANVAS: "canvas", WORKSHEET: "moodle", MOODLE: "moodle"}
"""Whose the lists are that a platform makes; in its download no name is read as another's."""
NEVER = ("never", "nie", "-", "")
"""What Moodle says where nothing was handed in."""
POSSIBLE, TESTER = "Points Possible", "Student, Test"
"""Rows of Canvas's gradebook that are no student's."""
ROUNDED = re.compile(r"(?:participant\s*)?\d+(?:[.,]\d+)?E[+-]?\d+|\d+[.,][\d.,]*", re.IGNORECASE)
"""What a spreadsheet makes of a long number that it saves again."""
LONG_DATE = re.compile(r"^\w+day, ")


@dataclass(frozen=True)
class Person:
    """A row of the roster. student: what the folder is called. names: how the person may be called.

    also: further rows of the same person, as where a platform lists each section.
    when: the platform's own words for when the work was handed in; empty where it does not say.
    """

    student: str
    row: int
    full: str
    names: frozenset[str]
    ids: frozenset[str]
    number: str = ""
    when: str = ""
    also: tuple[int, ...] = ()

    @property
    def rows(self) -> tuple[int, ...]:
        return self.row, *self.also

    def is_also(self, other: Person) -> bool:
        """Whether another row says the same of who it is."""
        same = replace(other, row=self.row, also=self.also, when=self.when)
        return bool(self.ids) and same == self


@dataclass
class Roster:
    """A class as a platform lists it."""

    kind: str
    sheet: Sheet
    path: Path
    people: list[Person] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path, key: str | None = None) -> Roster:
        """key: the column that students are called by.

        Raises `CourseError` where this is no roster, or two would be called the same.
        """
        sheet = read(path)
        roster = cls(kind_of(sheet, path), sheet, path)
        if key and sheet.column(key) is None:
            raise CourseError(f"{path} has no column {key!r}: it has {', '.join(sheet.header)}")
        for at, row in enumerate(sheet.rows):
            person = roster._person(at, row, key)
            if person is not None:
                roster.people.append(person)
        roster._join()
        if not roster.people:
            raise CourseError(f"{path} names no student")
        return roster

    def _join(self) -> None:
        """Several rows of one person are one. Raises `CourseError` where they are of several."""
        found: dict[str, list[Person]] = {}
        for person in self.people:
            found.setdefault(person.student, []).append(person)
        for student, several in found.items():
            if not all(map(several[0].is_also, several)):
                places = ", ".join(str(person.row + 2) for person in several)
                raise CourseError(
                    f"{self.path}: several rows are of {student!r}, and not all of one person "
                    f"(rows {places}, where the header is row 1): {self._telling_apart()}"
                )
        self.people = [
            replace(first, also=tuple(each.row for each in more)) for first, *more in found.values()
        ]

    def _telling_apart(self) -> str:
        """What to do where several people would be called the same."""
        every = [[self.sheet.rows[p.row][at].strip() for p in self.people]
                 for at in range(len(self.sheet.header))]  # fmt: skip
        found = [
            title
            for title, cells in zip(self.sheet.header, every, strict=True)
            if all(cells) and len(set(cells)) == len(cells)
        ]
        if found:
            return f"give a column that tells all apart by --key: {', '.join(map(repr, found))}"
        return "no column tells all apart: take out the rows that are wrong, or put them right"

    def cell(self, row: list[str], *names: str) -> str:
        at = self.sheet.column(*names)
        return row[at].strip() if at is not None else ""

    def _person(self, at: int, row: list[str], key: str | None) -> Person | None:
        """None for a row of no student: Canvas's points possible, and how grades are posted."""
        first, last = self._given_and_family(row)
        full = self.cell(row, "Student", "Full name") or f"{first} {last}".strip()
        if self.kind == CANVAS and (POSSIBLE in full or full == TESTER or not any(row[:5])):
            return None
        ids = [self.cell(row, name) for name in KEYS[self.kind]]
        keys = [self.cell(row, key)] if key else ids
        called = next((one for one in keys if one and not no_folder_name(one)), "")
        called = called or next(filter(None, keys), "")
        if not called:
            return None
        if why := no_folder_name(called):
            raise CourseError(f"{self.path}: {called!r} can be no folder's name ({why}): use --key")
        number = self.cell(row, NUMBERS[self.kind]) if NUMBERS[self.kind] else ""
        if ROUNDED.fullmatch(number):
            raise CourseError(
                f"{self.path}: {number!r} is no number of a student: the spreadsheet has rounded "
                "the numbers: download the file again"
            )
        digits = re.search(r"(\d+)$", number)
        email = self.cell(row, "Email address", "email")
        when = self.cell(row, "Last modified (submission)")
        return Person(
            called,
            at,
            full,
            frozenset(filter(None, (bare(full), bare(last + first), bare(first + last)))),
            frozenset(filter(None, (*ids, email, number))),
            digits[1] if digits else "",
            "" if when.casefold() in NEVER else when,
        )

    def _given_and_family(self, row: list[str]) -> tuple[str, str]:
        first = self.cell(row, "First name", "first_name", "FirstName")
        last = self.cell(row, "Last name", "Surname", "last_name", "LastName")
        if not (first or last):
            last, _, first = self.cell(row, "Student").partition(", ")
        return first, last

    # --- Who is meant

    def matcher(self, met: Iterable[Named]) -> Callable[[Named], Person | str]:
        """From what a platform's name tells to the person; or why nobody is meant, and what to do.

        By number; Blackboard's names have a username in its place. By name alone only where no
        number of the download stands in the roster, and where it is one person's here and there.
        met: all that the download tells of.
        """
        met = set(met)
        numbers = {person.number: person for person in self.people if person.number}
        known = any(of.number in numbers for of in met)
        strict = known or (self.kind == CANVAS and bool(numbers))
        there = Counter(bare(of.student) for of in met)
        here = Counter(name for person in self.people for name in person.names)
        by_name = {name: person for person in self.people for name in person.names}

        def find(of: Named) -> Person | str:
            if of.number in numbers:
                return numbers[of.number]
            if of.number == ATTEMPT and (person := self._of_username(of.student)):
                return person
            if strict:
                return f"nobody in {self.path.name} has the number {of.number}"
            name = bare(of.student)
            if here[name] == 0:
                return f"nobody in {self.path.name} is called so"
            if here[name] > 1 or there[name] > 1:
                several = "several are called so, and the roster has no numbers to tell them apart"
                return f"{several}: take {ROSTERS}"
            return by_name[name]

        return find

    def _of_username(self, words: str) -> Person | None:
        """Whose username it is; before it may stand the end of a title."""
        ends = {one: p for p in self.people for one in p.ids if f"_{words}".endswith(f"_{one}")}
        return ends[max(ends, key=len)] if ends else None

    def of_student(self, student: str, number: str = "") -> Person | None:
        """The row of a student of the class, by the folder's name, or the platform's number.

        None where nobody or several may be meant.
        """
        if number:
            found = [person for person in self.people if person.number == number]
            if found or (self.kind == CANVAS and any(p.number for p in self.people)):
                return found[0] if len(found) == 1 else None
        for fits in (
            lambda p: student == p.student,
            lambda p: student in p.ids,
            lambda p: bool(bare(student)) and bare(student) in p.names,
            lambda p: any(one.startswith(f"{student}@") for one in p.ids),
        ):
            found = [person for person in self.people if fits(person)]
            if found:
                return found[0] if len(found) == 1 else None
        return None


ROSTERS = "Canvas's gradebook export or this assignment's grading worksheet of Moodle as roster"


def kind_of(sheet: Sheet, path: Path) -> str:
    def has(*names: str) -> bool:
        return sheet.column(*names) is not None

    if has("Identifier") and has("Grade"):
        return WORKSHEET
    if (has("Student") or (has("LastName") and has("FirstName"))) and has("ID"):
        return CANVAS
    if has("Email address") and (has("Full name") or has("First name")):
        return MOODLE
    if has("id") and (has("first_name") or has("last_name") or has("email") or has("lms_user_id")):
        return NBGRADER
    raise CourseError(
        f"{path} is no roster that is known by its columns ({', '.join(sheet.header[:6])}): it "
        "takes Canvas's gradebook export, Moodle's grading worksheet, list of participants or "
        "gradebook export, downloaded in English, or nbgrader's students.csv"
    )


def no_folder_name(name: str) -> str:
    """Why a folder of a student cannot have this name; empty where it can."""
    if "/" in name or "\\" in name or name.startswith(".") or len(name.encode()) > 200:
        return "it would be a path, hidden, or too long"
    return unreadable_name(name)


def bare(name: str) -> str:
    """A name's letters and digits alone, in one case: as Canvas writes it, and the same for all."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c.isalnum())


def in_zone(words: str, zone: str) -> str:
    """Moodle's words for a time, and where the clock stood, as one text without the weekday."""
    return f"{LONG_DATE.sub('', words)} {zone}"


def moment(words: str, zone: str) -> str:
    """Moodle's words for a time (`Monday, 2 March 2026, 9:30 PM`) as a file of nbgrader's says it.

    zone: where the clock stood. Raises `CourseError` for a zone that is none, `Unclear` where the
    words say no one time.
    """
    try:
        zoneinfo.ZoneInfo(zone)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise CourseError(f"{zone!r} is no time zone: name a place, as Europe/Berlin") from None
    if time_of(f"2026-03-01 12:00 {zone}").when is None:
        raise CourseError(f"{zone!r} may be several time zones: name a place, as Europe/Berlin")
    found = time_of(in_zone(words, zone))
    if found.when is None:
        raise Unclear(found.note)
    return found.when.replace(tzinfo=UTC).strftime("%Y-%m-%d %H:%M:%S +0000")

"""What is exported: which cell holds which points, and what stays as the platform had it.

Nothing goes back but who is meant and what was earned; a cell that we know nothing for stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.course import CourseError
from autograder.grading.names import CASE, NAMED, alike, nearness
from autograder.lms.collected import Entry
from autograder.lms.csvs import Sheet, number, shown
from autograder.lms.points import PENALTY, Earned, Points
from autograder.lms.roster import CANVAS, WORKSHEET, Person, Roster

Collected = Mapping[str, Mapping[str, Entry]]
"""What `collect` has noted, by lesson and student."""
EXCUSED = ("ex", "n/a")
"""What Canvas says of who is excused, or has no such assignment."""
OF_PLATFORM = {"canvas": CANVAS, "moodle": WORKSHEET}


@dataclass(frozen=True)
class Column:
    """What is exported as one column. question: empty for the whole lesson."""

    lesson: str
    question: str
    most: float

    @property
    def title(self) -> str:
        return f"{self.lesson}: {self.question}" if self.question else self.lesson

    def value(self, earned: Earned, partial: bool) -> float | None:
        """None where a person has yet to grade what counts in it. partial: with what is graded so
        far, of which a question of its own that waits has nothing."""
        if self.question == PENALTY:
            return -min(earned.penalty, sum(earned.points.values()))
        waits = self.question in earned.waits if self.question else bool(earned.waits)
        if waits and not (partial and (not self.question or earned.points.get(self.question))):
            return None
        return earned.points.get(self.question, 0.0) if self.question else earned.total


def columns(points: Points, by_question: bool) -> list[Column]:
    if not by_question:
        return [Column(points.lesson, "", points.most)]
    made = [Column(points.lesson, name, most) for name, most in points.of.items()]
    if any(earned.penalty for earned in points.students.values()):
        made.append(Column(points.lesson, PENALTY, 0.0))
    return made


@dataclass(frozen=True)
class Wanted:
    """How it is exported. partial: with what is graded so far. scaled: to the platform's maximum.

    zero: nothing handed in is 0 points. titles: the platform's column for a lesson, as the
    instructor says. handed: who handed in what, by student and lesson, graded or not.
    """

    partial: bool = False
    scaled: bool = False
    zero: bool = False
    by_question: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    handed: frozenset[tuple[str, str]] = frozenset()


@dataclass
class Exported:
    """The table, and what the instructor should know of it.

    given: the student, the row's person and the points of each cell that was filled. waiting,
    nowhere: students of a lesson who wait for a person, or have no row. kept: rows that are excused
    or locked there. other: rows in which other points stood. absent, ungraded: rows of whom nothing
    was handed in, or graded. new: columns that the platform does not have. notes: sentences.
    """

    sheet: Sheet
    given: list[tuple[str, Person, float]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def waiting_for(self, points: Points) -> list[str]:
        """Of a lesson's students those who wait for a person."""
        return [student for student in points.students if _said(student, points) in self.waiting]


# --- Whose row it is, and which column


def rows_of(
    roster: Roster, students: Iterable[str], collected: Mapping[str, Entry]
) -> dict[str, Person]:
    """The row of each student; nobody's where two students would have it."""
    found: dict[str, Person] = {}
    for student in students:
        entry = collected.get(student)
        fits = entry is not None and OF_PLATFORM.get(entry.platform) == roster.kind
        person = roster.of_student(student, entry.number if entry and fits else "")
        if person is not None:
            found[student] = person
    rows = [person.row for person in found.values()]
    return {student: person for student, person in found.items() if rows.count(person.row) == 1}


def column_of(header: list[str], column: Column, wanted: Wanted) -> int | None:
    """The platform's column for it: of its title, or for a lesson one that names it."""
    asked = wanted.titles.get(column.lesson) if not column.question else None
    titles = [bare_title(title) for title in header]
    if asked is not None:
        found = [at for at, t in enumerate(titles) if asked in (t, header[at].strip())]
        if not found:
            raise CourseError(f"--column {column.lesson}={asked}: there is no column of that title")
        return found[0]
    if column.question:
        return next((at for at, t in enumerate(titles) if alike(t) == alike(column.title)), None)
    near = {at: nearness(f"{title}.ipynb", column.lesson) for at, title in enumerate(titles)}
    best = [at for at, how in near.items() if how <= CASE] or [
        a for a, h in near.items() if h <= NAMED
    ]
    best = [at for at in best if not titles[at].startswith(f"{column.lesson}: ")]
    if len(best) > 1:
        several = ", ".join(header[at] for at in best)
        raise CourseError(
            f"{column.lesson} may be {several}: --column {column.lesson}=TITLE says which"
        )
    return best[0] if best else None


def bare_title(header: str) -> str:
    """A column's title without what stands around it: `Assignment: Title (Real)`, `(4242)`."""
    return re.sub(r"^Assignment: | \((?:\d+|Real)\)$", "", header.strip())


def factor_of(column: Column, said: str, wanted: Wanted, where: str) -> float:
    """What points are multiplied by: 1, where the platform's maximum is ours or not said."""
    most = number(said) if said.strip() else None
    if most is None and re.fullmatch(r"[\d.,]+", said.strip()):
        raise CourseError(
            f"{where} gives {said.strip()} points, which is not clear: write 1000 or 1.0"
        )
    if most is None or column.question == PENALTY or abs(most - column.most) < 0.005:
        return 1.0
    if not wanted.scaled or not column.most:
        raise CourseError(
            f"{where} gives {shown(most)} points and {column.title} here {shown(column.most)}: set "
            f"{shown(column.most)} there and download again, or convert the points with --scale"
        )
    return most / column.most


@dataclass
class Filler:
    """Fills cells in, and notes what the instructor should know. found: whose row is whose."""

    roster: Roster
    collected: Collected
    wanted: Wanted
    made: Exported
    found: dict[str, dict[str, Person]] = field(default_factory=dict)

    def cells(
        self,
        points: Points,
        column: Column,
        before: list[str],
        factor: float = 1.0,
        locked: frozenset[int] = frozenset(),
    ) -> list[str]:
        """One for each row of the roster. before: as the platform had them."""
        cells, done = list(before), set()
        whose = self._whose(points)
        for student, earned in points.students.items():
            said = _said(student, points)
            if student not in whose:
                _tell(self.made.nowhere, said)
                continue
            done.add(whose[student].row)
            value = column.value(earned, self.wanted.partial)
            free = self._free(whose[student], before, locked)
            if not free:
                _tell(self.made.kept, said)
            elif value is None:
                _tell(self.made.waiting, said)
            else:
                self._fill(free, cells, value * factor, said)
                self.made.given.append((student, whose[student], value * factor))
        for person in self.roster.people:
            if person.row not in done:
                self._absent(person, points, cells, self._free(person, before, locked))
        return cells

    def _free(self, person: Person, before: list[str], locked: frozenset[int]) -> list[int]:
        """The rows of a person that are neither excused nor locked there."""
        return [
            at
            for at in person.rows
            if at not in locked and before[at].strip().casefold() not in EXCUSED
        ]

    def _fill(self, rows: list[int], cells: list[str], value: float, said: str) -> None:
        """Into each row of a person. cells: as the platform had them so far."""
        for at in rows:
            stood = number(cells[at]) if cells[at].strip() else None
            cells[at] = shown(value)
            if stood is not None and abs(stood - value) >= 0.005:
                _tell(self.made.other, f"{said}: {shown(stood)}, now {cells[at]}")
        if len(rows) > 1:
            _tell(self.made.notes, f"{said} has {len(rows)} rows: the points stand in each")

    def _whose(self, points: Points) -> dict[str, Person]:
        if points.lesson not in self.found:
            mine = self.collected.get(points.lesson, {})
            self.found[points.lesson] = rows_of(self.roster, points.students, mine)
        return self.found[points.lesson]

    def _absent(self, person: Person, points: Points, cells: list[str], rows: list[int]) -> None:
        """Of whom there are no points: they handed in nothing, or it was not graded yet.

        rows: those that may be filled.
        """
        said = _said(person.student, points)
        if person.student in points.students:  # and it was told that no row is surely theirs
            return
        if (person.student, points.lesson) in self.wanted.handed:
            _tell(self.made.ungraded, said)
            return
        _tell(self.made.absent, said)
        if self.wanted.zero and rows:
            for at in rows:
                cells[at] = "0"
            self.made.given.append((person.student, person, 0.0))


def _said(student: str, points: Points) -> str:
    return f"{student} ({points.lesson})"


def _tell(said: list[str], one: str) -> None:
    if one not in said:
        said.append(one)

"""The points as a CSV that Canvas or Moodle takes in: its own file filled in, or one of a roster.

Nothing else goes back but who is meant and what was earned: a grade of another assignment that has
changed there since is not touched, and a cell that we know nothing for stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from autograder.course import CourseError
from autograder.grading.names import CASE, NAMED, alike, nearness
from autograder.lms.csvs import Sheet, number, shown
from autograder.lms.ledger import Entry
from autograder.lms.points import PENALTY, Earned, Points
from autograder.lms.roster import CANVAS, NBGRADER, POSSIBLE, WORKSHEET, Person, Roster

CANVAS_HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
WORKSHEET_HEADER = [
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
]
LIST_HEADER = ["First name", "Last name", "ID number", "Email address"]
WHO = {*map(str.casefold, LIST_HEADER), "surname", "full name", "username", "email"}
"""Columns of Moodle's lists that say who is meant, and go back."""
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
        """None where a person has yet to grade what counts in it."""
        if self.question == PENALTY:
            return -min(earned.penalty, sum(earned.points.values()))
        waits = self.question in earned.waits if self.question else bool(earned.waits)
        if waits and not partial:
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
    or locked there. absent, ungraded: rows of whom nothing was handed in, or graded. new: columns
    that the platform does not have. notes: sentences.
    """

    sheet: Sheet
    given: list[tuple[str, Person, float]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# --- Whose row it is -----------------------------------------------------------------------------


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


# --- The platform's own files --------------------------------------------------------------------


def for_canvas(
    roster: Roster,
    lessons: list[Points],
    collected: Mapping[str, Mapping[str, Entry]],
    wanted: Wanted,
) -> Exported:
    """Canvas's gradebook with these lessons' columns and no others."""
    if roster.kind == CANVAS:
        sheet, info = roster.sheet, roster.sheet.column("Section")
        if info is None:
            raise CourseError(f"{roster.path} has no column Section, which Canvas asks for")
    else:
        roster, info = _as_canvas(roster), 4
        sheet = roster.sheet
    top = next((row for row in sheet.rows if POSSIBLE in row[0]), None)
    top = top or [f"    {POSSIBLE}", *[""] * (len(sheet.header) - 1)]
    made = Exported(replace(sheet, header=sheet.header[: info + 1], rows=[top[: info + 1]]))
    table = [row[: info + 1] for row in sheet.rows]
    filler = Filler(roster, collected, wanted, made)
    for points in lessons:
        for column in columns(points, wanted.by_question):
            at = _column_of(sheet.header[info + 1 :], column, wanted)
            at = None if at is None else info + 1 + at
            title = column.title if at is None else sheet.header[at]
            most = "" if at is None else top[at]
            if at is None:
                made.new.append(title)
            factor = _factor(column, most, wanted, f"{title} in {roster.path.name}")
            before = ["" if at is None else row[at] for row in sheet.rows]
            made.sheet.header.append(title)
            made.sheet.rows[0].append(most.strip() or shown(column.most))
            for row, cell in zip(table, filler.cells(points, column, before, factor), strict=True):
                row.append(cell)
    students = {person.row for person in roster.people}
    made.sheet.rows.extend(row for at, row in enumerate(table) if at in students)
    return made


def _as_canvas(roster: Roster) -> Roster:
    """A gradebook of Canvas from another roster: it finds students by login, or else by name."""
    rows = []
    for person in roster.people:
        number = person.number if roster.kind == NBGRADER else ""
        rows.append([person.full or person.student, number, "", person.student, ""])
    people = [replace(person, row=at) for at, person in enumerate(roster.people)]
    return Roster(NBGRADER, Sheet(list(CANVAS_HEADER), rows), roster.path, people)


def for_moodle(
    roster: Roster,
    lessons: list[Points],
    collected: Mapping[str, Mapping[str, Entry]],
    wanted: Wanted,
) -> Exported:
    """A grading worksheet for one lesson, or a list for Moodle's gradebook import."""
    if roster.kind == CANVAS:
        raise CourseError(f"{roster.path} is Canvas's: give Moodle's grading worksheet or list")
    numbers = {
        student: entry.number
        for student, entry in collected.get(lessons[0].lesson, {}).items()
        if entry.platform == "moodle"
    }
    single = len(lessons) == 1 and not wanted.by_question
    if roster.kind == WORKSHEET:
        if not single:
            raise CourseError(
                "a grading worksheet has one grade for each student: give one lesson, without "
                "--by question; for more give Moodle's list of participants or gradebook export"
            )
        return _worksheet(roster, lessons[0], collected, wanted)
    if (
        single
        and numbers
        and _column_of(roster.sheet.header, columns(lessons[0], False)[0], wanted) is None
    ):
        made = _as_worksheet(roster, lessons[0], numbers)
        return _worksheet(made, lessons[0], collected, wanted)
    return _list(roster, lessons, collected, wanted)


def _worksheet(
    roster: Roster,
    points: Points,
    collected: Mapping[str, Mapping[str, Entry]],
    wanted: Wanted,
) -> Exported:
    """The grades of one assignment; every other cell is as Moodle gave it out."""
    sheet = roster.sheet
    grade, most = sheet.column("Grade"), sheet.column("Maximum Grade")
    if grade is None or sheet.column("Last modified (grade)") is None:
        raise CourseError(
            f"{roster.path}: Moodle takes a worksheet with the columns Identifier, Grade and Last "
            "modified (grade) alone: download it again, in English"
        )
    if most is None:
        raise CourseError(f"{roster.path} has no Maximum Grade: is it graded by a scale?")
    (column,) = columns(points, by_question=False)
    said = next((row[most] for row in sheet.rows if row[most].strip()), "")
    factor = _factor(column, said, wanted, f"the assignment of {roster.path.name}")
    made = Exported(replace(sheet, rows=[list(row) for row in sheet.rows]))
    changes = sheet.column("Grade can be changed")
    locked = {
        at for at, row in enumerate(sheet.rows)
        if changes is not None and row[changes].strip().casefold() == "no"
    }  # fmt: skip
    filler = Filler(roster, collected, wanted, made)
    before = [row[grade] for row in sheet.rows]
    cells = filler.cells(points, column, before, factor, frozenset(locked))
    for row, cell in zip(made.sheet.rows, cells, strict=True):
        row[grade] = cell
    return made


def _as_worksheet(roster: Roster, points: Points, numbers: Mapping[str, str]) -> Roster:
    """A worksheet of those whose numbers the download told."""
    rows: list[list[str]] = []
    people: list[Person] = []
    email = roster.sheet.column("Email address", "email")
    for student, number_ in sorted(numbers.items()):
        person = roster.of_student(student)
        if person is None:
            continue
        mail = roster.sheet.rows[person.row][email] if email is not None else ""
        people.append(replace(person, row=len(rows), number=number_))
        rows.append([f"Participant {number_}", person.full, mail, "Submitted for grading", "",
                     shown(points.most), "Yes", "-", "-", ""])  # fmt: skip
    return Roster(WORKSHEET, Sheet(list(WORKSHEET_HEADER), rows), roster.path, people)


def _list(
    roster: Roster,
    lessons: list[Points],
    collected: Mapping[str, Mapping[str, Entry]],
    wanted: Wanted,
) -> Exported:
    """For Grades > Import > CSV file, where each column is mapped to a grade item."""
    sheet = roster.sheet
    if roster.kind == NBGRADER:
        email = sheet.column("email")
        if email is None:
            raise CourseError(f"{roster.path} has no column email, which Moodle finds students by")
        who = [[roster.cell(r, "first_name"), roster.cell(r, "last_name"), roster.cell(r, "id"),
                r[email]] for r in sheet.rows]  # fmt: skip
        header = list(LIST_HEADER)
    else:
        keep = [at for at, title in enumerate(sheet.header) if title.strip().casefold() in WHO]
        header = [sheet.header[at] for at in keep]
        who = [[row[at] for at in keep] for row in sheet.rows]
    made = Exported(Sheet(header, who, sheet.delimiter, sheet.bom))
    filler = Filler(roster, collected, wanted, made)
    for points in lessons:
        for column in columns(points, wanted.by_question):
            at = _column_of(sheet.header, column, wanted)
            before = [row[at] if at is not None else "" for row in sheet.rows]
            title = column.title if at is None else sheet.header[at]
            header.append(title)
            for row, cell in zip(who, filler.cells(points, column, before), strict=True):
                row.append(cell)
    each = "question" if wanted.by_question else "lesson"
    made.notes.append(f"map Email address to it, and each {each}'s column to its grade item")
    return made


# --- Columns and cells ---------------------------------------------------------------------------


def _column_of(header: list[str], column: Column, wanted: Wanted) -> int | None:
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


def _factor(column: Column, said: str, wanted: Wanted, where: str) -> float:
    """What points are multiplied by: 1, where the platform's maximum is ours or not said."""
    most = number(said) if said.strip() else None
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
    """Fills cells in, and notes what the instructor should know."""

    roster: Roster
    collected: Mapping[str, Mapping[str, Entry]]
    wanted: Wanted
    made: Exported

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
        whose = rows_of(self.roster, points.students, self.collected.get(points.lesson, {}))
        for student, earned in points.students.items():
            said = f"{student} ({points.lesson})"
            if student not in whose:
                _tell(self.made.nowhere, said)
                continue
            at = whose[student].row
            done.add(at)
            value = column.value(earned, self.wanted.partial)
            if self._stays(before[at], at in locked):
                _tell(self.made.kept, said)
            elif value is None:
                _tell(self.made.waiting, said)
            else:
                cells[at] = shown(value * factor)
                self.made.given.append((student, whose[student], value * factor))
        for person in self.roster.people:
            if person.row not in done:
                stays = self._stays(before[person.row], person.row in locked)
                self._absent(person, points, cells, stays)
        return cells

    def _absent(self, person: Person, points: Points, cells: list[str], stays: bool) -> None:
        """Of whom there are no points: they handed in nothing, or it was not graded yet."""
        said = f"{person.student} ({points.lesson})"
        if (person.student, points.lesson) in self.wanted.handed:
            _tell(self.made.ungraded, said)
            return
        _tell(self.made.absent, said)
        if self.wanted.zero and not stays:
            cells[person.row] = "0"
            self.made.given.append((person.student, person, 0.0))

    def _stays(self, cell: str, locked: bool) -> bool:
        return locked or cell.strip().casefold() in EXCUSED


def _tell(said: list[str], one: str) -> None:
    if one not in said:
        said.append(one)

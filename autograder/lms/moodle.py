"""Moodle's grading worksheet of one assignment, or a list for its gradebook's import."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from autograder.course import CourseError
from autograder.lms.cells import Collected, Exported, Filler, Wanted, column_of, columns, factor_of
from autograder.lms.csvs import Sheet, number, shown
from autograder.lms.points import Points
from autograder.lms.roster import CANVAS, NBGRADER, WORKSHEET, Person, Roster

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


def for_moodle(
    roster: Roster,
    lessons: list[Points],
    collected: Collected,
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
        and column_of(roster.sheet.header, columns(lessons[0], False)[0], wanted) is None
    ):
        known = _as_worksheet(roster, lessons[0], numbers)
        made = _worksheet(known, lessons[0], collected, wanted)
        if left := len(roster.people) - len(known.people):
            made.notes.append(f"{left} of {roster.path.name} handed in nothing, and are not in it")
        return made
    return _list(roster, lessons, collected, wanted)


def _worksheet(
    roster: Roster,
    points: Points,
    collected: Collected,
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
    factor = factor_of(column, said, wanted, f"the assignment of {roster.path.name}")
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
    above = [r for r in made.sheet.rows if (number(r[grade]) or 0) > (number(r[most]) or math.inf)]
    if above:
        who = ", ".join(f"{' '.join(row[:2])} ({row[grade]} of {row[most]})" for row in above)
        made.notes.append(f"Moodle skips a grade above its maximum and says nothing: {who}")
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
        people.append(replace(person, row=len(rows), also=(), number=number_))
        rows.append([f"Participant {number_}", person.full, mail, "Submitted for grading", "",
                     shown(points.most), "Yes", "-", "-", ""])  # fmt: skip
    return Roster(WORKSHEET, Sheet(list(WORKSHEET_HEADER), rows), roster.path, people)


def _list(
    roster: Roster,
    lessons: list[Points],
    collected: Collected,
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
            at = column_of(sheet.header, column, wanted)
            before = [row[at] if at is not None else "" for row in sheet.rows]
            title = column.title if at is None else sheet.header[at]
            header.append(title)
            for row, cell in zip(who, filler.cells(points, column, before), strict=True):
                row.append(cell)
    each = "question" if wanted.by_question else "lesson"
    made.notes.append(f"map Email address to it, and each {each}'s column to its grade item")
    return made

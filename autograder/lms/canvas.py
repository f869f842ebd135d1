"""Canvas's gradebook: the platform's own file with these lessons' columns, or one made of a roster.

Only columns up to Section and the lessons' own go back: a grade of another assignment that has
changed there since is not touched.
"""

from __future__ import annotations

from dataclasses import replace

from autograder.course import CourseError
from autograder.lms.cells import Collected, Exported, Filler, Wanted, column_of, columns, factor_of
from autograder.lms.csvs import Sheet, shown
from autograder.lms.points import Points
from autograder.lms.roster import CANVAS, NBGRADER, POSSIBLE, WORKSHEET, Roster

CANVAS_HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def for_canvas(
    roster: Roster,
    lessons: list[Points],
    collected: Collected,
    wanted: Wanted,
) -> Exported:
    """Canvas's gradebook with these lessons' columns and no others."""
    if roster.kind == WORKSHEET:
        raise CourseError(
            f"{roster.path} is Moodle's: give Canvas's gradebook, or a list of the class"
        )
    if roster.kind == CANVAS:
        sheet, info = roster.sheet, roster.sheet.column("Section")
        if info is None:
            raise CourseError(f"{roster.path} has no column Section, which Canvas asks for")
    else:
        roster, info = _as_canvas(roster, collected), 4
        sheet = roster.sheet
    top = next((row for row in sheet.rows if POSSIBLE in row[0]), None)
    top = top or [f"    {POSSIBLE}", *[""] * (len(sheet.header) - 1)]
    made = Exported(replace(sheet, header=sheet.header[: info + 1], rows=[top[: info + 1]]))
    table = [row[: info + 1] for row in sheet.rows]
    filler = Filler(roster, collected, wanted, made)
    for points in lessons:
        for column in columns(points, wanted.by_question):
            at = column_of(sheet.header[info + 1 :], column, wanted)
            at = None if at is None else info + 1 + at
            title = column.title if at is None else sheet.header[at]
            most = "" if at is None else top[at]
            if at is None:
                made.new.append(title)
            factor = factor_of(column, most, wanted, f"{title} in {roster.path.name}")
            before = ["" if at is None else row[at] for row in sheet.rows]
            made.sheet.header.append(title)
            made.sheet.rows[0].append(most.strip() or shown(column.most))
            for row, cell in zip(table, filler.cells(points, column, before, factor), strict=True):
                row.append(cell)
    students = {row for person in roster.people for row in person.rows}
    made.sheet.rows.extend(row for at, row in enumerate(table) if at in students)
    return made


def _as_canvas(roster: Roster, collected: Collected) -> Roster:
    """A gradebook of Canvas from another roster: with the numbers that are known; where there is
    none it finds students by login, or else by name."""
    known = {
        student: entry.number
        for lesson in collected.values()
        for student, entry in lesson.items()
        if entry.platform == "canvas"
    }
    rows = []
    for person in roster.people:
        number = person.number if roster.kind == NBGRADER else ""
        number = number or known.get(person.student, "")
        rows.append([person.full or person.student, number, "", person.student, ""])
    people = [replace(person, row=at, also=()) for at, person in enumerate(roster.people)]
    return Roster(NBGRADER, Sheet(list(CANVAS_HEADER), rows), roster.path, people)

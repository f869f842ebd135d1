"""What is exported is what the gradebook says, in files that Canvas and Moodle take in again."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.course import CourseError
from autograder.lms import csvs
from autograder.lms.canvas import for_canvas
from autograder.lms.cells import Exported, Wanted
from autograder.lms.collected import Entry
from autograder.lms.moodle import for_moodle
from autograder.lms.points import points_in
from autograder.lms.roster import Roster
from tests.lms.gradebooks import LESSON, earned, enter
from tests.lms.platforms import (
    GRADEBOOK,
    PARTICIPANTS,
    STUDENTS,
    WORKSHEET,
    canvas_takes,
    moodle_takes,
    table,
)

CLASS = {
    "jdoe1": (4.0, 2.5, 3.0),
    "jdoe2": (4.0, 0.0, None),
    "jroe": (1.0, 1.0, 1.0),
    "aevil": (4.0, 3.0, 3.0),
}
"""The written answer of jdoe2 waits. zmue and alate have nothing in the gradebook."""
MOODLE_CLASS = {
    "jane.doe@uni.example": (4.0, 2.5, 3.0),
    "doe2@uni.example": (1.0, 0.0, None),
    "pat@uni.example": (4.0, 3.0, 3.0),
}


@pytest.fixture
def saved(tmp_path):
    def run(exported: Exported) -> Path:
        csvs.save(exported.sheet, tmp_path / "out.csv")
        return tmp_path / "out.csv"

    return run


@pytest.fixture
def listed(tmp_path):
    def run(text: str, name: str = "given.csv") -> Roster:
        (tmp_path / name).write_bytes(text.encode())
        return Roster.of(tmp_path / name)

    return run


def test_the_gradebook_says_what_was_earned_with_what_people_gave(room):
    room.folder.mkdir(parents=True)
    with Gradebook(room.db_url) as book:
        enter(book, CLASS | {"alate": (4.0, 3.0, 3.0)}, {"alate": 2.5, "jroe": 9.0})
        points = points_in(book, room, LESSON)
    assert points == earned(CLASS | {"alate": (4.0, 3.0, 3.0)}, alate=2.5, jroe=9.0)
    assert points.students["jdoe1"].total == 9.5
    assert points.students["alate"].total == 7.5
    assert points.students["jroe"].total == 0.0
    assert points.students["jdoe2"].waits == {"why"}


def test_nobody_graded_is_said(room):
    room.folder.mkdir(parents=True)
    with Gradebook(room.db_url) as book:
        enter(book, {}, {})
        with pytest.raises(CourseError, match="run autograder grade 01-small first"):
            points_in(book, room, LESSON)


def test_canvas_gets_its_own_gradebook_with_the_lessons_column_alone(roster, saved):
    exported = for_canvas(roster, [earned(CLASS)], {}, Wanted())
    possible, students = canvas_takes(saved(exported))
    column = "01-small (4242)"
    assert possible == {column: "10.00"}
    assert {s: grades[column] for s, grades in students.items()} == {
        "101": "9.5",
        "102": "",  # waits for a person
        "103": "3",
        "104": "4",  # as it stood there: nothing is known of it here
        "105": "EX",  # excused there
        "106": "",
    }
    assert exported.waiting == ["jdoe2 (01-small)"]
    assert exported.kept == ["aevil (01-small)"]
    assert exported.absent == ["zmue (01-small)", "alate (01-small)"]
    assert exported.nowhere == []


def test_no_name_that_goes_to_canvas_begins_a_formula(roster, saved):
    rows = table(saved(for_canvas(roster, [earned(CLASS)], {}, Wanted())))
    names = [row[0] for row in rows]
    assert 'Roe, Jo "J" B' in names
    assert '\'=HYPERLINK("http://x"), Al' in names
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_partial_exports_what_is_graded_so_far(roster, saved):
    exported = for_canvas(roster, [earned(CLASS)], {}, Wanted(partial=True))
    assert canvas_takes(saved(exported))[1]["102"] == {"01-small (4242)": "4"}
    assert exported.waiting == []


def test_by_question_a_question_that_waits_has_nothing_so_far(roster, saved):
    wanted = Wanted(partial=True, by_question=True)
    _, students = canvas_takes(saved(for_canvas(roster, [earned(CLASS)], {}, wanted)))
    waits = {s for s, (_, _, why) in CLASS.items() if why is None}
    assert waits == {"jdoe2"}
    assert students["102"].get("01-small: why", "") == ""
    assert students["102"]["01-small: square"] != ""
    assert students["101"]["01-small: why"] != ""


def test_other_points_that_stood_there_are_told(roster):
    before = {person.student: row for row, person in enumerate(roster.people)}
    assert before
    (at,) = (k for k, title in enumerate(roster.sheet.header) if title.startswith("01-small"))
    (row,) = (p.row for p in roster.people if p.student == "jroe")
    for stood, told in (("5.00", True), ("", False), ("EX", False)):
        roster.sheet.rows[row][at] = stood
        found = for_canvas(roster, [earned(CLASS)], {}, Wanted()).other
        assert [one.startswith("jroe (01-small): 5, now ") for one in found] == [True] * told


def test_who_has_several_rows_gets_the_points_in_each(listed, saved):
    """But for a row that is excused there."""
    row = '"Roe, Jo ""J"" B",103,s103,jroe,Section 1,7,,70\n'
    assert row in GRADEBOOK
    absent = '"Late, Anna",106,s106,alate,Section 1,5,,50\n'
    text = GRADEBOOK.replace(row, 2 * row + row.replace("7,,70", "7,EX,70") + absent)
    exported = for_canvas(listed(text), [earned(CLASS)], {}, Wanted(zero=True))
    rows = [(r[3], r[5]) for r in exported.sheet.rows]
    assert [value for who, value in rows if who == "jroe"] == ["3", "3", "EX"]
    assert [value for who, value in rows if who == "alate"] == ["0", "0"]
    assert [who for who, _, _ in exported.given].count("jroe") == 1
    assert exported.notes == [f"jroe ({LESSON}) has 2 rows: the points stand in each"]


def test_zero_is_for_those_who_handed_in_nothing_and_not_for_the_ungraded(roster, saved):
    handed = frozenset({("zmue", LESSON)})
    exported = for_canvas(roster, [earned(CLASS)], {}, Wanted(zero=True, handed=handed))
    _, students = canvas_takes(saved(exported))
    assert students["106"] == {"01-small (4242)": "0"}
    assert students["104"] == {"01-small (4242)": "4"}
    assert exported.ungraded == ["zmue (01-small)"]


def test_lateness_is_in_what_is_exported(roster, saved):
    points = earned(CLASS, jdoe1=2.5, jroe=9.0)
    _, students = canvas_takes(saved(for_canvas(roster, [points], {}, Wanted())))
    assert students["101"]["01-small (4242)"] == "7"
    assert students["103"]["01-small (4242)"] == "0"
    _, asked = canvas_takes(saved(for_canvas(roster, [points], {}, Wanted(by_question=True))))
    for number, total in (("101", 7), ("103", 0)):
        assert sum(map(float, asked[number].values())) == total


def test_by_question_only_the_answer_that_waits_is_left_out(roster, saved):
    exported = for_canvas(roster, [earned(CLASS)], {}, Wanted(by_question=True))
    possible, students = canvas_takes(saved(exported))
    assert possible == {"01-small: sigmoid": "3", "01-small: square": "4", "01-small: why": "3"}
    assert students["102"] == {
        "01-small: sigmoid": "0", "01-small: square": "4", "01-small: why": ""
    }  # fmt: skip
    assert exported.new == list(possible)


def test_another_maximum_is_refused_or_converted(listed, saved):
    roster = listed(GRADEBOOK.replace(",10.00,10.00,", ",10.00,100,"))
    points = earned(CLASS)
    with pytest.raises(CourseError, match="gives 100 points and 01-small here 10"):
        for_canvas(roster, [points], {}, Wanted())
    _, students = canvas_takes(saved(for_canvas(roster, [points], {}, Wanted(scaled=True))))
    assert students["101"] == {"01-small (4242)": "95"}


def test_the_column_is_found_by_its_title_or_named(listed, saved):
    points = earned(CLASS)
    titled = listed(GRADEBOOK.replace("01-small (", "Homework 01 Small - due soon ("))
    exported = for_canvas(titled, [points], {}, Wanted())
    assert exported.sheet.header[-1] == "Homework 01 Small - due soon (4242)"
    other = listed(GRADEBOOK.replace("01-small (", "Derivatives ("))
    assert for_canvas(other, [points], {}, Wanted()).new == [LESSON]
    named = Wanted(titles={LESSON: "Derivatives"})
    assert for_canvas(other, [points], {}, named).sheet.header[-1] == "Derivatives (4242)"
    with pytest.raises(CourseError, match="no column of that title"):
        for_canvas(other, [points], {}, Wanted(titles={LESSON: "Integrals"}))
    text = GRADEBOOK.replace("01-small (", "New 01-small (").replace("Homework 0", "Old 01-small")
    twice = listed(text)
    with pytest.raises(CourseError, match="--column 01-small=TITLE says which"):
        for_canvas(twice, [points], {}, Wanted())


def test_who_is_in_no_row_is_told(roster, saved):
    exported = for_canvas(roster, [earned(CLASS | {"nobody": (1.0, 1.0, 1.0)})], {}, Wanted())
    assert exported.nowhere == ["nobody (01-small)"]


def test_of_two_who_may_be_the_one_of_a_row_neither_is_said_to_wait_for_a_grade(roster, saved):
    two = dict.fromkeys(("alate", "s106"), (1.0, 1.0, 1.0))
    wanted = Wanted(zero=True, handed=frozenset((name, LESSON) for name in two))
    exported = for_canvas(roster, [earned(CLASS | two)], {}, wanted)
    assert exported.nowhere == [f"{name} (01-small)" for name in two]
    assert exported.ungraded == []
    assert canvas_takes(saved(exported))[1]["106"] == {"01-small (4242)": ""}


def test_students_called_as_the_platform_writes_them_are_found_by_its_number(roster, saved):
    collected = {
        LESSON: {
            "doejane": Entry("canvas", "101", ()),
            "doejane_102": Entry("canvas", "102", ()),
            "roejojb": Entry("canvas", "555", ()),
        }
    }
    every = {"doejane": (4.0, 2.0, 3.0), "doejane_102": (1.0, 1.0, 1.0), "roejojb": (1.0, 1.0, 1.0)}
    exported = for_canvas(roster, [earned(every)], collected, Wanted())
    _, students = canvas_takes(saved(exported))
    column = "01-small (4242)"
    assert (students["101"][column], students["102"][column]) == ("9", "3")
    assert exported.nowhere == ["roejojb (01-small)"]  # another number: another person
    namesake = for_canvas(roster, [earned(every)], {}, Wanted())
    assert "doejane (01-small)" in namesake.nowhere  # two are called so: nobody's row is filled


def test_a_gradebook_of_canvas_is_made_from_nbgraders_list(listed, saved):
    exported = for_canvas(listed(STUDENTS), [earned({"jd": (4.0, 2.5, 3.0)})], {}, Wanted())
    possible, students = canvas_takes(saved(exported))
    assert possible == {LESSON: "10"}
    assert students == {"101": {LESSON: "9.5"}, "zm": {LESSON: ""}}
    collected = {LESSON: {"zm": Entry("canvas", "104", ())}}
    exported = for_canvas(listed(STUDENTS), [earned({"zm": (1.0, 1.0, 1.0)})], collected, Wanted())
    assert canvas_takes(saved(exported))[1]["104"] == {LESSON: "3"}


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_the_file_is_written_as_it_was(listed, saved, delimiter, bom):
    text = GRADEBOOK.replace("morning", "noon")
    if delimiter == ";":
        text = "\n".join(line.replace(", ", "@@").replace(",", ";").replace("@@", ", ")
                         for line in text.split("\n"))  # fmt: skip
    path = saved(for_canvas(listed(bom + text), [earned(CLASS)], {}, Wanted()))
    written = path.read_text(encoding="utf-8")
    assert written.startswith(f"{bom}Student{delimiter}ID{delimiter}SIS User ID")
    assert "M\u00fcller, Zo\u00eb" in written


# --- Moodle --------------------------------------------------------------------------------------


def test_moodles_worksheet_comes_back_with_the_grades_alone_changed(listed, saved):
    roster = listed(WORKSHEET)
    exported = for_moodle(roster, [earned(MOODLE_CLASS)], {}, Wanted())
    path = saved(exported)
    grades, comments = moodle_takes(path)
    assert grades == {"11": 9.5, "12": 3.0}  # 12 waits, and stays as it was; 13 is locked there
    assert comments["12"] == 'well, "done" so far'
    assert exported.waiting == ["doe2@uni.example (01-small)"]
    assert exported.kept == ["pat@uni.example (01-small)"]
    assert exported.absent == ["evil@uni.example (01-small)"]
    grade = roster.sheet.header.index("Grade")
    for before, after in zip(roster.sheet.rows, table(path)[1:], strict=True):
        same = [k for k in range(len(before)) if k != grade]
        assert [csvs.harmless(before[k]) for k in same] == [after[k] for k in same]


def test_moodle_skips_grades_above_its_maximum_so_another_one_is_refused(listed):
    roster = listed(WORKSHEET.replace("10.00", "5,00").replace(",5,00,", ',"5,00",'))
    with pytest.raises(CourseError, match="gives 5 points"):
        for_moodle(roster, [earned(MOODLE_CLASS)], {}, Wanted())


def test_a_grade_above_moodles_maximum_is_told(listed):
    """As extra credit makes it."""
    exported = for_moodle(
        listed(WORKSHEET), [earned({"jane.doe@uni.example": (4.0, 9.0, 3.0)})], {}, Wanted()
    )
    (note,) = exported.notes
    assert note.startswith("Moodle skips a grade above its maximum and says nothing: ")
    assert note.endswith("(16 of 10.00)")


def test_a_worksheet_takes_one_lesson_and_no_questions(listed):
    with pytest.raises(CourseError, match="one grade for each student"):
        for_moodle(listed(WORKSHEET), [earned(MOODLE_CLASS)], {}, Wanted(by_question=True))


@pytest.mark.parametrize("column", ["Last modified (grade)", "Maximum Grade"])
def test_a_worksheet_that_moodle_would_refuse_is_refused_here(listed, column):
    with pytest.raises(CourseError, match=r"Last modified|Maximum Grade"):
        for_moodle(
            listed(WORKSHEET.replace(column, "Renamed")), [earned(MOODLE_CLASS)], {}, Wanted()
        )


def test_a_worksheet_is_made_of_the_numbers_that_a_download_told(listed, saved):
    collected = {LESSON: {"m1": Entry("moodle", "11", ()), "m2": Entry("moodle", "12", ())}}
    every = {"m1": (4.0, 2.5, 3.0), "m2": (1.0, 1.0, 1.0)}
    exported = for_moodle(listed(PARTICIPANTS), [earned(every)], collected, Wanted())
    grades, _ = moodle_takes(saved(exported))
    assert grades == {"11": 9.5, "12": 3.0}
    assert exported.notes == ["1 of given.csv handed in nothing, and are not in it"]


def test_moodles_gradebook_is_filled_by_question_and_keyed_by_email(listed, saved):
    text = PARTICIPANTS.replace("Groups", "Assignment: 01-small: square (Real),Course total (Real)")
    text = text.replace(",A\n", ",-,1\n").replace(",B\n", ",-,2\n")
    exported = for_moodle(
        listed(text), [earned({"m1": (4.0, 2.5, 3.0), "m2": (1.0, 0.0, None)})], {},
        Wanted(by_question=True),
    )  # fmt: skip
    header, *rows = table(saved(exported))
    who = ["First name", "Last name", "ID number", "Email address"]
    assert header == [*who, "01-small: sigmoid", "Assignment: 01-small: square (Real)",
                      "01-small: why"]  # fmt: skip
    by_mail = {row[3]: row[4:] for row in rows}
    assert by_mail["jane.doe@uni.example"] == ["2.5", "4", "3"]
    assert by_mail["doe2@uni.example"] == ["0", "1", ""]
    assert by_mail["pat@uni.example"] == ["", "-", ""]


def test_moodles_worksheet_is_not_canvass(listed):
    with pytest.raises(CourseError, match="is Moodle's"):
        for_canvas(listed(WORKSHEET), [earned(CLASS)], {}, Wanted())


def test_canvass_own_file_is_not_moodles(roster):
    with pytest.raises(CourseError, match="is Canvas's"):
        for_moodle(roster, [earned(CLASS)], {}, Wanted())

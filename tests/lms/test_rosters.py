"""Rosters of Canvas, Moodle and nbgrader: who is in them, and whom a name of a download means."""

from __future__ import annotations

import pytest

from autograder.course import CourseError
from autograder.grading.platforms import Named
from autograder.lms import csvs
from autograder.lms.roster import CANVAS, MOODLE, NBGRADER, WORKSHEET, Roster, moment
from tests.lms.platforms import GRADEBOOK, PARTICIPANTS, STUDENTS
from tests.lms.platforms import WORKSHEET as SHEET


@pytest.fixture
def of(tmp_path):
    def run(text: str, key: str | None = None, encoding: str = "utf-8") -> Roster:
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        return Roster.of(path, key)

    return run


@pytest.mark.parametrize(
    ("text", "kind", "students"),
    [
        (GRADEBOOK, CANVAS, ["jdoe1", "jdoe2", "jroe", "zmue", "aevil", "alate"]),
        (SHEET, WORKSHEET, ["jane.doe@uni.example", "doe2@uni.example", "pat@uni.example",
                            "evil@uni.example"]),
        (PARTICIPANTS, MOODLE, ["m1", "m2", "m3"]),
        (STUDENTS, NBGRADER, ["jd", "zm"]),
    ],
)  # fmt: skip
def test_each_platforms_list_is_known_by_its_columns(of, text, kind, students):
    roster = of(text)
    assert roster.kind == kind
    assert [person.student for person in roster.people] == students


def test_a_column_can_be_chosen_to_call_students_by(of):
    assert [p.student for p in of(GRADEBOOK, "SIS User ID").people][:2] == ["s101", "s102"]
    with pytest.raises(CourseError, match="several rows are of 'Section 1'"):
        of(GRADEBOOK, "Section")
    with pytest.raises(CourseError, match="no column 'Shoe size'"):
        of(GRADEBOOK, "Shoe size")


TWICE = "Student,ID,SIS Login ID,Section\nA,1,a,S\nB,2,{},S\nB,{},b,T\nC,4,c,T\n"


def test_two_rows_of_one_person_are_one_and_of_two_are_named_with_what_to_do(of):
    """A platform may list who is in two sections twice; a login may be two people's by mistake."""
    roster = of(TWICE.format("b", 2))
    assert [(p.student, p.rows) for p in roster.people] == [("a", (0,)), ("b", (1, 2)), ("c", (3,))]
    assert roster.of_student("b") == roster.people[1]
    two = r"several rows are of 'b', and not all of one person \(rows 3, 4, where the header is"
    with pytest.raises(CourseError, match=rf"{two}.*tells all apart by --key: 'ID'$"):
        of(TWICE.format("b", 3))
    with pytest.raises(CourseError, match=rf"{two}.*no column tells all apart: take out the rows"):
        of(TWICE.format("b", ""))


def test_a_login_that_is_a_path_is_passed_over_for_the_next_column(of):
    (person,) = of("Student,ID,SIS User ID,SIS Login ID,Section\nA,7,s7,../x,S\n").people
    assert person.student == "s7"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_is_read_however_a_spreadsheet_has_saved_it(of, encoding, delimiter):
    text = (
        f'Student{delimiter}ID{delimiter}Section\n"M\u00fcller, Zo\u00eb"{delimiter}7{delimiter}A\n'
    )
    (person,) = of(text, encoding=encoding).people
    assert (person.full, person.number) == ("M\u00fcller, Zo\u00eb", "7")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a,b,c\n1,2,3\n", "no roster that is known by its columns"),
        ("", "is empty"),
        ("PK\x03\x04 a spreadsheet's own file", "is no CSV file"),
        ("id,email\n", "names no student"),
        ("id,email\n../../etc,x@y\n", "'../../etc' can be no folder's name"),
    ],
)
def test_what_is_no_roster_is_refused_in_words(of, text, why):
    with pytest.raises(CourseError, match=why):
        of(text)


def test_numbers_decide_where_the_roster_has_them(of):
    met = [Named("doejane", "102", "x"), Named("doejane", "555", "x"), Named("other", "104", "x")]
    find = of(GRADEBOOK).matcher(met)
    assert find(met[0]).student == "jdoe2"
    assert "nobody in roster.csv has the number 555" in find(met[1])
    assert find(met[2]).student == "zmue"


def test_a_stranger_of_canvas_is_never_taken_for_a_namesake(of):
    met = [Named("roejojb", "77", "x")]
    assert "has the number 77" in of(GRADEBOOK).matcher(met)(met[0])


def test_without_numbers_only_a_name_that_is_one_persons_decides(of):
    find = of(PARTICIPANTS).matcher([Named("Pat O'Neil", "13", ""), Named("Jane Doe", "11", "")])
    assert find(Named("Pat O'Neil", "13", "")).student == "m3"
    assert "several are called so" in find(Named("Jane Doe", "11", ""))
    assert "nobody in roster.csv is called so" in find(Named("Max M", "1", ""))
    twice = [Named("Pat O'Neil", "13", ""), Named("Pat O'Neil", "14", "")]
    assert "several are called so" in of(PARTICIPANTS).matcher(twice)(twice[0])


def test_a_worksheet_of_another_assignment_is_matched_by_name(of):
    met = [Named("Pat O'Neil", "913", ""), Named("Jane Doe", "911", "")]
    find = of(SHEET.replace("O'Neil, Pat", "Pat O'Neil")).matcher(met)
    assert find(met[0]).student == "pat@uni.example"
    assert "several are called so" in find(met[1])


def test_nbgraders_own_list_is_matched_by_the_platforms_number_or_by_name(of):
    met = [Named("whoever", "101", "x"), Named("m\u00fcllerzo\u00eb", "104", "x")]
    find = of(STUDENTS).matcher(met)
    assert find(met[0]).student == "jd"
    assert isinstance(find(met[1]), str)  # numbers are known here: a name alone decides nothing
    assert of(STUDENTS).matcher(met[1:])(met[1]).student == "zm"


@pytest.mark.parametrize(
    ("words", "zone", "utc"),
    [
        ("Monday, 2 March 2026, 9:30 PM", "Europe/Berlin", "2026-03-02 20:30:00 +0000"),
        ("Wednesday, September 23, 2020, 9:00 PM", "America/New_York", "2020-09-24 01:00:00 +0000"),
        ("Monday, 2 March 2026, 21:30", "UTC", "2026-03-02 21:30:00 +0000"),
    ],
)
def test_moodles_words_for_a_time_are_read_by_its_clock(words, zone, utc):
    assert moment(words, zone) == utc


def test_a_place_that_is_none_is_refused():
    with pytest.raises(CourseError, match="no time zone"):
        moment("Monday, 2 March 2026, 9:30 PM", "Middle/Earth")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-2+3|cmd", "'-2+3|cmd"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), (" =1", "' =1"), ("-3.5", "-3.5"), ("+4", "+4"), ("-", "-"),
        ("12,5", "12,5"),        ("Doe, Jane", "Doe, Jane"), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_begins_what_a_spreadsheet_would_run(cell, written):
    assert csvs.harmless(cell) == written


@pytest.mark.parametrize(
    ("points", "written"), [(31.0, "31"), (31.25, "31.25"), (10 / 3, "3.3333"), (-0.0, "0")]
)  # fmt: skip
def test_points_are_written_as_both_platforms_read_them(points, written):
    assert csvs.shown(points) == written

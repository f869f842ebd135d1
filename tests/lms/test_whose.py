"""Whose it is stands in the platform's part of a name; the student's part changes nothing."""

from __future__ import annotations

import zipfile

import pytest

from autograder.classroom import Classroom
from autograder.course import CourseError
from autograder.grading.platforms import of_platform, platform
from autograder.lms.collect import Collection
from autograder.lms.csvs import harmless, number
from autograder.lms.roster import Roster


@pytest.mark.parametrize(
    ("name", "which", "number"),
    [
        ("adams_111_5001_x_999_assignsubmission_file_n.ipynb", "canvas", "111"),
        ("adams_111_5003_z_zim_attempt_2026-03-01-10-11-12_n.ipynb", "canvas", "111"),
        ("M A_111_assignsubmission_file_V_999_assignsubmission_file_n", "moodle", "111"),
        ("M A_111_assignsubmission_file_5_6_n.ipynb", "moodle", "111"),
    ],
)
def test_a_students_own_part_changes_no_number(name, which, number):
    of = of_platform(name)
    assert of is not None
    assert (platform(name), of.number) == (which, number)


@pytest.mark.parametrize("before", ["", "\u00a0", "\u200b", "\u3000", "\ufeff", " \n"])
@pytest.mark.parametrize("sign", ["=", "\uff1d", "+", "@"])
def test_no_unseen_letter_hides_a_formula(before, sign):
    assert harmless(f"{before}{sign}A1") == f"'{before}{sign}A1"


@pytest.mark.parametrize("rounded", ["9.99E+111", '"9,99E+02"', "1E+12", "111.0"])
def test_a_number_that_a_spreadsheet_has_rounded_is_told(tmp_path, rounded):
    path = tmp_path / "roster.csv"
    path.write_text(f'Student,ID,SIS User ID,SIS Login ID,Section\n"Z, V",{rounded},u2,victim,A\n')
    with pytest.raises(CourseError, match="download the file again"):
        Roster.of(path)


@pytest.mark.parametrize(("cell", "says"), [("1,000", None), ("12,5", 12.5), ("0,125", 0.125)])
def test_a_comma_that_may_be_of_thousands_says_no_number(cell, says):
    assert number(cell) == says


def test_no_name_is_read_as_another_platforms_than_the_rosters(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("Student,ID,SIS User ID,SIS Login ID,Section\nZ,999,u2,victim,A\n")
    name = "a_b_c_d_e_f_x_999_assignsubmission_file_n.ipynb"
    assert platform(name) == "moodle"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(name, "{}")
    (tmp_path / "aside").mkdir()
    classroom = Classroom.of(tmp_path / "submitted")
    collection = Collection(classroom, "01-small", Roster.of(roster))
    collection.take(tmp_path / "all.zip", tmp_path / "aside")
    ((_, why),) = collection.outcome.unmatched
    assert why == "its name is not as Canvas gives it, whose roster this is"
    assert not any(classroom.submitted.rglob("*.ipynb"))

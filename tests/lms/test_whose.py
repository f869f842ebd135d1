"""Whose it is stands in the platform's part of a name; the student's part changes nothing."""

from __future__ import annotations

import pytest

from autograder.grading.archives import of_platform, platform
from autograder.lms.csvs import harmless


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

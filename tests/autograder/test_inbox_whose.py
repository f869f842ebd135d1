"""A student's own part of a file's name says nothing of whose it is."""

import zipfile

import pytest

from tests.autograder.test_inbox_nearly import graded_of


@pytest.mark.parametrize("alone", [False, True])
def test_no_file_of_a_told_student_is_read_as_anothers(submitted, taken, alone):
    names = ["adams_111_5001_x_999_assignsubmission_file_01-small.ipynb",
             "adams_111_5003_z_zim_attempt_2026-03-01-10-11-12_01-small.ipynb"]  # fmt: skip
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "stolen")
        if not alone:
            archive.writestr("zim_999_5002_01-small.ipynb", "{}")
    found, unread = taken()
    assert {student for student, _ in found} <= {"adams", "zim"}
    assert {each.student for each in unread} <= {"adams"}
    assert alone == (("zim", "01-small") not in found)
    assert alone or graded_of("zim", found) == b"{}"

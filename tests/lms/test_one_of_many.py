"""What one student's part of a class's download has wrong costs nobody else's."""

from __future__ import annotations

import zipfile

import pytest

from autograder.grading.archives import DEEPEST_MEMBER
from autograder.lms.download import opened

ODD = {
    "too deep": "/".join(["d"] * (DEEPEST_MEMBER + 1)) + "/n.ipynb",
    "outside": "../../n.ipynb",
    "unseen": "n\x07.ipynb",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_a_file_that_cannot_be_taken_is_told_and_the_others_are_taken(tmp_path, odd):
    source = tmp_path / "submissions.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("Amy A_11_assignsubmission_file_/n.ipynb", "{}")
        archive.writestr(f"Mallory M_12_assignsubmission_file_/{odd}", "{}")
        archive.writestr("Bob B_13_assignsubmission_file_/n.ipynb", "{}")
    aside = tmp_path / "aside"
    aside.mkdir()
    found, left = opened(source, aside)
    assert {each.of.number for each in found} >= {"11", "13"}
    for each in found:
        taken = {path.name for path in each.folder.rglob("*.ipynb")}
        assert taken == (set() if each.of.number == "12" else {"n.ipynb"})
    ((name, why),) = left
    assert name.startswith("Mallory M_12")
    assert why
    assert not [c for c in name if not c.isprintable()]


def test_a_damaged_file_is_told_and_the_others_are_taken(tmp_path):
    source = tmp_path / "submissions.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("Amy A_11_assignsubmission_file_/n.ipynb", "the first")
        archive.writestr("Mallory M_12_assignsubmission_file_/n.ipynb", "the second")
    source.write_bytes(source.read_bytes().replace(b"the second", b"the zecond"))
    aside = tmp_path / "aside"
    aside.mkdir()
    found, left = opened(source, aside)
    assert [each.folder.joinpath("n.ipynb").exists() for each in found] == [True, False]
    assert left == [("Mallory M_12_assignsubmission_file_/n.ipynb", "it is damaged")]


def test_what_lies_too_deep_in_an_unpacked_folder_is_told(tmp_path):
    source = tmp_path / "download"
    for name, inner in (("Amy A_11", "n.ipynb"), ("Mallory M_12", "d/" * 30 + "n.ipynb")):
        path = source / f"{name}_assignsubmission_file_" / inner
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    aside = tmp_path / "aside"
    aside.mkdir()
    found, left = opened(source, aside)
    assert {each.of.number for each in found} == {"11", "12"}
    ((name, why),) = left
    assert name == "Mallory M_12_assignsubmission_file_"
    assert "not all in it was taken" in why

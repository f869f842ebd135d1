"""What lies in `submitted/`, but not quite where it should be."""

import io
import time
import zipfile

import pytest

from autograder.grading import archives, inbox
from autograder.grading.envelope import opened
from autograder.grading.inbox import Submission
from autograder.grading.names import MARKED, nearness
from autograder.grading.times import handed_in
from tests.autograder.handed_in import put, zipped


@pytest.mark.parametrize(
    "name",
    [
        "01-Small/01-small.ipynb", "01-small.ipynb", "01-SMALL.ipynb", "01-small (1).ipynb",
        "Copy of 01-small.ipynb", "01-small.md", "home/amy/01-small/01-small.ipynb",
        "notebooks/01-small.ipynb", "amy_01-small.ipynb", "01_small/01_small.ipynb",
        "01 small.ipynb", "01+small (2).ipynb", "Copy of 01_Small.ipynb",
        "01-small/01-small-2.ipynb",
    ],
)  # fmt: skip
def test_what_lies_near_its_place_is_taken(submitted, taken, name):
    put(submitted / "amy", name)
    found, unread = taken()
    (submission,) = found.values()
    assert (submission.student, submission.lesson) == ("amy", "01-small")
    envelope = opened(submission, "01-small")
    assert b"{}" in {envelope.content, *envelope.others.values()}
    assert unread == []


def test_two_lessons_in_one_folder_are_taken_apart(submitted, taken):
    put(submitted / "amy", "01-small.ipynb", "02-more.ipynb", "notes.csv")
    found, unread = taken()
    assert set(found) == {("amy", "01-small"), ("amy", "02-more")}
    for (_, lesson), submission in found.items():
        envelope = opened(submission, lesson)
        assert envelope.content is not None
        assert envelope.others == {}
        assert set(envelope.files) == {"notes.csv"}
    assert unread == []


@pytest.mark.parametrize(
    "name", ["amy/01-small.zip", "amy/work.zip", "amy/01-small/hand-in.zip", "amy.zip"]
)
@pytest.mark.parametrize("inside", ["01-small.ipynb", "01-small/01-small.ipynb"])
def test_an_archive_of_a_student_is_opened(submitted, taken, name, inside):
    zipped(submitted / name, inside, "__MACOSX/._01-small.ipynb", "01-small/.DS_Store")
    found, unread = taken()
    assert opened(found["amy", "01-small"], "01-small").content == b"{}"
    assert unread == []


@pytest.mark.parametrize(
    "name",
    [
        "Jo M_12_assignsubmission_file_/timestamp.txt",
        "Jo M_12_assignsubmission_file_/01-small/timestamp.txt",
        "Jo M_12_345_timestamp.txt",
    ],
)
def test_no_student_says_in_a_download_when_it_was_handed_in(submitted, taken, name):
    notebook = name.replace("timestamp.txt", "01-small.ipynb")
    zipped(submitted / "all.zip", notebook, name, "Al B_7_8_01-small.ipynb")
    found, _ = taken()
    assert handed_in(found["Jo M", "01-small"].stamp) is None


def test_canvas_and_moodle_downloads_are_taken_under_the_names_of_the_students(submitted, taken):
    zipped(
        submitted / "submissions.zip",
        "doejane_123_4567_01-small.ipynb",
        "roejo_LATE_124_4568_01-small-1.ipynb",
        "roejo_125_4569_01-small.ipynb",
    )
    zipped(
        submitted / "Course-Homework 1-99.zip",
        "Zo\xeb Li_11_assignsubmission_file_/01-small.ipynb",
        "Max M_12_assignsubmission_file_/01-small/01-small.ipynb",
    )
    put(submitted, "Ann B_13_assignsubmission_file_/01-small.ipynb", "poel_7_8_02-more.ipynb")
    found, unread = taken()
    students = {"doejane", "roejo_124", "roejo_125", "Zo\xeb Li", "Max M", "Ann B"}
    assert set(found) == {(s, "01-small") for s in students} | {("poel", "02-more")}
    for (_, lesson), submission in found.items():
        envelope = opened(submission, lesson)
        assert b"{}" in {envelope.content, *envelope.others.values()}
    assert unread == []


PLATFORMS = {
    "Jim M_12_assignsubmission_file/01-small.ipynb": "Jim M",
    "Joe M_13_assignsubmission_file_01-small.ipynb": "Joe M",
    "Week 1_jdoe_attempt_2026-03-01-10-11-12_01-small.ipynb": "jdoe",
    "Week 1_jdoe_attempt_2026-03-01-10-11-12.txt": "jdoe",
    "123-456 - Jill Doe - Mar 3, 2026 1014 AM/01-small.ipynb": "Jill Doe",
    "doejane_1_4567_01-small.ipynb": "doejane_1",
    "doejane_2_4568_01-small.ipynb": "doejane_2",
    "Ann B_14_assignsubmission_file_/01-small.ipynb": "Ann B_14",
    "Ann B_15_assignsubmission_file_/01-small.ipynb": "Ann B_15",
}


INDEX = "index.html"
"""Brightspace's overview, which lies beside the students' folders and is nobody's."""


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "zipped"])
def test_downloads_of_platforms_are_taken_under_the_names_of_the_students(submitted, taken, packed):
    if packed:
        zipped(submitted / "submissions.zip", INDEX, *PLATFORMS)
    else:
        put(submitted, INDEX, *PLATFORMS)
    found, unread = taken()
    assert set(found) == {(student, "01-small") for student in PLATFORMS.values()}
    assert unread == []


def test_a_download_may_be_unpacked_into_a_folder_of_its_own(submitted, taken):
    put(submitted / "Homework 1", INDEX, *PLATFORMS)
    found, unread = taken()
    assert set(found) == {(student, "01-small") for student in PLATFORMS.values()}
    assert unread == []


def test_two_downloads_that_were_unpacked_are_both_read(submitted, taken):
    for folder, lesson in (("a", "01-small"), ("b", "02-more")):
        put(submitted / folder, *(f"{who}_{lesson}.ipynb" for who in ("doe_12_98", "roe_13_99")))
    found, unread = taken()
    assert set(found) == {(who, of) for who in ("doe", "roe") for of in ("01-small", "02-more")}
    assert unread == []


def test_what_a_student_packed_is_that_students_whatever_names_are_in_it(submitted, taken):
    zipped(submitted / "amy_1_12345_work.zip", "bob/01-small/01-small.ipynb")
    put(submitted, "bob/01-small/01-small.ipynb")
    zipped(submitted / "CS_101_2024_all.zip", "eve_1_2_01-small.ipynb", "joe_2_3_01-small.ipynb")
    found, unread = taken()
    assert set(found) == {("amy", "01-small"), ("bob", "01-small")}
    assert found["bob", "01-small"].folder == submitted / "bob" / "01-small"
    assert ["several students" in u.why for u in unread] == [True]


def test_files_of_one_student_in_a_download_come_together(submitted, taken):
    names = ("01-small.ipynb", "data.csv", "01-small.ipynb")
    put(submitted, *(f"doe_1_{k}_{name}" for k, name in enumerate(names)))
    zipped(submitted / "li_2_9_homework.zip", "01-small/01-small.ipynb")
    found, unread = taken()
    assert set(found) == {("doe", "01-small"), ("li", "01-small")}
    envelope = opened(found["doe", "01-small"], "01-small")
    assert set(envelope.others) == {"01-small again.ipynb"}
    assert set(envelope.files) == {"data.csv"}
    assert unread == []


def test_no_platforms_name_leads_out_of_the_archive(submitted, taken, tmp_path):
    when = "2026-03-01-10-11-12"
    zipped(
        submitted / "all.zip",
        f"x_.._attempt_{when}_01-small.ipynb",
        "1-2 - .. - Mar 3, 2026 1014 AM/01-small.ipynb",
        "a_1_assignsubmission_file_..",
    )
    taken()
    assert not list((tmp_path / "aside").glob("*.*"))


@pytest.mark.parametrize(
    "name", ["01-small.ipynb.txt", "01-small.ipynb.json", "01-small.json", "01-small.txt"]
)
@pytest.mark.parametrize("folder", ["", "01-small/"])
def test_a_notebook_that_was_saved_with_another_ending_is_taken(submitted, taken, name, folder):
    put(submitted / "amy", folder + name)
    found, unread = taken()
    assert opened(found["amy", "01-small"], "01-small").others == {name: b"{}"}
    assert unread == []


def test_what_may_hold_the_answers_is_not_passed_over(submitted, taken):
    put(submitted / "amy", "01-small.ipynb", "Untitled.ipynb", "work.rar", "data.csv")
    put(submitted / "bob" / "01-small", "01-small.ipynb", "old.zip", "data.csv.gz")
    put(submitted, "amy_01-small.ipynb", "bob.7z")
    found, unread = taken()
    assert {u.lesson or u.student for u in unread} == {
        "Untitled.ipynb", "work.rar", "amy_01-small.ipynb", "bob.7z"
    }  # fmt: skip
    assert [u.why for u in unread if "another kind than zip" in u.why]
    (left,) = opened(found["bob", "01-small"], "01-small").left
    assert left == "the archive old.zip was not opened: unpack it, if there are answers in it"


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "zipped"])
def test_what_canvas_calls_late_is_told_and_not_guessed(submitted, taken, packed):
    names = ("doe_LATE_1_12345_01-small.ipynb", "roe_2_12346_01-small.ipynb")
    if packed:
        zipped(submitted / "submissions.zip", *names)
    else:
        put(submitted, *names)
    found, unread = taken()
    said = {s: handed_in(each.folder / "timestamp.txt") for (s, _), each in found.items()}
    assert said["roe"] is None
    assert said["doe"] is not None
    assert said["doe"].when is None
    assert "'LATE, as Canvas says' is no time, so it counts as in time" in said["doe"].note
    assert unread == []


class OfAMac(zipfile.ZipInfo):
    """Its name is in UTF-8, and nothing says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(), self.flag_bits


def test_names_in_an_archive_of_a_mac_are_read_as_they_are(submitted, taken):
    with zipfile.ZipFile(submitted / "all.zip", "w") as archive:
        archive.writestr(OfAMac("Zo\xeb Li/01-small/01-small.ipynb"), "{}")
        archive.writestr("amy/01-small/01-small.ipynb", "{}")
    assert {student for student, _ in taken()[0]} == {"Zo\xeb Li", "amy"}


def test_a_class_in_an_archive_is_opened_and_the_second_of_two_is_told(submitted, taken):
    put(submitted, "amy/01-small/01-small.ipynb")
    zipped(
        submitted / "all.zip",
        "all/amy/01-small/01-small.ipynb",
        "all/bob/01-small/01-small.ipynb",
    )
    found, unread = taken()
    assert set(found) == {("amy", "01-small"), ("bob", "01-small")}
    assert [(u.student, "second time" in u.why) for u in unread] == [("amy", True)]


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["../../evil/01-small.ipynb"], "leads outside"),
        (["/etc/01-small.ipynb"], "leads outside"),
        (["C:/01-small.ipynb"], "leads outside"),
        (["a\nb/01-small.ipynb"], "cannot be shown"),
        ([f"{k}.txt" for k in range(5001)], "more than 5,000 files"),
    ],
)
def test_an_archive_that_is_no_plain_one_is_told_and_writes_nothing(
    submitted, taken, tmp_path, names, why
):
    zipped(submitted / "amy.zip", *names)
    found, (unread,) = taken()
    assert found == {}
    assert why in unread.why
    assert not list((tmp_path / "aside").rglob("*.ipynb"))
    assert not (tmp_path / "evil").exists()


def test_a_link_in_an_archive_is_left_out(submitted, taken):
    (submitted / "amy").mkdir()
    with zipfile.ZipFile(submitted / "amy" / "01-small.zip", "w") as archive:
        archive.writestr("01-small.ipynb", "{}")
        link = zipfile.ZipInfo("01-small (1).ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    found, _ = taken()
    assert opened(found["amy", "01-small"], "01-small").others == {}


def test_an_archive_that_says_it_is_smaller_is_not_unpacked(submitted, taken, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_MEMBER", 1000)
    with zipfile.ZipFile(submitted / "amy.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("01-small.ipynb", "0" * 100_000)
    found, (unread,) = taken()
    assert found == {}
    assert "too large" in unread.why


def graded_of(student: str, found: dict[tuple[str, str], Submission]) -> bytes | None:
    return opened(found[student, "01-small"], "01-small").content


def test_a_folder_of_ones_own_comes_before_what_an_archive_says_is_ones(submitted, taken):
    """Whoever hands in a zip can put anybody's folder into it."""
    put(submitted, "amy/01-small/01-small.ipynb")
    with zipfile.ZipFile(submitted / "0.zip", "w") as archive:
        archive.writestr("amy/01-small/01-small.ipynb", "stolen")
        archive.writestr("bob/01-small/01-small.ipynb", "stolen")
    zipped(submitted / "bob.zip", "01-small/01-small.ipynb")
    found, unread = taken()
    assert graded_of("amy", found) == graded_of("bob", found) == b"{}"
    assert [(u.student, u.lesson) for u in unread] == [
        (student, "01-small in 0.zip") for student in ("amy", "bob")
    ]


def test_a_file_in_a_students_folder_is_theirs_whatever_it_is_called(submitted, taken):
    zipped(
        submitted / "all.zip",
        "all/bob/01-small/amy_1_2_01-small.ipynb",
        "all/eve/01-small/01-small.ipynb",
    )
    found, unread = taken()
    assert set(found) == {("bob", "01-small"), ("eve", "01-small")}
    assert unread == []


def test_two_of_one_name_get_their_numbers_in_a_folder_too(submitted, taken):
    put(submitted, *(f"Jo Li_{k}_assignsubmission_file_/01-small.ipynb" for k in (1, 2)))
    put(submitted, *(f"doe_{k}_9_01-small.ipynb" for k in (3, 4)))
    found, unread = taken()
    assert {student for student, _ in found} == {"Jo Li_1", "Jo Li_2", "doe_3", "doe_4"}
    assert unread == []


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_of_broken_pieces_costs_itself(submitted, taken, kind):
    put(submitted, "amy/02-more/02-more.ipynb")
    path = submitted / "amy" / "01-small.zip"
    with zipfile.ZipFile(path, "w", kind) as archive:
        archive.writestr("01-small.ipynb", "{}" * 5000)
    content = path.read_bytes()
    path.write_bytes(content[:50] + b"\xff" * 20 + content[70:])
    found, (unread,) = taken()
    assert set(found) == {("amy", "02-more")}
    assert (unread.student, unread.lesson) == ("amy", "01-small.zip")


def test_archives_in_archives_have_an_end(submitted, taken):
    content = b"{}"
    for _ in range(30):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name in ("a.zip", "b.zip"):
                archive.writestr(name, content if len(content) < 100_000 else b"")
        content = held.getvalue()
    (submitted / "amy.zip").write_bytes(content)
    found, unread = taken()
    assert found == {}
    assert {u.why.partition(":")[0] for u in unread} <= {
        "it is an archive within others", "it is no zip archive"
    }  # fmt: skip
    assert len(unread) <= 8


def test_a_name_that_no_file_system_takes_costs_nobody_else_anything(submitted, taken):
    long = "\xe4" * 200
    zipped(
        submitted / "all.zip",
        f"doe_1_2_{long} 01-small.ipynb",
        *(f"doe_1_{k}_01-small.ipynb" for k in range(3, 80)),
        "roe_2_2_01-small.ipynb",
    )
    found, _ = taken()
    assert {student for student, _ in found} == {"doe", "roe"}


def test_a_bomb_is_swept_away_and_a_students_archives_have_a_size(submitted, taken, monkeypatch):
    monkeypatch.setattr(inbox, "LARGEST_OF_STUDENT", 150_000)
    for k in range(4):
        (submitted / "amy").mkdir(exist_ok=True)
        with zipfile.ZipFile(submitted / "amy" / f"{k}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("b\u202e\u202e.csv", "0" * 100_000)
    found, unread = taken()
    assert found == {}
    told = [u.why for u in unread if "too much was unpacked" in u.why]
    assert len(told) == 3
    assert all(line.isprintable() for line in told)
    rooms = submitted.parent / "aside"
    assert sum(path.stat().st_size for path in rooms.rglob("*") if path.is_file()) == 100_000


@pytest.mark.parametrize("name", ["amy/01-small.zip", "amy/01-small/work.zip"])
def test_the_time_stands_beside_a_students_archive_and_not_in_it(submitted, taken, name):
    path = submitted / name
    zipped(path, "01-small.ipynb", "timestamp.txt")
    (path.parent / "timestamp.txt").write_text("2026-01-01 00:00:00 +0000")
    found, _ = taken()
    assert found["amy", "01-small"].stamp == path.parent / "timestamp.txt"


@pytest.mark.parametrize("tail", ["copy_1" * 38, "copy (1)" * 28, "copy-" * 40, "_1" * 100])
def test_a_name_of_many_copies_is_read_at_once(tail):
    assert nearness(f"01-small{tail}.ipynb", "01-small") == MARKED
    begun = time.process_time()
    assert nearness(f"01-small{tail}!.ipynb", "01-small") > MARKED
    assert time.process_time() - begun < 0.5


def test_what_is_of_no_lesson_is_told(submitted, taken):
    put(submitted / "amy", "01-small/01-small.ipynb", "homework.pdf", "03-last/03-last.ipynb")
    (submitted / "readme.txt").write_text("")
    found, unread = taken()
    assert set(found) == {("amy", "01-small")}
    assert [(u.student, u.lesson) for u in unread] == [("amy", "homework.pdf"), ("readme.txt", "")]
    assert all(": " in u.why for u in unread)

"""Downloads of Blackboard and Brightspace, which hold all attempts, and say when in their names."""

from __future__ import annotations

import pytest

from autograder.course import CourseError
from autograder.grading.inbox import submissions
from autograder.grading.platforms import of_platform, turns
from autograder.lms.collect import AGAIN, NEW, NO_TIME, NO_ZONE, OLDER, SAME
from autograder.lms.roster import Roster
from tests.lms.platforms import LESSON, LESSONS, canvas_zip, lies, zipped

BERLIN = {"zone": "Europe/Berlin"}


def blackboard(student: str, day: int, title: str = "Week 1", file: str = "01-small.ipynb") -> str:
    return f"{title}_{student}_attempt_2026-03-0{day}-10-11-12_{file}"


def brightspace(student: str, when: str, file: str = "01-small.ipynb") -> str:
    number = sum(map(ord, student))
    return f"{number}-77 - {student} - {when}/{file}"


BOTH = {
    "blackboard": ("jdoe", [blackboard("jdoe", day) for day in (3, 1, 2)]),
    "brightspace": (
        "Jill Doe",
        [brightspace("Jill Doe", f"{when} 1011 AM") for when in
         ("Mar 3, 2026", "Dec 31, 2025", "Feb 28, 2026")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("packed", [True, False], ids=["zipped", "unpacked"])
def test_the_last_attempt_counts_and_the_others_are_kept(room, collect, tmp_path, kind, packed):
    student, (last, first, second) = BOTH[kind]
    source = tmp_path / ("all.zip" if packed else "all")
    held = {last: "third", first: "first", second: "second"}
    if packed:
        zipped(source, held)
    for name, text in {} if packed else held.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    (made,) = collect(source, **BERLIN).collected
    assert (made.student, made.what, made.note) == (student, NEW, "")
    assert lies(room, student)["01-small.ipynb"] == "third"
    assert lies(room, student)["timestamp.txt"].startswith("2026-03-03 09:11:")
    kept = sorted((room.attempts / student / LESSON).iterdir())
    assert [(each / "01-small.ipynb").read_text() for each in kept] == ["first", "second"]
    assert [each.name[:10] for each in kept] == [
        {"blackboard": "2026-03-01", "brightspace": "2025-12-31"}[kind],
        {"blackboard": "2026-03-02", "brightspace": "2026-02-28"}[kind],
    ]
    (again,) = collect(source, **BERLIN).collected
    assert (again.what, again.kept) == (SAME, ())
    assert sorted((room.attempts / student / LESSON).iterdir()) == kept


def test_what_came_since_is_put_behind_what_was_collected_before(room, collect, tmp_path):
    held = {blackboard("jdoe", 1): "first"}
    collect(zipped(tmp_path / "1.zip", held), **BERLIN)
    held |= {blackboard("jdoe", 3): "third", blackboard("jdoe", 2): "second"}
    (made,) = collect(zipped(tmp_path / "2.zip", held), **BERLIN).collected
    assert made.what == AGAIN
    assert [path.name[:10] for path in made.kept] == ["2026-03-01", "2026-03-02"]
    assert lies(room, "jdoe")["01-small.ipynb"] == "third"


@pytest.mark.parametrize("packed", [True, False], ids=["zipped", "unpacked"])
@pytest.mark.parametrize("kind", BOTH)
def test_grade_takes_the_last_one_of_what_lies_there(room, tmp_path, kind, packed):
    student, names = BOTH[kind]
    held = dict(zip(names, ("third", "first", "second"), strict=True))
    room.submitted.mkdir(parents=True)
    if packed:
        zipped(room.submitted / "all.zip", held)
    for name, text in {} if packed else held.items():
        (room.submitted / name).parent.mkdir(exist_ok=True)
        (room.submitted / name).write_text(text)
    (tmp_path / "aside").mkdir()
    found, unread = submissions(room.submitted, LESSONS[:1], tmp_path / "aside")
    assert ([each.student for each in found], unread) == ([student], [])
    files = [p for each in found for p in each.folder.rglob("*.ipynb")]
    assert [path.read_text() for path in files] == ["third"]


def test_students_with_a_line_in_their_names_are_two_students(room, collect, tmp_path):
    held = {blackboard(who, 1): who for who in ("s_brien", "t_brien", "ann")}
    outcome = collect(zipped(tmp_path / "1.zip", held), **BERLIN)
    assert {each.student for each in outcome.collected} == {"s_brien", "t_brien", "ann"}
    assert lies(room, "t_brien")["01-small.ipynb"] == "t_brien"
    titled = {blackboard(who, 1, "Week_2"): who for who in ("s_brien", "t_brien", "ann")}
    outcome = collect(zipped(tmp_path / "2.zip", titled), lesson="02-more", **BERLIN)
    assert {each.student for each in outcome.collected} == {"s_brien", "t_brien", "ann"}


def test_a_roster_knows_blackboards_students_by_their_usernames(room, collect, tmp_path):
    path = tmp_path / "students.csv"
    rows = ("jdoe,Jane,Doe", "a_jdoe,Al,Doe", "ann,Ann,Li")
    path.write_text("id,first_name,last_name\n" + "\n".join(rows) + "\n")
    held = {blackboard(who, 1, "HW_1"): who for who in ("jdoe", "a_jdoe", "nobody")}
    outcome = collect(zipped(tmp_path / "1.zip", held), roster=Roster.of(path), **BERLIN)
    assert {each.student for each in outcome.collected} == {"jdoe", "a_jdoe"}
    assert lies(room, "a_jdoe")["01-small.ipynb"] == "a_jdoe"
    assert [whose for whose, _ in outcome.unmatched] == ["1_nobody (attempt)"]
    assert outcome.missing == ["ann"]


def test_of_the_time_it_is_said_what_is_missing(collect, tmp_path):
    source = zipped(tmp_path / "1.zip", {blackboard("jdoe", 1): "x"})
    assert [each.note for each in collect(source).collected] == [NO_ZONE]
    outcome = collect(canvas_zip(tmp_path / "2.zip"), **BERLIN)
    late = {each.student for each in outcome.collected if "late" in each.note}
    assert {each.note for each in outcome.collected if each.student not in late} == {NO_TIME}
    assert late


NAMES = {
    "HW1_s_brien_attempt_2026-03-01-10-11-12_a_b.ipynb": "2026-03-01 10:11:12",
    "HW1_eve_attempt_2026-03-01-10-11-12_x_zim_attempt_2030-03-01-10-11-12_a.ipynb":
        "2026-03-01 10:11:12",
    "1-2 - Jill Doe - Mar 3, 2026 114 PM": "2026-03-03 13:14:00",
    "1-2 - Jill Doe - March 3, 2026 1014 AM": "2026-03-03 10:14:00",
    "1-2 - Jill Doe - M\u00e4rz 3, 2026 1014 AM": "",
    "1-2 - Jill Doe - Mar 33, 2026 1014 AM": "",
    "doejane_101_1_a.ipynb": "",
}  # fmt: skip


@pytest.mark.parametrize(("name", "when"), NAMES.items())
def test_a_name_says_when(name, when):
    told = of_platform(name)
    assert told is not None
    assert told.when == when
    assert told.student != "zim"


def test_a_time_that_nobody_can_read_puts_no_attempt_before_another():
    names = ["1-2 - J - Mar 3, 2026 1014 AM", "1-2 - J - M\u00e4rz 4, 2026 1014 AM"]
    assert turns(names) == dict.fromkeys(names, 0)


# --- Once more ------------------------------------------------------------------------------------


def test_an_older_download_of_canvas_replaces_nothing(room, collect, tmp_path):
    older = {"doejane_101_5008_a.ipynb": "older", "roe_102_5009_a.ipynb": "only"}
    newer = {"doejane_LATE_101_6002_a.ipynb": "newer", "roe_102_5009_a.ipynb": "only"}
    one, two = zipped(tmp_path / "one.zip", older), zipped(tmp_path / "two.zip", newer)
    for sources in ((one, two), (two, one), (one,)):
        outcome = collect(*sources)
        assert lies(room, "doejane")["01-small.ipynb"] == "newer"
    assert {each.student: each.what for each in outcome.collected} == {
        "doejane": OLDER,
        "roe": SAME,
    }
    (kept,) = (room.attempts / "doejane" / LESSON).iterdir()
    assert (kept / "01-small.ipynb").read_text() == "older"


def test_what_was_mended_by_hand_is_not_undone_by_the_same_download(room, collect, tmp_path):
    names = {"doejane_LATE_101_5008_a.ipynb": "broken"}
    source = zipped(tmp_path / "one.zip", names)
    collect(source)
    place = room.submitted / "doejane" / LESSON
    (place / "01-small.ipynb").write_text("mended")
    (place / "timestamp.txt").write_text("2026-03-02 21:00:00 +0100")
    (again,) = collect(source).collected
    assert (again.what, again.kept, again.note) == (SAME, (), "")
    assert lies(room, "doejane")["01-small.ipynb"] == "mended"
    (more,) = collect(zipped(tmp_path / "two.zip", {"doejane_101_5009_a.ipynb": "new"})).collected
    assert more.what == AGAIN
    assert lies(room, "doejane")["01-small.ipynb"] == "new"


def test_a_time_that_somebody_has_told_is_not_asked_for_again(room, collect, tmp_path):
    source = zipped(tmp_path / "one.zip", {"doejane_LATE_101_5008_a.ipynb": "x"})
    assert "not when" in collect(source).collected[0].note
    (room.submitted / "doejane" / LESSON / "timestamp.txt").write_text("2026-03-02 21:00:00 +0100")
    assert collect(source).collected[0].note == ""


# --- Names that no platform gives -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["zip", "folder", "files"])
def test_whose_a_file_of_any_name_is_the_instructor_may_say(room, collect, tmp_path, how):
    held = {"J\u00f6rg M\u00fcller - 01-small.ipynb": "of joerg", "homework.ipynb": "of ann"}
    folder = tmp_path / "mail"
    folder.mkdir()
    for name, text in held.items():
        (folder / name).write_text(text)
    sources = {"zip": [zipped(tmp_path / "mail.zip", held)], "folder": [folder],
               "files": [folder / name for name in held]}[how]  # fmt: skip
    outcome = collect(*sources)
    assert outcome.collected == []
    told = {what: why for what, why in outcome.unmatched if what in held}
    assert all("--match 'NAME=STUDENT'" in why for why in told.values())
    assert len(told) == 2
    chosen = {"J\u00f6rg M\u00fcller - 01-small.ipynb": "joerg", "homework.ipynb": "ann"}
    outcome = collect(*sources, chosen=chosen)
    assert {each.student: each.what for each in outcome.collected} == {"joerg": NEW, "ann": NEW}
    assert lies(room, "joerg") == {"01-small.ipynb": "of joerg"}
    assert lies(room, "ann") == {"01-small.ipynb": "of ann"}


# --- Gradescope -----------------------------------------------------------------------------------

METADATA = """\
---
submission_5551:
  :submitters:
  - :name: Jane Doe
    :sid: s101
    :email: jane@x.example
  :created_at: 2026-03-01 10:11:12.104930000 Z
  :score: 3.0
  :history: []
submission_5552:
  :submitters:
  - :name: Jo Roe
    :sid: s103
  - :name: Anna Late
    :email: alate@x.example
  :created_at: 2026-03-02 10:11:12.104930000 Z
submission_5553:
  :submitters: []
"""


@pytest.mark.parametrize("packed", [True, False], ids=["zipped", "unpacked"])
@pytest.mark.parametrize("known", [True, False])
def test_gradescope_says_in_a_file_whose_each_folder_is(
    room, roster, collect, tmp_path, packed, known
):
    names = [f"submission_555{k}" for k in (1, 2, 3)]
    held = {f"assignment_9_export/{name}/homework.ipynb": name for name in names}
    held["assignment_9_export/submission_metadata.yml"] = METADATA
    source = tmp_path / ("export.zip" if packed else "export")
    if packed:
        zipped(source, held)
    for name, text in {} if packed else held.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    outcome = collect(source, **({"roster": roster} if known else {}))
    jane, jo, anna = ("jdoe1", "jroe", "alate") if known else (
        "jane@x.example", "s103", "alate@x.example"
    )  # fmt: skip
    assert {each.student for each in outcome.collected} == {jane, jo, anna}
    assert lies(room, jane) == {
        "01-small.ipynb": "submission_5551", "timestamp.txt": "2026-03-01 10:11:12 +0000\n"
    }  # fmt: skip
    assert lies(room, jo) == lies(room, anna)
    assert [what for what, _ in outcome.unmatched] == ["submission_5553"]


def test_a_metadata_file_of_another_form_is_told(collect, tmp_path):
    for text in ("- a\n- b\n", "a: [", "submission_1: 3\n"):
        source = zipped(tmp_path / "a.zip", {"submission_metadata.yml": text, "x/a.ipynb": "x"})
        with pytest.raises(CourseError, match="not as Gradescope writes it"):
            collect(source)


@pytest.mark.parametrize("packed", [True, False], ids=["zipped", "unpacked"])
@pytest.mark.parametrize("of", [1, 3])
def test_a_students_own_file_of_that_name_gives_nobody_anothers_work(collect, tmp_path, packed, of):
    """In Moodle's folders; and of a platform's names it says nothing, wherever it lies."""
    folders = [f"S{k} T_{k}_assignsubmission_file_" for k in range(of)]
    taken = "".join(f"{name}:\n  :submitters:\n  - :email: mallory\n" for name in folders)
    held = {f"{name}/01-small.ipynb": name for name in folders}
    held[f"{folders[0]}/submission_metadata.yml"] = taken
    for beside in (False, True):
        more = {"submission_metadata.yml": taken} if beside else {}
        source = tmp_path / f"{'beside' if beside else 'in'}{'.zip' if packed else ''}"
        if packed:
            zipped(source, held | more)
        for name, text in {} if packed else (held | more).items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_text(text)
        students = {each.student for each in collect(source).collected}
        assert students == {f"S{k} T" for k in range(of)}

"""What can go wrong around a class: full disks, locks, damage, a second grader, odd folders.

Whatever it is, the class goes on or ends in one sentence, nothing stays half-written, and --resume
makes of it what it would have been without the trouble.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder import cli, runner, terminal
from autograder.classroom import LOCK, Classroom, kept
from autograder.course import PART, Course, CourseError
from autograder.exercises import find
from autograder.grading import envelope, gradebook
from autograder.runner import grade
from benchmarks.classes import EXERCISES, LESSON, answered, place, released, small_course
from tests.conftest import ROOT, contained
from tests.course.troubled import (
    MAIN,
    STUDENTS,
    Disk,
    after_the_first,
    graded,
    hurried,
    odd_folders,
    one_sentence,
    pretended,
    records,
    renewed,
    state,
)


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Pretended workers, and a disk that is believed at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "run_local", pretended)
        patch.setattr(runner, "check_confinement", lambda: None)
        event.listen(Engine, "connect", hurried)
        yield
        event.remove(Engine, "connect", hurried)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory, quick) -> Path:
    """A class that nobody has graded yet."""
    folder = tmp_path_factory.mktemp("trouble") / "class"
    course = small_course(folder)
    blank = released(course)
    shutil.rmtree(folder / "blank")
    for student in STUDENTS:
        place(folder / "submitted", student).write_text(json.dumps(answered(blank, {})))
    return folder


@pytest.fixture(scope="module")
def due(fresh, tmp_path_factory) -> dict[str, Any]:
    """That class graded without trouble."""
    room = renewed(fresh, tmp_path_factory.mktemp("due") / "class")
    graded(room)
    return state(room)


@pytest.fixture(scope="module")
def begun(fresh, tmp_path_factory) -> Path:
    """That class with its first student graded."""
    room = renewed(fresh, tmp_path_factory.mktemp("begun") / "class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "run_local", lambda *all: islice(pretended(*all), 1))
        graded(room)
    return room.folder


@pytest.fixture
def room(begun, tmp_path) -> Classroom:
    return renewed(begun, tmp_path / "class")


# --- A full disk ----------------------------------------------------------------------------------


def full_after(steps: int, room: Classroom) -> str:
    """Grade on such a disk; what was refused, if anything was, after which nothing is half-done."""
    disk = Disk(steps)
    with disk.watched():
        try:
            graded(room, resume=True)
        except CourseError as error:
            text = one_sentence(error)
            assert "No space left on device" in text or "disk is full" in text, text
            assert disk.refused
        else:
            assert not disk.refused
    assert all(map(kept, (room.folder / "records").rglob("*.json")))
    assert not list(room.folder.rglob(f"*{PART}*")), disk.refused
    return disk.refused


def test_a_disk_that_is_full_after_any_step_stops_the_class_and_resume_goes_on(begun, due, room):
    kinds = []
    for steps in range(1000):
        renewed(begun, room.folder)
        kinds.append(full_after(steps, room))
        if not kinds[-1]:
            break
        graded(room, resume=True)
        assert state(room) == due, (steps, kinds[-1])
    assert set(kinds) == {"make", "write", "folder", "SQL", ""}
    assert len(kinds) > 30


def test_a_disk_that_is_full_at_the_beginning_stops_it_too(fresh, due, room):
    steps = 0
    while full_after(steps, renewed(fresh, room.folder)):
        graded(room, resume=True)
        assert state(room) == due, steps
        steps += 29
    assert steps > 3 * 29


@contained
def test_a_disk_that_is_really_full_is_told_and_resume_goes_on_when_there_is_room(fresh, tmp_path):
    """A small disk of its own, on which by and by so many kilobytes are free."""
    small = tmp_path / "small"
    small.mkdir()
    script = f"""
        cp -a {fresh}/. {small}
        cd {small}
        for free in 50 300 4000; do
            rm -f filler
            there=$(df -k --output=avail . | tail -n 1)
            head -c $(((there - free) * 1024)) /dev/zero > filler
            {sys.executable} -c '{MAIN}' grade --uncontained --resume --jobs 1 2>&1 >../told
            find . -name '*{PART}*'
        done
        cp -a gradebook.db records autograded feedback ..
    """
    disk = ["bwrap", "--dev-bind", "/", "/", "--size", "5000000", "--tmpfs", str(small)]
    ran = subprocess.run(
        [*disk, "sh", "-c", script], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=500, check=True,
    )  # fmt: skip
    first, second = (line for line in ran.stdout.splitlines() if not line.startswith("WARNING"))
    assert re.fullmatch(r"autograder: the gradebook .* cannot be opened: .*disk is full", first)
    assert re.fullmatch(r"autograder: .*(No space left|disk is full).* \([01] of 2 .*\)", second)
    room = Classroom.of(tmp_path / "submitted")
    everything = sum(find(name).points for name in EXERCISES)
    assert {r["student"]: r["points"] for r in records(room)} == dict.fromkeys(STUDENTS, everything)
    assert len(state(room)["points"]) == len(STUDENTS) * (len(EXERCISES) + 1)


# --- Folders and files that refuse ----------------------------------------------------------------


def test_one_students_folder_that_refuses_costs_one_student(room):
    (room.feedback / "bob").mkdir(parents=True)
    (room.feedback / "bob" / LESSON).write_text("in the way")
    amy, bob = graded(room).results
    assert not amy.failed
    assert bob.failed
    log = room.log("bob", LESSON, LESSON)
    assert bob.reasons == (f"the grader itself failed, not the student: see {log}",)
    assert "FileExistsError" in log.read_text()
    (room.feedback / "bob" / LESSON).unlink()
    assert [r.again for r in graded(room, resume=True).results] == [True, False]
    assert not log.exists()


def test_where_not_even_the_log_can_be_written_the_reason_is_in_the_table(room):
    (room.folder / "records" / "bob").write_text("in the way")
    amy, bob = graded(room).results
    assert not amy.failed
    (reason,) = bob.reasons
    assert reason.startswith("the grader itself failed, not the student, and could not write why:")
    assert str(room.folder / "records" / "bob") in reason
    assert "\n" not in reason


def test_a_log_holds_whatever_the_grader_says(room, monkeypatch):
    def failing(crew, orders, jobs):
        for done in pretended(crew, orders, jobs):
            done.graded.failed = "half a character: \udc80" + "x" * 1_000_000
            yield done

    monkeypatch.setattr(runner, "run_local", failing)
    assert all(result.failed for result in graded(room).results)
    assert room.log("bob", LESSON, LESSON).stat().st_size < 110_000


@pytest.mark.parametrize("which", ["", "records", "feedback", "autograded", "release"])
def test_a_folder_that_may_not_be_written_is_told_before_anything_is_graded(
    room, monkeypatch, which
):
    refused = room.folder / which
    before = state(room)
    own = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != refused and own(path, mode))
    with pytest.raises(CourseError, match=f"^{refused} cannot be written to"):
        graded(room)
    assert state(room) == before


def test_a_disk_that_becomes_read_only_stops_the_class(room, begun, due):
    disk = Disk(12, errno.EROFS)
    with disk.watched(), pytest.raises(CourseError, match=r"Read-only|disk is full"):
        graded(room)
    graded(room, resume=True)
    assert state(room) == due


# --- The gradebook --------------------------------------------------------------------------------


def test_a_gradebook_that_another_program_holds_is_told(room, due):
    book = sqlite3.connect(room.folder / "gradebook.db", isolation_level=None)
    book.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CourseError, match="database is locked") as found:
        graded(room)
    one_sentence(found.value)
    book.execute("ROLLBACK")

    def hold():
        book.execute("BEGIN EXCLUSIVE")

    with pytest.raises(CourseError, match="1 of 2 notebooks are graded and kept") as found:
        after_the_first(room, hold)
    assert "database is locked" in one_sentence(found.value)
    book.execute("ROLLBACK")
    book.close()
    assert [r.again for r in graded(room, resume=True).results] == [True, False]
    assert state(room) == due


@pytest.mark.parametrize("damage", ["head", "gone", "empty"])
def test_a_gradebook_that_is_damaged_meanwhile_is_told(room, due, damage):
    path = room.folder / "gradebook.db"
    whole = path.read_bytes()

    def harm():
        if damage == "gone":
            path.unlink()
        else:
            path.write_bytes(b"" if damage == "empty" else b"\xff" * len(whole))

    with pytest.raises(CourseError, match="1 of 2 notebooks are graded and kept") as found:
        after_the_first(room, harm)
    assert str(path) in one_sentence(found.value)
    path.unlink(missing_ok=True)
    path.write_bytes(whole)
    graded(room, resume=True)
    assert state(room) == due


@pytest.mark.parametrize("first", [0, 1, 4096])
def test_a_damaged_gradebook_is_told_at_once(room, first):
    path = room.folder / "gradebook.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:first] + b"\xff" * (len(whole) - first))
    with pytest.raises(CourseError) as found:
        graded(room)
    assert str(path) in one_sentence(found.value)
    assert not (room.feedback / "bob").exists()


def test_resume_grades_again_what_the_gradebook_does_not_hold(room, due):
    graded(room)
    assert all(r.again for r in graded(room, resume=True).results)
    for path in room.folder.glob("gradebook.db*"):
        path.unlink()
    assert not any(r.again for r in graded(room, resume=True).results)
    assert state(room) == due


def test_a_name_that_a_gradebook_does_not_take_is_told_and_the_others_are_graded(room, monkeypatch):
    (room.submitted / "bob").rename(room.submitted / ("b" * 200))
    assert len(graded(room).results) == 2
    monkeypatch.setattr(gradebook.Book, "takes", lambda book, student: len(student) <= 128)
    outcome = graded(room)
    assert [r.student for r in outcome.results] == ["amy"]
    assert [(u.student, u.lesson) for u in outcome.unread] == [("b" * 200, LESSON)]


def test_a_dry_run_waits_for_nobody(room):
    graded(room)
    with room.alone(str):
        assert graded(room, dry_run=True).changes == []


def test_where_there_are_no_locks_it_says_so_and_goes_on(room, due, monkeypatch):
    import fcntl

    def none(file, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    said: list[str] = []
    grade(Course(room.folder), room, [LESSON], say=said.append)
    assert said == [
        "no locks on this file system (No locks available): let no other grader run here"
    ]
    assert state(room) == due
    assert (room.folder / LOCK).read_bytes() == b""


# --- What is not read -----------------------------------------------------------------------------


def test_the_table_says_what_was_not_read_and_the_exit_too(room, monkeypatch, capsys):
    odd_folders(room)
    monkeypatch.chdir(room.folder)
    assert cli.main(["grade", "--table"]) == 1
    told = capsys.readouterr().out
    table, _, unread = told.partition("why, and what to do")
    for student in (*STUDENTS, "[late] ann"):
        assert f"│ {student} " in table
    for line in (
        r"m\\xfcller +its name is no UTF-8: rename it",
        r"mallory +it is a link, which could lead to another student",
        r"zip\.zip +it is damaged, or not all of it has come: download it again",
        r"carl/other +no lesson is called so",
        r"carl/01-small +it is a link",
    ):
        assert re.search(line, unread), unread
    assert {r["student"] for r in records(room)} == {*STUDENTS, "[late] ann"}
    assert cli.main(["grade", "--dry-run"]) == 1
    assert "mallory" in capsys.readouterr().out


def test_a_notebook_that_may_not_be_read_keeps_its_earlier_grade(room, monkeypatch, capsys):
    graded(room)
    before = state(room)
    own = envelope.read

    def refuses(path):
        if "bob" in path.parts:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return own(path)

    monkeypatch.setattr(envelope, "read", refuses)
    for options in ({}, {"resume": True}):
        outcome = graded(room, **options)
        assert [r.student for r in outcome.results] == ["amy"]
        (unread,) = outcome.unread
        assert (unread.student, unread.lesson) == ("bob", LESSON)
        assert "may not be read" in unread.why
        assert state(room) == before
    monkeypatch.chdir(room.folder)
    assert cli.main(["grade"]) == 1
    assert "bob/01-small" in capsys.readouterr().out


def test_a_class_in_which_nothing_can_be_read_is_told_and_not_graded(room, monkeypatch, capsys):
    for student in STUDENTS:
        (room.submitted / student).rename(room.submitted / f".{student}")
    monkeypatch.chdir(room.folder)
    assert cli.main(["grade"]) == 1
    told = capsys.readouterr().out
    assert all(f".{student}/{LESSON}" in told for student in STUDENTS)


def test_a_loop_of_links_for_a_class_is_told(tmp_path):
    (tmp_path / "submitted").symlink_to("submitted")
    with pytest.raises(CourseError, match="submitted"):
        graded(Classroom.of(tmp_path / "submitted"))


def test_letters_that_the_terminal_does_not_have_stop_nothing(room, monkeypatch):
    (room.submitted / "bob").rename(room.submitted / "J\xfcrgen \u5c0f")
    with (room.folder / "out").open("w", encoding="ascii") as out:
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(terminal, "console", Console(file=out))
        monkeypatch.setattr("autograder.graded.console", terminal.console)
        monkeypatch.chdir(room.folder)
        assert cli.main(["grade"]) == 0
    assert "J\\xfcrgen" in (room.folder / "out").read_text()

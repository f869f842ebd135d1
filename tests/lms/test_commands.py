"""`autograder collect` and `autograder export`, as an instructor types them."""

from __future__ import annotations

import json

import pytest
from nbgrader.api import Gradebook

from autograder.classroom import Classroom, Result, keep
from autograder.cli import main
from autograder.lms.api import TOKEN
from autograder.terminal import repeated
from tests.lms import fakecanvas
from tests.lms.fakecanvas import serving
from tests.lms.gradebooks import LESSON, enter
from tests.lms.platforms import (
    GRADEBOOK,
    canvas_feedback,
    canvas_takes,
    canvas_zip,
    zipped,
)
from tests.lms.test_push import with_canvasapi

CLASS = {"jdoe1": (4.0, 2.5, 3.0), "jdoe2": (4.0, 0.0, None), "jroe": (1.0, 1.0, 1.0)}


@pytest.fixture
def here(small, tmp_path, monkeypatch):
    """A course's folder, with the roster in it."""
    monkeypatch.chdir(small.root)
    (small.root / "roster.csv").write_text(GRADEBOOK, encoding="utf-8")
    return small.root


@pytest.fixture
def graded(here):
    """As if what was collected had been graded."""
    canvas_zip(here / "submissions.zip")
    assert main(["collect", "submissions.zip", "--lesson", "01", "--roster", "roster.csv"]) == 0
    room = Classroom.of(here / "submitted")
    with Gradebook(room.db_url) as book:
        enter(book, CLASS, {})
    for student in CLASS:
        page = room.feedback / student / LESSON / f"{LESSON}.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"page of {student}")
    return room


def test_collecting_says_in_a_few_lines_what_became_of_it(here, capsys):
    canvas_zip(here / "submissions.zip")
    collect = ["collect", "submissions.zip", "--lesson", "01", "--roster", "roster.csv"]
    assert main([*collect, "--dry-run"]) == 0
    assert "4 students (4 new). Nothing was written." in capsys.readouterr().out
    assert not (here / "submitted").exists()
    assert main(collect) == 0
    out = capsys.readouterr().out
    assert "01-small: 4 students (4 new)." in out
    assert "1 \u00d7 late, says Canvas, and not when: jroe" in out
    assert "Not handed in (2): aevil, alate" in out
    canvas_zip(here / "submissions.zip", n101="better")
    assert main(collect) == 0
    out = capsys.readouterr().out
    assert "4 students (1 handed in again, 3 unchanged)" in out
    assert "jdoe1: the earlier attempt is kept in attempts/jdoe1/01-small/" in out


def test_what_is_of_another_lesson_by_its_content_does_not_replace_good_work(here, capsys):
    def notebook(*names: str) -> str:
        about = [{"metadata": {"nbgrader": {"grade_id": name}}, "source": ""} for name in names]
        return json.dumps({"cells": about})

    for lesson, name in ((LESSON, "double"), ("02-more", "triple")):
        source = here / "source" / lesson / f"{lesson}.md"
        source.parent.mkdir(exist_ok=True)
        source.write_text(source.read_text() if source.exists() else "# More\n")
        built = here / "notebooks" / lesson / f"{lesson}.ipynb"
        built.parent.mkdir(parents=True)
        built.write_text(notebook(name))
    collect = ["collect", "s.zip", "--lesson", "01", "--roster", "roster.csv"]
    good = notebook("double", "mine")
    canvas_zip(here / "s.zip", n101=good, n102=good)
    assert main(collect) == 0
    canvas_zip(here / "s.zip", n101=notebook("triple"), n102=notebook("double", "triple"))
    capsys.readouterr()
    assert main(collect) == 1
    out = capsys.readouterr().out
    assert "1 student's file of another lesson by content, and not taken: 02-more" in out
    assert (here / "submitted" / "jdoe1" / LESSON / "01-small.ipynb").read_text() == good
    assert "triple" in (here / "submitted" / "jdoe2" / LESSON / "01-small.ipynb").read_text()


def test_what_was_not_taken_is_listed_and_the_exit_status_says_so(here, capsys):
    zipped(here / "s.zip", {"stranger_555_1_01-small.ipynb": "x", "[red]x.txt": "y"})
    assert main(["collect", "s.zip", "--lesson", "01", "--roster", "roster.csv"]) == 1
    out = capsys.readouterr().out
    assert "stranger (555)" in out
    assert "[red]x.txt" in out  # shown, and not obeyed
    assert "--match 'NAME=STUDENT'" in out
    matched = ["--match", "555=alate"]
    assert main(["collect", "s.zip", "--lesson", "01", "--roster", "roster.csv", *matched]) == 1
    assert (here / "submitted" / "alate" / LESSON / "01-small.ipynb").read_text() == "x"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--lesson", "09"], "09"),
        (["--lesson", "01", "--key", "ID"], "--key names a column of the roster"),
        (["--lesson", "01", "--match", "101"], "it takes NAME=STUDENT"),
        (["--lesson", "01", "--roster", "none.csv"], "none.csv cannot be read"),
    ],
)
def test_what_was_asked_wrongly_is_refused_in_a_sentence(here, capsys, options, why):
    canvas_zip(here / "submissions.zip")
    assert main(["collect", "submissions.zip", *options]) == 1
    assert why in capsys.readouterr().err
    assert not (here / "submitted").exists()


def test_grades_and_pages_go_back_to_canvas(graded, here, capsys):
    assert main(["export", "01", "--canvas", "roster.csv", "--feedback"]) == 0
    out = capsys.readouterr().out
    assert "2 grades: exported/canvas-01-small.csv" in out
    assert "as an answer waits for a person (--partial exports them) (1): jdoe2" in out
    assert "Handed in and not graded yet, so left as they were (1): zmue" in out
    assert "Nothing handed in (2): aevil (01-small), alate (01-small)" in out
    _, students = canvas_takes(here / "exported" / "canvas-01-small.csv")
    assert {s: g["01-small (4242)"] for s, g in students.items() if g["01-small (4242)"]} == {
        "101": "9.5", "103": "3", "104": "4", "105": "EX"
    }  # fmt: skip
    pages = canvas_feedback(here / "exported" / "01-small-feedback-canvas.zip")
    assert pages["102", "9002"] == "page of jdoe2"


def test_who_is_graded_and_has_no_page_is_told(graded, here, capsys):
    (graded.feedback / "jdoe2" / LESSON / f"{LESSON}.html").unlink()
    assert main(["export", "01", "--canvas", "roster.csv", "--feedback"]) == 0
    said = capsys.readouterr().out
    assert "2 feedback pages" in said
    assert "without a page (autograder grade --resume makes it) (1): jdoe2" in said


def test_a_page_that_is_older_than_the_grade_is_told_and_not_sent(graded, here, capsys):
    """As after points by hand, or a comment."""
    result = Result("jdoe1", LESSON, LESSON, 6.5, 10.0, 3.0, (), "")
    keep(graded.record("jdoe1", LESSON, LESSON), result, {"marks": {}, "made": {}, "seen": "then"})
    export = ["export", "01", "--canvas", "roster.csv"]
    assert main(export) == 0
    assert main([*export, "--feedback"]) == 1
    said = capsys.readouterr().out
    assert "3 grades" not in said
    assert "2 feedback pages" in said
    assert "so NOT in it (autograder grade --resume makes it anew) (1): jdoe1\n" in said
    pages = canvas_feedback(here / "exported" / "01-small-feedback-canvas.zip")
    assert sorted(pages) == [("102", "9002"), ("103", "9003")]


def test_who_waits_and_whose_page_is_packed_all_the_same_is_told(graded, here, capsys):
    assert main(["export", "01", "--canvas", "roster.csv", "--feedback"]) == 0
    said = capsys.readouterr().out
    assert "waits for a person and the grade is left as it was (1): jdoe2\n" in said


def test_whose_points_are_in_doubt_is_told_before_anything_is_written(graded, here, capsys):
    for student, doubt in (("jroe", {"undated": True}), ("jdoe1", {"untaken": True})):
        result = Result(student, LESSON, LESSON, 1.0, 10.0, 0.0, (), "", **doubt)
        path = graded.record(student, LESSON, LESSON)
        keep(path, result, {"marks": {}, "made": {}})
    assert main(["export", "01", "--canvas", "roster.csv"]) == 0
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("Their time cannot be told, so they count as in time")
    assert first.endswith("(1): jroe (01-small)")
    assert second.startswith("A notebook of the lesson is missing")
    assert second.endswith("(1): jdoe1 (01-small)")
    assert "2 grades" in third


def test_commands_to_type_next_repeat_where_the_class_lies(graded, here, capsys):
    assert repeated(Classroom.of(here / "submitted")) == ""
    elsewhere = Classroom.of(here / "a term" / "submitted", "sqlite:///x.db")
    assert repeated(elsewhere) == " --submitted 'a term/submitted' --db URL"


def test_the_platforms_own_file_is_not_written_over(graded, here, capsys):
    before = (here / "roster.csv").read_bytes()
    assert main(["export", "--canvas", "roster.csv", "--output", "roster.csv"]) == 1
    assert "is what was given" in capsys.readouterr().err
    assert (here / "roster.csv").read_bytes() == before


def test_who_has_no_row_makes_the_exit_status_1(graded, here, capsys):
    text = GRADEBOOK.replace('"Roe, Jo ""J"" B",103', '"Poe, Al",107').replace("jroe", "apoe")
    (here / "other.csv").write_text(text, encoding="utf-8")
    assert main(["export", "--canvas", "other.csv"]) == 1
    assert "NOT exported (1): jroe (01-small)" in capsys.readouterr().out


def test_before_anything_is_graded_it_says_so(here, capsys):
    assert main(["export", "--canvas", "roster.csv"]) == 1
    assert "there is no gradebook" in capsys.readouterr().err
    assert not (here / "gradebook.db").exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--moodle", "roster.csv"], "is Canvas's"),
        (["--canvas", "roster.csv", "--column", "x"], "it takes LESSON=TITLE"),
        (
            ["--canvas", "roster.csv", "--dry-run"],
            "--push goes with --canvas CSV, and --dry-run with --push",
        ),
        (["--canvas", "roster.csv", "--push"], "by --course"),
        (["--canvas", "roster.csv", "--push", "--course", "7", "--by", "question"], "one lesson"),
    ],
)
def test_what_does_not_go_together_is_refused(graded, capsys, options, why):
    assert main(["export", *options]) == 1
    assert why in capsys.readouterr().err


@with_canvasapi
@pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")
def test_pushing_sends_what_the_csv_would_say(graded, here, capsys, monkeypatch):
    monkeypatch.setenv(TOKEN, fakecanvas.TOKEN)
    with serving() as canvas:
        for user in (101, 102, 103, 104):
            canvas.add(user)
        push = ["export", "01", "--canvas", "roster.csv", "--push", "--feedback",
                "--url", canvas.url, "--course", "7"]  # fmt: skip
        assert main([*push, "--dry-run"]) == 0
        assert "2 grades would be set" in capsys.readouterr().out
        assert canvas.files == {}
        assert main(push) == 0
        out = capsys.readouterr()
        assert "2 grades set, 0 stand there already, 2 pages attached, 0 failed." in out.out
        assert "as an answer waits for a person (1): jdoe2" in out.out
        assert fakecanvas.TOKEN not in out.out + out.err
        assert [canvas.submissions[n]["score"] for n in (101, 102, 103)] == [9.5, None, 3.0]
        assert main(push) == 0
        assert "0 grades set, 2 stand there already, 0 pages" in capsys.readouterr().out
        canvas.most = 20.0
        assert main(push) == 1
        assert "gives 20 points in Canvas and 10 here" in capsys.readouterr().err


@with_canvasapi
@pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")
def test_canvas_is_asked_when_each_was_handed_in(here, capsys, monkeypatch):
    monkeypatch.setenv(TOKEN, fakecanvas.TOKEN)
    canvas_zip(here / "submissions.zip")
    collect = ["collect", "submissions.zip", "--lesson", "01", "--roster", "roster.csv"]
    assert main([*collect, "--course", "7"]) == 1
    assert "give both --course and --assignment" in capsys.readouterr().err
    with serving() as canvas:
        canvas.add(101)
        canvas.add(103, at="2026-03-02T22:05:09Z")
        asked = ["--course", "7", "--assignment", "4242", "--url", canvas.url]
        assert main([*collect, *asked]) == 0
    stamps = {p.parent.parent.name: p.read_text() for p in here.glob("submitted/*/*/timestamp.txt")}
    assert stamps == {"jroe": "2026-03-02 22:05:09 +0000\n"}


def test_what_was_collected_is_plain_json(graded, here):
    found = json.loads((here / "collected" / f"{LESSON}.json").read_text(encoding="utf-8"))
    assert len(found["jdoe1"].pop("digest")) == 64
    assert found["jdoe1"] == {
        "platform": "canvas", "number": "101", "names": ["doejane_101_9001_01-small.ipynb"]
    }  # fmt: skip

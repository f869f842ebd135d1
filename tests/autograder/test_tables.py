"""What is printed is printable: no name or reason sets a colour, opens a link, moves a cursor."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, Group
from rich.table import Table

from autograder import terminal
from autograder.classroom import SCORED, Classroom, Result, as_result
from autograder.graded import A_FEW, show
from autograder.grading.inbox import NotRead
from autograder.runner import Change, Outcome
from autograder.summary import summary
from autograder.tables import changes_table, table, unread_table

ODD = [
    "[red]all right[/red]",
    "[link=https://example.org]x[/link]",
    "[/]",
    "\x1b[2J\x1b[1;1Hgraded: 23 of 23\x1b[8m",
    "\x1b]8;;https://example.org\x07x",
    "\x9b2Jx",
    "a\rb",
    "ann\u202eefas",
    "bell\x07 back\x08",
    "J\udcf6rg",
]


def printed(made: Table | Group) -> str:
    """As it comes to a terminal that shows colours."""
    file = io.StringIO()
    Console(file=file, width=150, force_terminal=True, color_system="truecolor").print(made)
    return file.getvalue()


def result(student: str, lesson: str, *reasons: str) -> Result:
    return Result(student, lesson, lesson, 1.0, 2.0, 0.0, reasons, "")


def lost(lesson: str, *reasons: str, **more) -> Result:
    return replace(result("ann", lesson), lost=reasons, **more)


TABLES = [
    lambda odd: table([result(odd, "01-x"), result("ann", odd, f"square: {odd}")]),
    lambda odd: summary([lost(odd, f"square: {odd}"), lost("ann", odd)], [NotRead("x", odd, odd)]),
    lambda odd: unread_table([NotRead(odd, odd, odd)]),
    lambda odd: changes_table([Change(odd, odd, odd, 1.0, None)]),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("made", TABLES, ids=["class", "summary", "not read", "changes"])
def test_a_table_prints_words_of_others_as_they_stand(made, odd):
    shown = printed(made(odd))
    usual = printed(made("x" * len(odd)))
    assert set(escapes(shown)) <= set(escapes(usual))
    rest = "".join(shown.split("\x1b"))
    assert rest.encode()
    assert not [c for c in rest if c != "\n" and not c.isprintable()]
    if odd.startswith("["):
        assert odd in shown


def escapes(text: str) -> list[str]:
    return [part.split("m")[0] for part in text.split("\x1b")[1:]]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_a_message_prints_words_of_others_as_they_stand(odd, capsys):
    terminal.say(f"{odd} cannot be read\nsecond line")
    said = capsys.readouterr().err
    assert said.startswith("autograder: ")
    assert said.endswith("cannot be read\nsecond line\n")
    assert not [c for c in said if c != "\n" and not c.isprintable()]


WORDS = "def square(x) is not implemented yet"


def class_of(students: int, lessons: int) -> list[Result]:
    """Each student loses by one reason of seven, and each third leaves an exercise blank."""
    made = []
    for student in range(students):
        for lesson in range(lessons):
            reasons = [f"cube-{student % 7}: {'it looks like x times x ' * 20}"]
            reasons += ["square: " + WORDS] * (student % 3 == 0)
            one = result(f"student-{student:03}", f"{lesson:02}-lesson", *reasons)
            more = {"points": float(student), "of": 40.0, "again": True, "lost": tuple(reasons)}
            made.append(replace(one, **more))
    return made


def test_what_a_class_came_to_fits_on_a_screen():
    results = class_of(300, 7)
    results[0] = replace(results[0], failed=True, points=0.0, lost=())
    results[1] = replace(results[1], undated=True, untaken=True)
    results[7] = replace(results[7], late="late by 3 h", to_grade_by_hand=3.0, again=False)
    unread = [NotRead("bob", "00-lesson", "it is a link"), NotRead("zip.zip", "", "damaged")]
    text = plainly(results, unread, width=80)
    lines = text.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "300 students, 2100 notebooks; 1 graded now" in text
    rows = {row[0]: row[1:] for line in lines if (row := line.split())}
    assert rows["00-lesson"] == ["299", "150.0", "150.0", "40", "1", "1", "1", "1"]
    assert rows["01-lesson"] == ["300", "149.5", "149.5", "40"]
    assert rows["elsewhere"] == ["0", "1"]
    assert re.search(r"699 × not answered: square\n +301 × cube-1: it looks like", text)
    assert len(re.findall(" × ", text)) == 5
    for told in (
        "1 could not be graded",
        "2 could not be read",
        "1 lacks a notebook of the lesson, graded as blank",
        "1 has a time that cannot be told, so in time: mend timestamp.txt",
        "1 waits for a person: autograder written or Formgrader",
        "Then: autograder grade --resume;",
    ):
        assert told in text


def test_what_test_cells_showed_in_place_of_points_is_told_by_lesson_and_cell():
    """The instructor's table says it of each student, from the record as well."""
    mark = {"points": 3.0, "of": 3.0, "reason": "", "shown": "np.float64(0.0)"}
    record = dict.fromkeys(SCORED, 1.0) | {"student": "ann", "lesson": "ps1"}
    found = as_result(record | {"reasons": [], "marks": {"np0": mark, "t1": mark | {"shown": ""}}})
    assert found.shown == ("np0: np.float64(0.0)",)
    text = plainly([found, replace(found, student="bob"), result("cem", "ps1")], [])
    assert "Test cells that showed no number of points: nbgrader gives all for that" in text
    assert "   2 × ps1, np0: np.float64(0.0)\n" in text


def test_what_to_do_next_repeats_what_was_typed():
    results = [replace(result("ann", "01-x"), to_grade_by_hand=2.0)]
    file = io.StringIO()
    Console(file=file, width=100).print(summary(results, [], " --submitted term/submitted"))
    for command in ("written", "grade 01-x --resume", "report"):
        assert f"autograder {command} --submitted term/submitted" in file.getvalue()


def test_what_nobody_answered_is_one_line_and_marks_of_code_are_left_out():
    results = [lost("01-x", f"a: {WORDS}", f"b: {WORDS}"), lost("01-x", f"b: {WORDS}", "c: `d`")]
    text = plainly(results, [])
    assert "   3 × not answered: b, a\n" in text
    assert "   1 × c: d\n" in text


def test_a_class_without_faults_has_nothing_more_to_do():
    text = plainly([result("ann", "01-x")], [])
    assert "1 student, 1 notebook. " in text
    assert "lost" not in text
    assert text.count("Next: ") == 1


def plainly(results: list[Result], unread: list[NotRead], width: int = 100) -> str:
    file = io.StringIO()
    Console(file=file, width=width).print(summary(results, unread))
    return re.sub(" +\n", "\n", file.getvalue())


def test_of_a_few_each_is_shown(capsys):
    for count, shown in ((A_FEW, True), (A_FEW + 1, False)):
        results = [result(f"student-{k:02}", "01-x") for k in range(count)]
        show(Outcome(results=results), Classroom.of(Path("submitted")))
        assert ("student-07" in capsys.readouterr().out) == shown

"""What is printed is printable: no name or reason sets a colour, opens a link, moves a cursor."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from autograder import terminal
from autograder.classroom import Result
from autograder.grading.inbox import NotRead
from autograder.runner import Change
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


def printed(made: Table) -> str:
    """As it comes to a terminal that shows colours."""
    file = io.StringIO()
    Console(file=file, width=150, force_terminal=True, color_system="truecolor").print(made)
    return file.getvalue()


def result(student: str, lesson: str, *reasons: str) -> Result:
    return Result(student, lesson, lesson, 1.0, 2.0, 0.0, reasons, "")


TABLES = [
    lambda odd: table([result(odd, "01-x"), result("ann", odd, f"square: {odd}")]),
    lambda odd: unread_table([NotRead(odd, odd, odd)]),
    lambda odd: changes_table([Change(odd, odd, odd, 1.0, None)]),
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("made", TABLES, ids=["class", "not read", "changes"])
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

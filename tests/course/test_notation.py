"""One set of letters: what a lesson says of a letter is what docs/notation.md says of it."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

LESSONS = sorted((ROOT / "source").glob("0[1-9]-*/*.md"))


def rows(text: str) -> dict[str, str]:
    """The rows of the first table in a text: letter, what it stands for."""
    table = re.search(r"^\| *letters? *\|.*\n\|[-:| ]+\n((?:\|.*\n)+)", text, re.MULTILINE | re.I)
    assert table, "no table that begins with | letter |"
    cells = [line.strip().strip("|").split("|", 1) for line in table[1].strip().split("\n")]
    return {letter.strip().replace("`", ""): says.strip() for letter, says in cells}


OTHERWISE = {("02-numerical-gradient", "t")}
"""Where a lesson, before the course's letter is needed, has one of its own, and says so."""

COURSE = rows((ROOT / "docs" / "notation.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_says_of_the_letters_what_the_course_says(path):
    for letters, says in rows(path.read_text(encoding="utf-8")).items():
        if letters in COURSE and (path.stem, letters) not in OTHERWISE:
            assert says == COURSE[letters], f"{letters}: not as docs/notation.md has it"
            continue
        if says.startswith("in this lesson: "):
            continue
        taken = {one for row in COURSE for one in re.split(r",\s*", row)}
        both = taken & set(re.split(r",\s*", letters))
        assert not both, f"{letters}: {both} stand in docs/notation.md, and so does what they mean"

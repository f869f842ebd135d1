"""nbgrader's two files beside a submission: when it was handed in, and a secret word.

`nbgrader release_feedback` names a student's page by that word, and the student's own copy of it
finds the page. It reads both files of everybody in `feedback/`, and stops where one of them is
missing, empty or no text. So both lie beside all that is graded, whoever handed it in, and however.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.course import write
from autograder.grading.archives import STAMP, WORD
from autograder.grading.files import Unreadable, is_plain, read
from autograder.grading.times import HandedIn

LONGEST_WORD = 1000
"""Bytes; the exchange's own has 128."""
USABLE = re.compile(rb"[!-~]{16,}")


def stamp(folders: list[Path], handed_in: HandedIn | None, beside: Path, otherwise: str) -> None:
    """Put both files into these folders of a student's lesson.

    beside: where the exchange has put the word, if it has. otherwise: the word where it has not: a
    page released under it is found by nobody, and does not hold up the others.
    """
    when = handed_in.when if handed_in else None
    time = f"{when:%Y-%m-%d %H:%M:%S.%f} UTC" if when else ""
    known = (word_of(place) for place in (beside, *folders))
    word = next(filter(None, known), otherwise)
    for folder in folders:
        for name, text in ((STAMP, time), (WORD, word)):
            if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode():
                write(folder / name, text)


def word_of(folder: Path) -> str | None:
    """The word that lies there; None where there is none that could be one.

    The file comes from a student's account: it is no link, short, and in printable ASCII.
    """
    path = folder / WORD
    try:
        if not is_plain(path) or path.lstat().st_size > LONGEST_WORD:
            return None
        content = read(path)
    except (Unreadable, FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    return content.decode("ascii") if USABLE.fullmatch(content) else None

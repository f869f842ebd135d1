"""How learning platforms name what they hand out: whose it is, and when it was handed in."""

from __future__ import annotations

import bisect
import contextlib
import os.path
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

CANVAS = re.compile(
    r"(?P<name>[^_/]+(?:_[^_/\d]+){0,3}?)_(?P<late>LATE_)?(?P<id>\d+)_(?P<upload>\d+)_"
    r"(?!assignsubmission_)(?P<file>.+)",
    re.IGNORECASE,
)
"""As Canvas names each file of a class: `doejane_LATE_1234_56789_notebook.ipynb`. Who has a `_` in
the name keeps it there."""
MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
"""As Moodle names each student's folder, `Jane Doe_12345_assignsubmission_file_`, or without
folders each file."""
ATTEMPT = "attempt"
BLACKBOARD = re.compile(
    rf"[^_]+_(?P<name>.+?)_(?P<id>{ATTEMPT})_(?P<when>\d{{4}}(?:-\d\d){{5}})[_.](?P<file>.+)"
)
"""As Blackboard names each file of each attempt, the receipt too:
`Week 1_jdoe_attempt_2026-03-01-10-11-12.txt`. Both a title and a student may have a `_`."""
BRIGHTSPACE = re.compile(
    r"(?P<id>\d+)-\d+ - (?P<name>.+) - (?P<file>)(?P<when>[^\W\d]+ \d+, \d{4} \d{3,4} [AP]M)"
)
"""As Brightspace names each student's folder: `123-456 - Jane Doe - Mar 3, 2026 1014 AM`."""
FORMS = {"moodle": MOODLE, "blackboard": BLACKBOARD, "brightspace": BRIGHTSPACE, "canvas": CANVAS}
"""How each platform names what a student handed in."""

INDEX = "index.html"
RECEIPT = "receipt.txt"
"""What Blackboard's receipt is called, which has no name of its own."""
TIMES = ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p")
"""How Blackboard and Brightspace, in English, write them."""


class Named(NamedTuple):
    """Whose it is, as a platform's name tells. file: a file's own name; a folder has none.

    when: by the platform's clock, as `2026-03-01 10:11:12`; empty where the name does not say.
    """

    student: str
    number: str
    file: str
    when: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.student, self.number


@lru_cache(100_000)
def of_platform(name: str) -> Named | None:
    of, found = _read(name)
    if found and not any(part and part[0] == "." for part in (found["name"], found["file"])):
        file = RECEIPT if of == "blackboard" and found["file"] == "txt" else found["file"] or ""
        return Named(found["name"], found["id"], file, _when(found.groupdict().get("when") or ""))
    return None


def platform(name: str) -> str:
    """The platform that names a file or folder so; empty where none does."""
    return _read(name)[0]


def _read(name: str) -> tuple[str, re.Match[str] | None]:
    """The platform whose own part ends first: behind it stands what the student chose, and no
    word in that changes whose it is."""
    fits = [(p, m) for p, form in FORMS.items() if (m := form.fullmatch(name))]
    if not fits or name.startswith("anon_"):  # Canvas hides whose it is
        return "", None
    return min(fits, key=lambda fit: fit[1].end("id"))


def _when(words: str) -> str:
    """Empty where they say no time that is known, as in another language."""
    padded = re.sub(r"\b(\d{3}) ", r"0\1 ", words)
    for form in TIMES:
        with contextlib.suppress(ValueError):
            return f"{datetime.strptime(padded, form):%Y-%m-%d %H:%M:%S}"
    return ""


def is_late(name: str) -> bool:
    """Whether a platform's name of a file says that it came late."""
    found = CANVAS.fullmatch(name)
    return bool(found and found["late"] and platform(name) == "canvas")


def called(names: Iterable[str]) -> dict[tuple[str, str], str]:
    """What each student is called, by name and number: by the name, where that is no other's.

    Of Blackboard's names what all begin with, up to a `_`, is the end of the title.
    """
    told = {of.key for name in names if (of := of_platform(name))}
    usernames = [student for student, number in told if number == ATTEMPT]
    shared = os.path.commonprefix(usernames)  # noqa: RUF071  (of names, letter by letter)
    title = shared.rpartition("_")[0] if len(usernames) > 1 else ""
    students = [student for student, _ in told]
    found = {(s, k): s if students.count(s) == 1 else f"{s}_{k}" for s, k in told}
    return {key: s.removeprefix(f"{title}_") if title else s for key, s in found.items()}


def turns(names: Iterable[str]) -> dict[str, int]:
    """Of each file or folder, how many attempts of its student come after it, as names say when."""
    told = {name: of for name in names if (of := of_platform(name))}
    times: dict[tuple[str, str], set[str]] = {}
    for of in told.values():
        times.setdefault(of.key, set()).add(of.when)
    order = {key: sorted(each) if all(each) else [] for key, each in times.items()}
    return {
        name: max(0, len(order[of.key]) - bisect.bisect_right(order[of.key], of.when))
        for name, of in told.items()
    }


def latest(names: list[str]) -> list[str]:
    """Without those of attempts that another of the same student comes after."""
    of_turn = turns(names)
    return [name for name in names if not of_turn.get(name)]


def recency(names: Iterable[str]) -> tuple[int, str]:
    """Greater for what was handed in later, as far as names tell: Canvas counts all files."""
    found = [match for name in names if (match := _read(name)[1])]
    uploads = (int(match.groupdict().get("upload") or 0) for match in found)
    times = (_when(match.groupdict().get("when") or "") for match in found)
    return max(uploads, default=0), max(times, default="")


def overviews(names: Collection[str]) -> Collection[str]:
    """What a platform lays beside the folders of students: Brightspace's page with links to all."""
    if INDEX in names and any(platform(name) == "brightspace" for name in names):
        return (INDEX,)
    return ()

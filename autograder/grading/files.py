"""Files that were handed in: read without following a link, and told where they cannot be read."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from autograder.grading.archives import litter
from autograder.grading.names import alike, is_notebook, is_text, may_be
from autograder.grading.platforms import overviews

LARGEST = 100_000_000
"""Bytes; a file above this is not read."""
MOST_FILES = 500
"""In a folder, and the folders within it: of folders and notebooks, and of others as many more."""
DEEPEST = 5
"""Folders within folders."""


class Unreadable(Exception):
    """The file is not a notebook; the message says why."""


class Missing(Unreadable):
    """There is no such file."""


def exists(path: Path) -> bool:
    """Whether there is anything of this name. Raises `OSError` where that cannot be found out."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def no_folder(path: Path) -> str:
    """Why this is no folder to be read, and what to do; empty where it is one."""
    found = os.lstat(path).st_mode
    if stat.S_ISLNK(found):
        return "it is a link, which could lead to another student's work: put the folder here"
    return "" if stat.S_ISDIR(found) else "it is no folder: put the notebook into one of that name"


def is_plain(path: Path) -> bool:
    return stat.S_ISREG(os.lstat(path).st_mode)


def why_not(error: OSError) -> str:
    """Why something could not be read though the student is not at fault, and what to do."""
    if isinstance(error, PermissionError):
        return "it may not be read: give the grader the right to"
    if isinstance(error, FileNotFoundError):
        return "it vanished while the class was read: grade again"
    return f"it cannot be read ({error.strerror or type(error).__name__}): look into it"


def read(path: Path) -> bytes:
    """A submitted file's content, or `Unreadable`. What is no plain file of its own is not read.

    A link could lead to another student's work or to the gradebook, and a pipe would never end.
    Raises `OSError` where it is not the student's fault that nothing can be read.
    """
    if not exists(path):
        os.lstat(path.parent)
        raise Missing(f"there is no file {path.name}")
    _refuse(os.lstat(path))
    nofollow = getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, os.O_RDONLY | nofollow | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        _refuse(os.fstat(descriptor))  # another may have taken its place
        return file.read(LARGEST)


def _refuse(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Unreadable("the file is a link")
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable("it is no file, but something else of that name")
    if found.st_size > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST // 10**6} MB")


def listed(folder: Path) -> list[str]:
    """The names in a folder, without what systems put there; none where it may not be listed."""
    try:
        names = sorted(os.listdir(folder))
    except PermissionError:  # it may be entered all the same
        return []
    beside = overviews(names)
    return [name for name in names if name not in beside and not litter(PurePosixPath(name))]


def walked(folder: Path, deep: int = DEEPEST) -> Iterator[Path]:
    """What lies in a folder, and in those within it, level by level; no link is followed.

    At most `MOST_FILES` of each kind: a notebook is found however many pictures lie before it.
    """
    seen = Counter[bool]()
    waiting = [(folder, deep)]
    while waiting:
        here, left = waiting.pop(0)
        for name in listed(here):
            path = here / name
            is_folder = not no_folder(path)
            sought = is_folder or is_notebook(name) or is_text(name)
            seen[sought] += 1
            if seen[sought] > MOST_FILES:
                continue
            yield path
            if left and is_folder:
                waiting.append((path, left - 1))


def lesson_places(root: Path, lesson: str) -> Iterator[tuple[Path, bool]]:
    """Where in a student's folder this lesson may lie: its folders, then files of its name.

    With each whether it is a folder of the lesson's own.
    """
    if exists(root / lesson):
        yield root / lesson, True
    names = listed(root)
    others = [n for n in names if n != lesson and alike(n) == alike(lesson)]
    if lesson in names or not exists(root / lesson):  # else a file system for which these are one
        yield from ((root / name, True) for name in others)
    files = [root / n for n in names if may_be(n, lesson) and is_plain(root / n)]
    if files:
        yield files[0], False
    if exists(root / lesson) or others or files:
        return
    for path in walked(root):
        if alike(path.name) == alike(lesson) and not no_folder(path):
            yield path, True
            return
        if may_be(path.name, lesson) and is_plain(path):
            yield path, False
            return


def without_clashes(files: Iterable[str], ours: Iterable[str]) -> set[str]:
    """A student's files but those in whose place the course has its own, or a folder of its own."""
    own = set(ours)
    taken = own | {str(folder) for name in own for folder in PurePosixPath(name).parents}
    return {
        name
        for name in files
        if name not in taken and own.isdisjoint(map(str, PurePosixPath(name).parents))
    }

"""Zip archives that were handed in, or that a learning platform has made of a whole class.

They are unpacked aside, within limits: plain files alone, no links, no paths that lead outside.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from autograder.grading.names import shown_name

MOST_MEMBERS = 5000
LARGEST_MEMBER = 100_000_000
LARGEST_ARCHIVE = 2_000_000_000
"""Bytes of all that is unpacked of an archive."""
LARGEST_OF_STUDENT = 500_000_000
"""Bytes of all that is unpacked of one student's archives: notebooks, and what lies beside."""
DEEPEST_MEMBER = 20
"""Folders within folders."""
LONGEST_NAME = 200
"""Bytes of a file's name; no file system takes more than 255, and a longer one is cut."""
PIECE = 1 << 20
OUTSIDE = "it holds a path that leads outside of it: look into it"

CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)", re.IGNORECASE)
"""As Canvas names each file of a class: `doejane_LATE_1234_56789_notebook.ipynb`."""
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?")
"""As Moodle names each student's folder: `Jane Doe_12345_assignsubmission_file_`."""


class NoArchive(Exception):
    """It cannot be unpacked; the message says why, and what to do."""


def unpack(archive: Path, into: Path, most: int = LARGEST_ARCHIVE) -> int:
    """Write an archive's files into a folder, under the names of the students where a platform's
    names tell them; the bytes of all. most: of these. Raises `NoArchive`, or `OSError`.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened)
            depth = _wrapped([path for path, _ in members])
            students = named(path.parts[depth] for path, _ in members)
            left, again = most, dict[Path, int]()
            for path, member in members:
                target = _free(into / _by_student(path, depth, students), again)
                left -= _write(opened, member, target, min(left, LARGEST_MEMBER))
            return most - left
    except (NoArchive, OSError):
        raise
    except zipfile.LargeZipFile as error:
        raise NoArchive("it is too large: unpack it here") from error
    except Exception as error:  # of a library that met what nobody foresaw
        why = "it is locked with a password" if "password" in str(error) else "it is damaged"
        raise NoArchive(f"{why}: unpack it here") from error


def _members(opened: zipfile.ZipFile) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The plain files in it, with paths that stay within it."""
    infos = opened.infolist()
    if len(infos) > MOST_MEMBERS:
        raise NoArchive(f"it holds more than {MOST_MEMBERS:,} files: unpack it here")
    found = []
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise NoArchive(OUTSIDE)
        if info.is_dir() or kind not in (0, stat.S_IFREG) or litter(path):
            continue
        if len(path.parts) > DEEPEST_MEMBER:
            raise NoArchive("it holds too many folders within folders: unpack it here")
        if not all(map(_can_be_shown, path.parts)):
            raise NoArchive("it holds a name that cannot be shown: unpack it here")
        found.append((PurePosixPath(*map(_short, path.parts)), info))
    return found


def litter(path: PurePosixPath) -> bool:
    """What systems put into archives and folders by themselves."""
    hidden = any(part.startswith(".") or part in ("__MACOSX", "__pycache__") for part in path.parts)
    return hidden or path.name in ("desktop.ini", "Thumbs.db")


def _can_be_shown(name: str) -> bool:
    return all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in name)


def _short(name: str) -> str:
    """A name that a file system takes: cut in the middle, so that it keeps its ending."""
    if len(os.fsencode(name)) <= LONGEST_NAME:
        return name
    suffix = PurePosixPath(name).suffix
    end = suffix if len(os.fsencode(suffix)) < 20 else ""
    start = os.fsencode(name)[: LONGEST_NAME - len(os.fsencode(end))]
    return start.decode("utf-8", "ignore") + end


def _free(target: Path, again: dict[Path, int]) -> Path:
    """The place for a file, another one where the archive holds it again."""
    free = target
    while free.exists():
        count = again[target] = again.get(target, 0) + 1
        times = f" {count}" if count > 1 else ""
        free = target.with_name(f"{target.stem} again{times}{target.suffix}")
    return free


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one file; its size, whatever the archive says of it."""
    large = f"{shown_name(target.name)[:80]} in it is too large: unpack it here"
    if member.file_size > most:
        raise NoArchive(large)
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with opened.open(member) as packed, target.open("xb") as file:
        while piece := packed.read(PIECE):
            size += len(piece)
            if size > most:
                raise NoArchive(large)
            file.write(piece)
    return size


# --- Whose it is ----------------------------------------------------------------------------------


def of_platform(name: str) -> tuple[str, str, str] | None:
    """The student, their number and the file's own name, as Canvas or Moodle puts them into one."""
    found = MOODLE.fullmatch(name)
    if found:
        return found["name"], found["id"], ""
    found = CANVAS.fullmatch(name)
    return (found["name"], found["id"], found["file"]) if found else None


def named(names: Iterable[str]) -> dict[tuple[str, str], str]:
    """What each student is called, by name and number: by the name, where that is no other's."""
    told = {of[:2] for name in names if (of := of_platform(name))}
    every = [name for name, _ in told]
    return {(n, k): n if every.count(n) == 1 else f"{n}_{k}" for n, k in told}


def _wrapped(paths: list[PurePosixPath]) -> int:
    """How many folders hold everything. Below them a platform's names stand, and nowhere else: a
    file in a student's folder may be called as another student's would be.
    """
    depth = 0
    while all(len(path.parts) > depth + 1 for path in paths):
        here = {path.parts[depth] for path in paths}
        if len(here) != 1 or of_platform(here.pop()):
            break
        depth += 1
    return depth


def _by_student(
    path: PurePosixPath, depth: int, students: dict[tuple[str, str], str]
) -> PurePosixPath:
    told = of_platform(path.parts[depth])
    if told is None:
        return path
    name, number, file = told
    if {name, file} & {".", ".."}:
        raise NoArchive(OUTSIDE)
    rest = [file] if file else []
    return PurePosixPath(students[name, number], *rest, *path.parts[depth + 1 :])

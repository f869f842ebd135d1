"""Zip archives that were handed in, or that a learning platform has made of a whole class.

They are unpacked aside, within limits: plain files alone, no links, no paths that lead outside.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MOST_MEMBERS = 5000
LARGEST_MEMBER = 100_000_000
LARGEST_ARCHIVE = 2_000_000_000
"""Bytes of all that is unpacked of an archive."""
PIECE = 1 << 20

CANVAS = re.compile(r"(?P<name>[^_/]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)", re.IGNORECASE)
"""As Canvas names each file of a class: `doejane_LATE_1234_56789_notebook.ipynb`."""
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?")
"""As Moodle names each student's folder: `Jane Doe_12345_assignsubmission_file_`."""


class NoArchive(Exception):
    """It cannot be unpacked; the message says why, and what to do."""


def unpack(archive: Path, into: Path) -> None:
    """Write an archive's files into a folder, under the names of the students where a platform's
    names tell them. Raises `NoArchive`, or `OSError`.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened)
            students = _students(path for path, _ in members)
            left = LARGEST_ARCHIVE
            for path, member in members:
                target = into / _by_student(path, students)
                left -= _write(opened, member, target, min(left, LARGEST_MEMBER))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        why = "it is locked with a password" if "password" in str(error) else "it is damaged"
        raise NoArchive(f"{why}: unpack it here") from error
    except zipfile.LargeZipFile as error:
        raise NoArchive("it is too large: unpack it here") from error


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
            raise NoArchive("it holds a path that leads outside of it: look into it")
        if info.is_dir() or kind not in (0, stat.S_IFREG) or litter(path):
            continue
        if not all(map(_can_be_shown, path.parts)):
            raise NoArchive("it holds a name that cannot be shown: unpack it here")
        found.append((path, info))
    return found


def litter(path: PurePosixPath) -> bool:
    """What systems put into archives and folders by themselves."""
    hidden = any(part.startswith(".") or part in ("__MACOSX", "__pycache__") for part in path.parts)
    return hidden or path.name in ("desktop.ini", "Thumbs.db")


def _can_be_shown(name: str) -> bool:
    return all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in name)


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one file; its size, whatever the archive says of it."""
    if member.file_size > most:
        raise NoArchive(f"{member.filename} in it is too large: unpack it here")
    while target.exists():
        target = target.with_name(f"{target.stem} again{target.suffix}")
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with opened.open(member) as packed, target.open("xb") as file:
        while piece := packed.read(PIECE):
            size += len(piece)
            if size > most:
                raise NoArchive(f"{member.filename} in it is too large: unpack it here")
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


def _students(paths: Iterator[PurePosixPath]) -> dict[tuple[str, str], str]:
    """What each student is called, by name and number: by the name, where that is no other's."""
    told = {of[:2] for path in paths for part in path.parts if (of := of_platform(part))}
    names = [name for name, _ in told]
    return {(n, k): n if names.count(n) == 1 else f"{n}_{k}" for n, k in told}


def _by_student(path: PurePosixPath, students: dict[tuple[str, str], str]) -> PurePosixPath:
    for i, part in enumerate(path.parts):
        told = of_platform(part)
        if told is not None:
            name, number, file = told
            rest = [file] if file else []
            return PurePosixPath(students[name, number], *rest, *path.parts[i + 1 :])
    return path

"""Zip archives that were handed in, or that a learning platform has made of a whole class.

They are unpacked aside, within limits: plain files alone, no links, no paths that lead outside.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from autograder.grading.names import shown_name
from autograder.grading.platforms import called, is_late, of_platform, overviews, turns

MOST_MEMBERS, MOST_OF_CLASS = 5_000, 200_000
"""Files of an archive, or of one student in a class's; and of all in a class's. As many folders."""
LARGEST_MEMBER = 100_000_000
LARGEST_ARCHIVE, LARGEST_OF_CLASS = 2_000_000_000, 50_000_000_000
"""Bytes of all that is unpacked of an archive; and of a class's, where names tell whose it is."""
LARGEST_OF_STUDENT = 500_000_000
"""Bytes of all that is unpacked of one student's archives: notebooks, and what lies beside."""
SMALLEST, IN_VAIN = 50_000, 50_000_000
"""Bytes as which at least a file counts of those, and an archive that is opened in vain: many small
ones take long, too."""
DEEPEST_MEMBER = 20
"""Folders within folders."""
LONGEST_NAME = 200
"""Bytes of a file's name; no file system takes more than 255, and a longer one is cut."""
PIECE = 1 << 20
ADVICE = ": unpack it here"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files are packed by nearly all programs. Of the others' packing a few bytes may hold
gigabytes, which Python unpacks at once."""
NO_ZIP = "it is no zip archive: look into it"
OUTSIDE = "it holds a path that leads outside of it: look into it"
DRIVE = re.compile(r"[A-Za-z]:")
UTF_8 = 0x800
"""The flag of a file in an archive whose name is in UTF-8."""

PACKED = (".zip", ".rar", ".7z", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
"""How archives end; of these only zip is opened."""

STAMP = "timestamp.txt"
"""nbgrader's own file: when it was handed in."""
THEIRS = "timestamp (of the student).txt"
"""What becomes of a file of that name that a student has handed in: only others say when."""
WORD = "submission_secret.txt"
"""nbgrader's own file: the secret word by which a student finds the page of this submission."""
LATE = "LATE, as Canvas says"


class NoArchive(Exception):
    """It cannot be unpacked; the message says why, and what to do."""


LONGEST_SHOWN = 200
"""Letters of a path in a list."""
Left = list[tuple[str, str]]
"""Files that cannot be taken out of an archive, and why."""


def unpack(
    archive: Path,
    into: Path,
    most: int = LARGEST_OF_CLASS,
    left_out: Left | None = None,
    turn: int = 0,
) -> tuple[int, frozenset[str]]:
    """Write an archive's files into a folder, under the names of the students where a platform's
    names tell them; the bytes that all of them count as, and who these are. most: of these bytes.
    left_out: where it is a class's, it is told here what one file has wrong, which costs nobody
    else's. turn: where it holds several attempts of a student, how many come after the one taken.

    Raises `NoArchive`, or `OSError`.
    """
    if most <= 0:
        raise NoArchive(f"too much was unpacked before it{ADVICE}")
    with _opened(archive) as opened:
        whole = left_out is not None and most > LARGEST_OF_STUDENT  # it may be a class's
        files = MOST_OF_CLASS if whole else MOST_MEMBERS
        members = _members(opened, left_out, files)
        if not members and not left_out:
            raise NoArchive("there is nothing in it: look into it")
        depth = _wrapped([path for path, _ in members])
        students = called(path.parts[depth] for path, _ in members)
        of_turn = turns(path.parts[depth] for path, _ in members)
        left, again, shares = most, dict[Path, int](), _Shares(files)
        for path, member in members:
            if of_turn.get(path.parts[depth], 0) != turn:
                continue
            target = free(_below(into, _by_student(path, depth, students)), again)
            try:
                room = min(left, shares.room(path.parts[depth:]), LARGEST_MEMBER)
                size = _write(opened, member, target, room)
            except (NoArchive, zipfile.BadZipFile, zlib.error, EOFError) as error:
                if left_out is None:
                    raise
                target.unlink(missing_ok=True)
                left_out.append((shown_name(str(path))[:LONGEST_SHOWN], _of_one(error)))
                continue
            left -= max(size, SMALLEST)
            shares.taken(path.parts[depth], size)
            note_late(path.name, target.parent)
        return most - left, frozenset(students.values())


class _Shares:
    """What is left of an archive for each student whom a platform's name tells; the others have one
    share together, in which each folder may hold so many files.
    """

    def __init__(self, most: int) -> None:
        """most: files, or folders, of all whom no platform's name tells."""
        self.most = most
        self.files = Counter[object]()
        self.bytes = Counter[object]()
        self.folders: dict[object, set[tuple[str, ...]]] = {}

    def room(self, path: tuple[str, ...]) -> int:
        """Bytes that are left for this file. Raises `NoArchive` where it is one too many."""
        of = of_platform(path[0])
        whose = of.key if of else path[:-1][:1]
        self.files[whose] += 1
        if self.files[whose] > MOST_MEMBERS:
            raise NoArchive(f"there are more than {MOST_MEMBERS:,} files of one student")
        folders = self.folders.setdefault(of.key if of else None, set())
        folders.update(path[:k] for k in range(1, len(path)))
        if len(folders) > (most := MOST_MEMBERS if of else self.most):
            raise NoArchive(f"there are more than {most:,} folders in it")
        return LARGEST_OF_STUDENT - self.bytes[of.key] if of else LARGEST_ARCHIVE - self.bytes[None]

    def taken(self, name: str, size: int) -> None:
        of = of_platform(name)
        self.bytes[of.key if of else None] += size


def parts(archive: Path) -> list[tuple[PurePosixPath, str]]:
    """Each file in it, from the level on where a platform's names stand; and whose it is, under
    the name that `unpack` gives, or nothing where none tells that.

    Raises `NoArchive`, or `OSError`.
    """
    with _opened(archive) as opened:
        paths = [path for path, _ in _members(opened, [], MOST_OF_CLASS)]
    depth = _wrapped(paths)
    inner = [PurePosixPath(*path.parts[depth:]) for path in paths]
    students = called(path.parts[0] for path in inner)
    told = [of_platform(path.parts[0]) for path in inner]
    return [(p, students[of.key] if of else "") for p, of in zip(inner, told, strict=True)]


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    """An archive, whose faults are told in words."""
    try:
        with zipfile.ZipFile(archive) as opened:
            yield opened
    except (NoArchive, OSError):
        raise
    except zipfile.LargeZipFile as error:
        raise NoArchive(f"it is too large{ADVICE}") from error
    except Exception as error:  # of a library that met what nobody foresaw
        if (begins := _begins(archive)) != b"PK":
            other = begins in (b"Ra", b"7z", b"\x1f\x8b", b"BZ", b"\xfd7")
            what = f"it is an archive of another kind than zip{ADVICE}" if other else NO_ZIP
            raise NoArchive(what) from error
        if "password" in str(error):
            raise NoArchive(f"it is locked with a password{ADVICE}") from error
        raise NoArchive("it is damaged, or not all of it has come: download it again") from error


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2)


def _members(
    opened: zipfile.ZipFile, left_out: Left | None, most: int
) -> list[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """The plain files in it, with paths that stay within it. left_out: as in `unpack`.
    most: files, folders among them."""
    infos = opened.infolist()
    if len(infos) > most:
        raise NoArchive(f"it holds more than {most:,} files{ADVICE}")
    found = []
    for info in infos:
        path = PurePosixPath(_name(info).replace("\\", "/"))
        kind = stat.S_IFMT(info.external_attr >> 16)
        why = _unfit(path)
        if why == OUTSIDE or not (info.is_dir() or kind not in (0, stat.S_IFREG) or litter(path)):
            if not why:
                found.append((PurePosixPath(*map(_short, path.parts)), info))
            elif left_out is None:
                raise NoArchive(why)
            else:
                left_out.append((shown_name(str(path))[:LONGEST_SHOWN], why.removesuffix(ADVICE)))
    depth = _wrapped([path for path, _ in found])
    beside = overviews({path.parts[depth] for path, _ in found})
    return [(path, info) for path, info in found if path.parts[depth] not in beside]


def _of_one(error: Exception) -> str:
    """What one file of a class's archive has wrong."""
    return str(error).removesuffix(ADVICE) if isinstance(error, NoArchive) else "it is damaged"


def _unfit(path: PurePosixPath) -> str:
    """Why no file of this name is taken out of an archive."""
    if not path.parts or path.is_absolute() or ".." in path.parts or DRIVE.match(path.parts[0]):
        return OUTSIDE
    if len(path.parts) > DEEPEST_MEMBER:
        return f"it holds too many folders within folders{ADVICE}"
    if not all(map(_can_be_shown, path.parts)):
        return f"it holds a name that cannot be shown{ADVICE}"
    return ""


def _name(info: zipfile.ZipInfo) -> str:
    """Macs write UTF-8 and do not say so; it is then read as an older encoding."""
    try:
        return info.filename if info.flag_bits & UTF_8 else info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def litter(path: PurePosixPath) -> bool:
    """What systems put into archives and folders by themselves."""
    hidden = any(part.startswith(".") or part in ("__MACOSX", "__pycache__") for part in path.parts)
    return hidden or path.name in ("desktop.ini", "Thumbs.db")


def is_archive(name: str) -> bool:
    return name.lower().endswith(PACKED)


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


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    """Unpack one file; its size, whatever the archive says of it."""
    name = shown_name(target.name)[:80]
    large = f"{name} in it is too large, or too much was unpacked before it{ADVICE}"
    if member.compress_type not in METHODS:
        raise NoArchive(f"{name} in it is packed in an unusual way{ADVICE}")
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


def _below(into: Path, path: PurePosixPath) -> Path:
    """Where this file goes: in a folder of another name, where a file has that one's already."""
    folder = into
    for part in path.parts[:-1]:
        folder = folder / part
        while folder.exists() and not folder.is_dir():
            folder = folder.with_name(f"{folder.name} again")
    return folder / path.name


def free(target: Path, again: dict[Path, int] | None = None) -> Path:
    """This name, or one like it that no file has. again: how often each was met before."""
    again = {} if again is None else again
    found = target
    while found.exists():
        count = again[target] = again.get(target, 0) + 1
        times = f" {count}" if count > 1 else ""
        found = target.with_name(f"{target.stem} again{times}{target.suffix}")
    return found


# --- Whose it is ----------------------------------------------------------------------------------


def note_late(name: str, folder: Path) -> None:
    """Where a file's name says that it came late, and no file says when, that is to be told."""
    if is_late(name) and not (folder / STAMP).exists():
        (folder / STAMP).write_text(LATE)


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
    rest = PurePosixPath(told.file, *path.parts[depth + 1 :])
    return PurePosixPath(students[told.key], not_stamp(rest))


def disowned(folder: Path, name: str = "") -> Path:
    """The folder, in which no file of the student's says when it was handed in, but the archive's
    name may, in each folder in it.
    """
    for path in [*folder.rglob(STAMP)]:
        path.rename(free(path.with_name(THEIRS)))
    for path in [folder, *filter(Path.is_dir, folder.rglob("*"))]:
        note_late(name, path)
    return folder


def not_stamp(path: PurePosixPath) -> PurePosixPath:
    """A student's own file or folder, called otherwise than the one that says when."""
    return PurePosixPath(*(THEIRS if part == STAMP else part for part in path.parts))

"""What a platform hands out for one assignment: whose each part is, and in which attempt."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.course import CourseError
from autograder.grading.archives import STAMP, NoArchive, free, not_stamp, parts, unpack
from autograder.grading.files import exists, is_plain, listed, no_folder, walked, why_not
from autograder.grading.platforms import Named, called, is_late, of_platform, turns


@dataclass(frozen=True)
class Handed:
    """An attempt in a download. folder: the files; names: as the platform gave them."""

    of: Named
    folder: Path
    names: tuple[str, ...]

    @property
    def is_late(self) -> bool:
        return any(map(is_late, self.names))

    @property
    def whose(self) -> str:
        return f"{self.of.student} ({self.of.number})"


def opened(
    source: Path, aside: Path, told: Collection[str] = ()
) -> tuple[list[Handed], list[tuple[str, str]]]:
    """Each attempt in a download, copied into a folder aside, a student's last one behind the
    others; what is nobody's, and why.

    source: a zip, the folder that it was unpacked to, or a file of it. told: names of files and
    folders that no platform gives, and of which the instructor says whose they are. Raises
    `CourseError` where it cannot be read.
    """
    if not exists(source):
        raise CourseError(f"there is no {source}")
    try:
        if source.is_dir() and not of_platform(source.name):
            return _copied(within(source), aside, told)
        alone = not source.is_dir() and source.suffix.lower() != ".zip"
        if alone or source.name in told or (of_platform(source.name) and not _of_a_class(source)):
            return _copied([source], aside, told)
        if not {path.parts[0] for path, _ in parts(source)}.isdisjoint(told):
            unpack(source, aside / "whole")
            return _copied(within(aside / "whole"), aside, told)
        return _unpacked(source, aside)
    except NoArchive as error:
        raise CourseError(f"{source}: {error}") from error
    except OSError as error:
        raise CourseError(f"{source}: {why_not(error)}") from error


def within(folder: Path) -> list[Path]:
    """What lies in a folder, or in the one within it, where that holds everything."""
    every = [folder / name for name in listed(folder)]
    if len(every) == 1 and not no_folder(every[0]) and not of_platform(every[0].name):
        return within(every[0])
    return every


def _of_a_class(source: Path) -> bool:
    """Whether it is a zip with students' files, whatever its own name looks like."""
    return source.suffix.lower() == ".zip" and any(student for _, student in parts(source))


def _unpacked(source: Path, aside: Path) -> tuple[list[Handed], list[tuple[str, str]]]:
    inside = parts(source)
    of_turn = turns(path.parts[0] for path, _ in inside)
    left: list[tuple[str, str]] = []
    found: list[Handed] = []
    for turn in sorted({0, *of_turn.values()}, reverse=True):
        faults: list[tuple[str, str]] = []
        room = aside / str(turn)
        unpack(source, room, left_out=faults, turn=turn)
        left += [fault for fault in faults if fault not in left]
        students: dict[str, list[str]] = {}
        for path, student in inside:
            if student and of_turn[path.parts[0]] == turn:
                students.setdefault(student, []).append(path.parts[0])
        for student, names in students.items():
            of = of_platform(names[0])
            assert of is not None
            (room / student).mkdir(parents=True, exist_ok=True)
            (room / student / STAMP).unlink(missing_ok=True)  # LATE, which is told with more below
            found.append(Handed(of, room / student, tuple(dict.fromkeys(names))))
    return found, left + [(str(p), untold(p.parts[0])) for p, student in inside if not student]


def untold(name: str) -> str:
    """Why nobody's name is read from it, and what to do."""
    if re.fullmatch(r".+_\d+_(text|link)\.html", name):
        return "it is a text or a link typed into Canvas, and no file: ask for the notebook"
    if name.startswith("anon_"):
        return "Canvas hides whose it is: download again when the assignment shows names"
    return "no platform gives such a name: --match 'NAME=STUDENT' says whose it is"


def _copied(
    every: list[Path], aside: Path, told: Collection[str]
) -> tuple[list[Handed], list[tuple[str, str]]]:
    """From a download that a browser has unpacked."""
    students = called(path.name for path in every)
    of_turn = turns(path.name for path in every)
    names: dict[tuple[int, str], list[str]] = {}
    whose: dict[tuple[int, str], Named] = {}
    left = []
    for path in every:
        of = of_platform(path.name)
        if of is None and path.name in told:
            of = Named(path.name, "", path.name if is_plain(path) else "")
        if of is None or not (is_plain(path) if of.file else not no_folder(path)):
            left.append((path.name, untold(path.name)))
            continue
        place = of_turn.get(path.name, 0), students.get(of.key, path.name)
        names.setdefault(place, []).append(path.name)
        whose[place] = of
        files = [path] if of.file else [*filter(is_plain, walked(path))]
        if len(files) < (1 if of.file else sum(len(f) for _, _, f in os.walk(path))):
            why = "not all in it was taken: it holds links, or too many files or folders in folders"
            left.append((path.name, why))
        folder = _room(aside, *place)
        for file in files:
            own = PurePosixPath(of.file or file.relative_to(path))
            target = folder / not_stamp(own)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, free(target), follow_symlinks=False)
    order = sorted(whose, key=lambda place: -place[0])
    return [Handed(whose[k], _room(aside, *k), tuple(names[k])) for k in order], left


def _room(aside: Path, turn: int, student: str) -> Path:
    made = aside / str(turn) / student
    made.mkdir(parents=True, exist_ok=True)
    return made

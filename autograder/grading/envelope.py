"""What was handed in for one notebook: its file, others that may be it, and files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from autograder.grading import claims
from autograder.grading.archives import STAMP, WORD, is_archive
from autograder.grading.claims import UNTOLD, Ids, holds, untold
from autograder.grading.files import (
    DEEPEST,
    LARGEST,
    Missing,
    Unreadable,
    is_plain,
    no_folder,
    read,
    walked,
    without_clashes,
)
from autograder.grading.forms import LARGEST_TEXT
from autograder.grading.inbox import Submission
from autograder.grading.names import (
    CASE,
    NOTEBOOK,
    alike,
    is_notebook,
    is_text,
    may_be,
    nearness,
    shown_name,
    unreadable_name,
)

MOST_OTHERS = 8
"""Files that may be the notebook, besides the one of its name."""
MOST_BESIDE, LARGEST_BESIDE, ALL_BESIDE = 100, 10_000_000, 20_000_000
"""Files that are there when it is played; bytes of one, and of all of them."""


DIFFERS = "differs from the course's: the course's own was used"
NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Envelope:
    """What was handed in for one notebook, as bytes.

    unreadable: why there is no content. missing: there is no file of its name. others: more files
    that may be it, by name. files: what lies beside it, by its path. left: in words, what of that
    could not be taken.
    """

    name: str
    content: bytes | None = None
    unreadable: str = ""
    missing: bool = False
    others: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    left: tuple[str, ...] = ()

    @property
    def parts(self) -> Iterator[str | bytes]:
        """All that a grade may depend on."""
        yield self.unreadable if self.content is None else self.content
        for held in (self.others, self.files):
            for name in sorted(held):
                yield from (name, held[name])
        yield from self.left


def opened(
    submission: Submission, notebook: str, lesson: Ids = NONE, ours: Mapping[str, bytes] = NONE
) -> Envelope:
    """What was handed in for this notebook. lesson: where there are several, what tells each.

    ours: the course's own files beside it, which stand in the place of the student's.
    Raises `OSError` where it is not the student's fault that something cannot be read.
    """
    name = notebook + NOTEBOOK
    try:
        content, why, missing = read(submission.folder / name), "", False
    except Unreadable as reason:
        content, why, missing = None, str(reason), isinstance(reason, Missing)
    inside = list(walked(submission.folder, DEEPEST if submission.alone else 0))
    there, differing = _without_ours(submission.folder, [*filter(is_plain, inside)], ours)
    candidates = _candidates(submission, notebook, lesson.keys() - {notebook}, there)
    by_cells, untaken = _by_cells(submission, notebook, lesson, there, candidates)
    if by_cells and content is not None and _is_anothers(content, notebook, lesson):
        content, why = None, f"{name} holds the cells of another notebook of this lesson"
    candidates += by_cells
    odd = [path for path in candidates if _is_odd(submission.folder, path)]
    plain = [path for path in candidates if path not in odd]
    others = _read_some(submission.folder, plain)
    names = [path.relative_to(submission.folder).as_posix() for path in plain]
    unread = [each for each in names if each not in others]
    near = [n for n in others if nearness(n, notebook) <= CASE and is_notebook(n)]
    if missing and near:  # in other letters
        name, content, why, missing = near[0], others.pop(near[0]), "", False
    beside = [path for path in there if not is_notebook(path.name)]  # a text may be a module, too
    files, left = _beside(submission, [*(p for p in odd if is_notebook(p.name)), *beside])
    left = differing + left
    left += [
        f"the file {each} was not looked at: there are too many, or too large"
        for each in unread[:3]
    ]
    left += [f"{shown_name(path.name)} lies there, and {UNTOLD}: rename it" for path in untaken[:3]]
    links = [path for path in inside if not is_plain(path) and no_folder(path)]
    left += [_of_link(submission.folder, path) for path in links[:3] if path.name != name]
    return Envelope(name, content, why, missing, others, files, tuple(left))


def _candidates(
    submission: Submission, notebook: str, siblings: Set[str], there: list[Path]
) -> list[Path]:
    """Files that may be this notebook, the nearest of name first."""
    exact = submission.folder / (notebook + NOTEBOOK)
    known = {alike(each) for each in siblings}
    found = [
        path
        for path in there
        if path != exact
        and alike(path.stem) not in known
        and (may_be(path.name, notebook) or _lone(submission, siblings, path))
    ]
    if not found and exact not in there and not siblings and submission.alone:
        found = [path for path in there if is_text(path.name)]  # a script under another name
    return sorted(found, key=lambda path: (nearness(path.name, notebook), len(path.parts)))


def _lone(submission: Submission, siblings: Set[str], path: Path) -> bool:
    """In a folder of one notebook's own, any notebook may be it."""
    return submission.alone and not siblings and is_notebook(path.name)


def _by_cells(
    submission: Submission, notebook: str, lesson: Ids, there: list[Path], named: list[Path]
) -> tuple[list[Path], list[Path]]:
    """Of a lesson of several notebooks: more files that are this one, and those that may be."""
    if len(lesson) < 2 or not submission.alone:
        return [], []
    exact = submission.folder / (notebook + NOTEBOOK)
    own = [path for path in (exact, *named) if path in there]
    sure = bool(claims.by_cells(notebook, lesson, own, sure=False))
    rest = [path for path in there if path not in own]
    found = claims.by_cells(notebook, lesson, rest, sure)
    files, without = untold(rest, lesson) if not (found or own) else ([], [])
    if notebook not in without:
        return found, []
    return (files, []) if len(files) == len(without) == 1 else ([], files)


def _is_anothers(content: bytes, notebook: str, lesson: Ids) -> bool:
    """Whether it is another notebook of the lesson by its cells, and this one by none."""
    return not holds(content, lesson[notebook]) and any(
        holds(content, lesson[each]) for each in lesson
    )


def _read_some(folder: Path, candidates: list[Path]) -> dict[str, bytes]:
    """As many, and as much; of texts no more than one may hold, as each takes seconds to read."""
    found: dict[str, bytes] = {}
    for path in candidates[:MOST_OTHERS]:
        text = is_text(path.name)
        size = sum(len(content) for name, content in found.items() if is_text(name) == text)
        if size + path.lstat().st_size > (LARGEST_TEXT if text else LARGEST):
            continue
        try:
            found[path.relative_to(folder).as_posix()] = read(path)
        except Unreadable:
            continue
    return found


def _without_ours(
    folder: Path, there: list[Path], ours: Mapping[str, bytes]
) -> tuple[list[Path], list[str]]:
    """What is the student's; in words, what the course has otherwise. Notebooks are no files."""
    names = {path.relative_to(folder).as_posix(): path for path in there}
    kept = without_clashes(names, ours)
    kept |= {name for name in names if is_notebook(name)}
    differ = [n for n, path in names.items() if n not in kept and not _is_same(path, ours.get(n))]
    said = [f"the file {shown_name(name)} {DIFFERS}" for name in differ[:3]]
    if differ[3:]:
        said.append(f"{len(differ) - 3} more files differ from the course's")
    return [path for name, path in names.items() if name in kept], said


def _is_same(path: Path, content: bytes | None) -> bool:
    return content is not None and path.lstat().st_size == len(content) and read(path) == content


def _beside(submission: Submission, paths: list[Path]) -> tuple[dict[str, bytes], list[str]]:
    """The files that are there when the notebook is played, and what is left out, in words."""
    files: dict[str, bytes] = {}
    left, size = [], 0
    for path in paths:
        name = path.relative_to(submission.folder).as_posix()
        length = path.lstat().st_size
        packed = is_archive(path.name)
        if path.name in (STAMP, WORD) or (packed and not submission.alone):
            continue
        if packed:
            what = f"the archive {shown_name(path.name)} was not opened"
            left.append(f"{what}: unpack it, if there are answers in it")
        if _is_odd(submission.folder, path):
            left.append(f"the file {shown_name(path.name)} was left out: rename it")
        elif length > LARGEST_BESIDE or size + length > ALL_BESIDE or len(files) >= MOST_BESIDE:
            left.append(
                f"the file {name} was not there when it was played: above {MOST_BESIDE} files, "
                f"{LARGEST_BESIDE // 10**6} MB each or {ALL_BESIDE // 10**6} MB together"
            )
        else:
            files[name] = read(path)
            size += len(files[name])
    return files, left[:3] + ([f"{len(left) - 3} more files were left out"] if left[3:] else [])


def _is_odd(folder: Path, path: Path) -> bool:
    """Whether its name, or a folder's, is one that no table and no page can hold."""
    return any(map(unreadable_name, path.relative_to(folder).parts))


def _of_link(folder: Path, path: Path) -> str:
    name = path.relative_to(folder).as_posix()
    return f"{'/'.join(map(shown_name, name.split('/')))} is a link or no file: it was left out"

"""Gradescope's *Export Submissions*: whose each folder is stands in a file beside the folders."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from autograder.course import CourseError
from autograder.grading.archives import NoArchive, parts
from autograder.grading.files import is_plain
from autograder.grading.platforms import of_platform
from autograder.lms.download import within

METADATA = "submission_metadata.yml"
LARGEST = 200_000_000
"""Bytes; it holds the results of all submissions, too."""
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""In C where there is one: such a file may be long."""


@dataclass(frozen=True)
class Submitted:
    """A folder's people, of a group several, each by e-mail address, number and name as far as they
    are told; and when it was handed in, as nbgrader's timestamp.txt says it, or nothing.
    """

    people: tuple[tuple[str, ...], ...]
    stamp: str = ""


def submitters(source: Path) -> dict[str, Submitted]:
    """By folder; none where the download is not Gradescope's. Raises `CourseError`."""
    content = _content(source)
    if content is None:
        return {}
    try:
        found = yaml.load(content, LOADER)
        folders = ((str(folder), about) for folder, about in found.items())
        return {name: _submitted(about) for name, about in folders if not of_platform(name)}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError) as error:
        why = str(error).split("\n")[0]
        raise CourseError(
            f"{source}: {METADATA} in it is not as Gradescope writes it: {why}"
        ) from None


def _content(source: Path) -> bytes | None:
    """The file beside the folders. One that lies in a folder is of a student's making."""
    if source.is_dir():
        path = next((path for path in within(source) if path.name == METADATA), None)
        fits = path and is_plain(path) and path.stat().st_size <= LARGEST
        return path.read_bytes() if path and fits else None
    if not zipfile.is_zipfile(source):
        return None
    try:
        if PurePosixPath(METADATA) not in {path for path, _ in parts(source)}:
            return None
        with zipfile.ZipFile(source) as packed:
            named = [i for i in packed.infolist() if PurePosixPath(i.filename).name == METADATA]
            info = min(named, key=lambda each: each.filename.count("/"))
            return packed.read(info) if info.file_size <= LARGEST else None
    except (NoArchive, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return None  # which is told when it is unpacked


def _submitted(about: dict[str, Any]) -> Submitted:
    people = tuple(
        tuple(str(one[key]).strip() for key in (":email", ":sid", ":name") if one.get(key))
        for one in about.get(":submitters") or ()
    )
    when = about.get(":created_at")
    stamp = ""
    if isinstance(when, datetime):
        there = when if when.tzinfo else when.replace(tzinfo=UTC)  # as Gradescope has it
        stamp = f"{there.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000"
    return Submitted(tuple(filter(None, people)), stamp)

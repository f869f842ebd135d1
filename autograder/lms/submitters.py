"""Gradescope's *Export Submissions*: whose each folder is stands in a file beside the folders."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from autograder.course import CourseError
from autograder.grading.files import exists, is_plain

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
        return {str(folder): _submitted(about) for folder, about in found.items()}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, RecursionError) as error:
        why = str(error).split("\n")[0]
        raise CourseError(
            f"{source}: {METADATA} in it is not as Gradescope writes it: {why}"
        ) from None


def _content(source: Path) -> bytes | None:
    if source.is_dir():
        found = [source / METADATA, *source.glob(f"*/{METADATA}")]
        path = next((path for path in found if exists(path) and is_plain(path)), None)
        return path.read_bytes() if path and path.stat().st_size <= LARGEST else None
    if not zipfile.is_zipfile(source):
        return None
    try:
        with zipfile.ZipFile(source) as packed:
            for info in packed.infolist():
                *around, name = info.filename.split("/")
                if name == METADATA and len(around) < 2 and info.file_size <= LARGEST:
                    with packed.open(info) as file:
                        return file.read(LARGEST)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        pass  # which is told when it is unpacked
    return None


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

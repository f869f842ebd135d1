"""The student bundle: a zip with the notebooks, the helpers and the environment, nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

from autograder.course import Course

EPOCH = (2020, 1, 1, 0, 0, 0)
"""One date for every file, so that the same course makes the same bytes."""


def contents(course: Course) -> dict[str, Path]:
    """What goes in: the name in the zip, and the file."""
    files = {
        "README.md": course.root / "docs" / "student.md",
        "LICENSE": course.root / "LICENSE",
        "environment.yml": course.root / "docs" / "student-environment.yml",
    }
    for lesson in course.lessons():
        path = course.notebooks / lesson.name / f"{lesson.name}.ipynb"
        files[f"notebooks/{lesson.name}/{path.name}"] = path
    for path in sorted(course.helpers.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files[path.relative_to(course.root).as_posix()] = path
    return files


def bundle(course: Course, target: Path) -> Path:
    """Write the zip; every file in it lies in a folder `downhill/`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(contents(course).items()):
            entry = zipfile.ZipInfo(f"downhill/{name}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return target

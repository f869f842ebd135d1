"""What students get: a zip with notebooks, helpers and environment, or the helpers as a package.

Nothing else is in either: no bank, no solution, no source.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from autograder.course import Course, CourseError, Lesson

EPOCH = (2020, 1, 1, 0, 0, 0)
"""One date for every file, so that the same course makes the same bytes."""
SECONDS = "1577836800"
"""The same date, as tools that build packages read it."""
NO_SETUPTOOLS = "the package is built with setuptools: pip install 'setuptools>=77'"


def contents(course: Course, lessons: Iterable[Lesson]) -> dict[str, Path]:
    """What goes in: the name in the zip, and the file."""
    files = {
        "README.md": course.root / "docs" / "student.md",
        "LICENSE": course.root / "LICENSE",
        "environment.yml": course.root / "docs" / "student-environment.yml",
    }
    for lesson in lessons:
        path = course.notebooks / lesson.name / f"{lesson.name}.ipynb"
        if not path.is_file():
            raise CourseError(f"{path} is missing: run `autograder build` first")
        files[f"notebooks/{lesson.name}/{path.name}"] = path
    for path in course.helper_files():
        files[path.relative_to(course.root).as_posix()] = path
    return files


def bundle(course: Course, target: Path, lessons: Iterable[Lesson] | None = None) -> Path:
    """Write the zip of these lessons, or of all; every file in it lies in a folder `downhill/`."""
    chosen = contents(course, lessons or course.lessons())
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(chosen.items()):
            pack(archive, f"downhill/{name}", path.read_bytes())
    return target


def pack(archive: zipfile.ZipFile, name: str, content: bytes, mode: int = 0o644) -> None:
    """A file into a zip, with its date and rights the same wherever it is made."""
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16
    archive.writestr(entry, content)


def named(lessons: Iterable[Lesson]) -> str:
    """What the zip of these lessons is called; of all, for none."""
    return "-".join(["downhill", *(lesson.name for lesson in lessons)]) + ".zip"


def wheel(course: Course, folder: Path) -> Path:
    """Build the helpers as a package that pip installs, into this folder; needs no network."""
    if not (course.helpers / "pyproject.toml").is_file():
        raise CourseError(f"{course.helpers} has no pyproject.toml, and is no package")
    if importlib.util.find_spec("setuptools") is None:
        raise CourseError(NO_SETUPTOOLS)
    with tempfile.TemporaryDirectory(prefix="wheel-") as place:
        made = Path(place, "made")
        copy = Path(place, "helpers")  # setuptools leaves a folder of its own where it builds
        for path in course.helper_files():
            target = copy / path.relative_to(course.helpers)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        shutil.copyfile(course.root / "LICENSE", copy / "LICENSE")
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--no-index", "--no-build-isolation", "-w", str(made), str(copy)]
        ran = subprocess.run(
            command,
            env=os.environ | {"SOURCE_DATE_EPOCH": SECONDS},
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise CourseError(f"the package could not be built:\n{ran.stderr.strip()}")
        (built,) = made.iterdir()
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(built, folder))

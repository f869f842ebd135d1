"""Gradescope: the zip that it runs, and `results.json`, which it reads.

Their page says what both hold: gradescope-autograders.readthedocs.io, “Autograder Specifications”.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

import autograder
import helpers
from autograder.authoring.bundle import pack
from autograder.course import TEST_PREFIX, Course, CourseError, class_secret, grade_id
from autograder.grading.archives import DEEPEST_MEMBER
from autograder.judge import VERDICT
from helpers._text import printable

HERE = Path(__file__).parent
VISIBLE = ("visible", "after_due_date", "after_published", "hidden")
"""When students see a question's points and sentences, in Gradescope's words."""
LEFT_OUT = {"__pycache__", "build"}
LONGEST = 20_000
"""Letters that are shown of a question."""
GRADER_FAILED = (
    "The grader itself failed, not you: this is no grade of your work, and nothing was taken off. "
    "Your instructor sees the reason. Hand in again later, or ask."
)
KEPT = "\n\nUntil then your submission of {when} counts, with its points."
TOO_DEEP = f"Folders more than {DEEPEST_MEMBER} deep were not read: hand in fewer."
NOTHING_READ = "Nothing of what you handed in ({names}) could be graded. Hand in {lesson}.ipynb."


@dataclass(frozen=True)
class Settings:
    """What the zip says to the grader in it.

    visibility: of `VISIBLE`. page: whether the feedback page stands in the results. timeout:
    seconds that a question may take.
    """

    lesson: str
    visibility: str = "visible"
    page: bool = True
    timeout: int = 30

    @classmethod
    def read(cls, path: Path) -> Settings:
        return cls(**json.loads(path.read_text(encoding="utf-8")))


# --- The zip --------------------------------------------------------------------------------------


def package(course: Course, settings: Settings, target: Path) -> Path:
    """Write the zip: two scripts, the grader, the course and the secret of its class."""
    lock = course.root / "requirements.lock"
    if not lock.is_file():
        raise CourseError(
            f"{lock} is missing: it says which packages Gradescope installs. Copy that of the "
            "grader's own course there, and add what your notebooks import, with hashes"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, script in (("setup.sh", "setup"), ("run_autograder", "run")):
            pack(archive, name, (HERE / f"gradescope_{script}.sh").read_bytes(), 0o755)
        pack(archive, "settings.json", json.dumps(asdict(settings)).encode())
        pack(archive, "course/.secret", class_secret(course.root).encode(), 0o600)
        for name, path in sorted(contents(course).items()):
            pack(archive, f"course/{name}", path.read_bytes())
    target.chmod(0o600)  # the bank and the secret are in it
    return target


def contents(course: Course) -> dict[str, Path]:
    """The files that a grade needs: the name in the course's folder, and the file."""
    files = {"requirements.lock": course.root / "requirements.lock"}
    # The configuration, and whatever lies beside it: nothing tells which of it is imported there.
    files |= {path.name: path for path in course.root.glob("*.py") if path.is_file()}
    for package in (autograder, helpers):
        folder = Path(str(package.__file__)).parent
        files |= {f"{folder.name}/{name}": path for name, path in within(folder)}
    return files | {f"source/{name}": path for name, path in within(course.source)}


def within(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not LEFT_OUT & {*name.parts}:
            yield name.as_posix(), path


# --- What Gradescope says of a submission ---------------------------------------------------------


def about(path: Path) -> dict[str, Any]:
    """Gradescope's own file; empty where there is none, or one of another form."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def copied(source: Path, target: Path) -> list[str]:
    """Copy a submission, links as links; a sentence where folders lie too deep to be read."""
    left: list[str] = []

    def beyond(folder: str, names: list[str]) -> list[str]:
        deep = len(Path(folder).relative_to(source).parts) >= DEEPEST_MEMBER
        found = [name for name in names if deep and os.path.isdir(os.path.join(folder, name))]
        left.extend(found)
        return found

    shutil.copytree(source, target, symlinks=True, ignore=beyond)
    return [TOO_DEEP] if left else []


def student_of(metadata: dict[str, Any]) -> str:
    """What the grader calls whoever handed in: by number, so that inputs stay a student's own."""
    users = metadata.get("users")
    first = users[0] if isinstance(users, list) and users else {}
    number = first.get("id") if isinstance(first, dict) else None
    return f"gradescope-{number}" if isinstance(number, int) else "gradescope"


# --- results.json ---------------------------------------------------------------------------------


def results(
    records: Iterable[dict[str, Any]],
    notebooks: Iterable[str],
    pages: Iterable[str],
    settings: Settings,
) -> dict[str, Any]:
    """What is shown of graded notebooks.

    records: as `classroom.keep` writes them. notebooks: executed, as JSON. pages: HTML. Where a
    lesson has several notebooks, each name begins with the notebook's.
    """
    tests, notes, points, waits = [], [], 0.0, 0.0
    records = [*records]
    of = [f"{record['notebook']}: " if len(records) > 1 else "" for record in records]
    for first, record, notebook in zip(of, records, notebooks, strict=True):
        said, errors = dict(verdicts(notebook)), dict(stopped(notebook))
        for name, mark in record["marks"].items():
            error = "" if name in said else errors.get(name, "")  # the judge alone decides
            test = question(name, mark, said.get(name, ""), error, settings)
            tests.append(test | {"name": first + test["name"]})
        for mark in record["marks"].values():
            points += mark["points"] or 0.0
            waits += mark["of"] if mark["points"] is None else 0.0
        notes += [printable(note, LONGEST) for note in record["notes"]]
    if waits:
        notes.append(f"A person grades the rest: up to {counted(waits)} more.")
    if settings.page:
        tests += [shown(page, first, settings) for first, page in zip(of, pages, strict=True)]
    return {
        "score": points,
        "output": "\n".join(notes),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def verdicts(notebook: str) -> Iterator[tuple[str, str]]:
    """What the judge said at each test cell: its grade id, and the lines."""
    for cell in nbformat.reads(notebook, 4).cells:
        for output in cell.get("outputs", []):
            if VERDICT in output.get("data", {}):
                yield grade_id(cell), str(output.data.get("text/plain", ""))


def stopped(notebook: str) -> Iterator[tuple[str, str]]:
    """The cells that ended in an error: grade id and error, also of a test without points."""
    for cell in nbformat.reads(notebook, 4).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" and grade_id(cell):
                yield grade_id(cell), f"{output.ename}: {output.evalue}"


def counted(points: float) -> str:
    return f"{points:g} point{'' if points == 1 else 's'}"


def question(
    name: str, mark: dict[str, Any], said: str, error: str, settings: Settings
) -> dict[str, Any]:
    """One question as Gradescope's test. What a person grades has no score."""
    test = {
        "name": name.removeprefix(TEST_PREFIX),
        "name_format": "text",
        "output_format": "text",
        "visibility": settings.visibility,
    }
    if mark["points"] is None:
        return test | {
            "output": f"A person looks at this answer and gives up to {counted(mark['of'])}."
        }
    right = mark["points"] >= mark["of"] and not error
    lines = (said or mark["reason"] or error).split("\n")
    return test | {
        "score": mark["points"],
        "max_score": mark["of"],
        "status": "passed" if right else "failed",
        "output": "\n".join(printable(line, LONGEST) for line in lines),
    }


def shown(page: str, first: str, settings: Settings) -> dict[str, Any]:
    """The feedback page, in a frame of its own: its style stays its own, and nothing in it runs."""
    frame = (
        "<p>Your notebook as the grader played it, with what was found at each question.</p>"
        '<iframe sandbox="" title="Feedback" style="width: 100%; height: 80vh; border: 0" '
        f'srcdoc="{html.escape(page, quote=True)}"></iframe>'
    )
    return {
        "name": f"{first}Feedback page",
        "name_format": "text",
        "output": frame,
        "output_format": "html",
        "visibility": settings.visibility,
    }


def nothing(lesson: str, names: Iterable[str], why: Iterable[str]) -> dict[str, Any]:
    """No points, because the grader takes nothing of what was handed in; why, and what to do."""
    listed = ", ".join(printable(name, 80) for name in names) or "no file"
    said = [NOTHING_READ.format(lesson=lesson, names=listed), *(printable(w, 500) for w in why)]
    return {"score": 0.0, "output": "\n".join(said), "stdout_visibility": "hidden"}


def failed(metadata: dict[str, Any]) -> dict[str, Any]:
    """The grader's own failure: no score, or the one that the student had before."""
    said = {"output": GRADER_FAILED, "output_format": "text", "stdout_visibility": "hidden"}
    earlier = metadata.get("previous_submissions")
    for one in reversed(earlier if isinstance(earlier, list) else []):
        kept = one.get("results") if isinstance(one, dict) else None
        if isinstance(kept, dict) and isinstance(kept.get("score"), int | float):
            when = printable(str(one.get("submission_time", "before")), 40)
            return kept | said | {"output": GRADER_FAILED + KEPT.format(when=when)}
    return said

"""From `source/` to `notebooks/` and `solutions/`.

nbgrader itself makes the release and the solution; what is ours is the step before (text to
notebook, rules checked) and the one after (nothing in the result differs between two runs).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment, GenerateSolution
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade

from autograder import sealing
from autograder.authoring.bank import owns_bank
from autograder.authoring.built import strays, write_sources
from autograder.authoring.nbgrader_api import configuration, convert
from autograder.course import WIDGET_VIEW, Course, CourseError, Lesson, without_markers
from autograder.proving import record
from helpers.checks import FAILED
from helpers.questions import LESSONS

PATIENCE = 600
"""Seconds for a cell of a worked solution: its author knows that it ends, and machines are busy."""
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
"""For kernels that run side by side: the threads of several wait for each other. And sums are
rounded alike, however many processors there are."""

TIMED = "measures-time"
"""The tag of a cell whose printed output is a measured time and so differs between runs."""


class BuildError(CourseError):
    """A lesson could not be built, or what is committed is stale."""


class Tidy(NbGraderPreprocessor):
    """Leave nothing in an executed solution that differs between runs or needs a kernel.

    Times, the Python version and widget models go; a widget's static picture stays. The markers
    around the worked solution go as well.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nb, resources = CoalesceStreamsPreprocessor(enabled=True).preprocess(nb, resources)
        nb.metadata.pop("widgets", None)
        nb.metadata.get("language_info", {}).pop("version", None)
        for cell in nb.cells:
            cell.source = without_markers(cell.source)
            cell.metadata.pop("execution", None)
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                if len(data) > 1:
                    data.pop(WIDGET_VIEW, None)
        return nb, resources


def digest(course: Course, lesson: Lesson) -> str:
    """What a lesson's executed solution depends on: its text, the helpers, the pinned packages.

    Of the helpers not what another lesson is asked.
    """
    total = hashlib.sha256(lesson.text().encode())
    others = {name for other in LESSONS.items() if lesson.name != other[0] for name in other}
    used = [
        path
        for path in course.helper_files()
        if path.suffix != ".toml" and not others & {*path.parts, path.name.split(".")[0]}
    ]
    for path in (*used, course.root / "requirements.lock"):
        if path.is_file():
            total.update(path.relative_to(course.root).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()


# --- The build ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One lesson to build into `target`, in a process of its own; `execute` its solution or not."""

    course: Course
    lesson: str
    target: Path
    execute: bool


def make(job: Job) -> str:
    """Let nbgrader make the release and, where wanted, the executed solution."""
    config = configuration(
        job.course,
        release_directory=job.target / "notebooks",
        solution_directory=job.target / "solutions",
        db_url=f"sqlite:///{job.target / (job.lesson + '.db')}",
    )
    convert(GenerateAssignment, config, job.lesson)
    if job.execute:
        from helpers.explorers import page  # which loads what draws

        os.environ[page.WANTED] = "1"  # solutions are read without a kernel
        os.environ.update(ONE_THREAD)
        config.Execute.timeout = PATIENCE
        convert(GenerateSolution, config, job.lesson)
        path = job.target / "solutions" / job.lesson / f"{job.lesson}.ipynb"
        refuse_errors(nbformat.read(path, as_version=4), job.lesson)
    return job.lesson


def refuse_errors(solution: NotebookNode, lesson: str) -> None:
    """A worked solution that raises, or warns, or that a test cell finds wrong, is not one."""
    for number, cell in enumerate(solution.cells, 1):
        graded = is_grade(cell)
        for output in cell.get("outputs", []):
            if wrong := fault(output, graded):
                where = f"{lesson}: the worked solution fails in cell {number} ({cell.id})"
                raise BuildError(f"{where}: {wrong}")


def fault(output: NotebookNode, graded: bool) -> str | None:
    """What is wrong with the cell that has this output. A check says so and raises nothing."""
    if output.output_type == "error":
        if output.ename == "KeyboardInterrupt":  # which is how nbgrader ends a cell
            return f"it did not end in {PATIENCE} s"
        return f"{output.ename}: {output.evalue}"
    if output.output_type != "stream":
        return None
    if output.name == "stderr":
        return output.text
    lines = output.text.splitlines() if graded else ()
    return next((line for line in lines if line.startswith(FAILED)), None)


def build(
    course: Course, lessons: Iterable[Lesson] | None = None, fresh: bool = False
) -> list[str]:
    """Bring `notebooks/` and `solutions/` up to date; return the files that changed.

    What is recorded of the bank and the answers to predictions come first, because solutions are
    run with them. A solution is executed where the lesson's text, the helpers or the pinned
    packages have changed since (`fresh`: always).
    """
    chosen = list(lessons or course.lessons())
    recorded = record.write([lesson.name for lesson in chosen]) if owns_bank(course) else []
    recorded += [
        course.sealed(lesson.name)
        for lesson in chosen
        if sealing.write(course.sealed(lesson.name), lesson.sealed())
    ]
    digests = read_digests(course)
    now = {lesson.name: digest(course, lesson) for lesson in chosen}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        jobs = [
            Job(course, name, target, execute=fresh or digests.get(name) != current)
            for name, current in now.items()
        ]
        run(course, jobs)
        changed = [path.relative_to(course.root).as_posix() for path in recorded]
        for made in sorted(target.glob("*/*/*.ipynb")):
            place = course.root / made.relative_to(target)
            if not place.exists() or place.read_bytes() != made.read_bytes():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(made, place)
                changed.append(place.relative_to(course.root).as_posix())
    write_digests(course, digests | now)
    return changed


def check(course: Course) -> list[str]:
    """What is stale among the committed notebooks and solutions, in words; nothing is written."""
    digests = read_digests(course)
    names = record.stale() if owns_bank(course) else ()
    stale = [f"what is recorded of {name} is not what its bank makes now" for name in names]
    for lesson in course.lessons():
        if sealing.read(course.sealed(lesson.name)) != lesson.sealed():
            path = course.sealed(lesson.name).relative_to(course.root)
            stale.append(f"{path} is not what {lesson.path.name} makes")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        run(course, [Job(course, lesson.name, target, False) for lesson in course.lessons()])
        for lesson in course.lessons():
            release = Path("notebooks") / lesson.name / f"{lesson.name}.ipynb"
            solution = Path("solutions") / lesson.name / f"{lesson.name}.ipynb"
            committed = course.root / release
            if not committed.exists() or committed.read_bytes() != (target / release).read_bytes():
                stale.append(f"{release} is not what {lesson.path.name} makes")
            if not (course.root / solution).exists():
                stale.append(f"{solution} is missing")
            elif digests.get(lesson.name) != digest(course, lesson):
                reason = "was executed before the lesson, the helpers or a pin changed"
                stale.append(f"{solution} {reason}")
            elif sources(nbformat.read(course.root / solution, 4)) != released_solution(lesson):
                stale.append(f"{solution} has been edited by hand")
    return [*stale, *strays(course)]


def run(course: Course, jobs: list[Job]) -> None:
    write_sources(course, [course.lesson(job.lesson) for job in jobs])
    with ProcessPoolExecutor(max_workers=min(4, len(jobs))) as pool:
        for _ in pool.map(make, jobs):
            pass


def sources(notebook: NotebookNode) -> list[tuple[str, str, str]]:
    return [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]


def released_solution(lesson: Lesson) -> list[tuple[str, str, str]]:
    """The cells that the committed solution must hold."""
    notebook, _ = ClearHiddenTests().preprocess(lesson.notebook(), ResourcesDict())
    notebook, _ = Tidy().preprocess(notebook, ResourcesDict())
    return sources(notebook)


def read_digests(course: Course) -> dict[str, str]:
    path = course.solutions / "digests.json"
    return json.loads(path.read_text()) if path.exists() else {}


def write_digests(course: Course, digests: dict[str, str]) -> None:
    course.solutions.mkdir(exist_ok=True)
    text = json.dumps(dict(sorted(digests.items())), indent=1) + "\n"
    (course.solutions / "digests.json").write_text(text)

"""How fast a class is graded: beside nbgrader, beside a bare `exec`, by workers, by size.

    python -m benchmarks.grading [beside|start|bare|workers|size|large] ...

Every part prints a table. Timings depend on the machine and on what else it does; no test reads
them. `large` grades 10,000 simulated submissions and takes long; it runs only when it is named.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.classroom import Classroom
from autograder.course import Course, Lesson
from autograder.exercises import exercises
from autograder.grading.pool import processors
from autograder.grading.release import release, settings
from autograder.judge import judge
from autograder.runner import Options, grade
from autograder.sample import mistakes, worked_solution
from benchmarks.classes import EXERCISES, LESSON, ROOT, small_class

JOBS = min(4, processors())


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        yield Path(place)


def course_copy(place: Path) -> Course:
    """This course, without what it has built, so that gradebooks are new."""
    hidden = shutil.ignore_patterns(".*", "__pycache__", "tests", "demo", "submitted", "dist")
    shutil.copytree(ROOT, place / "course", ignore=hidden)
    return Course(place / "course")


def hand_in(course: Course, lessons: list[Lesson], copies: int = 8) -> int:
    """For each lesson so many right notebooks, and as many with mistakes in every third exercise.

    A class must be large enough that the start of the workers is not all that is measured.
    """
    makers: dict[str, Callable] = {"right": worked_solution}
    makers |= {f"right-{k}": worked_solution for k in range(1, copies)}
    makers |= {f"wrong-{k}": mistakes(k % 3) for k in range(copies)}
    for lesson in lessons:
        blank = nbformat.read(course.notebooks / lesson.name / f"{lesson.name}.ipynb", 4)
        for student, make in makers.items():
            path = course.root / "submitted" / student / lesson.name / f"{lesson.name}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(make(lesson, nbformat.from_dict(json.loads(json.dumps(blank)))))
    return len(makers) * len(lessons)


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def beside(copies: int = 8) -> None:
    """nbgrader's own commands and ours, on the same submissions of every lesson.

    Both have their release ready. nbgrader grades an assignment a command; ours takes all at once.
    """
    print(f"\n## Beside nbgrader, {JOBS} workers\n")
    with folder() as place:
        course = course_copy(place)
        lessons = course.lessons()
        count = hand_in(course, lessons, copies)
        for lesson in lessons:
            nbgrader(course, "generate_assignment", lesson.name)
        classroom = Classroom.of(course.root / "submitted")
        shutil.copy(course.root / "gradebook.db", place / "before.db")
        each = count / len(lessons)
        theirs: dict[str, tuple[float, float]] = {}
        for lesson in lessons:
            name = lesson.name
            theirs[name] = (
                timed(lambda: nbgrader(course, "autograde", name)) / each,  # noqa: B023
                timed(lambda: nbgrader(course, "generate_feedback", name)) / each,  # noqa: B023
            )
        before = exported(course)
        ours, taken = {}, {}
        for how, options in {"lean": (), "whole": ("--whole",)}.items():
            for made in ("autograded", "feedback"):
                shutil.rmtree(course.root / made)
            shutil.copy(place / "before.db", course.root / "gradebook.db")
            release(course, classroom, settings(course, classroom), [one.name for one in lessons])
            ours[how] = timed(lambda: grade_command(course, "--jobs", str(JOBS), *options))  # noqa: B023
            assert exported(course) == before, f"the points differ, {how}"
            taken[how] = used(classroom, lessons)
    print("Seconds a submission; ours: of a processor, in the sandbox, in judge and page\n")
    print("| lesson | nbgrader autograde | its feedback | ours, lean | ours, whole |")
    print("|---|---|---|---|---|")
    for name, (graded, pages) in theirs.items():
        lean, whole = (
            f"{sandbox:.2f} + {rest:.2f}"
            for sandbox, rest in (taken["lean"][name], taken["whole"][name])
        )
        print(f"| {name} | {graded:.2f} | {pages:.2f} | {lean} | {whole} |")
    both = sum(map(sum, theirs.values())) * each
    print(f"\n{count} submissions, everything written, equal points in all: nbgrader {both:.0f} s")
    for how, seconds in ours.items():
        print(
            f"ours {how} {seconds:.1f} s ({seconds / count:.3f} s each, "
            f"{both / count:.2f} s there): {both / seconds:.1f} times faster"
        )


def used(classroom: Classroom, lessons: list[Lesson]) -> dict[str, tuple[float, float]]:
    """Of each lesson the mean seconds of a processor: in the sandbox; in judge and page."""
    found = {}
    for lesson in lessons:
        records = sorted((classroom.folder / "records").glob(f"*/{lesson.name}/{lesson.name}.json"))
        every = [json.loads(record.read_text())["used"] for record in records]
        sandbox = sum(one["cpu"] for one in every) / len(every)
        found[lesson.name] = sandbox, sum(one["judge"] + one["page"] for one in every) / len(every)
    return found


def nbgrader(course: Course, *arguments: str) -> None:
    command = [sys.executable, "-m", "nbgrader", *arguments]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)


def grade_command(course: Course, *arguments: str) -> None:
    code = "import sys; from autograder.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "grade", *arguments]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)


def exported(course: Course) -> dict[tuple[str, str], str]:
    nbgrader(course, "export")
    with (course.root / "grades.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {(row["student_id"], row["assignment"]): row["score"] for row in rows}


# --- One resubmission ---------------------------------------------------------------------------


IMPORTS = {
    "nbgrader, imported alone": "nbgrader",
    "numpy, Matplotlib and IPython, imported alone": "numpy, matplotlib.pyplot, IPython",
}
"""What a grader cannot do without: in its own process, and in the student's."""


def start(times: int = 5) -> None:
    """From the command to the verdict on one notebook that was handed in again."""
    print("\n## One resubmission of a lesson: seconds from the command\n")
    print("| | to the first verdict | to the end |")
    print("|---|---|---|")
    with folder() as place:
        course = course_copy(place)
        lesson = course.lessons()[0]
        hand_in(course, [lesson], copies=1)
        grade_command(course)
        for number in range(1, times + 1):
            first, last = verdict_of_one(course, lesson.name)
            print(f"| run {number} | {first:.2f} | {last:.2f} |", flush=True)
        for what, names in IMPORTS.items():
            command = [sys.executable, "-c", f"import {names}"]
            seconds = timed(lambda: subprocess.run(command, check=True))  # noqa: B023
            print(f"| {what} | | {seconds:.2f} |", flush=True)


def verdict_of_one(course: Course, lesson: str) -> tuple[float, float]:
    code = "import sys; from autograder.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "grade", lesson, "--student", "right"]
    own = os.environ | {"PYTHONPATH": str(course.root)}  # else the installed one starts it anew
    begin, first = time.perf_counter(), 0.0
    with subprocess.Popen(
        command, cwd=course.root, env=own, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if not first and "[1/1" in line:
                first = time.perf_counter() - begin
    assert process.returncode == 0
    return first, time.perf_counter() - begin


# --- The bare limit -----------------------------------------------------------------------------


def bare() -> None:
    """The CPU of a right submission, lean and whole, beside what of it no grader could save.

    Its cells by `exec` in a warm fork, and its questions asked of the right answers right here.
    """
    print("\n## CPU of a right submission: seconds in the sandbox + in judge and page\n")
    print("| lesson | lean | its questions, asked without a sandbox | whole | its cells by exec |")
    print("|---|---|---|---|---|")
    with folder() as place:
        course = course_copy(place)
        hand_in(course, course.lessons(), copies=1)
        shutil.rmtree(course.root / "submitted" / "wrong-0")
        classroom = Classroom.of(course.root / "submitted")
        lessons = course.lessons()
        taken = {}
        for whole in (False, True):
            grade(course, classroom, [one.name for one in lessons], Options(jobs=1, whole=whole))
            taken[whole] = used(classroom, lessons)
        for name in (one.name for one in lessons):
            lean, played = ("{:.2f} + {:.2f}".format(*taken[whole][name]) for whole in taken)
            asked, cells = asked_here(name), bare_exec(course, name)
            print(f"| {name} | {lean} | {asked:.2f} | {played} | {cells:.2f} |", flush=True)


def asked_here(lesson: str) -> float:
    """CPU seconds of a lesson's questions on its right answers, in this process."""
    for _ in range(2):  # the first time loads the bank
        begin = time.process_time()
        for exercise in exercises(lesson):
            judge(exercise, exercise.reference)
        seconds = time.process_time() - begin
    return seconds


def bare_exec(course: Course, name: str) -> float:
    """CPU seconds of the cells of a right submission, outputs rendered, nothing else."""
    path = course.root / "submitted" / "right" / name / f"{name}.ipynb"
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_exec_cells, args=(path, theirs))
    process.start()
    seconds = ours.recv()
    process.join()
    return float(seconds)


def _exec_cells(path: Path, pipe: object) -> None:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    from IPython.core.formatters import DisplayFormatter

    import helpers.explorers  # noqa: F401  (warm, as the other side is)
    from autograder.sandbox.plots import drawn_once, share_parser

    os.environ["NBGRADER_EXECUTION"] = "autograde"
    share_parser()
    formatter = DisplayFormatter()
    names: dict = {"__name__": "__main__", "get_ipython": lambda: None}
    cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
    for _ in range(2):  # the first time warms up
        begin = time.process_time()
        for source in cells:
            with redirect_stdout(io.StringIO()):
                _exec(source, names, formatter)
                for number in plt.get_fignums():
                    drawn_once(plt.figure(number))
                plt.close("all")
        seconds = time.process_time() - begin
    pipe.send(seconds)  # type: ignore[attr-defined]


def _exec(source: str, names: dict, formatter: object) -> None:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
        if value is not None and not source.rstrip().endswith(";"):
            formatter.format(value)  # type: ignore[attr-defined]


# --- Workers and sizes --------------------------------------------------------------------------


@dataclass(frozen=True)
class Graded:
    """Seconds until the first result, seconds from it to the last, and the grader's memory (MB)."""

    start: float
    rest: float
    memory: float


def grade_small(students: int, jobs: int) -> Graded:
    """Grade so many small submissions; every one must get its points."""
    stamps: list[float] = []
    with folder() as place:
        classroom, expected = small_class(place, students)
        course = Course(place)
        begin = time.perf_counter()
        outcome = grade(
            course,
            classroom,
            [LESSON],
            Options(jobs=jobs),
            lambda done, total, result: stamps.append(time.perf_counter() - begin),
        )
        assert {r.student: r.points for r in outcome.results} == expected
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Graded(stamps[0], stamps[-1] - stamps[0], memory)


def _burn(_: int) -> None:
    sum(i * i for i in range(10_000_000))


def burners(jobs: int) -> float:
    """Seconds that so many processes need for the same arithmetic each: what the machine can do."""
    with multiprocessing.Pool(jobs) as pool:
        return timed(lambda: pool.map(_burn, range(jobs), chunksize=1))


def workers(students: int = 240) -> None:
    """One, two and four workers, on submissions of four exercises without plots."""
    print(f"\n## {students} submissions of {len(EXERCISES)} exercises, by workers\n")
    print("| workers | start | then | ms each | times faster | plain arithmetic, times faster |")
    print("|---|---|---|---|---|---|")
    first, plain = 0.0, 0.0
    for jobs in (1, 2, 4):
        seconds = burners(jobs) / jobs
        plain = plain or seconds
        made = grade_small(students, jobs)
        first = first or made.rest
        each = 1000 * made.rest / students
        row = f"| {jobs} | {made.start:.1f} s | {made.rest:.1f} s | {each:.0f} "
        print(row + f"| {first / made.rest:.2f} | {plain / seconds:.2f} |", flush=True)


def size(students: int = 60) -> None:
    """A class, and one ten times as large."""
    print("\n## Ten times the class\n")
    print("| submissions | start | then | times | the grader's memory |")
    print("|---|---|---|---|---|")
    first = 0.0
    for count in (students, 10 * students):
        made = grade_small(count, JOBS)
        first = first or made.rest
        times = made.rest / first
        row = f"| {count} | {made.start:.1f} s | {made.rest:.1f} s | {times:.2f} "
        print(row + f"| {made.memory:.0f} MB |", flush=True)


def large(students: int = 10_000) -> None:
    """A simulated class of ten thousand."""
    made = grade_small(students, JOBS)
    print(f"\n## {students} submissions\n")
    print(
        f"{made.start + made.rest:.0f} s, {1000 * made.rest / students:.0f} ms each with ", end=""
    )
    print(f"{JOBS} workers; the grader took {made.memory:.0f} MB")


PARTS = {"beside": beside, "start": start, "bare": bare, "workers": workers, "size": size}


def main(names: list[str] | None = None) -> None:
    for name in names or PARTS:
        (PARTS | {"large": large})[name]()


if __name__ == "__main__":
    main(sys.argv[1:])

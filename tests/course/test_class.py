"""A whole class, for real: released, submitted, graded, given feedback, exported."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.classroom import Classroom, Result
from autograder.course import TEST_PREFIX, Course
from autograder.judge import SECRET
from autograder.runner import Options, grade
from autograder.sample import STUDENTS, graded, make_class, planted
from tests.conftest import ROOT

LESSONS = [lesson.name for lesson in Course(ROOT).lessons()]
DAMAGED = [LESSONS[0], LESSONS[3]]
"""The lessons in which some students hand in something broken: one of functions, one of classes."""

HONEST = ("worked-solution", "blank", "mistakes-1", "mistakes-2", "mistakes-3")
ENDLESS, SOON = "endless-loop", 4
"""Who uses up all time that there is, and the seconds that this one gets; each costs a processor
as many, several times over."""


@pytest.fixture(scope="module")
def classroom(tmp_path_factory) -> Classroom:
    folder = tmp_path_factory.mktemp("class")
    made = Classroom.of(folder / "submitted", timeout=15)
    make_class(Course(ROOT), made.submitted)
    for student in set(STUDENTS) - set(HONEST):
        for lesson in set(LESSONS) - set(DAMAGED):
            shutil.rmtree(made.submitted / student / lesson)
    return made


@pytest.fixture(scope="module")
def results(classroom) -> dict[tuple[str, str], Result]:
    found = []
    for room, students in (
        (classroom, tuple(set(STUDENTS) - {ENDLESS})),
        (replace(classroom, timeout=SOON), (ENDLESS,)),
    ):
        found += grade(Course(ROOT), room, LESSONS, Options(students=students)).results
    return {(r.student, r.lesson): r for r in found}


def automatic(lesson: str) -> float:
    """The points of a lesson that are given without a person."""
    points = Course(ROOT).lesson(lesson).points()
    return sum(p for name, p in points.items() if name.startswith(TEST_PREFIX))


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_worked_solution_gets_everything(results, lesson):
    result = results["worked-solution", lesson]
    assert result.points == automatic(lesson)
    assert result.points + result.to_grade_by_hand == result.of
    assert result.reasons == ()


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_blank_notebook_gets_nothing(results, lesson):
    result = results["blank", lesson]
    assert result.points == 0
    assert result.to_grade_by_hand == 0
    assert all("is not implemented yet" in reason for reason in result.reasons)


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_planted_mistake_costs_points_and_is_named(results, classroom, lesson, which):
    student = f"mistakes-{which + 1}"
    result = results[student, lesson]
    wrong = graded(Course(ROOT).lesson(lesson))[which % 3 :: 3]
    assert set(planted(wrong, which)) == {e.name for e in wrong}
    reasons = dict(reason.split(": ", 1) for reason in result.reasons)
    expected = {e.name: e.page.wrong[which % len(e.page.wrong)].says for e in wrong}
    assert reasons == expected
    page = (classroom.feedback / student / lesson / f"{lesson}.html").read_text()
    for says in expected.values():
        assert says.split("’")[0][:30].replace("'", "&#39;").split("<")[0][:20] in page


@pytest.mark.parametrize("lesson", DAMAGED)
def test_a_fault_costs_its_own_question_only(results, lesson):
    everything = automatic(lesson)
    first, *_, last = graded(Course(ROOT).lesson(lesson))
    assert results["raises-at-the-top", lesson].points == everything - first.points
    assert results["endless-loop", lesson].points == everything - last.points
    assert "time: it ran longer than" in results["endless-loop", lesson].reasons[0]


@pytest.mark.parametrize("lesson", DAMAGED)
def test_damage_is_put_right_or_named(results, lesson):
    shuffled = results["shuffled-cells", lesson]
    second = graded(Course(ROOT).lesson(lesson))[1]
    assert shuffled.points == automatic(lesson) - second.points
    text = "\n".join(shuffled.reasons)
    for part in ("stands 2 times", "is missing", "was renamed", "was deleted: it was put back"):
        assert part in text
    broken = results["not-a-notebook", lesson]
    assert broken.points == 0
    assert "not a notebook" in broken.reasons[0]


def test_a_class_graded_whole_gets_the_same_points(results, classroom, tmp_path):
    """Every plot and demonstration is played, and no point depends on it.

    Of right answers in every lesson; of wrong and of missing ones where others are damaged.
    """
    apart = Classroom.of(tmp_path / "submitted", timeout=15)
    shutil.copy(classroom.folder / ".secret", apart.folder)  # so that the same inputs are drawn
    some = [("worked-solution", lesson) for lesson in LESSONS]
    some += [("mistakes-2", lesson) for lesson in DAMAGED] + [("blank", DAMAGED[0])]
    for place in some:
        shutil.copytree(classroom.submitted.joinpath(*place), apart.submitted.joinpath(*place))
    whole = grade(Course(ROOT), apart, LESSONS, Options(whole=True, pages=False)).results
    assert sorted((result.student, result.lesson) for result in whole) == sorted(some)
    for result in whole:
        lean = results[result.student, result.lesson]
        assert (result.points, result.reasons) == (lean.points, lean.reasons)


def test_every_student_has_a_page_and_no_page_holds_a_hidden_test(results, classroom):
    pages = list(classroom.feedback.glob("*/*/*.html"))
    broken = len(STUDENTS) - len(HONEST)
    assert len(pages) == len(HONEST) * len(LESSONS) + broken * len(DAMAGED) == len(results)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "BEGIN HIDDEN" not in text
        assert "autograder.judge" not in text


def test_resume_grades_nothing_again(results, classroom):
    same = tuple(set(STUDENTS) - {ENDLESS})  # in as much time as before
    again = grade(Course(ROOT), classroom, LESSONS, Options(resume=True, students=same)).results
    assert all(r.again for r in again)
    assert {(r.student, r.lesson): r.points for r in again} == {
        k: r.points for k, r in results.items() if k[0] != ENDLESS
    }


def nbgrader(folder: Path, *arguments: str) -> str:
    """One of nbgrader's own commands, as an instructor types it in the course's folder."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    # Without what reading the configuration has put into our own environment.
    clean = {name: value for name, value in os.environ.items() if name != SECRET}
    done = subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def test_plain_nbgrader_gives_honest_work_the_same_points(results, classroom, tmp_path):
    course = tmp_path / "course"
    ignore = shutil.ignore_patterns(
        ".*", "__pycache__", "tests", "demo", "gradebook.db", "submitted"
    )
    shutil.copytree(ROOT, course, ignore=ignore)
    shutil.copy(classroom.folder / ".secret", course)  # the same inputs for each student
    lesson = LESSONS[1]
    some = ("worked-solution", "blank", "mistakes-2")
    for student in some:
        shutil.copytree(
            classroom.submitted / student / lesson, course / "submitted" / student / lesson
        )
    before = (course / "notebooks" / lesson / f"{lesson}.ipynb").read_bytes()
    nbgrader(course, "generate_assignment", lesson)
    assert (course / "notebooks" / lesson / f"{lesson}.ipynb").read_bytes() == before
    nbgrader(course, "autograde", lesson)
    nbgrader(course, "generate_feedback", lesson)
    nbgrader(course, "export")
    with (course / "grades.csv").open() as file:
        scores = {
            row["student_id"]: float(row["score"] or 0)
            for row in csv.DictReader(file)
            if row["assignment"] == lesson
        }
    assert scores == {student: results[student, lesson].points for student in some}
    for student in some:
        assert (course / "feedback" / student / lesson / f"{lesson}.html").is_file()


def test_formgrader_shows_the_class(results, classroom, tmp_path):
    """Formgrader's own API, started as an instructor starts it, on the class's gradebook."""
    import socket
    import time
    import urllib.request

    config = tmp_path / "nbgrader_config.py"
    config.write_text(
        "c = get_config()\n"
        f"c.CourseDirectory.root = {str(classroom.folder)!r}\n"
        "c.CourseDirectory.course_id = 'downhill'\n"
        "c.CourseDirectory.source_directory = 'release'\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "jupyter"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    options = ["--no-browser", f"--port={port}", "--allow-root", "--IdentityProvider.token="]
    options += [f"--notebook-dir={classroom.folder}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}/formgrader/api/submissions/{LESSONS[0]}"
        for _ in range(120):
            try:
                answer = json.load(urllib.request.urlopen(address, timeout=5))
                break
            except OSError:
                time.sleep(0.5)
        shown = {row["student"]: row["score"] for row in answer}
    finally:
        server.terminate()
        server.wait(timeout=20)
    assert shown == {student: results[student, LESSONS[0]].points for student in STUDENTS}


def test_the_executed_notebooks_hold_the_verdicts(results, classroom):
    lesson = LESSONS[0]
    path = classroom.folder / "autograded" / "mistakes-1" / lesson / f"{lesson}.ipynb"
    notebook = nbformat.read(path, 4)
    shown = [
        output.data["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data" and "text/plain" in output.data
    ]
    assert any("What it looks like:" in text for text in shown)

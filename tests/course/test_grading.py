"""How a class is graded: alone and on a cluster, again, in part, without writing, after a kill."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.dbutil import _temp_alembic_ini
from sqlalchemy import event

from autograder.classroom import COURSE_ID, Classroom, kept
from autograder.cli import main
from autograder.commands import demo
from autograder.course import Course, CourseError
from autograder.exercises import find
from autograder.grading import cluster
from autograder.grading.gradebook import Book
from autograder.grading.release import settings
from autograder.grading.sheet import Sheet, code_version
from autograder.grading.task import Graded, Mark
from autograder.runner import Options, Outcome, grade
from autograder.sandbox.container import NotContained
from benchmarks.classes import LESSON, answered, place, released, small_class
from benchmarks.kills import run as run_kills
from tests.conftest import contained
from tests.hostile.arena import ATTACKS, Attack

pytestmark = contained

STUDENTS = 6


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> tuple[Classroom, dict[str, float], Outcome]:
    """A small class, graded by four workers."""
    classroom, expected = small_class(tmp_path_factory.mktemp("grading"), STUDENTS)
    outcome = grade(Course(classroom.folder), classroom, [LESSON], Options(jobs=4))
    return classroom, expected, outcome


@pytest.fixture
def copy(graded, tmp_path) -> Classroom:
    """A copy of the graded class, to be changed."""
    shutil.copytree(graded[0].folder, tmp_path / "class")
    return Classroom.of(tmp_path / "class" / "submitted")


def points(outcome: Outcome) -> dict[str, float]:
    return {r.student: r.points for r in outcome.results}


def marks(classroom: Classroom) -> dict[str, dict]:
    """What the records say, without times."""
    found = {}
    for path in sorted((classroom.folder / "records").glob("*/*/*.json")):
        record = kept(path)
        assert record is not None
        found[record["student"]] = record["marks"]
    return found


@contextmanager
def opened(classroom: Classroom) -> Iterator[Gradebook]:
    with Gradebook(classroom.db_url, COURSE_ID) as book:
        yield book


def test_the_points_are_right_and_by_hand_is_left(graded):
    _, expected, outcome = graded
    assert points(outcome) == expected
    assert all(r.to_grade_by_hand == 3 for r in outcome.results)


def test_one_worker_gives_the_same_points(graded, copy):
    outcome = grade(Course(copy.folder), copy, [LESSON], Options(jobs=1))
    assert points(outcome) == points(graded[2])
    assert marks(copy) == marks(graded[0])


def test_a_cluster_gives_the_same_points(graded, copy):
    """And a submission that makes the judge work without end is stopped there, too."""
    from distributed import LocalCluster

    attack = Attack.read(ATTACKS / "judge_runs_for_ever.txt")
    hostile = answered(released(Course(copy.folder)), attack.blocks)
    place(copy.submitted, "hostile").write_text(json.dumps(hostile))
    classroom = Classroom.of(copy.submitted, timeout=4)
    with LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None
    ) as cluster:
        options = Options(scheduler=cluster.scheduler_address)
        outcome = grade(Course(copy.folder), classroom, [LESSON], options)
    found, made = points(outcome), marks(copy)
    reason = made.pop("hostile")["test-sigmoid"]["reason"]
    assert reason.startswith(("time: ", "memory: ")), reason  # what it piles up takes memory, too
    assert found.pop("hostile") == max(found.values()) - find("sigmoid").points
    assert found == points(graded[2])
    assert made == marks(graded[0])


def test_no_scheduler_is_told(copy, monkeypatch):
    monkeypatch.setattr(cluster, "SLOWEST_ANSWER", 1.0)
    options = Options(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(CourseError, match="no Dask scheduler answers"):
        grade(Course(copy.folder), copy, [LESSON], options)


def test_each_grade_records_what_made_it(graded):
    record = kept(graded[0].record("student-00001", LESSON, LESSON))
    assert record["made"]["course"]
    assert len(record["made"]["submission"]) == 64
    assert set(record["made"]["packages"]) >= {"numpy", "nbgrader", "downhill"}
    mark = record["marks"]["test-square"]
    assert mark["seed"] > 0
    assert mark["points"] < mark["of"]
    assert mark["lost"] == [find("square").asked.questions[0].says]
    assert record["marks"]["test-sigmoid"]["lost"] == []
    assert record["used"]["cpu"] > 0
    assert code_version() == code_version()


def test_a_profile_says_where_the_time_went(copy, monkeypatch, capsys):
    """From the records, so also of what is not graded anew."""
    path = copy.record("student-00004", LESSON, LESSON)
    record = json.loads(path.read_text())
    assert min(record["used"][part] for part in ("cpu", "judge", "wall")) > 0
    assert record["used"]["page"] >= 0  # less than some clocks tell apart
    slow = {"wall": 100.0, "cpu": 20.0, "judge": 3.0, "page": 0.5, "waited": 7.0, "processes": 3}
    record["used"] |= slow
    path.write_text(json.dumps(record))
    monkeypatch.chdir(copy.folder)
    assert main(["grade", "--resume", "--profile"]) == 0
    lessons, submissions = capsys.readouterr().out.split("The slowest")
    first = next(line for line in submissions.splitlines() if "student-" in line)
    name, *numbers = first.rsplit(maxsplit=7)
    assert name.split() == ["student-00004,", LESSON]
    assert numbers == ["20.00", "3.00", "0.50", "7.00", "70.00", "2", "93.50"]
    row = re.search(rf"{LESSON} +{STUDENTS} +([\d.]+)", lessons.split("Where the time went")[1])
    assert row
    assert float(row[1]) > 20.0
    assert main(["grade", "--dry-run", "--profile"]) == 1
    assert "a dry run writes none" in capsys.readouterr().err


def test_resume_grades_only_what_has_changed(copy):
    changed = place(copy.submitted, "student-00003")
    changed.write_text(changed.read_text() + "\n")
    copy.record("student-00002", LESSON, LESSON).write_text("{")
    outcome = grade(Course(copy.folder), copy, [LESSON], Options(resume=True))
    again = {r.student for r in outcome.results if not r.again}
    assert again == {"student-00002", "student-00003"}


def test_a_dry_run_says_what_would_change_and_writes_nothing(copy):
    blank = released(Course(copy.folder))
    place(copy.submitted, "student-00001").write_text(json.dumps(answered(blank, {})))
    shutil.rmtree(copy.folder / "blank")
    before = {p: p.read_bytes() for p in sorted(copy.folder.rglob("*")) if p.is_file()}
    outcome = grade(Course(copy.folder), copy, [LESSON], Options(dry_run=True))
    told = [(c.student, c.question, c.before, c.after) for c in outcome.changes]
    assert told == [("student-00001", "square", 0.0, 1.0)]
    assert {p: p.read_bytes() for p in sorted(copy.folder.rglob("*")) if p.is_file()} == before


def test_a_dry_run_tells_no_change_where_a_persons_points_stay(copy):
    only = Options(dry_run=True, students=("student-00001",))
    with opened(copy) as book:
        given = book.find_grade("test-square", LESSON, LESSON, "student-00001")
        given.manual_score, given.needs_manual_grade = 0.5, False
        book.db.commit()
    assert grade(Course(copy.folder), copy, [LESSON], only).changes == []
    blank = released(Course(copy.folder))
    place(copy.submitted, "student-00001").write_text(json.dumps(answered(blank, {})))
    assert grade(Course(copy.folder), copy, [LESSON], only).changes == []


def test_a_dry_run_says_of_few_what_the_run_would_say(copy, monkeypatch, capsys):
    with opened(copy) as book:
        given = book.find_grade("why", LESSON, LESSON, "student-00001")
        given.manual_score, given.needs_manual_grade = 5.0, False
        book.db.commit()
    monkeypatch.chdir(copy.folder)
    assert main(["grade", "--dry-run"]) == 0
    assert "5 of 3 points were given by hand: is that meant?" in capsys.readouterr().out


def test_one_question_alone(copy):
    blank = released(Course(copy.folder))
    wrong = {"sigmoid": "def sigmoid(z):\n    return z", "square": "square = None"}
    place(copy.submitted, "student-00000").write_text(json.dumps(answered(blank, wrong)))
    outcome = grade(Course(copy.folder), copy, [LESSON], Options(question="sigmoid"))
    assert points(outcome)["student-00000"] == 15, "sigmoid is lost; square is as it was"
    executed = copy.autograded / "student-00000" / LESSON / f"{LESSON}.ipynb"
    shown = {c.id: str(c.get("outputs", "")) for c in nbformat.read(executed, 4).cells}
    assert "sigmoid: 0 of 5 points" in shown["test-sigmoid"]
    assert "square: 1 of 1 point" in shown["test-square"]
    with pytest.raises(CourseError, match="there is no question 'cube'"):
        grade(Course(copy.folder), copy, [LESSON], Options(question="cube"))
    again = grade(Course(copy.folder), copy, [LESSON], Options(resume=True))
    assert points(again)["student-00000"] == 14, "what was handed in anew is graded whole now"


def test_one_question_alone_makes_no_page_where_none_is_wanted(copy):
    page = copy.feedback / "student-00000" / LESSON / f"{LESSON}.html"
    page.unlink()
    grade(Course(copy.folder), copy, [LESSON], Options(question="sigmoid", pages=False))
    assert not page.exists()


def test_a_new_gradebook_is_of_nbgraders_newest_version(graded):
    """As nbgrader's own `db upgrade` sees it, with which a later nbgrader would go on."""
    with _temp_alembic_ini(graded[0].db_url) as settings_of_alembic:
        command = [sys.executable, "-m", "alembic", "-c", settings_of_alembic]
        subprocess.run([*command, "current", "--check-heads"], check=True, timeout=300)


def test_what_people_gave_survives_a_regrade(copy):
    with opened(copy) as book:
        given = book.find_grade("why", LESSON, LESSON, "student-00000")
        given.manual_score, given.needs_manual_grade = 2.5, False
        corrected = book.find_grade("test-square", LESSON, LESSON, "student-00001")
        corrected.manual_score, corrected.extra_credit = 1.0, 0.5
        comment = book.find_comment("why", LESSON, LESSON, "student-00000")
        comment.manual_comment = "Well said."
        book.db.commit()
    outcome = grade(Course(copy.folder), copy, [LESSON], Options(jobs=2))
    assert points(outcome)["student-00000"] == 22.5
    assert points(outcome)["student-00001"] == 20.5
    left = {r.student: r.to_grade_by_hand for r in outcome.results}
    assert left["student-00000"] == 0, "the answer has not changed"
    page = (copy.feedback / "student-00000" / LESSON / f"{LESSON}.html").read_text()
    assert "Well said." in page
    assert "22.5" in page


def test_an_answer_that_changed_is_to_be_looked_at_again(copy):
    with opened(copy) as book:
        given = book.find_grade("why", LESSON, LESSON, "student-00000")
        given.manual_score, given.needs_manual_grade = 2.5, False
        book.db.commit()
    notebook = answered(released(Course(copy.folder)), {"why": "Because it must."})
    place(copy.submitted, "student-00000").write_text(json.dumps(notebook))
    outcome = grade(Course(copy.folder), copy, [LESSON], Options(jobs=1))
    first = outcome.results[0]
    assert (first.points, first.to_grade_by_hand) == (22.5, 3)


def test_nbgraders_own_feedback_goes_on_from_here(copy):
    shutil.rmtree(copy.feedback)
    for command in ("generate_feedback", "export"):
        arguments = [LESSON] if command == "generate_feedback" else []
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, *arguments],
            cwd=copy.folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    assert len(list(copy.feedback.glob("*/*/*.html"))) == STUDENTS
    assert len((copy.folder / "grades.csv").read_text().splitlines()) == STUDENTS + 1


def test_writing_a_submission_reads_nobody_elses(copy):
    """Else ten times the class would take a hundred times as long."""
    config = settings(Course(copy.folder), copy)
    asked: list[tuple] = []
    with Book.open(copy.db_url, COURSE_ID, config) as book:
        sheet = Sheet(LESSON, LESSON, "", "")
        graded = Graded("student-00000", sheet.key)
        graded.marks["test-square"] = Mark(1.0, find("square").points)
        book.write(graded, None, set())  # what is read once is read now
        event.listen(book.book.engine, "before_cursor_execute", lambda *a: asked.append(a[2:4]))
        book.write(graded, None, set())
        book.write(Graded("student-00001", sheet.key), None, set())
        plans = [
            row[3]
            for statement, values in asked[:]
            if statement.startswith(("SELECT", "UPDATE")) and not isinstance(values, list)
            for row in book.book.db.connection().exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", values
            )
        ]
    assert len(plans) > 10
    # (`grade_cells` are the questions of the lessons, however many students there are.)
    of_students = r"SCAN (grade|comment|student|submitted\w*)\b"
    assert not [plan for plan in plans if re.match(of_students, plan)]


@pytest.mark.spread
def test_kill_9_loses_nothing_and_doubles_nothing(tmp_path):
    """At five moments; `python -m benchmarks.kills` takes a hundred."""
    found = run_kills(5, tmp_path, students=12)
    assert found.kills == 5
    assert (found.lost, found.doubled, found.wrong, found.survivors) == (0, 0, 0, 0), str(found)


@pytest.fixture
def postgresql(tmp_path) -> Iterator[str]:
    """The address of a server of our own, in a temporary folder."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not homes and not os.environ.get("CI"):
        pytest.skip("takes a PostgreSQL server (apt install postgresql)")
    programs = homes[-1].parent
    data = tmp_path / "data"
    data.mkdir()
    user: dict = {}
    if os.getuid() == 0:  # which the server refuses to be
        shutil.chown(data, "postgres", "postgres")
        for folder in tmp_path.parents:
            if folder.stat().st_uid == 0 and folder != Path("/tmp") and folder != Path("/"):
                folder.chmod(folder.stat().st_mode | 0o011)
        tmp_path.chmod(0o755)
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    quiet: dict = {"cwd": "/", "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **user}
    initdb = [programs / "initdb", "-D", data, "-U", "grader", "--auth=trust"]
    subprocess.run(initdb, check=True, **quiet)
    command = [programs / "postgres", "-D", data, "-c", "listen_addresses=", "-k", data]
    server = subprocess.Popen(command, **quiet)
    try:
        while not (data / ".s.PGSQL.5432").exists() and server.poll() is None:
            time.sleep(0.1)
        yield f"postgresql://grader@/postgres?host={data}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)


def test_a_gradebook_on_postgresql(graded, copy, postgresql):
    classroom = Classroom.of(copy.submitted, postgresql)
    for _ in range(2):
        outcome = grade(Course(copy.folder), classroom, [LESSON], Options(jobs=2))
        assert points(outcome) == points(graded[2])
    with opened(classroom) as book:
        assert len(book.assignment_submissions(LESSON)) == STUDENTS


def test_damaged_places_are_told_before_anything_is_written(copy, monkeypatch, capsys):
    monkeypatch.chdir(copy.folder)
    assert main(["grade", "--db", "nonsense://x"]) == 1
    assert "cannot be opened" in capsys.readouterr().err
    assert main(["grade", "--submitted", "nowhere"]) == 1
    assert "there is no folder" in capsys.readouterr().err
    assert main(["grade", "07"]) == 1
    assert "there is no lesson '07'" in capsys.readouterr().err
    shutil.rmtree(copy.feedback)
    copy.feedback.write_text("in the way")
    assert main(["grade"]) == 1
    assert "is not a folder; move it away" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["grade", "--jobs", "0"])


def test_the_demo_runs_where_there_is_no_sandbox_and_says_so(monkeypatch, capsys):
    asked = []

    def grading(course, classroom, names, options):
        asked.append(options.contained)
        if options.contained:
            raise NotContained("no bubblewrap")
        return Outcome()

    monkeypatch.setattr(demo, "build", lambda course: [])
    monkeypatch.setattr(demo, "make_class", lambda course, submitted: 0)
    monkeypatch.setattr(demo, "grade_with_progress", grading)
    assert main(["demo"]) == 0
    assert asked == [True, False]
    assert "no sandbox on this machine: no bubblewrap" in capsys.readouterr().err


def test_uncontained_gives_the_same_points_and_warns(graded, copy, monkeypatch, capsys):
    monkeypatch.chdir(copy.folder)
    assert main(["grade", "--uncontained", "--jobs", "2"]) == 0
    assert "WARNING: no sandbox" in capsys.readouterr().err
    assert marks(copy) == marks(graded[0])

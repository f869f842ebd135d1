"""The zip for Gradescope: its scripts are run in folders laid out as Gradescope lays them out."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.cli import main
from autograder.course import Course, CourseError
from autograder.exercises import find
from autograder.judge import VERDICT
from autograder.lms import gradescope
from autograder.lms.gradescope import Settings, about, failed, package, results, student_of
from autograder.sandbox.container import Container, NotContained, Warmth
from benchmarks.classes import EXERCISES, LESSON, WRONG, answered, released, small_course
from tests.conftest import ROOT, contained

WHOLE = sum(find(name).points for name in EXERCISES)


@pytest.fixture(scope="module")
def small_one(tmp_path_factory) -> Course:
    course = small_course(tmp_path_factory.mktemp("course") / "course")
    shutil.copy(ROOT / "requirements.lock", course.root)
    return course


@pytest.fixture(scope="module")
def handed_in(small_one) -> dict:
    return answered(released(small_one), {"square": WRONG})


@pytest.fixture(scope="module")
def packed(small_one, tmp_path_factory) -> Path:
    return package(small_one, Settings(LESSON), tmp_path_factory.mktemp("zip") / "g.zip")


def unzip(packed: Path, folder: Path) -> None:
    """With the rights that the zip gives, which Python's own way drops."""
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            Path(archive.extract(entry, folder)).chmod(entry.external_attr >> 16)


class Base:
    """`/autograder`, elsewhere."""

    def __init__(self, folder: Path, packed: Path):
        self.folder = folder / "autograder"
        for name in ("source", "submission", "results"):
            (self.folder / name).mkdir(parents=True)
        unzip(packed, self.folder / "source")
        (self.folder / "venv").symlink_to(sys.prefix)  # what setup.sh would make
        shutil.copy(self.folder / "source" / "run_autograder", self.folder)
        (self.folder / "submission_metadata.json").write_text(
            json.dumps({"users": [{"id": 77, "name": "Ada"}], "previous_submissions": []})
        )

    def hand_in(self, name: str, notebook: dict) -> None:
        path = self.folder / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook))

    def run(self, *around: str, place: str = "") -> tuple[int, dict, str]:
        """The script's exit status, the results and what it printed."""
        ran = subprocess.run(
            [*around, f"{place or self.folder}/run_autograder"],
            cwd=self.folder,
            env=bare() | {"GRADESCOPE_BASE": place or str(self.folder)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        made = self.folder / "results" / "results.json"
        assert made.is_file(), ran.stderr
        return ran.returncode, json.loads(made.read_text()), ran.stdout


def bare() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "CI") if name in os.environ}


@pytest.fixture
def base(tmp_path, packed) -> Base:
    return Base(tmp_path, packed)


@contained
def test_a_submission_is_graded_by_the_scripts_of_the_zip(base, handed_in):
    base.hand_in("my homework (2).ipynb", handed_in)
    status, found, said = base.run()
    assert (status, said) == (0, "")
    assert found["score"] == WHOLE - find("square").points
    by_name = {test["name"]: test for test in found["tests"]}
    assert by_name.keys() == {*EXERCISES, "why", "Feedback page"}
    wrong = by_name["square"]
    assert (wrong["score"], wrong["max_score"]) == (0, find("square").points)
    assert wrong["status"] == "failed"
    assert "✗ the right value" in wrong["output"]
    assert "It doubles x" in wrong["output"]
    assert by_name["Dense"]["status"] == "passed"
    assert "score" not in by_name["why"]
    assert {test["visibility"] for test in found["tests"]} == {"visible"}
    assert "my homework (2).ipynb was graded in its place" in found["output"]
    assert found["stdout_visibility"] == "hidden"
    page = by_name["Feedback page"]
    assert page["output_format"] == "html"
    assert '<iframe sandbox=""' in page["output"]
    assert [p.name for p in (base.folder / "results").iterdir()] == ["results.json"]


SPY = """
import os
tried = []
def attempt(name, do):
    try:
        tried.append(f"{name}={do()}")
    except PermissionError:
        tried.append(f"{name}=no")
base = "/mnt"
attempt("user", os.getuid)
attempt("groups", lambda: len(os.getgroups()))
attempt("bank", lambda: open(base + "/source/course/autograder/judge.py").read(9))
attempt("source", lambda: os.listdir(base + "/source"))
attempt("secret", lambda: open(base + "/source/course/.secret").read())
attempt("results", lambda: open(base + "/results/results.json", "w"))
attempt("others", lambda: open(base + "/submission_metadata.json").read())
attempt("grader", lambda: open("/proc/1/environ").read())
attempt("kill", lambda: os.kill(1, 0))
def square(x):
    raise ValueError(" ".join(tried))
"""
"""What an answer may try that is no longer in a sandbox; it tells in its error."""
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL", "SETPCAP")
"""Some of those that Docker leaves to root; CAP_SYS_ADMIN, which a sandbox takes, is not one."""


def like_docker(base: Base) -> list[str]:
    """Run as root of a container that may make no further one, with the base at /mnt."""
    command = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/"]
    command += ["--unshare-pid", "--proc", "/proc", "--bind", str(base.folder), "/mnt"]
    for place in {os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}:
        top = Path("/", Path(place).parts[1])
        if not os.stat(top).st_mode & 0o001:  # as /root: Python is for all on Gradescope
            command += ["--perms", "0755", "--tmpfs", str(top)]
            for folder in reversed(Path(place).parents[:-2]):
                command += ["--perms", "0755", "--dir", str(folder)]
            command += ["--ro-bind", place, place]
    command += ["--cap-drop", "ALL"]
    for name in CAPABILITIES:
        command += ["--cap-add", f"CAP_{name}"]
    return [*command, "--"]


@contained
@pytest.mark.skipif(os.getuid() != 0, reason="Gradescope runs as root, and this takes root")
def test_without_a_sandbox_students_code_is_another_user_that_reads_no_secret(base, handed_in):
    text = json.dumps(handed_in).replace(json.dumps(WRONG), json.dumps(SPY))
    base.hand_in("downhill/notebooks/01-small/01-small.ipynb", json.loads(text))
    status, found, said = base.run(*like_docker(base), place="/mnt")
    assert status == 0
    assert "students' code runs as user 64999" in said
    assert found["score"] == WHOLE - find("square").points
    wrong = next(test["output"] for test in found["tests"] if test["name"] == "square")
    tried = "bank=no source=no secret=no results=no others=no grader=no kill=no"
    assert f"ValueError: user=64999 groups=0 {tried}" in wrong


def test_another_user_takes_root(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(NotContained, match="only root can run students' code as another user"):
        Container(Warmth(contained=False, user=64999))


@contained
def test_the_graders_own_fault_is_no_zero(base, handed_in):
    base.hand_in("01-small.ipynb", handed_in)
    shutil.rmtree(base.folder / "source" / "course" / "source" / LESSON)
    status, found, said = base.run()
    assert status == 1
    assert "score" not in found
    assert "tests" not in found
    assert "The grader itself failed, not you" in found["output"]
    assert "Traceback" in said, "which Gradescope shows the instructor"


def test_the_setup_locks_the_bank_away_and_installs_the_sandbox(base, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    asked = tmp_path / "asked"
    (tools / "apt-get").write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    (tools / "apt-get").chmod(0o755)
    path = f"{tools}:{os.environ['PATH']}"
    environment = bare() | {"GRADESCOPE_BASE": str(base.folder), "PATH": path}
    subprocess.run([base.folder / "source" / "setup.sh"], env=environment, check=True)
    assert asked.read_text().splitlines() == ["update -qq", "install -y -qq bubblewrap libseccomp2"]
    assert (base.folder / "source").stat().st_mode & 0o777 == 0o700


def test_the_zip_holds_what_grades_and_nothing_of_the_class(small_one, packed, tmp_path):
    with zipfile.ZipFile(packed) as archive:
        rights = {e.filename: e.external_attr >> 16 for e in archive.infolist()}
        names = set(rights)
        assert json.loads(archive.read("settings.json"))["lesson"] == LESSON
    assert rights["setup.sh"] == rights["run_autograder"] == 0o755
    assert rights["course/.secret"] == 0o600
    assert {"course/nbgrader_config.py", "course/requirements.lock"} <= names
    assert f"course/source/{LESSON}/{LESSON}.md" in names
    assert {"course/autograder/judge.py", "course/helpers/checks.py"} <= names
    tops = {name.split("/")[1] for name in names if name.startswith("course/")}
    assert tops == {".secret", "autograder", "helpers", "nbgrader_config.py", "requirements.lock",
                    "source"}  # fmt: skip
    again = package(small_one, Settings(LESSON), tmp_path / "again.zip")
    assert again.read_bytes() == packed.read_bytes()
    assert again.stat().st_mode & 0o777 == 0o600


def test_the_zip_holds_the_modules_that_the_configuration_names(small, tmp_path):
    """Without its late rule no submission would be graded there."""
    shutil.copy(ROOT / "requirements.lock", small.root)
    (small.root / "our_rule.py").write_text("")
    with zipfile.ZipFile(package(small, Settings(LESSON), tmp_path / "g.zip")) as archive:
        assert "course/our_rule.py" in archive.namelist()


def test_the_command_makes_a_zip_for_each_lesson(small_one, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(small_one.root)
    command = ["gradescope", "--to", str(tmp_path), "--visibility", "after_due_date", "--no-page"]
    assert main(command) == 0
    assert "hand it to nobody" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / f"gradescope-{LESSON}.zip") as archive:
        settings = json.loads(archive.read("settings.json"))
    assert settings == {
        "lesson": LESSON, "visibility": "after_due_date", "page": False, "timeout": 30,
    }  # fmt: skip


def test_a_course_at_fault_makes_no_zip(small, tmp_path, monkeypatch, capsys):
    """There each student would meet the fault."""
    shutil.copy(ROOT / "requirements.lock", small.root)
    path = small.lesson("1").path
    path.write_text(path.read_text().replace('award("square"', 'award("sqare"'))
    monkeypatch.chdir(small.root)
    assert main(["gradescope", "--to", str(tmp_path / "dist")]) == 1
    assert f"{LESSON}.md:" in capsys.readouterr().err
    assert not (tmp_path / "dist").exists()


def test_a_course_without_a_lock_is_told(small, tmp_path):
    with pytest.raises(CourseError, match=r"requirements.lock is missing.* Copy that of the"):
        package(small, Settings(LESSON), tmp_path / "x.zip")


# --- results.json ---------------------------------------------------------------------------------

RECORD = {
    "marks": {
        "test-square": {"points": 0.5, "of": 2.0, "reason": "half\x1b[31m red", "seed": 1},
        "test-sigmoid": {"points": 3.0, "of": 3.0, "reason": "", "seed": 1},
        "why": {"points": None, "of": 4.0, "reason": "", "seed": None},
    },
    "notes": ["you added 1 cell\x07"],
}


def graded_notebook() -> str:
    cell = nbformat.v4.new_code_cell("")
    cell.metadata["nbgrader"] = {"grade_id": "test-sigmoid"}
    data = {"text/plain": "sigmoid: 3 of 3 points\n  ✓ all\x1b[0m", VERDICT: {}}
    cell.outputs = [nbformat.v4.new_output("display_data", data)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


def test_results_say_points_sentences_and_when_they_are_seen():
    settings = Settings(LESSON, "after_published")
    page = '<!DOCTYPE html><p title="x">\'</p><script>alert(1)</script>'
    found = results([RECORD], [graded_notebook()], [page], settings)
    assert found["score"] == 3.5
    first, second, written, last = found["tests"]
    assert first | {"score": 0.5, "max_score": 2.0, "status": "failed"} == first
    assert second["output"].splitlines()[0] == "sigmoid: 3 of 3 points"
    assert second["status"] == "passed"
    assert {"score", "max_score", "status"}.isdisjoint(written)
    assert "up to 4 points more" in found["output"]
    assert written["output"].endswith("gives up to 4 points.")
    assert all(test["visibility"] == "after_published" for test in found["tests"])
    assert not any(ord(c) < 32 and c != "\n" for t in found["tests"] for c in t["output"])
    assert "\x07" not in found["output"]
    assert "<script>" not in last["output"]
    assert html.unescape(last["output"].partition('srcdoc="')[2]).startswith(page)
    assert last["output"].endswith('"></iframe>')


def test_of_several_notebooks_each_question_and_page_says_which():
    """Grade ids are a notebook's own: each may have the same."""
    records = [RECORD | {"notebook": name} for name in ("rain", "wind")]
    found = results(records, [graded_notebook()] * 2, ["<p>a", "<p>b"], Settings(LESSON))
    names = [test["name"] for test in found["tests"]]
    assert names[0::3][:2] == ["rain: square", "wind: square"]
    assert names[-2:] == ["rain: Feedback page", "wind: Feedback page"]


def test_a_test_without_points_that_failed_has_not_passed():
    cell = nbformat.v4.new_code_cell("", metadata={"nbgrader": {"grade_id": "test-bonus"}})
    cell.outputs = [nbformat.v4.new_output("error", ename="NameError", evalue="no x")]
    record = {"marks": {"test-bonus": {"points": 0.0, "of": 0.0, "reason": ""}}, "notes": []}
    for cells, status, said in (([cell], "failed", "NameError: no x"), ([], "passed", "")):
        notebook = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
        (test,) = results([record], [notebook], [], Settings(LESSON, page=False))["tests"]
        assert (test["status"], test["output"]) == (status, said)


def test_what_a_person_grades_is_counted_in_words_that_fit():
    record = {"marks": {"sketch": {"points": None, "of": 1.0, "reason": ""}}, "notes": []}
    notebook = nbformat.writes(nbformat.v4.new_notebook())
    found = results([record], [notebook], [], Settings(LESSON, page=False))
    assert found["output"] == "A person grades the rest: up to 1 point more."
    assert found["tests"][0]["output"].endswith("gives up to 1 point.")


def test_the_page_can_be_left_out():
    settings = Settings(LESSON, page=False)
    found = results([RECORD], [graded_notebook()], ["<p>page</p>"], settings)
    assert [test["name"] for test in found["tests"]] == ["square", "sigmoid", "why"]


def test_where_the_grader_fails_the_last_points_stand():
    earlier = [
        {"submission_time": "Monday", "score": 5, "results": {"score": 5.0, "tests": [1]}},
        {"submission_time": "Tuesday", "score": 7, "results": {"score": 7.0, "tests": [2]}},
        {"submission_time": "Wednesday", "results": failed({})},
    ]
    found = failed({"previous_submissions": earlier})
    assert (found["score"], found["tests"]) == (7.0, [2])
    assert "your submission of Tuesday counts" in found["output"]
    assert "score" not in failed({"previous_submissions": [None, {"results": []}]})


def test_whoever_hands_in_keeps_a_number(tmp_path):
    path = tmp_path / "submission_metadata.json"
    assert student_of(about(path)) == "gradescope"
    for text, name in (
        ('{"users": [{"id": 12, "email": "../x"}, {"id": 13}]}', "gradescope-12"),
        ('{"users": [{"id": "../../x"}]}', "gradescope"),
        ("[]", "gradescope"),
        ("{", "gradescope"),
    ):
        path.write_text(text)
        assert student_of(about(path)) == name


def test_folders_within_folders_are_bounded_and_told(tmp_path):
    deep = tmp_path.joinpath("from", *["d"] * 60)
    deep.mkdir(parents=True)
    (tmp_path / "from" / "01-small.ipynb").write_text("{}")
    assert gradescope.copied(tmp_path / "from", tmp_path / "to") == [gradescope.TOO_DEEP]
    assert (tmp_path / "to" / "01-small.ipynb").read_text() == "{}"
    assert len(list((tmp_path / "to").rglob("d"))) == gradescope.DEEPEST_MEMBER

"""A lesson on its way through nbgrader's exchange, there and back, on one machine.

Release, fetch, work, Validate, submit, collect, grade, by hand in Formgrader, feedback. The folders
of the exchange are of one account here; tests/hub has one for each person.
"""

from __future__ import annotations

import json
import shutil
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateAssignment
from nbgrader.exchange.default import (
    ExchangeCollect,
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from nbgrader.validator import Validator
from traitlets.config import Config

from autograder.authoring.nbgrader_api import Folders, convert
from autograder.classroom import COURSE_ID, Classroom
from autograder.course import Course
from autograder.grading.archives import STAMP, WORD
from autograder.grading.release import settings
from autograder.grading.stamps import word_of
from autograder.runner import Options, Outcome, grade
from benchmarks.classes import LESSON, WRONG, answered, small_course
from tests.browser.jupyter import serving
from tests.conftest import contained

pytestmark = [contained, pytest.mark.timeout(300)]

POINTS, BY_HAND = 20.0, 3.0
DUE_LATER = "2099-01-01 00:00:00 UTC"


def through(step: type, config: Config, student: str = "") -> None:
    """One step of the exchange; nbgrader's own errors are raised."""
    config = Config(config)
    config.CourseDirectory.assignment_id = LESSON
    if student:
        config.CourseDirectory.student_id = student
    everybody = Authenticator(config=config)
    step(coursedir=Folders(config=config), authenticator=everybody, config=config).start()


@dataclass
class Term:
    """A course in `folder/course`, its exchange, and a home for each student."""

    folder: Path

    @property
    def classroom(self) -> Classroom:
        return Classroom.of(self.folder / "course" / "submitted")

    @property
    def course(self) -> Course:
        return Course(self.folder / "course")

    @property
    def config(self) -> Config:
        return settings(self.course, self.classroom)

    def home(self, student: str) -> Path:
        path = self.folder / "home" / student
        path.mkdir(parents=True, exist_ok=True)
        return path

    def student(self, name: str, step: type) -> None:
        config = Config()
        config.CourseDirectory.course_id = COURSE_ID
        config.Exchange.root = str(self.folder / "exchange")
        config.Exchange.cache = str(self.home(name) / "cache")
        config.Exchange.assignment_dir = str(self.home(name))
        through(step, config, name)

    def notebook(self, student: str) -> Path:
        return self.home(student) / LESSON / f"{LESSON}.ipynb"

    def work(self, student: str, answers: dict[str, str]) -> None:
        path = self.notebook(student)
        path.write_text(json.dumps(answered(json.loads(path.read_text()), answers)))

    def pages(self, student: str) -> list[str]:
        """The pages that a student has fetched, the newest last."""
        folder = self.home(student) / LESSON / "feedback"
        return [path.read_text() for path in sorted(folder.rglob("*.html"))]

    def fetched(self, student: str) -> str:
        shutil.rmtree(self.home(student) / LESSON / "feedback", ignore_errors=True)
        self.student(student, ExchangeFetchFeedback)
        pages = self.pages(student)
        return pages[-1] if pages else ""

    def graded(self, **options: Any) -> Outcome:
        return grade(self.course, self.classroom, [LESSON], Options(**options))

    def inbound(self, student: str) -> Path:
        """What a student handed in last, as it lies in the exchange."""
        return max((self.folder / "exchange" / COURSE_ID / "inbound").glob(f"{student}+*"))


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory) -> Term:
    """Released, fetched, done, and submitted: amy has all right, bob and cem one wrong."""
    term = Term(tmp_path_factory.mktemp("term"))
    exchange = term.folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    small_course(term.folder / "course")
    with (term.folder / "course" / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    convert(GenerateAssignment, term.config, LESSON)
    through(ExchangeReleaseAssignment, term.config)
    for name, answers in (("amy", {}), ("bob", {"square": WRONG}), ("cem", {"square": WRONG})):
        term.student(name, ExchangeFetchAssignment)
        term.work(name, answers)
        term.student(name, ExchangeSubmit)
    return term


@pytest.fixture(scope="module")
def graded(handed_in) -> Term:
    """Collected and graded; dora's came by mail, and cem has no word that could be one."""
    (handed_in.inbound("cem") / WORD).chmod(0o600)
    (handed_in.inbound("cem") / WORD).write_bytes(b"\xff\xfe")
    through(ExchangeCollect, handed_in.config)
    mailed = handed_in.classroom.submitted / "dora" / LESSON / f"{LESSON}.ipynb"
    mailed.parent.mkdir(parents=True)
    shutil.copy(handed_in.notebook("bob"), mailed)
    handed_in.graded()
    return handed_in


@pytest.fixture(scope="module")
def by_hand(graded) -> Term:
    """Formgrader gave amy's written answer points, as its page does, and released all pages."""
    course = graded.course.root
    with serving("jupyterlab", course, graded.folder) as address:
        assignment = f"{address}/formgrader/api/assignment/{LESSON}"
        amy = asked(f"{address}/formgrader/api/submission/{LESSON}/amy")
        notebook = asked(f"{address}/formgrader/api/submitted_notebooks/{LESSON}/{LESSON}")
        mine = next(each["id"] for each in notebook if each["student"] == "amy")
        grades = asked(f"{address}/formgrader/api/grades?submission_id={mine}")
        written = next(each for each in grades if each["needs_manual_grade"])
        comments = asked(f"{address}/formgrader/api/comments?submission_id={mine}")
        comment = next(each for each in comments if each["name"] == written["name"])
        assert amy["needs_manual_grade"]
        put = {"manual_score": 2.5, "extra_credit": None}
        asked(f"{address}/formgrader/api/grade/{written['id']}", "PUT", put)
        said = {"manual_comment": "WELL SAID"}
        asked(f"{address}/formgrader/api/comment/{comment['id']}", "PUT", said)
        record = graded.classroom.record("bob", LESSON, LESSON)
        record.unlink()
        button = asked(f"{address}/formgrader/api/submission/{LESSON}/bob/autograde", "POST", {})
        assert button["success"], button
        assert "bob" in button["log"]
        assert record.is_file()  # as only our own grader leaves one
        page = graded.classroom.feedback / "bob" / LESSON / f"{LESSON}.html"
        before = page.read_bytes()
        button = asked(f"{assignment}/generate_feedback", "POST", {})
        assert button["success"], button
        assert page.read_bytes() == before
        results = graded.graded(resume=True).results
        assert all(r.again for r in results), [(r.student, r.again) for r in results]
        released = asked(f"{assignment}/release_feedback", "POST", {})
        assert released["success"], released
    return graded


def asked(address: str, method: str = "GET", data: Any = None) -> Any:
    content = None if data is None else json.dumps(data).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, content, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def test_validate_says_nothing_of_right_answers_and_names_a_wrong_one(handed_in):
    right = Validator().validate(str(handed_in.notebook("amy")))
    wrong = Validator().validate(str(handed_in.notebook("bob")))
    assert right == {}
    assert [cell["source"].split("\n")[-1] for cell in wrong["failed"]] == ["examine(square)"]


def test_the_points_are_those_of_what_was_submitted(graded):
    points = {r.student: r.points for r in graded.graded(resume=True).results}
    assert points["amy"] == POINTS
    assert points["bob"] == points["cem"] == points["dora"] < POINTS


def test_nbgraders_files_lie_beside_what_was_graded(graded):
    room = graded.classroom
    for student in ("amy", "bob"):
        handed = room.submitted / student / LESSON
        for folder in (room.autograded, room.feedback):
            made = folder / student / LESSON
            assert (made / WORD).read_bytes() == (handed / WORD).read_bytes()
            assert (made / STAMP).read_text() == (handed / STAMP).read_text()


def test_every_page_is_released_whoever_handed_in_and_however(graded):
    through(ExchangeReleaseFeedback, graded.config)
    pages = list((graded.folder / "exchange" / COURSE_ID / "feedback").glob("*.html"))
    assert len(pages) >= 4
    assert "square" in graded.fetched("bob")
    assert graded.fetched("cem") == ""  # their own word was none


def test_what_formgrader_gave_is_on_the_page_that_the_student_fetches(by_hand):
    page = by_hand.fetched("amy")
    assert "WELL SAID" in page
    assert "2.5" in page
    assert "WELL SAID" not in by_hand.fetched("bob")


@pytest.mark.parametrize("why", ["", "It is another answer."], ids=["the same", "another"])
def test_a_written_answer_is_looked_at_again_only_where_it_changed(by_hand, tmp_path, why):
    shutil.copytree(by_hand.folder, tmp_path / "term")
    term = Term(tmp_path / "term")
    config = term.course.root / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(by_hand.folder), str(term.folder)))
    term.work("amy", {"square": WRONG} | ({"why": why} if why else {}))
    term.student("amy", ExchangeSubmit)
    again = term.config
    again.ExchangeCollect.update = True
    through(ExchangeCollect, again)
    amy = next(r for r in term.graded(resume=True).results if r.student == "amy")
    assert not amy.again
    assert amy.points < POINTS + 2.5  # which stays until somebody has looked
    assert amy.to_grade_by_hand == (BY_HAND if why else 0)
    through(ExchangeReleaseFeedback, term.config)
    term.fetched("amy")
    first, second = term.pages("amy")  # of both attempts
    assert "not squaring" in second
    assert "not squaring" not in first


def test_a_class_graded_before_gets_the_files_with_resume(graded, tmp_path):
    shutil.copytree(graded.folder, tmp_path / "term")
    term = Term(tmp_path / "term")
    made = [
        path
        for folder in (term.classroom.autograded, term.classroom.feedback)
        for name in (STAMP, WORD)
        for path in folder.rglob(name)
    ]
    before = {path: path.read_bytes() for path in made}
    for path in made:
        path.unlink()
    assert all(r.again for r in term.graded(resume=True).results)
    amys = [path for path in made if "amy" in path.parts]
    assert len(amys) == 4
    assert all(path.read_bytes() == before[path] for path in amys)


@pytest.mark.parametrize(
    "content",
    [b"", b"short", b"two\nlines of sixteen", b"\xff" * 20, b"x" * 2000],
    ids=["empty", "short", "lines", "no text", "long"],
)
def test_no_word_is_taken_that_would_stop_nbgrader(tmp_path, content):
    (tmp_path / WORD).write_bytes(content)
    assert word_of(tmp_path) is None


def test_no_word_is_read_through_a_link(tmp_path):
    (tmp_path / "bobs").write_text("a" * 128)
    (tmp_path / WORD).symlink_to("bobs")
    assert word_of(tmp_path) is None
    assert word_of(tmp_path / "nowhere") is None

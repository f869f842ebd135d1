"""What stands in a gradebook besides the grader's points: deadlines, people, revised lessons.

Graded by pretended workers, whose pages are real.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder import runner, tables
from autograder.classroom import COURSE_ID, Classroom, kept
from autograder.course import Course, CourseError
from autograder.grading.release import release, settings
from autograder.grading.submission import NOT_JUDGED
from autograder.runner import Outcome
from benchmarks.classes import LESSON, place
from tests.course.rooms import WRITTEN, add, by_hand, graded, opened
from tests.course.troubled import one_sentence

DUE, LATE = "2026-03-01 22:00:00 UTC", "2026-03-02 12:00:00 UTC"


def page(room: Classroom, student: str = "amy") -> str:
    return (room.feedback / student / LESSON / f"{LESSON}.html").read_text()


def seen(html: str) -> str:
    """The words of a page."""
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+([.,:])", r"\1", re.sub(r"\s+", " ", text))


def record(room: Classroom, student: str = "amy") -> dict:
    found = kept(room.record(student, LESSON, LESSON))
    assert found is not None
    return found


def printed(outcome: Outcome) -> str:
    console = Console(width=200)
    with console.capture() as text:
        console.print(tables.table(outcome.results))
    return re.sub(r"[\s│]+", " ", text.get())


def edit(room: Classroom, old: str, new: str) -> None:
    path = room.folder / "source" / LESSON / f"{LESSON}.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def rule(room: Classroom, method: str = "zero") -> None:
    path = room.folder / "nbgrader_config.py"
    path.write_text(f'{path.read_text()}\nc.LateSubmissionPlugin.penalty_method = "{method}"\n')


def stamp(room: Classroom, text: str, student: str = "amy") -> None:
    (room.submitted / student / LESSON / "timestamp.txt").write_text(text)


# --- Late work ------------------------------------------------------------------------------------


@pytest.fixture
def late(room) -> Classroom:
    """Both have handed in 14 hours late, and lost everything by the course's rule."""
    rule(room)
    for student in ("amy", "bob"):
        stamp(room, LATE, student)
    with opened(room) as book:
        book.update_or_create_assignment(LESSON, duedate=DUE)
    outcome = graded(room)
    assert [r.points for r in outcome.results] == [0, 0]
    return room


def test_the_table_the_record_and_the_page_say_how_late_and_what_it_cost(late):
    sentence = "late by 14 h (due 2026-03-01 22:00 UTC): 20 points were taken off for it"
    assert record(late)["reasons"] == [sentence]
    assert (record(late)["penalty"], record(late)["points"]) == (20, 0)
    assert sentence in page(late)
    assert "0 of 23 points, 3 of the 23 not yet graded: they wait for a person" in seen(page(late))
    assert "Late −20 taken off for being late" in seen(page(late))
    assert sentence in printed(graded(late, resume=True))


@pytest.mark.parametrize("options", [{}, {"resume": True}], ids=["again", "resume"])
def test_an_extension_for_one_student_gives_back_what_was_taken(late, options):
    with opened(late) as book:
        book.grant_extension(LESSON, "bob", days=3)
    outcome = graded(late, **options)
    assert [(r.points, r.reasons == ()) for r in outcome.results] == [(0, False), (20, True)]
    assert "late by" not in page(late, "bob")
    assert "20 of 23 points, 3 of the 23 not yet graded" in seen(page(late, "bob"))


@pytest.mark.parametrize("options", [{}, {"resume": True}], ids=["again", "resume"])
@pytest.mark.parametrize("due", ["2026-03-05 22:00:00 UTC", None], ids=["moved", "gone"])
def test_a_deadline_that_was_moved_holds_for_all(late, due, options):
    with opened(late) as book:
        book.grant_extension(LESSON, "bob", days=1)
        book.update_or_create_assignment(LESSON, duedate=due)
    assert [(r.points, r.reasons) for r in graded(late, **options).results] == [(20, ())] * 2


def test_a_rule_that_was_changed_holds_and_late_is_said_even_where_it_costs_nothing(late):
    rule(late, "none")
    for options in ({"resume": True}, {}):
        first = graded(late, **options).results[0]
        assert first.points == 20
        assert first.reasons[0].endswith("no points were taken off for it")
    assert "no points were taken off for it" in page(late)


def test_a_dry_run_tells_what_would_be_taken_off(late):
    with opened(late) as book:
        book.grant_extension(LESSON, "bob", days=3)
    before = (late.folder / "gradebook.db").read_bytes()
    (change,) = graded(late, dry_run=True).changes
    assert (change.student, change.before, change.after) == ("bob", -20, 0)
    assert (late.folder / "gradebook.db").read_bytes() == before


def test_a_time_that_nobody_can_tell_is_said_and_costs_nothing(late):
    stamp(late, "yesterday")
    outcome = graded(late, resume=True)
    assert outcome.results[0].points == 20
    assert "'yesterday' is no time, so it counts as in time" in record(late)["reasons"][0]
    assert "when this was handed in cannot be told, so it counts as in time" in page(late)
    assert "timestamp.txt" not in page(late)
    assert record(late)["undated"]
    assert [r.undated for r in graded(late, resume=True).results] == [True, False]
    stamp(late, LATE)
    assert graded(late, resume=True).results[0].points == 0


def test_who_handed_in_no_notebook_of_the_lesson_is_counted(room):
    assert not any(r.untaken for r in graded(room).results)
    path = room.record("amy", LESSON, LESSON)
    made = json.loads(path.read_text())
    path.write_text(json.dumps(made | {"notes": [f"there is none; {NOT_JUDGED}"]}))
    by_hand(room)
    for _ in range(2):  # as it is brought up to date, and as the record says it
        assert [r.untaken for r in graded(room, resume=True).results] == [True, False]


@pytest.mark.parametrize(("given", "odd"), [(-3.0, True), (3.5, True), (0.0, False), (3.0, False)])
def test_points_by_hand_that_a_question_does_not_have_are_told_whoever_grades(room, given, odd):
    by_hand(room, given)
    said = graded(room, resume=True).results[0].reasons
    told = f"why: {given:g} of 3 points were given by hand: is that meant?"
    assert (told in said) == odd
    assert told not in page(room)


def test_a_time_without_a_zone_is_said_where_there_is_a_deadline(room):
    stamp(room, "2026-03-01 09:30 PM")
    assert graded(room).results[0].reasons == ()
    with opened(room) as book:
        book.update_or_create_assignment(LESSON, duedate=DUE)
    assert "is read as UTC" in graded(room, resume=True).results[0].reasons[0]


def test_a_course_that_writes_its_own_zone_is_understood(room):
    path = room.folder / "nbgrader_config.py"
    path.write_text(path.read_text() + '\nc.Exchange.timezone = "Europe/Berlin"\n')
    stamp(room, "2026-07-01 23:30:00.000000 CEST")
    assert graded(room).results[0].reasons == ()
    with opened(room) as book:
        assert book.find_submission(LESSON, "amy").timestamp.hour == 21


# --- By hand --------------------------------------------------------------------------------------


def test_until_then_the_page_says_that_it_waits_for_a_person(room):
    shown = seen(page(room))
    assert "20 of 23 points, 3 of the 23 not yet graded: they wait for a person" in shown
    assert "why – of 3 waits for a person" in shown
    assert "0 of 3" not in shown


def test_resume_shows_what_a_person_gave_and_plays_nothing(room, monkeypatch):
    monkeypatch.setattr(runner, "run_local", None)  # nothing is sent there
    by_hand(room)
    first, second = graded(room, resume=True).results
    assert (first.points, first.to_grade_by_hand, first.again) == (23, 0, True)
    assert (second.points, second.to_grade_by_hand) == (20, 3)
    assert "23 of 23 " in printed(Outcome([first]))
    assert "WELL SAID" in page(room)
    assert " for a person" not in page(room)
    assert "waits for a person" in page(room, "bob")
    by_hand(room, 1.5, "Once more")
    assert graded(room, resume=True).results[0].points == 21.5
    assert "Once more" in page(room)
    assert "WELL SAID" not in page(room)


def test_a_page_that_was_left_out_is_made_by_the_next_resume(room):
    by_hand(room)
    graded(room, resume=True, pages=False)
    assert "WELL SAID" not in page(room)
    graded(room, resume=True)
    assert "WELL SAID" in page(room)


def test_an_answer_that_changed_waits_again_and_shows_what_it_had(room):
    by_hand(room)
    path = place(room.submitted, "amy")
    path.write_text(path.read_text() + "\n")
    graded(room)
    assert "why 3 of 3 waits for a person" in seen(page(room))


def test_one_student_alone_is_graded_again(room):
    (room.record("bob", LESSON, LESSON)).unlink()
    before = room.record("amy", LESSON, LESSON).stat().st_mtime_ns
    assert [r.student for r in graded(room, students=("bob",)).results] == ["bob"]
    assert record(room, "bob")
    assert room.record("amy", LESSON, LESSON).stat().st_mtime_ns == before
    with pytest.raises(CourseError, match="nothing was handed in by a student of the name 'Bob'"):
        graded(room, students=("Bob",))


def test_what_an_office_wrote_of_a_student_stays(room):
    with opened(room) as book:
        book.update_or_create_student("amy", first_name="Amy", email="amy@x.y", lms_user_id="7")
    graded(room)
    with opened(room) as book:
        found = book.find_student("amy")
        assert (found.first_name, found.email, found.lms_user_id) == ("Amy", "amy@x.y", "7")


# --- A lesson that was revised --------------------------------------------------------------------


def cells(room: Classroom) -> dict[str, tuple]:
    """Points of every graded cell of amy's: automatic, by hand, the most."""
    with opened(room) as book:
        notebook = book.find_submission_notebook(LESSON, LESSON, "amy")
        return {g.name: (g.auto_score, g.manual_score, g.max_score) for g in notebook.grades}


def test_a_question_that_was_added_is_entered_for_all(room):
    by_hand(room)
    add(room)
    said: list[str] = []
    graded(room, said, dry_run=True)
    before = list(said)
    assert [(r.points, r.of) for r in graded(room, said).results] == [(23, 25), (20, 25)]
    assert (
        before
        == said[1:]
        == [f"{LESSON}: new since it was first graded: one-more; the gradebook follows"]
    )
    assert cells(room)["one-more"] == (None, None, 2)
    assert cells(room)["why"] == (None, 3, 3)
    assert all(r.again for r in graded(room, resume=True).results)


def test_a_question_that_was_removed_is_taken_out(room):
    add(room)
    graded(room)
    edit(room, WRITTEN, "")
    said: list[str] = []
    assert [r.of for r in graded(room, said).results] == [23, 23]
    assert said == [f"{LESSON}: no longer asked: one-more; the gradebook follows"]
    assert "one-more" not in cells(room)
    assert "one-more" not in record(room)["marks"]


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"resume": True}])
def test_what_people_gave_for_a_question_is_never_lost_by_itself(room, options):
    by_hand(room)
    edit(room, '"why"', '"reason"')
    before = (room.folder / "gradebook.db").read_bytes()
    with pytest.raises(CourseError, match="no longer asks why") as told:
        graded(room, **options)
    assert "(amy): put it back, or remove them from the gradebook for good: the same command with `--drop why`" in one_sentence(told.value)  # fmt: skip  # noqa: E501
    assert (room.folder / "gradebook.db").read_bytes() == before
    said: list[str] = []
    graded(room, said, drop=("why", "reason", "whi"))
    assert "why" not in cells(room)
    assert cells(room)["reason"] == (None, None, 3)
    assert said[-1] == "--drop whi: the gradebook has no such question: is why meant?"
    graded(room, said, drop=("reason",))
    assert said[-1] == "--drop reason: it is still asked, and nothing of it was removed"
    assert cells(room)["reason"] == (None, None, 3)


def test_a_question_of_other_points_counts_them(room):
    by_hand(room)
    edit(room, '"points": 3', '"points": 6')
    assert graded(room).results[0].of == 26
    assert cells(room)["why"] == (None, 3, 6)


def test_a_notebook_that_was_added_and_one_that_is_gone(tmp_path):
    """Of another nbgrader course; here by its gradebook alone."""
    from autograder.grading.revision import follow

    def book(name: str, notebooks: list[str]) -> str:
        url = f"sqlite:///{tmp_path / name}"
        with Gradebook(url, COURSE_ID) as made:
            made.add_assignment("a")
            for notebook in notebooks:
                made.add_notebook(notebook, "a")
                made.add_grade_cell("q", notebook, "a", max_score=1, cell_type="code")
        return url

    old, new = book("old.db", ["one", "two"]), book("new.db", ["two", "three"])
    with Gradebook(old, COURSE_ID) as gradebook, Gradebook(new, COURSE_ID) as now:
        gradebook.add_student("amy")
        submission = gradebook.add_submission("a", "amy")
        assert len(list(follow(gradebook, now, "a"))) == 2
        gradebook.db.expire_all()
        found = {n.name: [g.name for g in n.grades] for n in submission.notebooks}
    assert found == {"two": ["q"], "three": ["q"]}


# --- A gradebook of another nbgrader --------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"resume": True}])
def test_an_older_gradebook_is_told_before_anything_is_touched(room, options):
    path = room.folder / "gradebook.db"
    with sqlite3.connect(path) as book:
        book.execute("UPDATE alembic_version SET version_num='724cde206c17'")
        book.execute("DROP TABLE task_cells")
    before = path.read_bytes()
    with pytest.raises(CourseError, match="an older nbgrader made it") as told:
        graded(room, **options)
    assert f"run `nbgrader db upgrade --db=sqlite:///{path}` once" in one_sentence(told.value)
    assert path.read_bytes() == before, "else the command that is named would fail"


def test_a_newer_gradebook_is_told(room):
    with sqlite3.connect(room.folder / "gradebook.db") as book:
        book.execute("UPDATE alembic_version SET version_num='fff'")
    with pytest.raises(CourseError, match="a newer nbgrader made it"):
        graded(room)


# --- Names ----------------------------------------------------------------------------------------


NAMES = ["[late] amy", "[red]", "O'Brien, Sean", "smith_[12345]_x", "{x}", "#1", "a&b", "-dash",
         "Ann", "ann", "jürgen", "x@y.z", "~", "%s", "$HOME", "*", "a|b", "100%"]  # fmt: skip


def test_every_name_stands_as_it_is_in_table_page_and_gradebook(room):
    own = room.submitted / "amy"
    for name in NAMES:
        shutil.copytree(own, room.submitted / name)
    outcome = graded(room)
    shown = printed(outcome)
    for name in NAMES:
        assert f" {name} " in shown
        assert page(room, name)
    with opened(room) as book:
        assert {student.id for student in book.students} == {*NAMES, "amy", "bob"}


def test_the_courses_folder_may_have_any_name(begun, tmp_path):
    odd = tmp_path / "C++ (1) #2 50%41 a?b & it's"
    shutil.copytree(begun, odd)
    room = Classroom.of(odd / "submitted")
    assert [r.points for r in graded(room).results] == [20, 20]
    assert all(r.again for r in graded(room, resume=True).results)
    assert page(room)
    assert list(tmp_path.iterdir()) == [odd]


def test_the_release_of_a_revised_lesson_is_whole_for_those_who_come_later(room):
    add(room)
    graded(room)
    course = Course(room.folder)
    release(course, room, settings(course, room), [LESSON])
    text = (room.release / LESSON / f"{LESSON}.ipynb").read_text()
    assert "one-more" in text

"""What holds for a class, by its file: read, refused, and applied without running anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from autograder import runner
from autograder.classroom import Classroom, kept
from autograder.cli import main
from autograder.course import Course, CourseError
from autograder.grading.policy import NAME, Late, Policy, policy_of
from autograder.renewal import Renewed, renew
from benchmarks.classes import LESSON, place
from tests.conftest import ROOT
from tests.course.rooms import by_hand, graded, opened

LESSONS = ["01-small", "02-large"]
LATE = "2026-03-02 12:00:00 UTC"


def read(folder: Path, text: str) -> Policy:
    (folder / NAME).write_text(text)
    return policy_of(folder, LESSONS)


# --- The file -------------------------------------------------------------------------------------


def test_everything_that_a_file_may_say(tmp_path):
    found = read(
        tmp_path,
        """
        timezone = "Europe/Berlin"
        attempts = "best"
        [due]
        01-small = 2026-03-01 22:00:00
        2 = 2026-07-08                    # a day lasts until its end, here in summer
        [late]
        percent_per_day = 10
        grace_minutes = 15
        most_percent = 50
        zero_after_days = 7
        of = "possible"
        [extensions.amy]
        01-small = 2026-03-04T22:00:00+02:00
        02-large = 1.5
        [extensions."O'Brien, Sean"]
        every = 3
        02-large = "2026-07-10 12:00"
        """,
    )
    due = {"01-small": datetime(2026, 3, 1, 21), "02-large": datetime(2026, 7, 8, 21, 59, 59)}
    assert found.due == due
    assert found.best
    week, grace = timedelta(days=7), timedelta(minutes=15)
    assert found.late == Late(10, grace, 50, week, "possible")

    def longer(student: str, lesson: str) -> timedelta | None:
        return found.extension(student, lesson, due[lesson])

    assert longer("amy", "01-small") == timedelta(days=2, hours=23)
    assert longer("amy", "02-large") == timedelta(days=1.5)
    assert longer("O'Brien, Sean", "01-small") == timedelta(days=3)
    assert longer("O'Brien, Sean", "02-large") == timedelta(days=1, hours=12, seconds=1)
    assert longer("bob", "01-small") is None
    assert found.extension("O'Brien, Sean", "03-other", None) is None, "there is nothing to extend"
    assert found.shown(due["02-large"]) == "2026-07-08 23:59 CEST"


@pytest.mark.parametrize(
    ("due", "days", "until", "costs"),
    [
        ("2026-10-31", 1, "2026-11-01 23:59 EST", 2.0),  # a day of 25 hours
        ("2026-10-31", 2, "2026-11-02 23:59 EST", 2.0),
        ("2026-03-07", 1, "2026-03-08 23:59 EDT", 2.0),  # one of 23
        ("2026-05-01", 1, "2026-05-02 23:59 EDT", 2.0),
    ],
)
def test_a_day_is_one_by_the_clock_also_where_that_is_changed(tmp_path, due, days, until, costs):
    found = read(
        tmp_path,
        f'timezone = "America/New_York"\n[due]\n1 = {due}\n[late]\npercent_per_day = 10\n'
        f"[extensions.amy]\n1 = {days}",
    )
    assert found.due is not None
    end = found.due["01-small"]
    longer = found.extension("amy", "01-small", end)
    assert longer is not None
    assert found.shown(end + longer) == until
    assert found.late is not None
    late = found.extension("amy", "01-small", end)
    for begun in (timedelta(minutes=1), (longer if days == 1 else timedelta(days=1))):
        seconds = found.by_clock(end, begun.total_seconds())
        assert found.late.penalty(20.0, 30.0, seconds) == costs
    assert late == longer


def test_an_hour_that_comes_twice_is_late_all_the_same():
    policy = Policy(zone="America/New_York")
    due = datetime(2026, 11, 1, 5, 59)  # 01:59 EDT, a minute before it is 01:00 again
    assert policy.by_clock(due, 600) == 600


def test_a_name_is_the_same_however_its_letters_are_composed(tmp_path):
    one, other = "Dan D\u00fcrr", "Dan Du\u0308rr"
    for written, handed_in in ((one, other), (other, one)):
        found = read(tmp_path, f'[extensions."{written}"]\nevery = 2')
        due = datetime(2026, 3, 1)
        assert found.extension(handed_in, "01-small", due) == timedelta(days=2)


def test_where_there_is_no_file_nbgraders_own_holds(tmp_path):
    assert policy_of(tmp_path, LESSONS) == Policy()
    assert read(tmp_path, "# nothing yet") == Policy(tmp_path / NAME)


ZONED = 'timezone = "Europe/Berlin"\n[due]\n01-small = 2026-03-01 22:00:00\n'
REFUSED = {
    "[due]\n01-small = 2026-03-01 22:00": r":2: .*; a time has seconds: 2026-03-01 22:00:00",
    "[due": r":1: ",
    "\n[extensions.O'Brien]\nx = 1": r":2: .*put a name with other characters between quotes",
    "\ndeu = 1": r":2: deu: there is no such key; is due meant\?",
    "[late]\npercent_a_day = 3": r":2: late.percent_a_day: there is no such key; is percent_",
    "due = 3": r":1: due: this is a table: begin it with a line \[due\]",
    '# x\ntimezone = "CET/Berlin"': r":2: timezone: 'CET/Berlin' is no time zone",
    "timezone = 3": r":1: timezone: 3 is no time zone",
    'attempts = "first"': r":1: attempts: 'first' is none of last, best",
    "[due]\n01-small = 2026-03-01 22:00:00": r":2: due.01-small: it names no time zone",
    "[due]\n01-smal = 2026-03-01": r":2: due.01-smal: there is no such lesson; is 01-small meant\?",
    "[due]\n07 = 2026-03-01": r":2: due.07: there is no such lesson; there are 01-small, 02-large",
    ZONED + "1 = 2026-03-02": r":4: due.1: 01-small stands here twice",
    ZONED + "2 = 7": r":4: due.2: 7 is no date and time",
    ZONED + '2 = "soon"': r":4: due.2: 'soon' is no date and time",
    ZONED + "2 = 2026-10-25 02:30:00": r":4: due.2: clocks of Europe/Berlin are put forward",
    ZONED + "2 = 2026-03-29 02:30:00": r":4: due.2: clocks of Europe/Berlin are put forward",
    ZONED + "[extensions]\namy = 3": r":5: extensions.amy: name the lesson, too",
    ZONED + "[extensions.amy]\n01-smal = 3": r":5: extensions.amy.01-smal: there is no such lesson",
    ZONED + "[extensions.amy]\n1 = -3": r":5: extensions.amy.1: -3 is no number from 0 to 1000",
    ZONED + "[extensions.amy]\n1 = true": r":5: extensions.amy.1: True is no number from 0 to 1000",
    ZONED + "[extensions.amy]\n1 = 2026-02-01": r":5: extensions.amy.1: it ends before the lesson",
    ZONED + "[extensions.amy]\n2 = 3": r":5: extensions.amy.2: there is no due date to extend",
    "[late]\ngrace_minutes = 3": r":1: late: percent_per_day is missing",
    "[late]\npercent_per_day = 110": r":2: late.percent_per_day: 110 is no number from 0 to 100",
    "[late]\npercent_per_day = nan": r":2: late.percent_per_day: nan is no number from 0 to 100",
    '[late]\npercent_per_day = 1\nof = "all"': r":3: late.of: 'all' is none of earned, possible",
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_cannot_hold_is_told_with_its_line_and_key(tmp_path, text, told):
    with pytest.raises(CourseError) as refused:
        read(tmp_path, text)
    assert "\n" not in str(refused.value)
    assert re.match(re.escape(str(tmp_path / NAME)) + told, str(refused.value))


DAY = 86400
COSTS = [
    (Late(10), 1, 2.0),
    (Late(10), DAY, 2.0),
    (Late(10), DAY + 1, 4.0),
    (Late(10), 40 * DAY, 20.0),
    (Late(10, timedelta(minutes=15)), 900, 0.0),
    (Late(10, timedelta(minutes=15)), 901, 2.0),
    (Late(10, timedelta(minutes=15)), DAY + 900, 2.0),
    (Late(10, most=30), 9 * DAY, 6.0),
    (Late(10, most=30, zero_after=timedelta(days=7)), 7 * DAY, 6.0),
    (Late(10, most=30, zero_after=timedelta(days=7)), 7 * DAY + 1, 20.0),
    (Late(10, of="possible"), 1, 3.0),
    (Late(90, of="possible"), 1, 20.0),
]


@pytest.mark.parametrize(("rule", "seconds", "costs"), COSTS)
def test_what_lateness_costs_of_20_points_of_30(rule, seconds, costs):
    assert rule.penalty(20.0, 30.0, seconds) == costs


# --- Applied --------------------------------------------------------------------------------------


def says(room: Classroom, text: str) -> None:
    (room.folder / NAME).write_text(text)


def applied(room: Classroom, **options) -> Renewed:
    return renew(Course(room.folder), room, **options)


def record(room: Classroom, student: str = "amy") -> dict:
    return kept(room.record(student, LESSON, LESSON)) or {}


def points(room: Classroom) -> dict[str, float]:
    """Each student's, as nbgrader's own export and Formgrader have them."""
    with opened(room) as book:
        return {
            each.student_id: each.score - each.late_submission_penalty
            for each in book.assignment_submissions(LESSON)
        }


@pytest.fixture
def late(room, monkeypatch) -> Classroom:
    """Both handed in 14 hours late, by a deadline that their class's file names."""
    for student in ("amy", "bob"):
        (place(room.submitted, student).parent / "timestamp.txt").write_text(LATE)
    says(room, ZONED + "[late]\npercent_per_day = 10\n")
    monkeypatch.setattr(runner, "run_local", None)  # nothing is sent there
    return room


def test_it_is_applied_to_what_is_graded_and_nothing_is_run(late):
    found = applied(late)
    assert found.said == [f"{LESSON} is due 2026-03-01 22:00 CET"]
    assert [(b.points, a.points) for b, a in found.changes] == [(20, 18), (20, 18)]
    assert points(late) == {"amy": 18, "bob": 18}
    sentence = "late by 15 h (due 2026-03-01 22:00 CET): 2 points were taken off for it"
    assert record(late)["reasons"] == [sentence]
    assert sentence in (late.feedback / "amy" / LESSON / f"{LESSON}.html").read_text()
    again = applied(late)
    assert (again.said, again.changes, again.graded) == ([], [], 2)
    assert all(r.again and r.points == 18 for r in graded(late, resume=True).results)


def test_who_is_too_late_for_anything_is_told_so(late):
    says(late, ZONED + "[late]\npercent_per_day = 10\nzero_after_days = 0.5\n")
    assert [(b.points, a.points) for b, a in applied(late).changes] == [(20, 0), (20, 0)]
    page = (late.feedback / "amy" / LESSON / f"{LESSON}.html").read_text()
    assert "20 points were taken off for it, as nothing is earned after 12 h" in page


def test_an_extension_is_seen_by_formgrader_and_given_back_when_it_ends(late):
    applied(late)
    says(late, (late.folder / NAME).read_text() + "[extensions.bob]\nevery = 1\n")
    assert graded(late, resume=True).results[1].points == 20, "--resume applies it, too"
    with opened(late) as book:
        assert book.find_submission(LESSON, "bob").duedate == datetime(2026, 3, 2, 21)
    assert applied(late).changes == []
    says(late, ZONED + "[late]\npercent_per_day = 10\n[extensions]\n")
    assert applied(late).said == [f"bob, {LESSON}: no extension any more"]
    assert points(late) == {"amy": 18, "bob": 18}


def test_points_that_a_person_gives_later_are_counted(late):
    applied(late)
    by_hand(late)
    applied(late)
    assert points(late)["amy"] == pytest.approx(23 - 2.3)


def test_it_survives_a_regrade(late, monkeypatch):
    monkeypatch.undo()
    says(late, ZONED + "[late]\npercent_per_day = 10\n[extensions.bob]\n1 = 1\n")
    for options in ({}, {"resume": True}, {}):
        assert [r.points for r in graded(late, **options).results] == [18, 20]
    assert points(late) == {"amy": 18, "bob": 20}


def test_what_the_file_does_not_say_stays_as_it_is(late):
    says(late, "[late]\npercent_per_day = 50")
    with opened(late) as book:
        book.update_or_create_assignment(LESSON, duedate="2026-03-01 22:00:00 UTC")
        book.grant_extension(LESSON, "bob", days=1)
    assert points(late) == {"amy": 20, "bob": 20}
    applied(late)
    assert points(late) == {"amy": 10, "bob": 20}
    says(late, "")
    path = late.folder / "nbgrader_config.py"
    path.write_text(path.read_text() + '\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    assert applied(late).rule == "what is late earns nothing"
    assert points(late) == {"amy": 0, "bob": 20}


def test_a_dry_run_tells_and_writes_nothing(late):
    before = {p: p.read_bytes() for p in sorted(late.folder.rglob("*")) if p.is_file()}
    found = applied(late, dry_run=True)
    assert [(b.points, a.points) for b, a in found.changes] == [(20, 18), (20, 18)]
    assert {p: p.read_bytes() for p in sorted(late.folder.rglob("*")) if p.is_file()} == before


def test_before_anything_is_handed_in_the_dates_are_entered(room, monkeypatch, capsys):
    """And a lesson that has no more than a date is released all the same."""
    for folder in ("submitted", "autograded", "feedback", "records", "release", ".registered"):
        shutil.move(room.folder / folder, room.folder / f"{folder}.away")
    (room.folder / "gradebook.db").unlink()
    says(room, ZONED + "[extensions.ammy]\n1 = 1\n")
    monkeypatch.chdir(room.folder)
    assert main(["policy"]) == 0
    told = capsys.readouterr()
    assert f"due:        {LESSON}  2026-03-01 22:00 CET" in told.out
    assert "0 notebooks are graded" in told.out
    assert "nobody is called 'ammy' so far" in told.err + told.out
    shutil.move(room.folder / "submitted.away", room.submitted)
    assert [r.points for r in graded(room).results] == [20, 20]
    with opened(room) as book:
        assert book.find_assignment(LESSON).duedate == datetime(2026, 3, 1, 21)
    assert main(["policy"]) == 0
    assert "nobody is called 'ammy' so far, who has an extension: is 'amy' meant?" in (
        capsys.readouterr().out
    )


def test_an_extension_of_a_date_that_only_the_gradebook_has(late):
    says(late, "[extensions.amy]\n1 = 2\n")
    with pytest.raises(CourseError, match="extensions of 'amy', 01-small: there is no due date"):
        applied(late)
    with opened(late) as book:
        book.update_or_create_assignment(LESSON, duedate="2026-03-01 22:00:00 UTC")
    applied(late)
    with opened(late) as book:
        assert book.find_submission(LESSON, "amy").extension == timedelta(days=2)


def test_a_late_rule_beside_the_configuration_is_found_by_the_command(late):
    """As nbgrader finds it: by the folder in which one stands."""
    says(late, ZONED)
    (late.folder / "late_by_a_third.py").write_text(
        "from nbgrader.plugins import BasePlugin\n"
        "class Third(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return score / 4\n"
    )
    path = late.folder / "nbgrader_config.py"
    usual = path.read_text()
    path.write_text(usual + '\nc.AssignLatePenalties.plugin_class = "late_by_a_third.Third"\n')
    code = "import sys; sys.path.remove(''); from autograder.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "policy"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=late.folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Third of nbgrader_config.py" in done.stdout
    assert points(late) == {"amy": 15, "bob": 15}
    path.write_text(usual + '\nc.AssignLatePenalties.plugin_class = "late_by_none.Third"\n')
    with pytest.raises(CourseError, match=r"nbgrader_config\.py:\d+: late_by_none\.Third cannot"):
        graded(late)

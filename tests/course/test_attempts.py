"""What was handed in before is kept as it was graded, and the last or the best of it counts.

Graded by pretended workers, who give what a submission says that it is worth.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autograder import runner
from autograder.classroom import Classroom, Place, kept
from autograder.course import NOTES, RUBRIC, TEST_PREFIX, Course, CourseError
from autograder.grading.attempts import attempts
from autograder.grading.envelope import Envelope
from autograder.grading.policy import NAME
from autograder.grading.pool import Done
from autograder.renewal import renew
from benchmarks.classes import LESSON, place
from tests.course.rooms import by_hand, graded, opened
from tests.course.troubled import Disk, pretended

BEST, LAST = 'attempts = "best"\n', 'attempts = "last"\n'
ZONED = 'timezone = "UTC"\n[due]\n1 = 2026-03-01 22:00:00\n[late]\npercent_per_day = 50\n'
SENT: list[str] = []
"""What the pretended workers were sent, by its worth."""
READ: list[Envelope] = []
"""And as it was read."""


def weighed(crew, orders, jobs) -> Iterator[Done]:
    for done in pretended(crew, orders, jobs):
        text = (done.order.task.envelope.content or b"").decode()
        found = re.search(r"WORTH ([0-9.]+)", text)
        share = float(found[1]) if found else 1.0
        SENT.append(f"{share:g}")
        READ.append(done.order.task.envelope)
        alone = done.order.task.question
        marks = {
            name: mark if mark.points is None else replace(mark, points=share * mark.of)
            for name, mark in done.graded.marks.items()
            if alone in (None, name.removeprefix(TEST_PREFIX))
        }
        made = done.graded.made | {"course": crew.sheets[done.graded.key].version}
        shown = replace(done.graded, marks=marks, notebook=text, made=made)
        yield Done(done.order, shown, f"<p>worth {share:g}</p>" if done.order.page else "")


@pytest.fixture
def class_of_two(room, monkeypatch) -> Classroom:
    monkeypatch.setattr(runner, "run_local", weighed)
    SENT.clear()
    return room


def hand_in(room: Classroom, worth: float, when: str = "", student: str = "amy") -> None:
    path = place(room.submitted, student)
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = f"WORTH {worth}"
    path.write_text(json.dumps(notebook))
    if when:
        (path.parent / "timestamp.txt").write_text(when)


def says(room: Classroom, text: str) -> None:
    (room.folder / NAME).write_text(text)


def amys(outcome: runner.Outcome) -> tuple[float, bool]:
    (result,) = (each for each in outcome.results if each.student == "amy")
    return round(result.points, 6), result.again


def record(room: Classroom) -> dict[str, Any]:
    return kept(room.record("amy", LESSON, LESSON)) or {}


def written(room: Classroom) -> tuple[float, str, str]:
    """Amy's points in the gradebook, and the worth of what lies in autograded/ and feedback/."""
    with opened(room) as book:
        found = book.find_submission(LESSON, "amy")
        points = found.score - found.late_submission_penalty
    copy = (room.autograded / "amy" / LESSON / f"{LESSON}.ipynb").read_text()
    page = (room.feedback / "amy" / LESSON / f"{LESSON}.html").read_text()
    found = (re.search(r"(?i)worth ([0-9.]+)", text) for text in (copy, page))
    return round(points, 6), *(each[1] if each else "?" for each in found)  # type: ignore[return-value]


def folders(room: Classroom) -> list[str]:
    return sorted(path.name for path in (room.attempts / "amy" / LESSON).glob("*"))


def applied(room: Classroom) -> None:
    renew(Course(room.folder), room)


def three(room: Classroom) -> None:
    """Amy hands in three times, the second being the best, and each is graded."""
    for worth, when in ((0.5, "2026-03-01 10:00 UTC"), (0.9, "2026-03-01 12:00 UTC"),
                        (0.7, "2026-03-01 14:00 UTC")):  # fmt: skip
        hand_in(room, worth, when)
        graded(room, resume=True)


def never_graded(room: Classroom) -> None:
    """What Amy has handed in was not graded so far."""
    for name in ("records", "autograded", "feedback"):
        for path in (room.folder / name / "amy").rglob("*.*"):
            path.unlink()


def in_time_and_late(room: Classroom, first: float, second: float) -> None:
    """Amy hands in twice, an hour after it was due the second time; the best counts."""
    says(room, BEST + ZONED)
    hand_in(room, first, "2026-03-01 20:00 UTC")
    never_graded(room)
    graded(room)
    hand_in(room, second, "2026-03-01 23:00 UTC")
    graded(room, resume=True)


def test_where_there_is_one_nothing_is_kept_besides(class_of_two):
    graded(class_of_two)
    graded(class_of_two)
    assert not class_of_two.attempts.exists()


def test_every_attempt_stays_with_its_page_and_record_and_the_last_counts(class_of_two):
    three(class_of_two)
    times = ["10", "12", "14"]
    assert [f"2026-03-01T{hour}-00-00Z.graded" for hour in times] == sorted(
        name for name in folders(class_of_two) if re.match("2026-03-01.*graded", name)
    )
    folder = class_of_two.attempts / "amy" / LESSON / "2026-03-01T12-00-00Z.graded"
    assert "WORTH 0.9" in (folder / "autograded" / f"{LESSON}.ipynb").read_text()
    assert "worth 0.9" in (folder / "feedback" / f"{LESSON}.html").read_text()
    marks = json.loads((folder / "records" / f"{LESSON}.json").read_text())["marks"]
    assert sum(mark["points"] or 0 for mark in marks.values()) == 18
    assert written(class_of_two) == (14, "0.7", "0.7")
    assert not any("attempt" in reason for reason in record(class_of_two)["reasons"])


def test_the_best_counts_in_gradebook_copy_page_and_table(class_of_two):
    graded(class_of_two)
    hand_in(class_of_two, 0.5)
    says(class_of_two, BEST)
    assert amys(graded(class_of_two, resume=True)) == (20, False)
    assert record(class_of_two)["reasons"] == ["attempt 1 of 2 counts: it is the best"]
    page = (class_of_two.feedback / "amy" / LESSON / f"{LESSON}.html").read_text()
    assert "attempt 1 of 2 counts: it is the best" in page
    assert amys(graded(class_of_two, resume=True)) == (20, True)
    SENT.clear()
    assert amys(graded(class_of_two)) == (20, False)
    assert sorted(SENT) == ["0.5", "1", "1"], "a regrade grades the earlier one as well"
    SENT.clear()
    path = class_of_two.folder / "source" / LESSON / f"{LESSON}.md"
    path.write_text(path.read_text() + "\nRevised.\n")
    assert amys(graded(class_of_two, resume=True)) == (20, False)
    assert sorted(SENT) == ["0.5", "1", "1"], "as does a lesson that was revised"


def test_an_attempt_is_graded_again_from_what_was_handed_in(class_of_two):
    """Not from its copy, in which long answers are cut, and beside which nothing lies."""
    says(class_of_two, BEST)
    graded(class_of_two)
    path = place(class_of_two.submitted, "amy")
    (path.parent / "scale.txt").write_text("2")
    hand_in(class_of_two, 0.9)
    second = path.read_bytes()
    graded(class_of_two)
    (path.parent / "scale.txt").unlink()
    hand_in(class_of_two, 0.5)
    READ.clear()
    graded(class_of_two)
    assert (second, {"scale.txt": b"2"}) in [(each.content, each.files) for each in READ]


def test_what_counts_may_change_without_running_anything(class_of_two):
    three(class_of_two)
    SENT.clear()
    says(class_of_two, BEST)
    record_first = folders(class_of_two)
    applied(class_of_two)
    best = written(class_of_two)
    says(class_of_two, LAST)
    applied(class_of_two)
    assert written(class_of_two)[:2] == (14, "0.7")
    assert SENT == []
    assert best[0] == 20, "the class's own first was right"
    assert folders(class_of_two) == record_first


def test_the_best_is_chosen_after_what_lateness_takes_off(class_of_two):
    """And a deadline that is moved chooses again."""
    in_time_and_late(class_of_two, 0.6, 1.0)
    assert written(class_of_two)[:2] == (12, "0.6"), "the other is worth 10"
    says(class_of_two, BEST + ZONED.replace("03-01 22", "03-02 22"))
    applied(class_of_two)
    assert written(class_of_two)[:2] == (20, "1.0")
    says(class_of_two, BEST + ZONED)
    graded(class_of_two, resume=True)
    assert written(class_of_two)[:2] == (12, "0.6")
    assert record(class_of_two)["late"] == ""


def test_handed_in_again_unchanged_is_an_attempt_of_its_time(class_of_two):
    """The last counts, and it was late, though it is what was in time before."""
    says(class_of_two, ZONED)
    hand_in(class_of_two, 0.8, "2026-03-01 20:00 UTC")
    graded(class_of_two)
    hand_in(class_of_two, 0.2, "2026-03-01 21:00 UTC")
    graded(class_of_two)
    hand_in(class_of_two, 0.8, "2026-03-02 21:00 UTC")
    graded(class_of_two)
    assert written(class_of_two)[0] == 8
    says(class_of_two, BEST + ZONED)
    applied(class_of_two)
    assert written(class_of_two)[0] == 20, "the class's own first"


def test_files_that_were_replaced_before_they_were_graded_count_as_well(class_of_two):
    """`autograder collect` puts them there."""
    graded(class_of_two)
    hand_in(class_of_two, 0.3)
    folder = class_of_two.submitted / "amy" / LESSON
    raw = class_of_two.attempts / "amy" / LESSON / "2026-03-01T12-00-00Z"
    raw.parent.mkdir(parents=True)
    folder.rename(raw)
    place(class_of_two.submitted, "amy").write_text((raw / f"{LESSON}.ipynb").read_text())
    hand_in(class_of_two, 0.2)
    for path in (class_of_two.folder / "records" / "amy").rglob("*.json"):
        path.unlink()
    assert amys(graded(class_of_two))[0] == 4
    says(class_of_two, BEST)
    assert amys(graded(class_of_two, resume=True))[0] == 6
    assert written(class_of_two)[1] == "0.3"
    SENT.clear()
    assert amys(graded(class_of_two, resume=True)) == (6, True)
    assert SENT == []


def test_what_a_student_hands_in_is_never_read_as_a_record_of_ours(class_of_two):
    """Even where it is laid out as one."""
    graded(class_of_two)
    forged = class_of_two.attempts / "amy" / LESSON / "2026-03-01T12-00-00Z"
    (forged / "records").mkdir(parents=True)
    facts = record(class_of_two)
    for mark in facts["marks"].values():
        mark["points"] = 1000.0
    (forged / "records" / f"{LESSON}.json").write_text(json.dumps(facts))
    (forged / "autograded").mkdir()
    (forged / "autograded" / f"{LESSON}.ipynb").write_text("{}")
    assert attempts(class_of_two, Place("amy", LESSON, LESSON)) == []
    says(class_of_two, BEST)
    graded(class_of_two, resume=True)
    assert record(class_of_two)["points"] == 20


def test_points_by_hand_stay_and_another_attempt_is_looked_at_again(class_of_two):
    graded(class_of_two)
    by_hand(class_of_two)
    hand_in(class_of_two, 0.5)
    says(class_of_two, BEST)
    graded(class_of_two, resume=True)
    assert (record(class_of_two)["points"], record(class_of_two)["to_grade_by_hand"]) == (23, 0)
    hand_in(class_of_two, 1)
    graded(class_of_two, resume=True)
    assert (record(class_of_two)["points"], record(class_of_two)["to_grade_by_hand"]) == (23, 3)


def test_a_dry_run_tells_what_the_attempt_that_counts_would_come_to(class_of_two):
    graded(class_of_two)
    hand_in(class_of_two, 0.5)
    before = {p: p.read_bytes() for p in sorted(class_of_two.folder.rglob("*")) if p.is_file()}
    assert {c.student for c in graded(class_of_two, dry_run=True).changes} == {"amy"}
    assert before == {
        p: p.read_bytes() for p in sorted(class_of_two.folder.rglob("*")) if p.is_file()
    }
    says(class_of_two, BEST)
    assert graded(class_of_two, dry_run=True).changes == []


def test_one_question_alone_is_that_of_the_attempt_that_counts(class_of_two):
    graded(class_of_two)
    hand_in(class_of_two, 0.5)
    says(class_of_two, BEST)
    graded(class_of_two, resume=True)
    SENT.clear()
    assert not any(each.failed for each in graded(class_of_two, question="square").results)
    assert sorted(SENT) == ["1", "1"]
    assert written(class_of_two)[0] == 20
    assert amys(graded(class_of_two, resume=True))[0] == 20


def test_one_question_alone_is_as_late_as_the_attempt_that_counts(class_of_two):
    """The last one was late, and does not count."""
    in_time_and_late(class_of_two, 1.0, 0.6)
    before = record(class_of_two)
    assert not any(each.failed for each in graded(class_of_two, question="square").results)
    assert written(class_of_two)[:2] == (20, "1.0")
    told = ("reasons", "handed_in", "penalty", "points")
    assert {n: record(class_of_two)[n] for n in told} == {n: before[n] for n in told}


def test_a_disk_that_is_full_after_any_step_loses_no_attempt(class_of_two, tmp_path):
    """What --resume makes of it is what it would have been."""
    hand_in(class_of_two, 0.9)
    graded(class_of_two)
    shutil.rmtree(class_of_two.attempts)
    for path in (class_of_two.folder / "records" / "amy").rglob("*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "last": "", "counts": ""}))
    says(class_of_two, BEST)
    hand_in(class_of_two, 0.5)
    fresh = tmp_path / "fresh"
    shutil.copytree(class_of_two.folder, fresh)
    graded(class_of_two, resume=True)
    due, names = written(class_of_two), len(folders(class_of_two))
    steps, refused = 0, "begun"
    while refused:
        shutil.rmtree(class_of_two.folder)
        shutil.copytree(fresh, class_of_two.folder)
        disk = Disk(steps)
        with disk.watched():
            try:
                graded(class_of_two, resume=True)
            except CourseError:
                assert disk.refused
        refused = disk.refused
        graded(class_of_two, resume=True)
        assert (written(class_of_two), len(folders(class_of_two))) == (due, names), (steps, refused)
        steps += 17
    assert steps > 51


def test_an_earlier_attempt_is_graded_again_without_what_the_grader_put_between(
    class_of_two, monkeypatch
):
    """A rubric that became the student's own words would stand on their page."""
    says(class_of_two, BEST)
    three(class_of_two)
    for path in class_of_two.attempts.rglob("*.graded/autograded/*.ipynb"):
        notebook = json.loads(path.read_text())
        cells = [
            {"cell_type": "markdown", "id": name, "metadata": {name: True}, "source": "CANARY"}
            for name in (NOTES, RUBRIC)
        ]
        path.write_text(json.dumps(notebook | {"cells": [*notebook["cells"], *cells]}))
    read: list[str] = []

    def noted(crew, orders, jobs) -> Iterator[Done]:
        for done in weighed(crew, orders, jobs):
            read.append((done.order.task.envelope.content or b"").decode())
            yield done

    monkeypatch.setattr(runner, "run_local", noted)
    graded(class_of_two)
    assert len(read) == 5, "amy's four and ben's"
    assert not any("CANARY" in text for text in read)


def test_what_was_handed_in_may_be_gone_when_a_policy_is_applied(class_of_two):
    """The gradebook and the records say when it was."""
    says(class_of_two, BEST + ZONED)
    hand_in(class_of_two, 0.6, "2026-03-01 23:00 UTC")
    never_graded(class_of_two)
    graded(class_of_two)
    hand_in(class_of_two, 0.9, "2026-03-02 23:00 UTC")
    graded(class_of_two, resume=True)
    stamps = sorted(class_of_two.folder.glob("*ed*/amy/*/timestamp.txt"))
    before = {path: path.read_text() for path in stamps if "submitted" not in path.parts}
    shutil.rmtree(class_of_two.submitted / "amy")
    says(class_of_two, BEST + ZONED.replace("= 50", "= 20"))
    applied(class_of_two)
    assert written(class_of_two)[0] == 10.8, "0.9 of 20, two days late, and no longer 0.6, one late"
    assert before
    assert before == {path: path.read_text() for path in before}
    assert record(class_of_two)["handed_in"]["when"].startswith("2026-03-0")


def test_a_class_without_pages_gets_none_by_a_policy_and_all_by_a_grading_with_pages(class_of_two):
    page = class_of_two.feedback / "amy" / LESSON / f"{LESSON}.html"
    never_graded(class_of_two)
    hand_in(class_of_two, 0.9, "2026-03-01 23:00 UTC")
    graded(class_of_two, pages=False)
    says(class_of_two, BEST + ZONED)
    applied(class_of_two)
    assert record(class_of_two)["late"]
    assert not page.exists()
    hand_in(class_of_two, 0.2, "2026-03-01 23:30 UTC")
    graded(class_of_two, resume=True)
    assert record(class_of_two)["points"] == 9, "0.9 of 20, a day late"
    assert "worth 0.9" in page.read_text().lower(), (
        "of the attempt that counts, now that it has one"
    )

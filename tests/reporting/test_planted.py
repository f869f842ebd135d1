"""What was planted in a simulated term is in its report, and little else is."""

from __future__ import annotations

import csv
import json

import numpy as np

from autograder.classroom import Place
from autograder.reporting.findings import FALLS_BEHIND, report
from autograder.reporting.term import read
from benchmarks.term import BEGIN, WITHOUT, top


def test_the_most_common_mistake_of_each_lesson_comes_first(term):
    for lesson in term.report.lessons:
        mistake = top(term.report, lesson)
        assert (mistake.question.cell, mistake.says) == term.plan.common[lesson.name]
        assert mistake.heading
        assert len(mistake.students) > 10


def test_the_page_begins_with_the_latest_lesson(term):
    latest = term.plan.lessons[-1]
    assert term.report.latest.name == latest
    first = term.page.split('<section id="lessons"')[0]
    says = term.report.common([term.report.latest])[0].says
    assert first.index(f"Teach again: {latest}") < first.index(says)


def test_the_bad_question_is_named_with_its_interval_and_no_other(term):
    weak = [q for q in term.report.questions if q.is_weak]
    assert [(q.question.lesson, q.question.cell) for q in weak] == [term.plan.bad]
    found = weak[0].discrimination
    assert -1 <= found.low < found.value < found.high < 0.2
    assert all(q.discrimination.low < q.discrimination.high for q in term.report.questions
               if q.discrimination is not None)  # fmt: skip


def test_who_falls_behind_comes_first_among_those_in_need(term):
    behind = [s.id for s in term.report.in_need() if FALLS_BEHIND in s.reasons]
    assert set(term.plan.behind) <= set(behind)
    assert len(behind) <= len(term.plan.behind) + 3  # 2.5 % of the class by chance
    assert set(term.plan.behind) <= {s.id for s in term.report.in_need()[:6]}


def test_swapped_files_are_far_from_what_is_expected_and_nobody_else_is_named(term):
    lesson, low, high = term.plan.swapped
    far = {(s.id, where): u for s, where, u in term.report.odd()}
    assert far[low, lesson].residual > 2  # who knows less handed in the better one
    assert far[high, lesson].residual < -2
    share = {w.student: w.share for k in term.report.lessons if k.name == lesson for w in k.works}
    assert share[low] > far[low, lesson].expected.high
    assert share[high] < far[high, lesson].expected.low
    assert all({s.one.id, s.other.id} == {low, high} for s in term.report.swapped)


def test_late_work_is_late_by_each_students_own_deadline(term):
    late = {(w.student, k.name) for k in term.report.lessons for w in k.late}
    assert late == term.plan.late
    assert not late & term.plan.extended
    assert term.plan.extended


def test_who_has_not_handed_in_is_missing_and_no_zero(term):
    plan = term.plan
    for lesson in term.report.lessons:
        absent = {s for s, where in plan.missing if where == lesson.name}
        assert {s for s in lesson.missing if "never" not in s} == absent
        assert len(lesson.missing) == len(absent) + WITHOUT
        count = len(plan.students) - len(absent) - len(lesson.empty)
        assert {q.count for q in lesson.questions} == {count}
        assert len(lesson.shares) == count


def test_one_who_hands_in_twice_counts_once(term):
    assert term.plan.again
    for lesson in term.report.lessons:
        students = [work.student for work in lesson.works]
        assert len(students) == len(set(students))


def test_what_waits_for_a_person_is_in_no_mean(term):
    latest, before = term.report.latest, term.report.lessons[0]
    waiting = [q for q in latest.questions if q.by_hand]
    assert waiting
    for question in waiting:
        assert (question.mean, question.discrimination) == (None, None)
        assert question.waits == question.count
    assert all(q.mean is not None for q in before.questions if q.by_hand)
    some = next(work for work in latest.works if work.answered)
    assert some.of == latest.of - some.waits


def test_the_means_are_those_of_the_records(term):
    lesson = term.report.lessons[2]
    for question in lesson.questions:
        if question.by_hand:
            continue
        marks = []
        for work in lesson.works:
            place = Place(work.student, lesson.name, lesson.name)
            record = json.loads(term.classroom.record(*place).read_text())
            mark = record["marks"][question.question.cell]
            if work.student not in lesson.empty:
                marks.append(mark)
        assert np.isclose(question.mean, np.mean([m["points"] / m["of"] for m in marks]))
        says = [m["reason"] for m in marks if m["points"] < m["of"] and not _blank(m)]
        for mistake in question.mistakes:
            assert len(mistake.students) == says.count(mistake.says)
        first = question.properties[0]
        lost = [first.says in m["lost"] for m in marks if not _blank(m)]
        assert (first.asked, first.lost) == (len(lost), sum(lost))
        for later in question.properties[1:]:
            assert later.asked == first.asked - first.lost


def _blank(mark):
    return "is not implemented yet" in mark["reason"]


def test_every_number_lies_beside_it_as_csv(term):
    def rows(name):
        with open(term.folder / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    assert [row["lesson"] for row in rows("lessons.csv")] == term.plan.lessons
    assert len(rows("questions.csv")) == len(term.report.questions)
    assert len(rows("students.csv")) == len(term.plan.students) + WITHOUT
    states = {(row["student"], row["lesson"]): row["state"] for row in rows("results.csv")}
    assert {place for place, state in states.items() if state == "late"} == term.plan.late
    ranked = [row for row in rows("mistakes.csv") if row["rank"] == "1"]
    assert {(r["lesson"], f"test-{r['question']}", r["sentence"]) for r in ranked} >= {
        (lesson, *common) for lesson, common in term.plan.common.items()
    }
    kept = {row["question"] for row in rows("properties.csv")}
    assert kept == {q.question.name for q in term.report.questions if not q.by_hand}
    answers = rows("answers.csv")
    assert {row["state"] for row in answers} == {"answered", "blank", "waits"}


def test_what_is_due_later_is_not_missing(term):
    students = read(term.classroom, term.plan.lessons)
    early = report(students, BEGIN)
    for lesson in early.lessons[1:]:
        assert not lesson.missing
        assert len(lesson.has_time) >= WITHOUT
    assert not any("not handed in" in why for s in early.students for why in s.reasons)

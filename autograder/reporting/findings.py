"""What a class's work says: by lesson, by question, by student; and what to look at first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from autograder.reporting import statistics
from autograder.reporting.mistakes import Mistake, mistakes
from autograder.reporting.statistics import Interval, Unlike
from autograder.reporting.term import Question, Term, Work
from helpers.questions import asked_of, every_name

WEAK = 0.2
"""A correlation with the rest of the lesson below which a question separates nobody."""
LOW, MOSTLY = 1 / 3, 1 / 2
"""Shares of the points, and of blank answers, that call for help."""
ODD, FAR = 2.0, 3.0
"""Standard deviations of one result beside a student's others, to be shown and to be told."""
FALLS_BEHIND = "falls behind from lesson to lesson"
A_LESSON_OF = 0.2
"""The share of a class that must have handed a lesson in for it to be the latest."""


@dataclass(frozen=True)
class Property:
    """What one property cost. asked: answers of which it was asked; lost: of these."""

    says: str
    points: float | None
    asked: int
    lost: int


@dataclass
class QuestionReport:
    """One question. count: students in its statistics, who answered anything in its lesson.

    mean: share of the points, blank answers included. discrimination: None where it cannot be told.
    waits: answers that wait for a person, and count nowhere. by_hand: a person gives its points.
    properties: None where records of an
    older grader do not say.
    """

    question: Question
    of: float
    count: int
    mean: float | None
    right: int
    blank: int
    waits: int
    by_hand: bool
    discrimination: Interval | None
    properties: list[Property] | None
    mistakes: list[Mistake]

    @property
    def is_weak(self) -> bool:
        """Surely: all of the interval lies below."""
        return self.discrimination is not None and self.discrimination.high < WEAK

    @property
    def may_be_weak(self) -> bool:
        found = self.discrimination
        return found is not None and found.value < WEAK <= found.high


@dataclass
class LessonReport:
    """One lesson. shares: of each notebook in its statistics, of the points that are given.

    empty: handed in without any answer; not among the shares.
    """

    name: str
    works: list[Work]
    shares: list[float]
    of: float
    missing: list[str]
    has_time: list[str]
    ungraded: list[str]
    empty: list[str]
    questions: list[QuestionReport]

    @property
    def late(self) -> list[Work]:
        return [work for work in self.works if work.is_late]

    @property
    def waits(self) -> float:
        return sum(work.waits for work in self.works)


@dataclass
class Result:
    """A student's result of one lesson, beside what the others of this student lead to expect."""

    work: Work | None
    missing: bool
    unlike: Unlike | None = None

    @property
    def is_far(self) -> bool:
        return self.unlike is not None and abs(self.unlike.residual) > FAR


@dataclass
class StudentReport:
    """One student. reasons: why this one may need help, the gravest first; weight: how much."""

    id: str
    name: str
    results: dict[str, Result]
    trend: Interval | None
    reasons: list[str] = field(default_factory=list)
    weight: float = 0.0

    @property
    def missing(self) -> list[str]:
        return [lesson for lesson, result in self.results.items() if result.missing]

    @property
    def late(self) -> list[str]:
        found = self.results.items()
        return [lesson for lesson, result in found if result.work and result.work.is_late]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


@dataclass
class Swapped:
    """Two students whose results of a lesson would fit each other."""

    lesson: str
    one: StudentReport
    other: StudentReport


@dataclass
class Report:
    """All of it. latest: the lesson to talk about tomorrow."""

    made: datetime
    lessons: list[LessonReport]
    students: list[StudentReport]
    swapped: list[Swapped]
    latest: LessonReport

    @property
    def questions(self) -> list[QuestionReport]:
        return [question for lesson in self.lessons for question in lesson.questions]

    def common(self, lessons: list[LessonReport]) -> list[Mistake]:
        """What more than one student got wrong in these lessons, the largest share first."""
        found = [
            (len(m.students) / q.count, m)
            for lesson in lessons
            for q in lesson.questions
            for m in q.mistakes
            if len(m.students) > 1
        ]
        return [mistake for _, mistake in sorted(found, key=lambda each: -each[0])]

    def count_of(self, mistake: Mistake) -> int:
        """The students who were asked that question."""
        return next(q.count for q in self.questions if q.question == mistake.question)

    def in_need(self) -> list[StudentReport]:
        found = [student for student in self.students if student.reasons]
        return sorted(found, key=lambda student: (-student.weight, student.id))

    def odd(self) -> list[tuple[StudentReport, str, Unlike]]:
        """Results unlike the student's own, the farthest first."""
        found = [
            (student, lesson, result.unlike)
            for student in self.students
            for lesson, result in student.results.items()
            if result.unlike is not None and abs(result.unlike.residual) > ODD
        ]
        return sorted(found, key=lambda each: -abs(each[2].residual))

    def told(self) -> int:
        """Results of which it can be told whether they are unlike the student's own."""
        return sum(r.unlike is not None for s in self.students for r in s.results.values())


def report(term: Term, now: datetime) -> Report:
    """What the class's work says. now: in UTC, without a zone; what is due later is not missing."""
    lessons = [_lesson(term, name, now) for name in term.lessons]
    shares = np.full((len(term.students), len(lessons)), np.nan)
    for k, lesson in enumerate(lessons):
        place = {work.student: work for work in lesson.works if work.student not in lesson.empty}
        for i, student in enumerate(term.students):
            work = place.get(student)
            if work is not None and work.share is not None:
                shares[i, k] = work.share
    course = statistics.standing(shares)
    students = [_student(term, student, now, course, i) for i, student in enumerate(term.students)]
    latest = _latest(term, lessons)
    for each in students:
        _judge_need(each, latest, term)
    swapped = [
        Swapped(lessons[s.lesson].name, students[s.one], students[s.other])
        for s in statistics.swaps(course)
    ]
    return Report(now, lessons, students, swapped, latest)


# --- Lessons and questions ----------------------------------------------------------------------


def _lesson(term: Term, name: str, now: datetime) -> LessonReport:
    works = term.of_lesson(name)
    empty = [work.student for work in works if not work.answered]
    counted = [work for work in works if work.answered and not work.failed]
    questions = term.questions(name)
    return LessonReport(
        name,
        works,
        [work.share for work in counted if work.share is not None],
        sum(questions.values()),
        term.missing(name, now),
        term.has_time(name, now),
        sorted(student for student, lesson in term.ungraded if lesson == name),
        empty,
        _questions(term, counted, questions),
    )


def _questions(
    term: Term, works: list[Work], questions: dict[Question, float]
) -> list[QuestionReport]:
    shares = np.full((len(works), len(questions)), np.nan)
    for i, work in enumerate(works):
        for k, question in enumerate(questions):
            answer = work.answers.get(question)
            if answer is not None and answer.share is not None:
                shares[i, k] = answer.share
    found = statistics.discriminations(shares, np.array(list(questions.values())))
    return [
        _question(term, works, question, of, shares[:, k], found[k])
        for k, (question, of) in enumerate(questions.items())
    ]


def _question(
    term: Term,
    works: list[Work],
    question: Question,
    of: float,
    shares: np.ndarray,
    discrimination: Interval | None,
) -> QuestionReport:
    answers = [work.answers[question] for work in works if question in work.answers]
    known = shares[np.isfinite(shares)]
    return QuestionReport(
        question,
        of,
        len(answers),
        float(known.mean()) if known.size else None,
        int((known >= 1).sum()),
        sum(answer.blank for answer in answers),
        sum(answer.points is None for answer in answers),
        any(answer.by_hand for answer in answers),
        discrimination,
        _properties(works, question),
        mistakes(term, question),
    )


def _properties(works: list[Work], question: Question) -> list[Property] | None:
    """None where nobody's record says. Of a wrong value no other property was asked."""
    answers = [work.answers[question] for work in works if question in work.answers]
    told = [a for a in answers if a.lost is not None and not a.blank and a.points is not None]
    if any(a.lost is None for a in answers if a.points is not None and not a.by_hand):
        return None
    points = (
        {q.says: q.points for q in asked_of(question.name).questions}
        if (question.name in set(every_name()))
        else {}
    )
    names = dict.fromkeys([*points, *(says for a in told for says in a.lost or ())])
    first = next(iter(names), "")
    made = []
    for says in names:
        asked = [a for a in told if says == first or first not in (a.lost or ())]
        lost = sum(says in (a.lost or ()) for a in asked)
        made.append(Property(says, points.get(says), len(asked), lost))
    return made


# --- Students -----------------------------------------------------------------------------------


def _student(
    term: Term, student: str, now: datetime, course: statistics.Course, place: int
) -> StudentReport:
    results = {
        lesson: Result(
            term.work.get((student, lesson)),
            term.is_missing(student, lesson, now),
            statistics.unlike(course, place, k),
        )
        for k, lesson in enumerate(term.lessons)
    }
    name = term.names.get(student, "")
    return StudentReport(student, name, results, statistics.trend(course, place))


def _latest(term: Term, lessons: list[LessonReport]) -> LessonReport:
    """The last that a good part of the class has handed in; of none the last of all."""
    enough = [k for k in lessons if len(k.works) >= A_LESSON_OF * len(term.students)]
    return (enough or lessons)[-1]


def _judge_need(student: StudentReport, latest: LessonReport, term: Term) -> None:
    """Find why a student may need help, as far as the latest lesson and the way there say it."""
    found: list[tuple[float, str]] = []
    result, missing = student.results[latest.name], len(student.missing)
    count = len(term.lessons)
    if missing == count:
        found.append((4.0, "nothing handed in so far"))
    elif result.missing:
        more = f", as {missing - 1} earlier" if missing > 1 else ""
        found.append((2.0 + missing / count, f"{latest.name} was not handed in{more}"))
    elif missing > 1:
        found.append((2.0 * missing / count, f"{missing} of {count} lessons were not handed in"))
    if student.trend is not None and student.trend.high < 0:
        found.append((1.0 - 0.5 * _in_deviations(student.trend), FALLS_BEHIND))
    found += _in_latest(result, latest)
    found.sort(reverse=True)
    student.reasons = [why for _, why in found]
    student.weight = sum(weight for weight, _ in found)


def _in_latest(result: Result, latest: LessonReport) -> list[tuple[float, str]]:
    work = result.work
    if work is None:
        return []
    if not work.answered:
        return [(2.5, f"no answer in {latest.name}")]
    found = []
    answers = list(work.answers.values())
    blank = sum(answer.blank for answer in answers)
    if result.unlike is not None and result.unlike.residual < -FAR:
        found.append((2.0, "far below the student's other lessons"))
    if work.share is not None and work.share < LOW:
        found.append(
            (2.0 - work.share, f"{work.points:g} of {work.of:g} point{'s' * (work.of != 1)}")
        )
    if blank >= MOSTLY * len(answers):
        found.append((1.5, f"{blank} of {len(answers)} answers are blank"))
    return found


def _in_deviations(trend: Interval) -> float:
    margin = (trend.high - trend.low) / (2 * statistics.SURE)
    return trend.value / margin if margin else 0.0

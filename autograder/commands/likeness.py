"""`autograder likeness`: answers that are alike, side by side."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.classroom import Classroom
from autograder.course import Course, CourseError, grade_id, is_solution, write
from autograder.exercises import find
from autograder.grading.places import defines
from autograder.grading.release import assignments
from autograder.reporting.answers import code_answers, released, works
from autograder.reporting.likeness import Known, Likeness, Question, likeness
from autograder.reporting.likeness_page import TOGETHER, Lesson, page, table
from autograder.terminal import lessons_option, positive, relative, submitted_option


def arguments(parser: argparse.ArgumentParser) -> None:
    lessons_option(parser)
    submitted_option(
        parser, "the folder that was graded (default: submitted); report/ is written beside it"
    )
    parser.add_argument(
        "--pairs", type=positive, default=10, help="pairs to be shown of each lesson (10)"
    )


def run(course: Course, options: argparse.Namespace) -> int:
    classroom = Classroom.at(options.submitted, there=False)
    read = [answers_to(course, classroom, name) for name in assignments(course, options.lessons)]
    found = [Lesson(a.name, likeness(a.questions, options.pairs), a.reasons) for a in read if a]
    if not found:
        raise CourseError(f"{classroom.autograded} holds no graded answers: run autograder grade")
    if len(found) > 1:
        questions = [question for each in read if each for question in each.questions]
        reasons = {name: each for lesson in found for name, each in lesson.reasons.items()}
        found.insert(0, Lesson(TOGETHER, likeness(questions, options.pairs), reasons))
    folder = classroom.folder / "report"
    write(folder / "likeness.html", page(found))
    write(folder / "likeness.csv", table(found))
    for each in found:
        print(f"{each.name}: {summary(each.likeness)}")
    print(f"Side by side: {relative(folder / 'likeness.html')}; as a table: likeness.csv there")
    return 0


def summary(found: Likeness) -> str:
    over = sum(pair.bits > max(found.chance) for pair in found.pairs)
    many = f"{over} pairs are" if over != 1 else "1 pair is"
    return f"{found.students} students; {many} more alike than chance would have it"


@dataclass(frozen=True)
class Answers:
    """What a class answered in a lesson, and why answers lost points, by exercise and student."""

    name: str
    questions: list[Question]
    reasons: dict[str, dict[str, str]]


def answers_to(course: Course, classroom: Classroom, name: str) -> Answers | None:
    """What was graded of one lesson; None where nothing was."""
    answers: dict[str, dict[str, str]] = {}
    known: dict[str, Known] = {}
    reasons: dict[str, dict[str, str]] = {}
    releases: dict[str, NotebookNode] = {}
    for work in works(classroom, name):
        notebook = work.place.notebook
        if notebook not in releases:
            releases[notebook] = released(course, classroom, name, notebook)
            known |= known_of(course, releases[notebook])
        for exercise, source in code_answers(work, releases[notebook]):
            answers.setdefault(exercise, {})[work.place.student] = source
            if exercise in work.reasons:
                reasons.setdefault(exercise, {})[work.place.student] = work.reasons[exercise]
    made = [Question(exercise, each, known[exercise]) for exercise, each in answers.items()]
    return Answers(name, made, reasons) if made else None


def known_of(course: Course, release: NotebookNode) -> dict[str, Known]:
    """What the release and the bank know of each exercise."""
    code = [cell for cell in release.cells if cell.cell_type == "code"]
    given = frozenset(name for cell in code for name in defines(cell.source))
    made = {}
    for cell in filter(is_solution, code):
        name = grade_id(cell)
        made[name] = Known(stub=cell.source, given=given)
        if course.has_lessons():
            try:
                exercise = find(name)
            except KeyError:
                continue
            others = {form.name: form.source for form in exercise.page.others}
            wrong = {form.name: form.source for form in exercise.page.wrong}
            made[name] = Known(exercise.source, others, wrong, cell.source, given)
    return made

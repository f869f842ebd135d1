"""`autograder written`: grade the answers to one written question, all on one page."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.classroom import Classroom
from autograder.course import Course, CourseError, write
from autograder.grading.by_hand import Sheet, Standing, enter, read_sheet, standing
from autograder.grading.release import assignments, class_of
from autograder.lms.points import book_of
from autograder.reporting.answers import released, works
from autograder.reporting.written import (
    Answer,
    Question,
    answer_of,
    find_question,
    grouped,
    questions,
)
from autograder.reporting.written_page import page
from autograder.terminal import gradebook_option, number, relative, repeated, say
from helpers._text import printable


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "question", nargs="?", metavar="QUESTION", help="its name (default: list them all)"
    )
    parser.add_argument(
        "--apply", type=Path, metavar="FILE", help="enter what the page has saved in this file"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="also where somebody gave something else meanwhile"
    )
    parser.add_argument(
        "--submitted", type=Path, default=Path("submitted"), help="the folder that was graded"
    )
    gradebook_option(parser)


def run(course: Course, options: argparse.Namespace) -> int:
    classroom = class_of(course, options.submitted, options.db, there=False)
    releases = dict(_releases(course, classroom))
    asked = [q for key, one in releases.items() for q in questions(course, key[0], one, key[1])]
    sheet = read_sheet(options.apply) if options.apply else None
    with book_of(course, classroom) as book:
        if sheet is not None:
            if options.question not in (None, sheet.question):
                raise CourseError(f"{options.apply} is of {sheet.question}, not {options.question}")
            here = [q for q in asked if (q.lesson, q.notebook) == (sheet.lesson, sheet.notebook)]
            question = find_question(here, sheet.question)
            with classroom.alone(say):
                found = list(answers(classroom, book, question, releases))
                again = f"{sheet.lesson} --resume{repeated(classroom)}"
                return apply(book, sheet, question, found, options.overwrite, again)
        if options.question is None:
            return overview(classroom, book, asked, releases)
        question = find_question(asked, options.question)
        found = list(answers(classroom, book, question, releases))
    path = classroom.folder / "report" / f"written-{question.name}.html"
    write(path, page(question, grouped(found)))
    answered = number(len(found), "answer")
    print(f"{answered}: open {relative(path)} in a browser, and save there")
    print(f"Then: autograder written{repeated(classroom)} --apply FILE")
    return 0


def _releases(
    course: Course, classroom: Classroom
) -> Iterator[tuple[tuple[str, str], NotebookNode]]:
    """Of every assignment that has been graded, by assignment and notebook."""
    for lesson in assignments(course, []):
        graded = {path.stem for path in classroom.autograded.glob(f"*/{lesson}/*.ipynb")}
        for notebook in sorted(graded):
            yield (lesson, notebook), released(course, classroom, lesson, notebook)


def answers(
    classroom: Classroom,
    book: Gradebook,
    question: Question,
    releases: dict[tuple[str, str], NotebookNode],
) -> Iterator[tuple[Answer, Standing]]:
    """Every answer that was given, and how it stands."""
    place = (question.lesson, question.notebook, question.name)
    for work in works(classroom, question.lesson):
        stands = standing(book, place, work.place.student)
        if work.place.notebook != question.notebook or stands is None:
            continue
        release = releases[question.lesson, question.notebook]
        answer = answer_of(work, question, release, stands)
        if answer is not None:
            yield answer, stands


def overview(
    classroom: Classroom,
    book: Gradebook,
    asked: list[Question],
    releases: dict[tuple[str, str], NotebookNode],
) -> int:
    if not asked:
        raise CourseError(f"{classroom.autograded} holds no question that is graded by hand")
    for question in asked:
        found = list(answers(classroom, book, question, releases))
        waits = sum(stands.waits for _, stands in found)
        waiting = f"{waits} {'waits' if waits == 1 else 'wait'}"
        print(f"{question.lesson}  {question.name}: {number(len(found), 'answer')}, {waiting}")
    return 0


def apply(
    book: Gradebook,
    sheet: Sheet,
    question: Question,
    found: list[tuple[Answer, Standing]],
    overwrite: bool,
    again: str,
) -> int:
    """again: the lesson, and the options that the next command has to repeat."""
    now = {answer.student: answer.digest for answer, _ in found}
    done = enter(book, sheet, question.points, now, overwrite)
    print(f"{question.name}: {done.entered} entered, {done.already} stood there already")
    for student, why in done.left:
        print(f"  not entered: {printable(student)}: {why}")
    if done.entered:
        print(f"autograder grade {again} brings table, record and pages up to date")
    return 1 if done.left else 0

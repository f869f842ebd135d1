"""What a feedback page costs: `python -m benchmarks.pages [LESSON ...]`.

The processor's time and the size of the pages of each lesson, with and without the notebook, for a
student whose answers are right, one who has made mistakes, and one who has answered nothing. The
answers are judged here, not in the sandbox. What is alike in a class is ready, as when one is
graded. `graded`: the answers were highlighted when they were made harmless, as in a grading.
`anew`: they were not, as where a page is made again.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import nbformat

from autograder.course import (
    TEST_PREFIX,
    Course,
    grade_id,
    is_exercise,
    is_grade,
    is_test,
    is_written,
    mark,
)
from autograder.exercises import find
from autograder.grading.feedback import Pages
from autograder.grading.sheet import Sheet, as_json
from autograder.grading.task import Given
from autograder.grading.work import shown
from autograder.judge import diagnose, judge, nothing
from helpers.checks import UNSOLVED
from helpers.judging.verdict import Verdict

TIMES = 10
EVERY = {"right": 0, "a third wrong": 3, "all wrong": 1, "blank": 0}
"""Students, and which of their answers are wrong: each of so many."""
FOLD = '<details class="notebook">'
"""Where a page's notebook begins."""


def graded(course: Course, lesson: str, student: str) -> tuple[str, dict[str, float | None]]:
    """A lesson's notebook as the grader leaves it, as JSON, and the points; nothing is played."""
    path = course.notebooks / lesson / f"{lesson}.ipynb"
    notebook = nbformat.read(path, 4)
    points: dict[str, float | None] = {}
    count = 0
    for cell in notebook.cells:
        name = grade_id(cell).removeprefix(TEST_PREFIX)
        if is_test(cell):
            verdict = judged(name, student, count)
            cell.outputs, cell.execution_count = [shown(verdict)], count
            points[grade_id(cell)] = verdict.earned
            count += 1
        elif is_exercise(cell) and student != "blank":
            cell.source, cell.execution_count = answer(name, student, count), count
        elif is_written(cell):
            cell.source = "Because $N$ passes are needed, and not one." * 5
        if is_grade(cell):
            points.setdefault(grade_id(cell), None)
            mark(cell)["points"] = float(mark(cell)["points"])
    return as_json(notebook), points


def answer(name: str, student: str, count: int) -> str:
    every, exercise = EVERY[student], find(name)
    return exercise.page.wrong[0].source if every and count % every == 0 else exercise.source


def judged(name: str, student: str, count: int) -> Verdict:
    exercise = find(name)
    if student == "blank":
        return nothing(exercise, f"{name} {UNSOLVED}: write your code at “YOUR CODE HERE”.", 1)
    function = exercise.compile(answer(name, student, count))
    found = judge(exercise, function, 1)
    if not found.puzzling:
        return found
    return replace(found, diagnosis=diagnose(exercise, function))


def again(text: str, k: int) -> str:
    """The same notebook, with a comment below each answer that nobody has written before."""
    notebook = nbformat.reads(text, 4)
    for cell in filter(is_exercise, notebook.cells):
        cell.source += f"\n# {k} {id(notebook)}"
    return as_json(notebook)


def measure(pages: Pages, course: Course, lesson: str) -> None:
    for student in EVERY:
        text, points = graded(course, lesson, student)
        given = Given().before(points)
        about = {"student": student, "assignment": lesson, "notebook": lesson}
        took: tuple[list[float], list[float]] = ([], [])
        for k in range(2 * TIMES):
            if k % 2 == 0:
                text = again(text, k)
            start = time.process_time()
            page = pages.page(text, points, given, about)
            took[k % 2].append(1000 * (time.process_time() - start))
        whole = len(page.encode()) / 1000
        alone = len(page[: page.index(FOLD)].encode()) / 1000
        anew, after_grading = map(statistics.median, took)
        print(
            f"| {lesson} | {student} | {after_grading:.1f} ms | {anew:.1f} ms "
            f"| {alone:.0f} kB | {whole:.0f} kB |"
        )


def main(names: Sequence[str] = ()) -> None:
    course = Course.here()
    chosen = [course.lesson(n).name for n in names] or [x.name for x in course.lessons()]
    pages = Pages()
    for lesson in chosen:
        path = course.notebooks / lesson / f"{lesson}.ipynb"
        pages.prepare([Sheet(lesson, lesson, path.read_text(encoding="utf-8"), "", bank=True)])
    print("| lesson | answers | graded | anew | without the notebook | with it |")
    print("|---|---|---|---|---|---|")
    for lesson in chosen:
        measure(pages, course, lesson)


if __name__ == "__main__":
    main(sys.argv[1:])

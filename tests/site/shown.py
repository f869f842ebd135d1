"""The lessons' worked notebooks, read once for all tests."""

from __future__ import annotations

import functools

from nbformat import NotebookNode

from autograder.course import Course
from autograder.publishing import saved
from tests.conftest import ROOT

COURSE = Course(ROOT)
LESSONS = [lesson.name for lesson in COURSE.lessons()]


@functools.cache
def notebook(lesson: str) -> NotebookNode:
    return saved.solution(COURSE, lesson)

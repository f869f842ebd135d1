"""Feedback pages, quickly for a whole class.

Making a page never fails and always ends: what cannot be shown in time is shown plainly.
nbgrader's own page is made by `nbgrader generate_feedback`, with `ForReading`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.authoring.nbgrader_api import hidden
from autograder.course import RUBRIC, WIDGET_VIEW, is_own, is_solution, is_test
from autograder.grading import page
from autograder.grading.account import WAITS, Account, account, read
from autograder.grading.sheet import HIDDEN, Regions, Sheet, without_hidden
from autograder.grading.task import Given
from autograder.playing.patience import within

PATIENCE = 8.0
"""Seconds of this process's own for a page."""


class ForReading(NbGraderPreprocessor):
    """What a student is to read: no hidden tests, no rubrics and mark schemes.

    Of an error in a test cell the last line is kept: a traceback would quote them. In an answer
    their marks are a text like any other. Of an explorer the picture is kept: a page has no kernel
    for the widget.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        for_reading(nb, hidden(self.config))
        return nb, resources


def for_reading(notebook: NotebookNode, marks: Regions = HIDDEN) -> None:
    """Take out of it what a student is not to read, or cannot see."""
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get(RUBRIC)]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:
                output.data.pop(WIDGET_VIEW, None)
            if output.output_type == "error" and is_test(cell):
                output.traceback = [f"{output.ename}: {output.evalue}"]
        if not (is_solution(cell) or is_own(cell)):
            cell.source = without_hidden(cell.source, marks)


@dataclass(frozen=True)
class Pages:
    """Makes feedback pages. hidden: between which marks stands what no student is to read."""

    hidden: Regions = HIDDEN

    def prepare(self, sheets: Iterable[Sheet]) -> None:
        """Make a page of every release, so that what is alike in a class is ready."""
        for sheet in sheets:
            about = {"student": "", "assignment": sheet.assignment, "notebook": sheet.notebook}
            self.page(sheet.release, {}, Given(), about)

    def page(
        self,
        text: str,
        points: dict[str, float | None],
        given: Given,
        about: dict[str, str],
        said: Sequence[str] = (),
    ) -> str:
        """The page of an executed notebook (JSON text), or a plain one where that cannot be made.

        points: what was given automatically, by grade id. about: student, assignment, notebook.
        said: sentences on the whole of it, which stand at its top.
        """
        notebook = read(text)
        for_reading(notebook, self.hidden)
        made = account(notebook, points, given, about["notebook"])
        try:
            with within(PATIENCE):
                return page.page(made, about, said)
        except Exception as error:
            return plain_page(made, about, said, f"{type(error).__name__}: {error}")


PLAIN_PAGE = """<!DOCTYPE html>
<html lang="en"><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>:root {{ color-scheme: light dark; }} pre {{ white-space: pre-wrap; }}
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }}</style>
</head>
<body><main><h1>{title}: {score:g} of {most:g} points</h1>
{said}
<p>The notebook itself cannot be shown here ({why}). These are its points.</p>
{exercises}
</main></body></html>
"""


def plain_page(made: Account, about: dict[str, str], said: Sequence[str], why: str) -> str:
    """Every verdict, the points and the comments, as text; why: what became of the usual page."""
    parts = []
    for each in made.exercises:
        waits = f" ({WAITS})" if each.waits else ""
        parts.append(f"<h2>{escape(each.name)}: {each.points:g} of {each.of:g}{waits}</h2>")
        lines = [verdict.text for verdict in each.verdicts]
        lines += [f"Comment: {comment}" for comment in each.comments]
        parts += [f"<pre>{escape(line)}</pre>" for line in lines]
    return PLAIN_PAGE.format(
        title=escape(about["notebook"]),
        score=made.total,
        most=made.most,
        said="\n".join(f"<p>{escape(line)}</p>" for line in said),
        why=escape(why[:500]),
        exercises="\n".join(parts),
    )

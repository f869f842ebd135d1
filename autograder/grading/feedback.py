"""Feedback pages: nbgrader's own template, without hidden tests, quickly for a whole class.

Making a page never fails and always ends: what cannot be shown in time is shown plainly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

import nbformat
from jinja2 import pass_context
from jinja2.filters import do_float
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import ansi2html
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import (
    WIDGET_VIEW,
    grade_id,
    is_grade,
    is_own,
    is_solution,
    is_task,
    is_test,
    mark,
)
from autograder.grading.sheet import Sheet, without_hidden_tests
from autograder.grading.task import Given
from autograder.judge import VERDICT
from autograder.playing import render
from autograder.playing.patience import within

PATIENCE = 8.0
"""Seconds of this process's own for a page."""
POLICY = (
    "img-src data:; media-src 'none'; connect-src 'none'; frame-src 'none'; object-src 'none'; "
    "form-action 'none'; base-uri 'none'"
)
"""What a page may reach, besides the scripts of its template: nothing."""


class ForReading(NbGraderPreprocessor):
    """What a student is to read: no hidden tests.

    Of an error in a test cell the last line is kept: a traceback would quote them. In an answer
    their marks are a text like any other. Of an explorer the picture is kept: a page has no kernel
    for the widget.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if len(output.get("data", {})) > 1:
                    output.data.pop(WIDGET_VIEW, None)
        for cell in nb.cells:
            if not (is_solution(cell) or is_own(cell)):
                cell.source = without_hidden_tests(cell.source)
        for cell in filter(is_test, nb.cells):
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return nb, resources


class Told(float):
    """A number of points that a page says in words."""

    words = ""

    def __str__(self) -> str:
        return self.words

    def __round__(self, digits: Any = None) -> Any:
        return self


def told(points: float, words: str) -> Told:
    made = Told(points)
    made.words = words
    return made


class Exporter(HTMLExporter):
    """HTML as nbgrader's, but what is alike in a whole class is made once.

    The second reading of the page, which the base class does to add attributes for keyboards to
    its cells, takes as long as everything else and is left out.
    """

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> Any:
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    def default_filters(self) -> Iterable[tuple[str, Any]]:
        yield from super().default_filters()
        yield "highlight_code", _highlight
        yield "markdown2html", _markdown
        yield "ansi2html", _ansi
        yield "float", _number


def or_plain(make: Callable[..., Any], source: str, *more: Any) -> Any:
    """What a filter makes of a text, or the text itself where it fails or takes too long."""
    try:
        return make(source, *more)
    except Exception:  # of a library that met what nobody foresaw, or `TooLong`
        return f"<pre>{escape(source)}</pre>"


def _highlight(source: str, language: str | None = None, metadata: Any = None) -> Any:
    return or_plain(render.code, source)


@pass_context
def _markdown(context: Any, source: str) -> Any:
    return or_plain(render.markdown, source, context.get("cell", {}).get("attachments"))


def _ansi(source: str) -> Any:
    return or_plain(ansi2html, source)


def _number(value: Any, default: float = 0.0) -> float:
    """Jinja's own, which nbgrader's template puts every score through; what is told stays so."""
    return value if isinstance(value, Told) else do_float(value, default)


class Pages:
    """Makes feedback pages."""

    def __init__(self) -> None:
        config = GenerateFeedback(coursedir=CourseDirectory()).config
        self.exporter = Exporter(config=config)
        self.exporter._preprocessors = []
        for preprocessor in (ForReading, CSSHTMLHeaderPreprocessor):
            self.exporter.register_preprocessor(preprocessor, enabled=True)

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
        notebook = nbformat.reads(text, 4)
        total, most = enter(notebook, points, given)
        waits = waiting(notebook, given)
        score = (
            total,
            told(most, f"{most}, {waits:g} of them not yet graded: they wait for a person")
            if waits
            else most,
        )
        try:
            with within(PATIENCE):
                page = self._in_full(notebook, score, given, about)
        except Exception as error:
            page = plain_page(notebook, score, about, f"{type(error).__name__}: {error}")
        lines = "".join(f"<p><strong>{escape(line)}</strong></p>\n" for line in said)
        return page.replace(TOP, TOP + lines, 1)

    def _in_full(
        self,
        notebook: NotebookNode,
        score: tuple[float, float],
        given: Given,
        about: dict[str, str],
    ) -> str:
        resources = {name: escape(text) for name, text in about.items()} | {
            "score": score[0],
            "max_score": score[1],
            "late_penalty": given.penalty,
        }
        metadata = {"name": about["notebook"]}
        body, _ = self.exporter.from_notebook_node(
            notebook, {"nbgrader": resources, "metadata": metadata}
        )
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        return str(body).replace("<head>", f"<head>\n{policy}", 1)


def enter(
    notebook: NotebookNode, points: dict[str, float | None], given: Given
) -> tuple[float, float]:
    """Points and comments into the cells; the sum, less the penalty, and the most there is."""
    total = most = 0.0
    for cell in notebook.cells:
        name = grade_id(cell)
        task = is_task(cell)
        if is_solution(cell) or task:
            cell.metadata.nbgrader["comment"] = given.comments.get(name)
        if is_grade(cell) or task:
            own = given.scores.get(name, points.get(name) or 0.0) + given.extra.get(name, 0.0)
            words = f"{own:g}, waits for a person" if own else "waits for a person"
            cell.metadata.nbgrader["score"] = told(own, words) if name in given.waits else own
            total += own
            most += float(cell.metadata.nbgrader["points"])
    return total - given.penalty, most


def waiting(notebook: NotebookNode, given: Given) -> float:
    """The points of what a person has yet to look at."""
    cells = [cell for cell in notebook.cells if grade_id(cell) in given.waits]
    return sum(float(mark(cell).get("points", 0.0)) for cell in cells)


TOP = '<div class="panel-body">\n'
"""Where nbgrader's template begins to show the notebook, and the plain page its points."""
PLAIN_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; }}</style></head>
<body><h1>{title}: {score:g} of {most:g} points</h1>
<p>The notebook itself cannot be shown here ({why}). These are its points.</p>
<div class="panel-body">
{cells}
</div></body></html>
"""


def plain_page(
    notebook: NotebookNode, score: tuple[float, float], about: dict[str, str], why: str
) -> str:
    """Every verdict, the points and the comments, as text; why: what became of the usual page."""
    cells = []
    for cell in notebook.cells:
        about_cell = mark(cell)
        lines = [
            output.data.get("text/plain", "")
            for output in cell.get("outputs", [])
            if VERDICT in output.get("data", {})
        ]
        if about_cell.get("comment"):
            lines.append(f"Comment: {about_cell['comment']}")
        if "score" in about_cell:
            of, own = float(about_cell["points"]), about_cell["score"]
            shown = own if isinstance(own, Told) else f"{own:g}"
            cells.append(f"<h2>{escape(grade_id(cell))}: {shown} of {of:g}</h2>")
        cells += [f"<pre>{escape(line)}</pre>" for line in lines]
    return PLAIN_PAGE.format(
        title=escape(about["notebook"]),
        score=score[0],
        most=score[1],
        why=escape(why[:500]),
        cells="\n".join(cells),
    )

"""Feedback pages: nbgrader's own template, without hidden tests, quickly for a whole class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from autograder.course import WIDGET_VIEW, grade_id, is_grade, is_solution, is_test, mark
from autograder.sheet import Sheet


class ForReading(NbGraderPreprocessor):
    """Of an error in a test cell keep the last line: a traceback would quote the hidden tests.

    Of an explorer keep the picture: a page has no kernel for the widget.
    """

    def preprocess(
        self, nb: NotebookNode, resources: ResourcesDict
    ) -> tuple[NotebookNode, ResourcesDict]:
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if len(output.get("data", {})) > 1:
                    output.data.pop(WIDGET_VIEW, None)
        for cell in filter(is_test, nb.cells):
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return nb, resources


@dataclass(frozen=True)
class Given:
    """What people have given a notebook so far: it stands in its page and survives a regrade.

    scores, extra: points by grade id. comments: by grade id. penalty: points, for being late.
    """

    scores: dict[str, float] = field(default_factory=dict)
    extra: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    penalty: float = 0.0


class Exporter(HTMLExporter):
    """HTML as nbgrader's, but what is alike in a whole class is made once.

    The second reading of the page, which the base class does to add attributes for keyboards to
    its cells, takes as long as everything else and is left out.
    """

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> Any:
        self.register_filter("highlight_code", _highlighter(self))
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    def default_filters(self) -> Iterable[tuple[str, Any]]:
        yield from super().default_filters()
        exporter = self

        def markdown(source: str) -> str:
            return str(_markdown(exporter, source))

        yield "markdown2html", markdown


@lru_cache(maxsize=2000)
def _markdown(exporter: Exporter, source: str) -> str:
    return str(HTMLExporter.markdown2html(exporter, {}, source))


@lru_cache(maxsize=1)
def _highlighter(exporter: Exporter) -> Any:
    make = Highlight2HTML(pygments_lexer="ipython3", parent=exporter)

    @lru_cache(maxsize=2000)
    def highlight(source: str, language: str | None = None, metadata: Any = None) -> Any:
        return make(source, language=language)

    # Metadata of a cell cannot be a key, and may only change the language, which is Python.
    return lambda source, language=None, metadata=None: highlight(source, language)


class Pages:
    """Makes feedback pages."""

    def __init__(self) -> None:
        config = GenerateFeedback(coursedir=CourseDirectory()).config
        self.exporter = Exporter(config=config)
        self.exporter._preprocessors = []
        for preprocessor in (ClearHiddenTests, ForReading, CSSHTMLHeaderPreprocessor):
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
    ) -> str:
        """The page of an executed notebook (JSON text).

        points: what was given automatically, by grade id. about: student, assignment, notebook.
        """
        notebook = nbformat.reads(text, 4)
        total = most = 0.0
        for cell in notebook.cells:
            name = grade_id(cell)
            task = bool(mark(cell).get("task"))
            if is_solution(cell) or task:
                cell.metadata.nbgrader["comment"] = given.comments.get(name)
            if is_grade(cell) or task:
                own = given.scores.get(name, points.get(name) or 0.0) + given.extra.get(name, 0.0)
                cell.metadata.nbgrader["score"] = own
                total += own
                most += float(cell.metadata.nbgrader["points"])
        resources = about | {
            "score": total - given.penalty,
            "max_score": most,
            "late_penalty": given.penalty,
        }
        metadata = {"name": about["notebook"]}
        body, _ = self.exporter.from_notebook_node(
            notebook, {"nbgrader": resources, "metadata": metadata}
        )
        return str(body)

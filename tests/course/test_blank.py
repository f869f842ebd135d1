"""A released notebook as it is, not a line of it written: Run All gets to its end."""

from __future__ import annotations

import os

import pytest
from nbclient import NotebookClient
from nbconvert.exporters.exporter import ResourcesDict
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

from autograder.course import Course, Lesson
from tests.conftest import ROOT

LESSONS = Course(ROOT).lessons()
STUB = 'raise NotImplementedError("not implemented yet")'


def released(lesson: Lesson) -> NotebookNode:
    """As nbgrader's `generate_assignment` makes it, but for what only a grader reads."""
    clear = ClearSolutions(code_stub={"python": f"# YOUR CODE HERE\n{STUB}"})
    notebook, _ = clear.preprocess(lesson.notebook(), ResourcesDict())
    notebook, _ = ClearHiddenTests().preprocess(notebook, ResourcesDict())
    assert STUB in str(notebook)
    return notebook


@pytest.mark.spread
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_run_all_of_a_blank_notebook_ends_without_an_exception(lesson, tmp_path, monkeypatch):
    """What shows answers at work stands in `with once_written():`."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)
    notebook = released(lesson)
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        allow_errors=True,  # to name every cell at once
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    raised = [
        f"cell {number}, {cell.source[:60]!r}...: {output.ename}: {output.evalue}"
        for number, cell in enumerate(notebook.cells, 1)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    if raised:
        pytest.fail("\n".join(raised), pytrace=False)
    said = str([cell.get("outputs") for cell in notebook.cells])
    assert "Traceback" not in said
    assert f"{lesson.exercises()[0]} is not implemented yet" in said

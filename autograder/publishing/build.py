"""The whole site: pages laid out, and made into HTML by Sphinx."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from autograder.authoring.nbgrader_api import configuration
from autograder.course import Course, CourseError, Lesson
from autograder.publishing import explorers, predictions
from autograder.publishing.chapters import Chapter, chapter
from autograder.publishing.documents import documents, home, mistakes
from autograder.publishing.mending import mended
from autograder.publishing.outputs import Pictures
from autograder.publishing.pages import Elements, page
from autograder.publishing.places import Places

UP = "../../_static"
"""The way from a chapter's page to what all pages share."""
OPENS = "StepSizeExplorer("
OURS = Path("_static", "downhill.js")
"""A file that every site has which this makes, and no other folder."""
LEFT = (".buildinfo", "objects.inv")
"""What Sphinx leaves for other programs, and no reader asks for."""


def build(course: Course, out: Path, lessons: Sequence[Lesson] = ()) -> None:
    """Make the site in the folder `out`, anew; equal sources give equal bytes.

    lessons: those that have a chapter, where not all of them shall.
    Raises `CourseError` with all that Sphinx warns of, and where the folder holds anything else.
    """
    check_is_ours(out)
    with tempfile.TemporaryDirectory() as folder:
        source, static = Path(folder, "source"), Path(folder, "static")
        texts, files = pages(course, lessons or course.lessons())
        for name, text in texts.items():
            _put(source / f"{name}.md", text.encode())
        for name, content in files.items():
            _put(static / name, content)
        made = Path(folder, "made")
        _sphinx(course, source, static, made)
        _tidy(made)
        if out.exists():
            shutil.rmtree(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, out)


def check_is_ours(out: Path) -> None:
    """What is made replaces the whole folder: it may hold such a site, or nothing."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())) or (out / OURS).is_file():
        return
    raise CourseError(
        f"{out} holds something else than a site of this command, which would be removed: "
        "name an empty folder, or one that is not there yet"
    )


def pages(course: Course, lessons: Sequence[Lesson]) -> tuple[dict[str, str], dict[str, bytes]]:
    """Every page's Markdown by its name, and what lies beside them in `_static/`."""
    chapters = [chapter(course, lesson) for lesson in lessons]
    pictures = Pictures(UP)
    places = Places.of(configuration(course))
    texts = {"index": home(course, chapters, _opening(course, chapters[0]))}
    texts |= {**documents(course), **mistakes(chapters)}
    for each in chapters:
        elements = elements_of(course, each)
        for section in each.sections:
            name = f"lessons/{each.lesson.name}/{section.name}"
            texts[name] = page(each, section, elements, pictures)
        first = f"lessons/{each.lesson.name}/{each.sections[0].name}"
        texts[first] = places.offered(each.lesson.name, texts[first])
    return texts, {**pictures.files, **explorers.files(course, lessons)}


def _opening(course: Course, first: Chapter) -> str:
    """The explorer that the first page has: how long a step may be."""
    shows = next((c.id for c in first.worked.cells if c.source.startswith(OPENS)), "")
    found = explorers.elements(course, first.lesson.name).get(shows, [""])
    return found[0]


def elements_of(course: Course, each: Chapter) -> Elements:
    return Elements(
        explorers.elements(course, each.lesson.name, UP),
        predictions.elements(each.worked),
        predictions.reveals(each.worked),
    )


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _sphinx(course: Course, source: Path, static: Path, out: Path) -> None:
    warned = io.StringIO()
    with patch_docutils(), docutils_namespace():
        try:
            app = Sphinx(
                source, course.root / "site", out, out.parent / "doctrees", "html",
                {"html_static_path": [str(static), "static"]},
                status=None, warning=warned, freshenv=True, parallel=os.cpu_count() or 1,
            )  # fmt: skip
            app.build(force_all=True)
        except SphinxError as error:
            raise CourseError(f"the site cannot be made: {error}") from error
    said = re.sub(r"\x1b\[[\d;]*m", "", warned.getvalue()).replace(f"{source}/", "").strip()
    if said:
        raise CourseError(f"the site is not as it should be:\n{said}")


def _tidy(made: Path) -> None:
    for path in made.rglob("*"):
        if path.is_file() and (path.name in LEFT or path.suffix == ".map"):
            path.unlink()
        elif path.suffix == ".html":
            path.write_text(mended(path.read_text("utf-8")), encoding="utf-8")

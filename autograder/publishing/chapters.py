"""A lesson as a chapter: the student's notebook and the worked one side by side, in sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.course import Course, CourseError, Lesson

HEADING = re.compile(r"(#{1,6}) +(.*)")
FENCE = re.compile(r" {0,3}(```+|~~~+)")
FIRST = "index"
"""The page that a chapter begins with: what stands before the first heading of the second level."""


@dataclass(frozen=True)
class Part:
    """A cell, or what of it belongs to one section: as students have it, and as it is worked."""

    given: NotebookNode
    worked: NotebookNode

    @property
    def is_text(self) -> bool:
        return self.given.cell_type == "markdown"


@dataclass
class Section:
    """A page: its name in addresses, its title in Markdown, its parts."""

    name: str
    title: str
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Chapter:
    lesson: Lesson
    worked: NotebookNode
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        return self.sections[0].title

    @property
    def set_up(self) -> str:
        """The id of the first code cell, which imports what the lesson uses."""
        return next((str(c.id) for c in self.worked.cells if c.cell_type == "code"), "")


def chapter(course: Course, lesson: Lesson) -> Chapter:
    """Raises `CourseError` where the two notebooks are not of one source."""
    given, worked = (
        nbformat.read(folder / lesson.name / f"{lesson.name}.ipynb", as_version=4)
        for folder in (course.notebooks, course.solutions)
    )
    cells = [cell for cell in given.cells if cell.id != "fetch-helpers"]
    if [cell.id for cell in cells] != [cell.id for cell in worked.cells]:
        raise CourseError(
            f"notebooks/ and solutions/ have other cells in {lesson.name}: run `make build`"
        )
    sections = [Section(FIRST, lesson.name)]
    for one, other in zip(cells, worked.cells, strict=True):
        for part, title in _cut(Part(one, other)):
            if title is not None:
                sections.append(Section(_unused(slug(title), sections), title))
            sections[-1].parts.append(part)
    first = HEADING.match(sections[0].parts[0].given.source)
    if not first or first[1] != "#":
        raise CourseError(f"{lesson.path}: it begins with a heading: # its title")
    sections[0].title = first[2]
    return Chapter(lesson, worked, tuple(sections))


def _cut(part: Part) -> Iterator[tuple[Part, str | None]]:
    """A part, cut before each heading of the second level, whose title stands beside it."""
    if not part.is_text or part.given.source != part.worked.source:
        yield part, None
        return
    pieces: list[tuple[list[str], str | None]] = [([], None)]
    for line, heading in headed(part.given.source):
        if heading and heading[1] == "##":
            pieces.append(([], heading[2]))
        pieces[-1][0].append(line)
    for lines, title in pieces:
        text = "\n".join(lines).strip("\n")
        if text:
            cell = nbformat.v4.new_markdown_cell(text, id=part.given.id)
            yield Part(cell, cell), title


def headed(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Each line of Markdown; beside it what it is as a heading, if it is one."""
    fence = ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
            yield line, None
        else:
            fence = mark[1] if mark else ""
            yield line, HEADING.fullmatch(line.rstrip()) if not mark else None


def raised(text: str, by: int = 1) -> str:
    """Markdown with every heading that many levels higher (a section's title becomes a page's)."""
    return "\n".join(
        f"{'#' * max(1, len(heading[1]) - by)} {heading[2]}" if heading else line
        for line, heading in headed(text)
    )


def slug(title: str) -> str:
    """A title as a part of an address."""
    words = re.findall(r"[a-z0-9]+", title.lower().replace("'", "").replace("’", ""))
    return "-".join(words) or "section"


def _unused(name: str, sections: list[Section]) -> str:
    taken = {section.name for section in sections}
    return next(n for n in (name, *(f"{name}-{k}" for k in range(2, 99))) if n not in taken)

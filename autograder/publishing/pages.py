"""A section of a chapter as a page in MyST Markdown, as a student meets it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.course import is_exercise, is_solution, is_test, is_written, mark
from autograder.publishing.chapters import Chapter, Part, Section, raised
from autograder.publishing.outputs import Pictures, draws, shown

TRY = "Try it first, on paper or in the notebook. Then compare with the worked solution"
WRITE = "Write your own answer first. Then compare with the worked one"
AFTER = "Predicted? Then see what comes out"
SET_UP = "The set-up: what the lesson imports"
DRAWS = "The code of this picture"
LONG = 12
"""Lines of code up to which what draws a picture stands above it unfolded: more are most of a
phone's screen."""
NAMED = re.compile(r"(?<![\w*])\*([^*]+)\*(?![\w*])|(?<=\| )(?:\*\*)?([^|*\n]+)(?:\*\*)?(?= \|)")
"""What may name a section: words in italics, or a cell of a table."""


@dataclass(frozen=True)
class Elements:
    """What stands in a page in place of a cell's widgets, by the cell's id."""

    explorers: Mapping[str, list[str]] = field(default_factory=dict)
    predictions: Mapping[str, str] = field(default_factory=dict)
    reveals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def page(chapter: Chapter, section: Section, elements: Elements, pictures: Pictures) -> str:
    """The page's Markdown. A chapter's first page lists the others, and links those it names."""
    first = section is chapter.sections[0]
    pieces = [_part(part, chapter, elements, pictures) for part in section.parts]
    if first:
        named = {other.title.casefold(): other.name for other in chapter.sections[1:]}
        both = zip(section.parts, pieces, strict=True)
        pieces = [linked(piece, named) if part.is_text else piece for part, piece in both]
    text = "\n\n".join(piece for piece in pieces if piece)
    if not first:
        return raised(text) + "\n"
    others = "\n".join(other.name for other in chapter.sections[1:])
    return f"{text}\n\n## Sections\n\n```{{toctree}}\n:maxdepth: 1\n\n{others}\n```\n"


def linked(text: str, sections: Mapping[str, str]) -> str:
    """Markdown with a link wherever it names a section. sections: pages by title, in lower case."""

    def link(named: re.Match[str]) -> str:
        title = " ".join((named[1] or named[2]).split())
        page = sections.get(title.casefold())
        return f"[{named[0]}]({page}.md)" if page else named[0]

    return NAMED.sub(link, text)


def _part(part: Part, chapter: Chapter, elements: Elements, pictures: Pictures) -> str:
    given, worked = part.given, part.worked
    if is_written(given):
        return folded("downhill-solution", WRITE, worked.source)
    if part.is_text:
        return str(given.source)
    reveals = elements.reveals.get(given.id, {})
    came = raw(shown(worked, pictures, reveals, elements.explorers.get(given.id, ())))
    if given.id in elements.predictions:
        asks = raw(elements.predictions[given.id])
        return asks if _only_asks(given.source) else f"{code(given.source)}\n\n{asks}"
    if is_exercise(given) and is_solution(given):
        answer = f"{code(worked.source)}\n\n{came}"
        return f"{code(given.source)}\n\n{folded('downhill-solution', TRY, answer)}"
    if is_test(given):
        return folded("downhill-check", _check(part), f"{came}\n\n{code(given.source)}")
    if given.id == chapter.set_up:
        return folded("downhill-setup", SET_UP, f"{code(given.source)}\n\n{came}")
    if reveals:
        return f"{_own(part)}\n\n{folded('downhill-after', AFTER, came)}"
    return f"{_own(part)}\n\n{came}"


def _own(part: Part) -> str:
    """The course's own code; folded where it is long, and what counts is what it draws."""
    source = part.given.source
    if draws(part.worked) and source.count("\n") >= LONG:
        return folded("downhill-code", DRAWS, code(source))
    return code(source)


def _check(part: Part) -> str:
    points = mark(part.given).get("points", 0)
    worth = f", for {points} point{'' if points == 1 else 's'}" if points else ""
    return f"What is checked{worth}, and what the worked solution gets"


def _only_asks(source: str) -> bool:
    """`guess = Prediction(...)`, and perhaps `guess`, and nothing else."""
    match ast.parse(source).body:
        case [ast.Assign(value=ast.Call(func=ast.Name(id="Prediction")))]:
            return True
        case [ast.Assign(value=ast.Call(func=ast.Name(id="Prediction"))), ast.Expr(ast.Name())]:
            return True
    return False


def code(source: str) -> str:
    return f"````python\n{source}\n````"


def raw(html: str) -> str:
    """HTML as it is, blank lines and all."""
    return f"````{{raw}} html\n{html}\n````" if html else ""


def folded(kind: str, summary: str, text: str) -> str:
    """Markdown that stands folded under a sentence."""
    start = raw(f'<details class="downhill-fold {kind}"><summary>{summary}</summary>')
    return f"{start}\n\n{text}\n\n{raw('</details>')}"

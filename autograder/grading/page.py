"""A feedback page: its template, and what stands in it as HTML.

The template escapes all text. Where it does not, `playing` has made what a student wrote harmless,
and the page's policy lets nothing run but the front end of this course's explorers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from autograder.course import NOTES, WIDGET_VIEW, is_grade, is_own, is_solution, is_task
from autograder.grading import account
from autograder.grading.account import Account, Property, headings
from autograder.judge import VERDICT
from autograder.playing import render
from autograder.playing.pictures import JPEG, PNG
from helpers.explorers.page import SCRIPT
from helpers.judging.verdict import LATER

POLICY = (
    f"default-src 'none'; script-src {SCRIPT}; style-src 'unsafe-inline'; img-src data:; "
    "media-src 'none'; connect-src 'none'; frame-src 'none'; object-src 'none'; "
    "form-action 'none'; base-uri 'none'"
)
"""What a page may do: be read, and run the explorers of this course in frames of their own."""
FOLDER = Path(__file__).parent
KINDS = {
    account.RIGHT: "right",
    account.PART: "part",
    account.NOT_YET: "not-yet",
    account.BLANK: "blank",
    account.WAITS: "waits",
}
"""How an exercise stands, as the style names it."""
HEADING = re.compile(r"<h([1-6])>")
CODE = re.compile(r"`([^`\n]+)`")
NO_ALT = re.compile(r"<img(?![^>]*\balt=)")
FIGURE = "A figure that the cell above has drawn"


def page(made: Account, about: dict[str, str], said: Sequence[str]) -> str:
    """The whole page. about: student, assignment, notebook. said: sentences at its top."""
    notes = "\n".join(c.source for c in made.notebook.cells if c.metadata.get(NOTES))
    return template().render(
        a=made, about=about, said=said, notes=notes, parts=notebook(made.notebook)
    )


@cache
def template() -> jinja2.Template:
    """It is read once in a process."""
    loader = jinja2.FileSystemLoader(FOLDER)
    env = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    env.filters |= {
        "coded": coded,
        "errors": errors,
        "heading": heading,
        "broken": broken,
        "kind": KINDS.__getitem__,
        "markdown": markdown,
        "number": number,
        "outputs": outputs,
        "sign": sign,
        "source": source,
        "words": words,
    }
    env.globals |= {"LATER": LATER, "RIGHT": account.RIGHT, "BLANK": account.BLANK}
    env.globals["policy"] = Markup(POLICY)
    env.globals["style"] = Markup((FOLDER / "page.css").read_text(encoding="utf-8"))
    return env.get_template("page.html.j2")


def or_plain(make: Callable[..., str], text: str, *more: Any) -> Markup:
    """What is made of a text, or the text itself where that fails or takes too long."""
    try:
        return Markup(make(text, *more))
    except Exception:  # of a library that met what nobody foresaw, or `TooLong`
        return Markup(f"<pre>{escape(text)}</pre>")


# --- Small parts --------------------------------------------------------------------------------


def number(points: float) -> str:
    """Points as people write them: 2, 2.5, 2.33."""
    return f"{round(points, 2) + 0.0:g}"


def sign(found: Property) -> str:
    """How a property stands, as the style names it."""
    return "later" if found.wrong == LATER else "wrong-one" if found.wrong else "right-one"


def words(title: str) -> str:
    """A heading without its marks."""
    return re.sub(r"[$`*\\]", "", title)


def coded(sentence: str) -> Markup:
    """A sentence whose names in backticks are code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(sentence))))


def broken(name: str) -> Markup:
    """A name that may be broken behind each underscore."""
    return Markup(str(escape(name)).replace("_", "_<wbr>"))


def heading(title: str) -> Markup:
    """A heading's own words, formulas drawn."""
    if "<" in title:
        return Markup(escape(title))
    made = or_plain(render.markdown, title).strip()
    return Markup(made.removeprefix("<p>").removesuffix("</p>"))


def markdown(text: str) -> Markup:
    return or_plain(render.markdown, text)


# --- Cells --------------------------------------------------------------------------------------


def source(cell: NotebookNode) -> Markup:
    """What stands in a cell."""
    if cell.cell_type == "code":
        return or_plain(render.code, cell.source)
    if cell.cell_type == "markdown":
        return or_plain(render.markdown, cell.source, cell.get("attachments"))
    return Markup(f"<pre>{escape(cell.source)}</pre>")


def errors(cell: NotebookNode) -> Markup:
    """The errors that a cell ended with, in a line each."""
    lines = "\n".join(account.errors(cell))
    return Markup(f'<pre class="out">{escape(lines)}</pre>') if lines else Markup("")


def outputs(cell: NotebookNode) -> Markup:
    return Markup("").join(map(output, cell.get("outputs", [])))


def output(shown: NotebookNode) -> Markup:
    """An output, in the best form that a page can show."""
    if shown.output_type == "stream":
        return text(shown.text)
    if shown.output_type == "error":
        return text(account.without_cell("\n".join(shown.traceback)))
    data, about = shown.get("data", {}), shown.get("metadata", {})
    if VERDICT in data:
        return text(data.get("text/plain", ""))
    if "text/html" in data:
        html = NO_ALT.sub('<img alt=""', data["text/html"])
        return Markup(render.wide(html, "output") if "<table" in html else f"<div>{html}</div>")
    for mime in (PNG, JPEG):
        if mime in data:
            return picture(mime, data[mime], about.get(mime, {}))
    for mime in ("text/markdown", "text/latex"):
        if mime in data:
            return Markup(f"<div>{or_plain(render.markdown, data[mime])}</div>")
    if "text/plain" in data and WIDGET_VIEW not in data:
        return text(data["text/plain"])
    return Markup("")


def text(shown: str) -> Markup:
    """What a program wrote, without colours: chosen for one ground, they are lost on another."""
    return Markup(f'<pre class="out">{escape(strip_ansi(shown))}</pre>')


def picture(mime: str, content: str, about: Any) -> Markup:
    alt = about.get("alt") if isinstance(about, dict) else None
    sides = "".join(
        f' {side}="{about[side]}"'
        for side in ("width", "height")
        if isinstance(about, dict) and type(about.get(side)) is int
    )
    alt = escape(alt if isinstance(alt, str) else FIGURE)
    content = escape("".join(content.split()))
    return Markup(f'<img alt="{alt}"{sides} src="data:{mime};base64,{content}">')


# --- The notebook -------------------------------------------------------------------------------


def notebook(whole: NotebookNode) -> Iterator[Markup]:
    """Its cells as they were run. Of the course's own, those that were not are counted."""
    sections = {(at, k) for at, k, _, _ in headings(whole)}
    left_out = 0
    for at, cell in enumerate(whole.cells):
        if is_left_out(cell):
            left_out += 1
            continue
        if left_out:
            yield not_run(left_out)
            left_out = 0
        if not cell.metadata.get(NOTES):
            yield shown_cell(cell, at, sections)
    if left_out:
        yield not_run(left_out)


def is_left_out(cell: NotebookNode) -> bool:
    """Whether it is the course's own code, and was not run: no point depends on it."""
    asked = is_solution(cell) or is_grade(cell) or is_task(cell) or is_own(cell)
    code = cell.cell_type == "code" and cell.source.strip()
    return bool(code) and not asked and cell.get("execution_count") is None


def not_run(count: int) -> Markup:
    some = "A cell" if count == 1 else f"{count} cells"
    return Markup(
        f'<p class="left-out">{some} of the lesson that only show{"s" * (count == 1)} something '
        f"{'was' if count == 1 else 'were'} not run here: no point depends on "
        f"{'it' if count == 1 else 'them'}.</p>"
    )


def shown_cell(cell: NotebookNode, at: int, sections: set[tuple[int, int]]) -> Markup:
    if cell.cell_type == "code" and not cell.source.strip():
        return Markup("")
    html = source(cell)
    if cell.cell_type == "markdown" and (at, 1) in sections:
        html = anchored(html, at)
    whose = "own " if is_own(cell) else "answer " if is_solution(cell) else ""
    label = "Your answer" if is_solution(cell) else "Your own cell" if is_own(cell) else ""
    label = f'<p class="label">{label}</p>' if label else ""
    kind = "code" if cell.cell_type == "code" else "prose"
    return Markup(f'<div class="cell {whose}{kind}">{label}{html}{outputs(cell)}</div>')


def anchored(html: Markup, at: int) -> Markup:
    """With a name for each heading of a cell of the course's own."""
    count = 0

    def named(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f'<h{found[1]} id="c{at}-{count}">'

    return Markup(HEADING.sub(named, str(html)))

"""The page of an exercise: what students get wrong; and what is right, though it looks otherwise.

Two files of Markdown that read well by themselves. `NAME.md` holds `Wrong answers`, each under its
heading with the sentence that a student who gives it should read. `NAME.right.md` holds `Right
answers in other forms`; `Edits that change nothing`, each with the argument; and `Kinds that do not
apply`, those of the checklist that this exercise need not refuse, as a list under the reason. An
answer is a `python` block, the whole source, or a `diff` block, the lines of the right answer that
it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import CourseError

WRONG = "Wrong answers"
OTHER = "Right answers in other forms"
SAME = "Edits that change nothing"
OFF = "Kinds that do not apply"
ABOUT_RIGHT = (OTHER, SAME, OFF)
SECTIONS = (WRONG, *ABOUT_RIGHT)
BANK = Path(__file__).parent


class PageError(CourseError):
    """A page is not as it must be; the message names its file and line, and what to do."""


@dataclass(frozen=True)
class WrongAnswer:
    """A plausible wrong answer, and the sentence that a student who gives it should read.

    `says` tells what it looks like and where to look, never the answer.
    """

    name: str
    says: str
    source: str
    place: str = ""
    """The file and line of its heading."""


@dataclass(frozen=True)
class OtherForm:
    """Another right answer, which must earn full points."""

    name: str
    source: str
    place: str = ""


@dataclass(frozen=True)
class Same:
    """Edits of one token of the right answer that change nothing, and `why` they do not.

    `lines` are the edited lines of the right answer, each as `ast.unparse` writes it.
    """

    why: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Off:
    """Kinds of the checklist that this exercise need not refuse, and `why`."""

    why: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    wrong: tuple[WrongAnswer, ...] = ()
    others: tuple[OtherForm, ...] = ()
    same: tuple[Same, ...] = ()
    off: tuple[Off, ...] = ()


@dataclass(frozen=True)
class _Entry:
    """A heading of the third level, the text under it, its block or list; and where it stands."""

    line: int
    section: str
    name: str
    text: str
    language: str
    code: list[str]


def files_of(answer: Path) -> tuple[Path, Path]:
    """Both files of the page of the exercise whose right answer stands in this file."""
    return answer.with_suffix(".md"), answer.with_suffix(".right.md")


def read_page(answer: Path, reference: str) -> Page:
    """The page of the exercise whose right answer stands in this file and has this source."""
    pages, faults = [], []
    for path, sections in zip(files_of(answer), ((WRONG,), ABOUT_RIGHT), strict=True):
        try:
            pages.append(
                parse_page(path.read_text(encoding="utf-8"), reference, seen(path), sections)
            )
        except PageError as error:
            faults.append(str(error))
    if faults:
        raise PageError("\n".join(faults))
    return replace(pages[1], wrong=pages[0].wrong)


def seen(path: Path) -> str:
    """A file of the bank by its path from the course's folder."""
    return (
        path.relative_to(BANK.parent.parent).as_posix() if path.is_relative_to(BANK) else path.name
    )


def parse_page(
    text: str, reference: str, file: str = "the page", sections: Sequence[str] = SECTIONS
) -> Page:
    """The page of this text. Raises `PageError` with a line for each entry that is at fault."""
    page, faults = Page(), []
    entries = _entries(text, file, sections)
    while True:
        try:
            page = _with(page, next(entries), reference, file)
        except StopIteration:
            break
        except PageError as error:
            faults.append(str(error))
    if faults:
        raise PageError("\n".join(faults))
    return page


def _with(page: Page, entry: _Entry, reference: str, file: str) -> Page:
    """The page and one entry more."""
    where = f"{file}:{entry.line}"
    place = f"{where}: {entry.name!r}"
    if entry.section == SAME:
        same = Same(entry.text, tuple(line for line in entry.code if line))
        return replace(page, same=(*page.same, same))
    if entry.section == OFF:
        if not entry.text or not entry.code:
            raise PageError(f"{place} needs a reason, and under it a list of kinds: “- …”")
        return replace(page, off=(*page.off, Off(entry.text, tuple(entry.code))))
    source = _source(entry, reference, place)
    if entry.section == OTHER:
        return replace(page, others=(*page.others, OtherForm(entry.name, source, where)))
    if not entry.text:
        raise PageError(f"{place} has no sentence for the student who gives this answer")
    wrong = WrongAnswer(entry.name, entry.text, source, where)
    return replace(page, wrong=(*page.wrong, wrong))


def _entries(text: str, file: str, sections: Sequence[str]) -> Iterator[_Entry]:
    """What stands under each heading of the third level."""
    section = ""
    lines = list(enumerate(text.split("\n"), 1))
    while lines:
        number, line = lines.pop(0)
        if line.startswith("## "):
            section = line[3:].strip()
            if section not in sections:
                known = "”, “".join(sections)
                raise PageError(
                    f"{file}:{number}: a section here is one of “{known}”, not “{section}”"
                )
        elif line.startswith("### "):
            if not section:
                raise PageError(
                    f"{file}:{number}: an answer stands in a section, such as “## {WRONG}”"
                )
            yield _entry(lines, number, section, line[4:].strip(), file)


def _entry(lines: list[tuple[int, str]], begin: int, section: str, name: str, file: str) -> _Entry:
    """Takes the lines of one entry from the front of `lines`."""
    text: list[str] = []
    while lines and not lines[0][1].startswith(("```", "## ", "### ")):
        text.append(lines.pop(0)[1].strip())
    place = f"{file}:{begin}: {name!r}"
    if section == OFF:
        kinds = [line[2:] for line in text if line.startswith("- ")]
        reason = " ".join(line for line in text if line and not line.startswith("- "))
        return _Entry(begin, section, name, reason, "list", kinds)
    fence = re.fullmatch(r"```(python|diff)", lines[0][1].strip()) if lines else None
    if fence is None:
        raise PageError(f"{place} needs a block that begins with ```python or ```diff")
    lines.pop(0)
    code: list[str] = []
    while lines and lines[0][1].strip() != "```":
        code.append(lines.pop(0)[1])
    if not lines:
        raise PageError(f"{place}: its block is never closed by ```")
    lines.pop(0)
    return _Entry(begin, section, name, " ".join(filter(None, text)), fence[1], code)


def _source(entry: _Entry, reference: str, place: str) -> str:
    if entry.language == "python":
        return "\n".join(entry.code) + "\n"
    odd = next((line for line in entry.code if line and line[0] not in " +-"), None)
    if odd is not None:
        raise PageError(f"{place}: a line of a diff begins with -, + or a space, not {odd!r}")
    old = [line[1:] for line in entry.code if line[:1] != "+"]
    new = [line[1:] for line in entry.code if line[:1] != "-"]
    lines = reference.split("\n")
    places = [k for k in range(len(lines) - len(old) + 1) if lines[k : k + len(old)] == old]
    if not old or len(places) != 1:
        count = "nowhere" if not places else f"{len(places)} times"
        raise PageError(
            f"{place}: the lines of its diff that are not added stand {count} in the right answer; "
            "they must stand there once. Copy them from it, with a line before if need be"
        )
    lines[places[0] : places[0] + len(old)] = new
    return "\n".join(lines)

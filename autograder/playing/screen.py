"""What a notebook shows of a student's work: outputs and answers, valid, harmless, of bounded size.

Nothing is written that was not shown to be so here: what is malformed, too large, or takes too long
to be made harmless is replaced by a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from json.encoder import encode_basestring
from typing import Any, TypeVar

import nbformat
from nbformat import NotebookNode

from autograder.playing import render
from autograder.playing.patience import Spent, within
from autograder.playing.pictures import JPEG, PNG
from autograder.playing.sanitize import (
    LONGEST,
    PLAIN,
    PROSE,
    NotShown,
    Room,
    harmless_data,
    harmless_metadata,
    in_full,
    picture,
    prose,
    text,
)

Made = TypeVar("Made")

MOST_OUTPUTS = 500
"""Of a cell, which is also how many a page's reader would scroll through."""
LARGEST_CELL = 2_000_000
"""Bytes of a cell's outputs, as they are written."""
LONGEST_CELL = 1.5
"""Seconds of this process's own that one output, or one answer, may take to be made harmless."""
LONGEST_SOURCE = 30_000
"""Characters of an answer in Python that are shown. Highlighting may take their square."""
MOST_IN_FULL = 50_000
"""Characters of a written answer; beyond `LONGEST` it is shown without its Markdown."""
ALL_ANSWERS = 2_000_000
"""Bytes of a notebook's answers, as they are written, and of the pictures in them."""
ALL_OF_OWN = 1_500_000
"""Bytes of the cells that a student has added, and of the pictures in them."""
MOST_PICTURES = 20
"""Of an answer."""
SPACE = re.compile(r"\s{200}\s+")
"""More white space than a program has. At each of it a highlighter looks for an end of it."""

BRIEF = 1000
"""Characters of an output that is not shown in full, but on which points may depend."""

MUCH = (
    f"(what else was shown here is left out: a cell may show {LARGEST_CELL // 10**6} MB, "
    f"a notebook {Room.bytes // 10**6} MB)"
)
UNSHOWN = "(an output is not shown: it is malformed, or takes too long to show)"
LONG = "This answer is too long to show. It stands in the file that was handed in."


@dataclass
class Screen:
    """Collects a cell's outputs as they come, and makes of them what a notebook keeps.

    While the cell runs nothing is computed on what it shows.
    """

    shown: list[dict[str, Any]] = field(default_factory=list)
    named: dict[str, dict[str, Any]] = field(default_factory=dict)
    clear_next: bool = False
    full: bool = False
    decided: bool = False

    def show(self, output: dict[Any, Any]) -> None:
        kind = output.get("output_type")
        if type(kind) is not str:
            self._add({"output_type": ""})
        elif kind == "clear":
            self.clear_next = output.get("wait") is True
            if not self.clear_next:
                self._clear()
        else:
            if self.clear_next:
                self._clear()
            self._take(kind, output)

    def _clear(self) -> None:
        self.shown.clear()
        self.clear_next = self.full = self.decided = False

    def _take(self, kind: str, output: dict[Any, Any]) -> None:
        name = output.get("display_id")
        if kind == "stream":
            self._write(output.get("name"), output.get("text"))
        elif type(name) is not str:
            self._add(output)
        elif output.get("update") is not True:
            self._add(self.named.setdefault(name, output))
            self.named[name].update(output)
        elif name in self.named:
            self.named[name].update(data=output.get("data"), metadata=output.get("metadata"))

    def _write(self, name: Any, piece: Any) -> None:
        """Pieces of one stream are one output, of which no more is kept than is shown."""
        if type(name) is not str or name not in ("stdout", "stderr") or type(piece) is not str:
            self._add({"output_type": ""})
            return
        last = self.shown[-1] if self.shown else {}
        if last.get("output_type") != "stream" or last["name"] != name:
            last = {"output_type": "stream", "name": name, "pieces": [], "left": LONGEST[PLAIN] + 1}
            self._add(last)
        if last["left"] > 0:
            last["pieces"].append(piece[: last["left"]])
            last["left"] -= len(piece)

    def _add(self, output: dict[Any, Any]) -> None:
        if len(self.shown) < MOST_OUTPUTS or (decides(output) and not self.decided):
            self.shown.append(output)
            self.decided = self.decided or decides(output)
        else:
            self.full = True

    def outputs(self, room: Room) -> list[NotebookNode]:
        """What was shown, as much of it as the notebook has room for."""
        made: list[NotebookNode] = []
        left, full, decided = min(LARGEST_CELL, room.bytes), self.full, False
        for each in self.shown:
            outputs = shown(each, room)
            size = size_of(outputs)
            if size > left:
                full = True
                outputs = brief(each) if decides(each) and not decided else []
                size = size_of(outputs)
            decided = decided or decides(each)
            left -= size
            room.bytes -= size
            made += outputs
        return [*made, sentence(MUCH)] if full else made


def decides(output: dict[Any, Any]) -> bool:
    """Whether nbgrader's rule looks at it: the first such output decides on a cell's points."""
    kind = output["output_type"]
    return kind in ("error", "execute_result") or (kind == "stream" and output["name"] == "stderr")


def size_of(part: Any) -> int:
    """Bytes of a part of a notebook, as it is written, or somewhat more."""
    if isinstance(part, str):
        return len(encode_basestring(part).encode()) + 10
    if isinstance(part, dict):
        return sum(size_of(key) + size_of(value) for key, value in part.items()) + 40
    return sum(map(size_of, part)) + 20 if isinstance(part, list | tuple) else 20


def shown(output: dict[Any, Any], room: Room) -> list[NotebookNode]:
    """An output of the types that a notebook has, and sentences about what is not shown of it."""
    made = in_time(room, lambda: validated(output, room))
    return [*brief(output), sentence(UNSHOWN)] if made is None else made


def in_time(room: Room, make: Callable[[], Made]) -> Made | None:
    """What `make` makes; None where it fails, or is not done in the seconds that are left."""
    if room.seconds <= 0:
        return None
    spent = Spent()
    try:
        with within(min(LONGEST_CELL, room.seconds)) as spent:
            return make()
    except Exception:  # of a library that met what nobody foresaw, or `TooLong`
        return None
    finally:
        room.seconds -= spent.seconds


def validated(output: dict[Any, Any], room: Room) -> list[NotebookNode]:
    """Raises an `Exception` where it is malformed."""
    match output:
        case {"output_type": "stream", "name": name, "pieces": pieces}:
            return [node("stream", name=name, text=overwritten(pieces))]
        case {"output_type": "error", "ename": name, "evalue": value, "traceback": list(lines)}:
            lines = [text(exactly(line), 5000) for line in lines[:50]]
            return [error_output(text(exactly(name), 200), text(exactly(value), 5000), lines)]
        case {"output_type": "display_data" | "execute_result" as kind, "data": dict(data)}:
            return displayed(kind, data, output.get("metadata"), room)
    raise ValueError("malformed")


def displayed(kind: str, data: dict[Any, Any], about: Any, room: Room) -> list[NotebookNode]:
    kept, lost = harmless_data({exactly(mime): value for mime, value in data.items()}, room)
    if PROSE[0] in kept:
        render.markdown(kept[PROSE[0]])  # a page does the same, so that its time counts here
    extra = {"execution_count": None} if kind == "execute_result" else {}
    about = harmless_metadata(about, kept)
    made = node(kind, data=kept, metadata=about, **extra)
    return [made] * bool(kept) + [sentence(words) for words in lost]


def brief(output: dict[Any, Any]) -> list[NotebookNode]:
    """Its kind and the beginning of its text, which takes no time; nothing of what is malformed."""
    match output:
        case {"output_type": "stream", "name": name, "pieces": pieces}:
            return [node("stream", name=name, text=text("".join(pieces), BRIEF))]
        case {"output_type": "error", "ename": str(name), "evalue": str(value)}:
            return [error_output(text(name, 200), text(value, BRIEF))]
        case {"output_type": "execute_result", "data": dict(data)}:
            words = data.get(PLAIN)
            data = {PLAIN: text(words, BRIEF) if type(words) is str else ""}
            return [node("execute_result", data=data, metadata={}, execution_count=None)]
    return []


def exactly(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("not a text")
    return value


def overwritten(pieces: list[str]) -> str:
    """What a stream wrote, as a terminal shows it: after a carriage return a line begins anew."""
    whole = text("".join(pieces))
    if "\r" not in whole:
        return whole
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in whole.split("\n"))


def error_output(name: str, value: str, lines: list[str] | None = None) -> NotebookNode:
    shown = lines if lines is not None else [f"{name}: {value}"]
    return node("error", ename=name, evalue=value, traceback=shown)


def sentence(words: str) -> NotebookNode:
    """Words of ours, in place of an output."""
    return node("display_data", data={PLAIN: words}, metadata={})


def node(kind: str, **parts: Any) -> NotebookNode:
    """An output. Whether it is valid is asked once, of the whole notebook."""
    return nbformat.from_dict({"output_type": kind, **parts})


# --- Answers ------------------------------------------------------------------------------------


def show_answers(cells: Iterable[NotebookNode], most: int = ALL_ANSWERS) -> None:
    """Put what is shown of the answers in place of them. They have been executed before.

    most: bytes of all of them.
    """
    room = Room(most)
    for cell in cells:
        given = cell.pop("attachments", None)
        made = in_time(room, partial(_answer, cell, given, room))
        if made is None and cell.cell_type == "markdown":
            made = (in_full(plain(cell.source, MOST_IN_FULL)), {})
        size = size_of(made)
        if made is None or size > room.bytes:
            comment = "# " if cell.cell_type == "code" else ""
            made = (comment + LONG, {})
        else:
            room.bytes -= size
        cell.source, attached = made
        if attached:
            cell.attachments = nbformat.from_dict(attached)


def _answer(cell: NotebookNode, given: Any, room: Room) -> tuple[str, render.Attached]:
    if cell.cell_type == "code":
        return python(cell.source), {}
    return written(cell.source, given, room)


def python(source: str) -> str:
    """An answer in Python, as far as it is shown."""
    left = len(source) - LONGEST_SOURCE
    short = SPACE.sub(lambda found: found[0][:200], plain(source[:LONGEST_SOURCE], LONGEST_SOURCE))
    render.code(short)
    return f"{short}\n# ... [{left:,} more characters are not shown]" if left > 0 else short


def written(source: str, given: Any, room: Room) -> tuple[str, render.Attached]:
    """An answer in Markdown, and the pictures that were pasted into it."""
    if len(source) > LONGEST[PROSE[0]]:
        return in_full(plain(source, MOST_IN_FULL)), {}
    names, attached = pictures_of(given, room)
    source = prose(plain(source, MOST_IN_FULL), names)
    render.markdown(source, attached)
    return source, attached


def plain(source: str, most: int) -> str:
    """The beginning of a source, without what moves a terminal."""
    return text(source.replace("\x1b", ""), most)


def pictures_of(given: Any, room: Room) -> tuple[dict[str, str], render.Attached]:
    """Of what was attached to an answer the pictures: their new names by the old ones, and they."""
    names: dict[str, str] = {}
    attached: render.Attached = {}
    left = room.bytes - 4 * LONGEST[PROSE[0]]
    for old, content in list(given.items())[:MOST_PICTURES] if isinstance(given, dict) else ():
        for mime in (PNG, JPEG):
            value = content.get(mime) if isinstance(content, dict) else None
            if type(value) is not str or len(value) > left:
                continue
            try:
                value = picture(mime, value, room)
            except NotShown:
                continue
            names[old] = f"picture-{len(names) + 1}.{mime.removeprefix('image/')}"
            attached[names[old]] = {mime: value}
            left -= len(value)
            break
    return names, attached

"""Explorers as elements of a page: a still picture, and what makes it alive once it is seen.

All pages share one script and one style sheet. What an explorer can show lies in files of its own,
which the script asks for; so a page is light, and works from a disk or any folder of any host.
"""

from __future__ import annotations

import hashlib
import re
import struct
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from autograder.course import Course
from autograder.publishing import packing, recording, saved
from helpers.explorers import front

SCRIPT, STYLE = "downhill.js", "downhill.css"
PARTS = ("recorded.js", "predictions.js", "start.js")
"""The files of site/front, in the order in which each uses those before it."""
ROW, TOUCHED, LINE, REST = 32, 46, 22, 100
"""Pixels of a control, of one that fingers meet, of a line, and of margins and notes."""
LETTERS = 40
"""Of a line, in one of two columns."""


@dataclass(frozen=True)
class Element:
    """An explorer's HTML, and the files that it names."""

    html: str
    files: dict[str, bytes]


def elements(lesson: str, static: str = "_static") -> dict[str, list[str]]:
    """For each cell of the worked notebook that shows explorers, the HTML of each, in order.

    static: the way from the page to the folder that holds `files()`.
    """
    found: dict[str, list[str]] = {}
    for cell, element in _elements(Course.here(), lesson, static):
        found.setdefault(cell, []).append(element.html)
    return found


def files() -> dict[str, bytes]:
    """What all pages need of script, style, pictures and data: by name below the static folder."""
    course = Course.here()
    found = {SCRIPT: script(course).encode(), STYLE: style(course).encode()}
    for lesson in course.lessons():
        for _, element in _elements(course, lesson.name, ""):
            found |= element.files
    return found


def script(course: Course) -> str:
    """The one program of the site: the explorers' front end, and what keeps them supplied.

    A classic script, not a module: a browser takes no module from a disk.
    """
    ours = [(course.root / "site" / "front" / name).read_text("utf-8") for name in PARTS]
    shared = front.MODULE.partition("\nexport default")[0]
    text = re.sub(r"^ *(/\*\*.*?\*/|// .*?)\n", "", "\n".join(ours), flags=re.M | re.S)
    return f'(() => {{\n"use strict";\n{shared}\n{text}}})();\n'


def style(course: Course) -> str:
    return front.STYLE + (course.root / "site" / "front" / "style.css").read_text("utf-8")


def _elements(course: Course, lesson: str, static: str) -> Iterator[tuple[str, Element]]:
    recorded = recording.read(course, lesson)
    folder = recording.folder(course, lesson)
    for cell, several in saved.explorers(saved.solution(course, lesson)).items():
        for number, each in enumerate(several):
            known = recorded[cell][number] if cell in recorded else {"more": [], "offers": {}}
            more = [(m["where"], (folder / m["file"]).read_bytes()) for m in known["more"]]
            yield cell, _element(each, more, known["offers"], static)


def _element(
    each: saved.Saved,
    more: list[tuple[dict[str, Any], bytes]],
    offers: dict[str, list[Any]],
    static: str,
) -> Element:
    made = {f"{_named(each.still)}.png": each.still}
    parts = []
    for where, data in more:
        made |= _script(data)
        parts.append({"where": where, "file": _named(data)})
    setting = offering(each.setting, offers)
    told = {"setting": setting, "values": each.values, "pictures": each.pictures, "more": parts}
    data = packing.packed(told, each.buffers, each.setting["panels"])
    made |= _script(data)
    width, height = struct.unpack(">II", each.still[16:24])
    tall, taller = heights(each)
    folder = f"{static}/" if static else ""
    html = (
        f'<figure class="downhill-explorer" data-recorded="{_named(data)}">'
        f'<div class="downhill-stage" style="--tall:{tall}px;--taller:{taller}px">'
        f'<img src="{folder}{_named(each.still)}.png" alt="{escape(each.alt)}" width="{width}" '
        f'height="{height}" loading="lazy" decoding="async"></div></figure>'
    )
    return Element(html, made)


def _script(data: bytes) -> dict[str, bytes]:
    """Data as a script, because a page on a disk may load no other file."""
    name = _named(data)
    return {f"{name}.js": f'downhillRecorded("{name}","{b64encode(data).decode()}");\n'.encode()}


def offering(setting: dict[str, Any], offers: dict[str, list[Any]]) -> dict[str, Any]:
    """The setting, with what was recorded to choose from where a notebook takes anything."""
    controls = []
    for control in setting["controls"]:
        offered = offers.get(control["name"])
        if offered and control["kind"] == "number":
            control = control | {"kind": "among", "numbers": offered}
        elif offered and control["kind"] == "text":
            control = control | {"kind": "choice", "options": offered, "typed": True}
        controls.append(control)
    return setting | {"controls": controls}


def heights(each: saved.Saved) -> tuple[int, int]:
    """Pixels that are kept free for an explorer, so that nothing jumps: on a wide page, where
    controls stand in two columns, and on a narrow one, where panels stand below each other."""
    setting, said = each.setting, _longest(each)
    controls, panels = setting["controls"], setting["panels"]
    wide = sum(control["kind"] == "player" for control in controls)
    columns = 1 + max(panel.get("column", 0) for panel in panels)
    rows = 1 + max(panel.get("row", 0) for panel in panels)
    stacked = (columns + 1) // 2 if rows > 1 else columns
    beside = [1 + length // LETTERS for length in said]
    tall = setting["height"] + ROW * (wide + -(-(len(controls) - wide) // 2))
    tall += LINE * sum(max(beside[k : k + 2]) for k in range(0, len(beside), 2))
    taller = round(setting["height"] * (min(stacked, 3) * 0.85 if columns > 1 else 1))
    taller += TOUCHED * (len(controls) + wide) + LINE * sum(beside)
    return tall + REST, taller + REST


def _longest(each: saved.Saved) -> list[int]:
    """Letters of each sentence that stands there at first, at most: a number takes up to eight."""
    shown = {
        one["layer"]: one["picture"].get("says", ())
        for one in each.pictures
        if all(each.values[name] == value for name, value in one["values"].items())
    }
    found = []
    for text in (says["text"] for several in shown.values() for says in several):
        texts = text if isinstance(text, list) else [text]
        found.append(max(len(re.sub(r"\{\w+\}", 8 * "0", each)) for each in texts))
    return found


def _named(content: bytes) -> str:
    return "explorer-" + hashlib.sha256(content).hexdigest()[:16]

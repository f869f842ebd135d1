"""Explorers as elements of a page: a still picture, and what makes it alive once it is seen.

All pages share one script and one style sheet. What an explorer can show lies in files of its own,
which the script asks for; so a page is light, and works from a disk or any folder of any host.
"""

from __future__ import annotations

import hashlib
import re
import struct
import textwrap
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from autograder.course import Course, Lesson
from autograder.publishing import beforehand, packing, recording, saved
from helpers.explorers import front
from helpers.explorers.scene import show

SCRIPT, STYLE = "downhill.js", "downhill.css"
PARTS = ("touch.js", "recorded.js", "predictions.js", "start.js")
"""The files of site/front, in the order in which each uses those before it."""
BESIDE, ALONE, SAID = 48, 48, (104, 50)
"""Letters that a line holds: in one of two columns, in one column, and of what is said beforehand,
on a wide page and on a narrow one."""


@dataclass(frozen=True)
class Element:
    """An explorer's HTML, and the files that it names."""

    html: str
    files: dict[str, bytes]


def elements(course: Course, lesson: str, static: str = "_static") -> dict[str, list[str]]:
    """For each cell of the worked notebook that shows explorers, the HTML of each, in order.

    static: the way from the page to the folder that holds `files()`.
    """
    found: dict[str, list[str]] = {}
    for cell, element in _elements(course, lesson, static):
        found.setdefault(cell, []).append(element.html)
    return found


def files(course: Course, lessons: Iterable[Lesson]) -> dict[str, bytes]:
    """What the pages of these lessons need of script, style, pictures and data: by name below the
    static folder."""
    found = {SCRIPT: script(course).encode(), STYLE: style(course).encode()}
    for lesson in lessons:
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
    said = beforehand.sentence(setting, each.pictures, more)
    told = {
        "setting": setting,
        "values": each.values,
        "pictures": each.pictures,
        "more": parts,
        "beforehand": said,
    }
    data = packing.packed(told, each.buffers, each.setting["panels"])
    made |= _script(data)
    width, height = struct.unpack(">II", each.still[16:24])
    kept = ";".join(f"--{name}:{count}" for name, count in reserved(each, said).items())
    folder = f"{static}/" if static else ""
    html = (
        f'<figure class="downhill-explorer" data-recorded="{_named(data)}">'
        f'<div class="downhill-stage" style="{kept}">'
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


def reserved(each: saved.Saved, said: str) -> dict[str, int]:
    """What an explorer takes of a page, so that nothing jumps: pixels of its plot, rows of its
    controls, lines of what it says and of what is said beforehand; each on a wide page, where
    controls stand in two columns, and on a narrow one, where panels stand below each other and a
    player has two rows. The style sheet knows how high these are."""
    setting = each.setting
    players = [control["kind"] == "player" for control in setting["controls"]]
    columns = 1 + max(panel.get("column", 0) for panel in setting["panels"])
    rows = 1 + max(panel.get("row", 0) for panel in setting["panels"])
    below = -(-rows * columns // 2) / rows if rows > 1 else columns
    higher = min(below, 3) * 0.85 if columns > 1 else 1
    sentences = _sentences(each)
    beside = [_lines(text, BESIDE) for text in sentences]
    return {
        "wide-plot": setting["height"],
        "wide-rows": _rows(players),
        "wide-lines": sum(max(beside[k : k + 2]) for k in range(0, len(beside), 2)),
        "wide-said": _lines(said, SAID[0]),
        "narrow-plot": round(setting["height"] * higher),
        "narrow-rows": len(players) + sum(players),
        "narrow-lines": sum(_lines(text, ALONE) for text in sentences),
        "narrow-said": _lines(said, SAID[1]),
    }


def _rows(players: list[bool]) -> int:
    """Rows of controls in two columns, where a player takes both."""
    rows, free = 0, False
    for player in players:
        rows += player or not free
        free = not player and not free
    return rows


def _lines(text: str, letters: int) -> int:
    return len(textwrap.wrap(text, letters))


def _sentences(each: saved.Saved) -> list[str]:
    """What stands below the plot at first."""
    shown = {
        one["layer"]: one["picture"].get("says", ())
        for one in each.pictures
        if all(each.values[name] == value for name, value in one["values"].items())
    }
    layers = (layer["name"] for layer in each.setting["layers"])
    return [_sentence(each, says) for name in layers for says in shown.get(name, ())]


def _sentence(each: saved.Saved, says: dict[str, Any]) -> str:
    """One of them, as the front end writes it: with the numbers of where a player stands."""
    at = each.values[says["pick"]] if says.get("pick") else 0
    text = (
        says["text"]
        if isinstance(says["text"], str)
        else says["text"][min(at, len(says["text"]) - 1)]
    )
    numbers = {name: _number(each, field, at) for name, field in says.get("fields", {}).items()}
    return re.sub(r"\{(\w+)\}", lambda found: numbers.get(found[1], found[0]), text)


def _number(each: saved.Saved, field: Any, at: int) -> str:
    if not isinstance(field, dict):
        return show(field)
    numbers = np.frombuffer(each.buffers[field["buffer"]], "<f4")
    return show(float(numbers[min(at, len(numbers) - 1)]))


def _named(content: bytes) -> str:
    return "explorer-" + hashlib.sha256(content).hexdigest()[:16]

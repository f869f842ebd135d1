"""Record what explorers of the site can show beyond their worked notebooks.

`site/recorded/LESSON/` holds it, and in `index.json` what each was made from. Recording runs the
worked notebook, which takes a minute; whether it has to be done again is told by a digest.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from nbformat import NotebookNode

from autograder.course import Course, CourseError
from autograder.publishing import packing, plans, saved
from helpers.explorers import page
from helpers.explorers.explorer import Explorer
from helpers.explorers.scene import wire

INDEX = "index.json"


def folder(course: Course, lesson: str) -> Path:
    return course.root / "site" / "recorded" / lesson


def read(course: Course, lesson: str) -> dict[str, list[dict[str, Any]]]:
    """By cell, and for each of its explorers: `made_from`, and `more`: where, and in which file."""
    path = folder(course, lesson) / INDEX
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def made_from(each: saved.Saved) -> str:
    """What a recording depends on: the explorer as its worked notebook shows it, and the plan."""
    total = hashlib.sha256(each.digest().encode())
    for module in (plans, packing):
        total.update(Path(str(module.__file__)).read_bytes())
    return total.hexdigest()


def stale(course: Course) -> list[str]:
    """Lessons whose recordings were made from something else, in words; nothing is run."""
    return [
        f"site/recorded/{lesson.name} was recorded before its explorers or the plan changed: "
        f"autograder site --record {lesson.name}"
        for lesson in course.lessons()
        if stale_lesson(course, lesson.name)
    ]


def stale_lesson(course: Course, lesson: str) -> bool:
    now = saved.explorers(saved.solution(course, lesson))
    index = read(course, lesson)
    digests = {cell: [each["made_from"] for each in several] for cell, several in index.items()}
    files = {part["file"] for several in index.values() for e in several for part in e["more"]}
    there = {path.name for path in folder(course, lesson).glob("*.bin")}
    return files != there or digests != {
        cell: [made_from(each) for each in several] for cell, several in now.items()
    }


def record(course: Course, lesson: str) -> None:
    """Run the worked notebook, and write what the plans ask of its explorers."""
    notebook = saved.solution(course, lesson)
    expected = saved.explorers(notebook)
    place = folder(course, lesson)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    index: dict[str, list[dict[str, Any]]] = {}
    with _quietly(course, lesson):
        for cell, explorer in _shown(notebook, set(expected)):
            several = index.setdefault(cell, [])
            each = expected[cell][len(several)]
            name = f"{cell}-{len(several)}"
            several.append(_recorded(explorer, each, place, name))
    if {cell: len(several) for cell, several in index.items()} != {
        cell: len(several) for cell, several in expected.items()
    }:
        raise CourseError(f"{lesson}: not every explorer of the worked notebook was shown again")
    text = json.dumps(index, indent=1, ensure_ascii=False) + "\n"
    (place / INDEX).write_text(text, encoding="utf-8")


def _recorded(explorer: Explorer, each: saved.Saved, place: Path, name: str) -> dict[str, Any]:
    if json.loads(json.dumps(explorer.setting())) != each.setting:
        raise CourseError(f"{name}: the explorer is not the one that the worked notebook shows")
    known = {_key(one) for one in each.pictures}
    first, more = len(each.buffers), []
    for number, group in enumerate(plans.plan(explorer)):
        pictures, buffers = _pictures(explorer, group, known, first)
        file = f"{name}-{number}.bin"
        (place / file).write_bytes(_packed(explorer, pictures, buffers, first))
        more.append({"where": dict(group.where), "file": file})
        first += len(buffers)
    return {"made_from": made_from(each), "more": more, "offers": _offers(explorer)}


def _packed(
    explorer: Explorer, pictures: list[dict[str, Any]], buffers: list[bytes], first: int
) -> bytes:
    panels = explorer.setting()["panels"]
    return packing.packed({"pictures": pictures}, buffers, panels, first)


def _pictures(
    explorer: Explorer, group: plans.Group, known: set[str], first: int
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Every layer at every setting of a group, as far as it is not known yet."""
    pictures: list[dict[str, Any]] = []
    buffers: dict[bytes, int] = {}
    for setting in group.settings:
        values = explorer.values | setting
        for layer in explorer.layers.values():
            one: dict[str, Any] = {
                "layer": layer.name,
                "values": {name: values[name] for name in layer.asks},
            }
            if _key(one) in known:
                continue
            known.add(_key(one))
            picture = explorer.picture(layer, values, patience=60)
            if picture.error:
                raise CourseError(f"{layer.name} at {one['values']}: {picture.error}")
            pictures.append({**one, "picture": wire(picture, buffers)})
    return _counted_from(pictures, first), list(buffers)


def _counted_from(part: Any, first: int) -> Any:
    """The same, with its arrays counted on."""
    if isinstance(part, dict):
        if "buffer" in part:
            return part | {"buffer": part["buffer"] + first}
        return {name: _counted_from(each, first) for name, each in part.items()}
    return [_counted_from(each, first) for each in part] if isinstance(part, list) else part


def _key(one: dict[str, Any]) -> str:
    return json.dumps([one["layer"], one["values"]], sort_keys=True)


def _offers(explorer: Explorer) -> dict[str, list[Any]]:
    """What there is to choose from, in order, of controls that could be anything in a notebook."""
    found: dict[str, list[Any]] = {}
    for name, control in explorer.controls.items():
        if control.kind in ("number", "text"):
            settings = [s for group in plans.plan(explorer) for s in group.settings if name in s]
            values = dict.fromkeys([explorer.values[name], *(s[name] for s in settings)])
            found[name] = sorted(values) if control.kind == "number" else list(values)
    return found


# --- The worked notebook, run -------------------------------------------------------------------


def _shown(notebook: NotebookNode, cells: set[str]) -> Iterator[tuple[str, Explorer]]:
    """Run the cells, and give each explorer as it is shown."""
    names: dict[str, Any] = {"__name__": "__main__"}
    left = set(cells)
    for cell in notebook.cells:
        if cell.cell_type == "code" and left:
            shown = _run(cell.source, cell.id, names)
            plt.close("all")
            if isinstance(shown, Explorer) and cell.id in left:
                left.remove(cell.id)
                yield cell.id, shown


def _run(source: str, name: str, names: dict[str, Any]) -> Any:
    """Run a cell; what its last line is worth, if that is an expression."""
    tree = ast.parse(source, name)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return exec(compile(tree, name, "exec"), names)
    exec(compile(ast.Module(tree.body[:-1], []), name, "exec"), names)
    return eval(compile(ast.Expression(last.value), name, "eval"), names)


@contextlib.contextmanager
def _quietly(course: Course, lesson: str) -> Iterator[None]:
    """Where worked notebooks are run: in their folder, nothing drawn on a screen or printed."""
    matplotlib.use("Agg")
    before = os.environ.get(page.WANTED)
    os.environ[page.WANTED] = "1"
    try:
        with (
            contextlib.chdir(course.solutions / lesson),
            contextlib.redirect_stdout(io.StringIO()),
            np.errstate(all="ignore"),
        ):
            yield
    finally:
        os.environ.pop(page.WANTED)
        if before is not None:
            os.environ[page.WANTED] = before

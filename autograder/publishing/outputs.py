"""What a worked cell came to, as HTML: text, and pictures as files of their own."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from nbformat import NotebookNode
from PIL import Image

ALONE = "Open the picture alone, to enlarge it"


@dataclass
class Pictures:
    """The files of the site's pictures, by name; and the way from a page to their folder."""

    static: str
    files: dict[str, bytes] = field(default_factory=dict)

    def element(self, png: bytes, alt: str) -> str:
        """Its place is kept from the first moment, so that nothing jumps when it comes.

        A tap opens the picture itself, to be enlarged. It is not left until it comes into view:
        it would be missing on paper.
        """
        content, (width, height) = packed(png)
        name = f"picture-{hashlib.sha256(content).hexdigest()[:16]}.webp"
        self.files[name] = content
        return (
            f'<figure class="downhill-picture"><a href="{self.static}/{name}" title="{ALONE}">'
            f'<img src="{self.static}/{name}" alt="{escape(alt)}" '
            f'width="{width}" height="{height}" decoding="async"></a></figure>'
        )


def packed(png: bytes) -> tuple[bytes, tuple[int, int]]:
    """The same pixels in half the bytes; and width and height."""
    made = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(made, "WEBP", lossless=True, method=4)
        return made.getvalue(), image.size


def draws(cell: NotebookNode) -> bool:
    """Whether a worked cell came to a picture or an explorer."""
    kinds = {"image/png", "text/html"}
    return any(kinds & output.get("data", {}).keys() for output in cell.get("outputs", []))


def shown(
    cell: NotebookNode, pictures: Pictures, reveals: Mapping[str, str], elements: Sequence[str]
) -> str:
    """A worked cell's outputs.

    reveals: by a printed line, what stands in its place. elements: what stands, in order, in place
    of its explorers.
    """
    waiting = list(elements)
    pieces: list[str] = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if output.output_type == "stream":
            pieces += _printed(output.text, reveals)
        elif "text/html" in data and waiting:
            pieces.append(waiting.pop(0))
        elif "image/png" in data:
            alt = output.metadata.get("image/png", {}).get("alt") or told(cell.source)
            pieces.append(pictures.element(base64.b64decode(data["image/png"]), alt))
        elif "text/plain" in data:
            pieces += _printed(data["text/plain"], {})
    return "\n".join([*pieces, *waiting])


def _printed(text: str, reveals: Mapping[str, str]) -> list[str]:
    pieces: list[str] = []
    lines: list[str] = []

    def keep() -> None:
        kept = "\n".join(lines).strip("\n")
        if kept:
            pieces.append(f'<pre class="downhill-output" tabindex="0">{escape(kept)}</pre>')
        lines.clear()

    for line in text.split("\n"):
        if line in reveals:
            keep()
            pieces.append(reveals[line])
        else:
            lines.append(line)
    keep()
    return pieces


def told(source: str) -> str:
    """What a plot shows, in words, from the names that its code gives to axes and lines."""
    found: dict[str, list[str]] = {"title": [], "x": [], "y": [], "label": []}
    names = {"set_title": "title", "set_xlabel": "x", "set_ylabel": "y", "title": "title"}
    names |= {"xlabel": "x", "ylabel": "y", "suptitle": "title"}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = [(k.arg, k.value) for k in node.keywords]
        given += [(called, node.args[0])] if called in names and node.args else []
        for name, value in given:
            part = names.get(name or "", name)
            if part in found and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[part] += [value.value] if value.value not in found[part] else []
    axes = [f"{', '.join(found['y'])} over {', '.join(found['x'])}"] if found["x"] else found["y"]
    parts = [*found["title"], *axes, *found["label"]]
    said = "; ".join(" ".join(part.replace("$", "").split()) for part in parts if part)
    return f"A plot drawn by the code above: {said}." if said else "A plot drawn by the code above."

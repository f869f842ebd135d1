"""An explorer as a page of its own: what solutions, published notebooks and feedback hold."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from helpers.explorers import front

WANTED = "DOWNHILL_PAGES"
"""The environment variable under which an explorer shows itself as a page, not as a widget."""

HIGHEST = 1500
"""Pixels of a frame's height."""
LARGEST = 5_000_000
"""Bytes of a page's pictures, unpacked."""

STYLE = f"""
body {{ margin: 0; background: Canvas; color: CanvasText; color-scheme: light dark; }}
{front.STYLE}"""
MODULE = f"""{front.MODULE}
const root = document.getElementById("explorer");
showSaved(root, root.dataset.saved);
"""


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


SCRIPT = _hash(MODULE)
"""The one program that runs in it, as a policy names it."""
POLICY = f"default-src 'none'; script-src {SCRIPT}; style-src {_hash(STYLE)}"
"""What the page may do: run the front end, and reach nothing. Nothing in its pictures can run."""

_START, _MIDDLE, _END = (
    f'''<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>''',
    f"""</title><style>{STYLE}</style></head><body><main id="explorer" data-saved=\"""",
    f""""></main>
<script type="module">{MODULE}</script></body></html>""",
)


def document(
    setting: Mapping[str, Any],
    values: Mapping[str, Any],
    pictures: Sequence[Mapping],
    buffers: Sequence[bytes],
) -> str:
    """The whole page: the front end, and the pictures that it can show."""
    sizes = [len(buffer) for buffer in buffers]
    saved = {"setting": setting, "values": values, "pictures": pictures, "sizes": sizes}
    text = json.dumps(saved, separators=(",", ":")).encode()
    # What the front end unpacks: the length of the text, the text, the buffers.
    packed = zlib.compress(b"".join([len(text).to_bytes(4, "little"), text, *buffers]), 9)
    saved_as = base64.b64encode(packed).decode()
    return f"{_START}{escape(setting['title'])}{_MIDDLE}{saved_as}{_END}"


def is_ours(source: str) -> bool:
    """Whether `document` made the page in this `srcdoc`: all that runs in it is ours.

    What it holds has a bounded size, once unpacked. No other escapes than ours are taken: a browser
    may read them otherwise.
    """
    found = _OURS.fullmatch(source)
    if not found:
        return False
    unpacked = zlib.decompressobj()
    try:
        unpacked.decompress(base64.b64decode(found[1], validate=True), LARGEST)
    except (ValueError, zlib.error):
        return False
    return unpacked.eof


_TITLE, _SAVED = "(?:[^<>\"'&]|&amp;){0,300}", "([A-Za-z0-9+/=]*)"
_OURS = re.compile(
    re.escape(escape(_START))
    + _TITLE
    + re.escape(escape(_MIDDLE))
    + _SAVED
    + re.escape(escape(_END))
)


def frame(html: str, height: int, alt: str, picture: bytes | None = None) -> str:
    """A page in a frame of this height in pixels, and a still picture for where no frame is shown.

    A viewer that takes away frames and styles, as the web view of a repository does, leaves the
    picture; so does print.
    """
    source = escape(html, quote=True)
    inner = (
        f'<iframe sandbox="allow-scripts" title="{escape(alt)}" srcdoc="{source}" loading="lazy" '
        f'style="width:100%;height:{min(height, HIGHEST)}px;border:0"></iframe>'
    )
    if picture is None:
        return f'<div class="downhill-explorer">{inner}</div>'
    still = base64.b64encode(picture).decode()
    return (
        "<style>.downhill-explorer img { display: none }"
        "@media print { .downhill-explorer img { display: block }"
        " .downhill-explorer iframe { display: none } }</style>"
        f'<div class="downhill-explorer">{inner}'
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{still}"></div>'
    )

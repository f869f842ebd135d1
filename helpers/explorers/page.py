"""An explorer as a page of its own: what solutions, published notebooks and feedback hold."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from helpers.explorers import front

WANTED = "DOWNHILL_PAGES"
"""The environment variable under which an explorer shows itself as a page, not as a widget."""

DOCUMENT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ margin: 0; background: Canvas; color: CanvasText; color-scheme: light dark; }}
{style}</style></head><body><main id="explorer"></main>
<script type="module">{module}
showSaved(document.getElementById("explorer"), "{saved}");
</script></body></html>"""


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
    return DOCUMENT.format(
        title=escape(setting["title"]),
        style=front.STYLE,
        module=front.MODULE,
        saved=base64.b64encode(packed).decode(),
    )


def frame(html: str, height: int, alt: str, picture: bytes | None = None) -> str:
    """A page in a frame of this height, and a still picture for where no frame is shown.

    A viewer that takes away frames and styles, as the web view of a repository does, leaves the
    picture; so does print.
    """
    source = escape(html, quote=True)
    inner = (
        f'<iframe sandbox="allow-scripts" title="{escape(alt)}" srcdoc="{source}" loading="lazy" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
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

"""What is at fault in a site that was made: links that lead nowhere, requests to other hosts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {
    ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"),
    ("audio", "src"), ("object", "data"), ("embed", "src"), ("img", "srcset"),
}  # fmt: skip
"""What a browser asks for by itself; beside it a `link` of one of these kinds."""
RELATIONS = {"stylesheet", "icon", "shortcut", "preload", "modulepreload", "prefetch", "manifest"}

OUTSIDE = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])((?:https?:)?//[^'")]+)""")


@dataclass
class Page(HTMLParser):
    """The addresses of a page: those that it loads, those that it links to; its own places.

    elsewhere: what its styles ask of other hosts.
    """

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, path: Path) -> Page:
        page = cls()
        page.feed(path.read_text("utf-8"))
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kinds = set((dict(attrs).get("rel") or "").split())
        for name, value in attrs:
            if name == "style":
                self.elsewhere += OUTSIDE.findall(value or "")
            elif name == "id" and value:
                self.places.add(value)
            elif (tag, name) in LOADS:
                self.loads.append(value or "")
            elif name == "href" and tag == "link":
                (self.loads if kinds & RELATIONS else self.links).append(value or "")
            elif (tag, name) == ("a", "href"):
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.elsewhere += OUTSIDE.findall(data)


def faults(out: Path) -> list[str]:
    """In words, with the page that each is in."""
    pages = {path: Page.of(path) for path in sorted(out.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        where = path.relative_to(out)
        for address in page.loads:
            if urlsplit(address).scheme or address.startswith(("//", "/")):
                found.append(f"{where}: it loads {address}, which is not the site's")
            elif not _target(path, address).is_file():
                found.append(f"{where}: it loads {address}, which is not there")
        found += [f"{where}: it loads {address}" for address in page.elsewhere]
        found += [f"{where}: {said}" for said in _broken(path, page, pages)]
    for path in sorted(out.rglob("*.css")):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)", path.read_text("utf-8")):
            if address.startswith("data:"):
                continue
            if urlsplit(address).scheme or not _target(path, address).is_file():
                found.append(f"{path.relative_to(out)}: it loads {address}, which is not there")
    return found


def _broken(path: Path, page: Page, pages: dict[Path, Page]) -> list[str]:
    said = []
    for address in page.links:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            if parts.scheme not in ("http", "https", "mailto"):
                said.append(f"a link to {address}")
            continue
        target = _target(path, address) if parts.path else path
        if not target.is_file():
            said.append(f"a link to {address}, which is not there")
            continue
        places = pages[target].places if target in pages else set()
        if parts.fragment and target in pages and unquote(parts.fragment) not in places:
            said.append(f"a link to {address}, a place that is not there")
    return said


def _target(path: Path, address: str) -> Path:
    return (path.parent / unquote(urlsplit(address).path)).resolve()

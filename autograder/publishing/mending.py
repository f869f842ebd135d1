"""What is amiss in the HTML of Sphinx and its theme, for who reads by ear or by the keyboard."""

from __future__ import annotations

import re

PLAIN = {
    # May be wider than a phone, and then scrolls by itself: the arrow keys must get there.
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper ': '<div tabindex="0" role="group" aria-label="table" '
    'class="table-wrapper ',
    # Two landmarks of one kind need names; a heading by role needs a level.
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="the course">',
    '<aside class="toc-drawer': '<aside aria-label="this page" class="toc-drawer',
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<div id="search-results">': '<h1>Search</h1>\n<div id="search-results">',
    # A table's empty corner is the head of nothing.
    '<th class="head"><p></p></th>': "<td></td>",
}
DRAWN_HEAD = re.compile(r'<th class="head"><p>(<math>(?:(?!</?th).)*</math>)</p></th>', re.DOTALL)


TOP = re.compile(r'<a href="#" class="back-to-top.*?</a>', re.DOTALL)
"""It stands in no landmark, and over what one reads. Browsers have a way up."""


def mended(html: str) -> str:
    for amiss, right in PLAIN.items():
        html = html.replace(amiss, right)
    html = TOP.sub("", html)
    return DRAWN_HEAD.sub(_said, html)


def _said(head: re.Match[str]) -> str:
    """A table's head that is a formula alone: its letters are read, and the formula is shown."""
    said = re.sub(r"<[^>]*>", "", head[1])
    shown = head[1].replace("<math>", '<math aria-hidden="true">')
    return f'<th class="head"><p>{shown}<span class="downhill-heard">{said}</span></p></th>'

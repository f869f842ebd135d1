"""How many bytes a notebook takes."""

from __future__ import annotations

import json

import nbformat


def written(found: list[nbformat.NotebookNode]) -> int:
    return len(json.dumps(found, ensure_ascii=False, indent=1).encode())

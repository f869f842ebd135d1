"""What a cell of a caged session prints, and what ends it."""

from __future__ import annotations

import pytest

from autograder.sandbox.session import Session, Stopped


def said(session: Session, source: str) -> str:
    """What a cell prints; it must run to its end."""
    outputs: list[dict] = []
    ran = session.run(source, outputs.append)
    text = "".join(o.get("text", "") or o.get("evalue", "") for o in outputs)
    assert ran, text
    return text


def ending(session: Session, source: str) -> str:
    with pytest.raises(Stopped) as stop:
        session.run(source, lambda output: None)
    return stop.value.reason

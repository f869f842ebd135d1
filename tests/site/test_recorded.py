"""What is recorded for the site: read back as it was drawn, and called stale when it is."""

from __future__ import annotations

import gzip
import json
import shutil
from base64 import b64decode

import numpy as np
import pytest

from autograder.course import Course
from autograder.publishing import (
    beforehand,
    explorers,
    packing,
    plans,
    predictions,
    recording,
    saved,
)
from helpers.predict import Prediction
from tests.conftest import ROOT
from tests.site.shown import LESSONS, notebook

MOST_AT_FIRST, MOST_OF_A_CHAPTER = 60_000, 600_000
"""Bytes as a host sends them, packed: of one explorer as it comes into view, and of all that the
explorers of a chapter can ask for."""


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_is_recorded_was_made_from_what_there_is(lesson):
    assert recording.stale_lesson(Course(ROOT), lesson) is False


def test_a_recording_is_stale_when_its_source_has_changed(tmp_path):
    """A number of a picture, the plan, a file that is gone, one too many."""
    lesson = "06-training"
    for part in ("source", "solutions", "site/recorded"):
        shutil.copytree(ROOT / part / lesson, tmp_path / part / lesson)
    course = Course(tmp_path)
    assert not recording.stale_lesson(course, lesson)
    data = next(recording.folder(course, lesson).glob("*.bin"))
    spare = data.with_name("spare.bin")
    shutil.move(data, spare)
    assert recording.stale_lesson(course, lesson)
    shutil.copy(spare, data)
    assert recording.stale_lesson(course, lesson)
    spare.unlink()
    assert not recording.stale_lesson(course, lesson)
    path = recording.folder(course, lesson) / recording.INDEX
    index = path.read_text("utf-8")
    for cell in json.loads(index):
        others = json.loads(index)
        others[cell][0]["made_from"] = "0" * 64
        path.write_text(json.dumps(others))
        assert recording.stale_lesson(course, lesson)
    assert recording.stale(course)
    assert "--record 06-training" in recording.stale(course)[0]


def test_a_recording_depends_on_every_number_of_the_worked_notebook_and_on_the_plan(monkeypatch):
    each = next(iter(saved.explorers(notebook("06-training")).values()))[0]
    before = recording.made_from(each)
    changed = [*each.buffers]
    numbers = np.frombuffer(changed[-1], "<f4").copy()
    numbers[-1] *= 2
    changed[-1] = numbers.tobytes()
    assert recording.made_from(saved.Saved(**{**vars(each), "buffers": changed})) != before
    monkeypatch.setattr(plans, "__file__", packing.__file__)
    assert recording.made_from(each) != before


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_is_packed_is_drawn_as_the_worked_notebook_draws_it(lesson):
    """What is said to the last bit; what is drawn to less than half a pixel of 2,000."""
    for several in saved.explorers(notebook(lesson)).values():
        for each in several:
            told = {"pictures": each.pictures}
            read, arrays = packing.unpacked(
                packing.packed(told, each.buffers, each.setting["panels"])
            )
            assert read["pictures"] == each.pictures
            said = _said(each.pictures)
            for i, (found, buffer) in enumerate(zip(arrays, each.buffers, strict=True)):
                whole = np.frombuffer(buffer, "<f4")
                if i in said:
                    assert found.tobytes() == buffer
                kind = read["kinds"][i]
                step = 2.0**kind if isinstance(kind, int) else 0.0
                np.testing.assert_allclose(found, whole, rtol=2.0**-13, atol=max(step, 1e-37))


def _said(pictures: list) -> set[int]:
    says = [s for one in pictures for s in one["picture"].get("says", ())]
    numbers = [n for s in says for n in s.get("fields", {}).values()]
    return {n["buffer"] for n in numbers if isinstance(n, dict)}


def test_numbers_that_no_pixel_shows_come_back_in_one_piece():
    """Infinite, not a number, far outside its panel, tiny, none at all."""
    rows = [[np.inf, 1.0, -np.inf], [np.nan, 0.5, 1.0], [1e30, 1.0, -1e30], [1e-12, 2e-12, 0], []]
    buffers = [np.array(row, "<f4").tobytes() for row in rows]
    marks = [{"panel": "p", "x": {"buffer": i, "shape": [len(row)]}} for i, row in enumerate(rows)]
    told = {"pictures": [{"layer": "l", "values": {}, "picture": {"marks": marks}}]}
    _, arrays = packing.unpacked(packing.packed(told, buffers, [{"name": "p", "x": [0, 1]}]))
    for found, row in zip(arrays, rows, strict=True):
        np.testing.assert_allclose(found, np.array(row, "f4"), rtol=1e-4, atol=2.0**-12)


@pytest.mark.parametrize("lesson", LESSONS)
def test_explorers_are_light(lesson):
    course = Course(ROOT)
    made = list(explorers._elements(course, lesson, "_static"))
    scripts = {n: c for _, e in made for n, c in e.files.items() if n.endswith(".js")}
    assert sum(map(_sent, scripts.values())) <= MOST_OF_A_CHAPTER
    for _, element in made:
        first = element.html.partition('data-recorded="')[2].partition('"')[0]
        assert _sent(scripts[f"{first}.js"]) <= MOST_AT_FIRST


def _sent(content: bytes) -> int:
    return len(gzip.compress(content))


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_recorded_setting_is_whole(lesson):
    """Wherever one layer has a picture there is a setting of which all layers have one: a control
    can be moved to it, and the plot does not mix two settings."""
    index = recording.read(Course(ROOT), lesson)
    for cell, several in saved.explorers(notebook(lesson)).items():
        for number, each in enumerate(several):
            pictures = [*each.pictures]
            for part in index[cell][number]["more"]:
                data = (recording.folder(Course(ROOT), lesson) / part["file"]).read_bytes()
                pictures += packing.unpacked(data)[0]["pictures"]
            known: dict[str, list[dict]] = {}
            for one in pictures:
                known.setdefault(one["layer"], []).append(one["values"])
            asks = {layer["name"]: set(layer["asks"]) for layer in each.setting["layers"]}
            widest = max(asks, key=lambda name: len(asks[name]))
            for layer, places in known.items():
                shared = sorted(asks[layer] & asks[widest])
                there = {json.dumps([p[n] for n in shared]) for p in known[widest]}
                here = {json.dumps([p[n] for n in shared]) for p in places}
                assert here <= there, (cell, layer)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_prediction_can_be_answered_and_none_is_told_beforehand(lesson):
    found = notebook(lesson)
    asked, told = predictions.elements(found), predictions.reveals(found)
    asks = {c.id for c in found.cells if c.cell_type == "code" and "= Prediction(" in c.source}
    assert set(asked) == asks
    assert len(asked) > 10
    assert sum(map(len, told.values())) == len(asked)
    for line, html in ((line, html) for lines in told.values() for line, html in lines.items()):
        assert line.removeprefix("You made no prediction. ") not in html
        secret = html.partition('data-sealed="')[2].partition('"')[0]
        assert b64decode(secret)[:1] == b"\x78"


def test_a_verdict_is_worded_as_the_notebook_words_it():
    """The page's sentence is made from the line that `reveal` prints where nothing was chosen."""
    guess = Prediction("Which is it?", ["a: one", "b"])
    line = guess.reveal("a: one", "so it is: by 2 %")
    found = predictions._TOLD.match(line)
    assert found
    assert found["answer"] == "a: one"
    assert found["reason"] == "so it is: by 2 %"


@pytest.mark.parametrize(
    ("lesson", "said"),
    [
        ("01-derivatives", ["", "", "start takes only", ""]),
        ("05-optimizers", ["seed takes only", "one control may move", "and moving one", ""]),
    ],
)
def test_what_only_the_notebook_can_do_is_said_beforehand(lesson, said):
    shown = saved.explorers(notebook(lesson))
    found = []
    recorded = recording.read(Course(ROOT), lesson)
    folder = recording.folder(Course(ROOT), lesson)
    for cell, several in shown.items():
        for each, known in zip(several, recorded[cell], strict=True):
            more = [(one["where"], (folder / one["file"]).read_bytes()) for one in known["more"]]
            setting = explorers.offering(each.setting, known["offers"])
            found.append(beforehand.sentence(setting, each.pictures, more))
    assert [bool(text) for text in found] == [bool(part) for part in said]
    assert all(part in text for part, text in zip(said, found, strict=True))

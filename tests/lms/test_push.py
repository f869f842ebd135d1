"""Points and pages into Canvas by its API, against a small Canvas on this machine."""

from __future__ import annotations

import importlib.util

import pytest

from autograder.course import CourseError
from autograder.lms import push
from autograder.lms.api import ADDRESS, TOKEN, Address, Canvas
from autograder.lms.push import EXCUSED, FAILED, PAGE, SAME, SET, Send, Sent
from tests.lms import fakecanvas
from tests.lms.fakecanvas import serving

pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")
"""This Canvas is on the same machine, without https."""
with_canvasapi = pytest.mark.skipif(
    importlib.util.find_spec("canvasapi") is None,
    reason="pushing to Canvas takes its library: pip install 'downhill[canvas]'",
)


@pytest.fixture
def canvas(monkeypatch):
    monkeypatch.setenv(TOKEN, fakecanvas.TOKEN)
    monkeypatch.delenv(ADDRESS, raising=False)
    with serving() as one:
        for user in (101, 102, 103, 104, 105):
            one.add(user)
        yield one


@pytest.fixture
def send(canvas):
    def run(*every: Send, dry_run: bool = False) -> list[Sent]:
        sent: list[Sent] = []
        push.send(Canvas.at(Address.of(canvas.url, 7, 4242)), every, dry_run, sent.append)
        return sent

    return run


ONE, TWO = Send("jdoe1", "101", 9.5), Send("jdoe2", "102", 3.0)


@with_canvasapi
def test_a_dry_run_says_what_would_be_set_and_sets_nothing(canvas, send):
    canvas.add(102, 3.0)
    sent = send(ONE, TWO, dry_run=True)
    assert sent == [Sent("jdoe1", SET, None, 9.5), Sent("jdoe2", SAME, 3.0, 3.0)]
    assert all(asked.startswith("GET ") for asked in canvas.asked)


@with_canvasapi
def test_points_are_set_and_not_set_twice(canvas, send):
    assert [one.what for one in send(ONE, TWO)] == [SET, SET]
    assert (canvas.submissions[101]["score"], canvas.submissions[102]["score"]) == (9.5, 3.0)
    canvas.asked.clear()
    assert [one.what for one in send(ONE, TWO)] == [SAME, SAME]
    assert not any(asked.startswith("PUT ") for asked in canvas.asked)


@with_canvasapi
def test_one_students_fault_is_one_students(canvas, send):
    canvas.refuse[101] = 400
    canvas.add(103, excused=True)
    sent = send(
        ONE, Send("stranger", "999", 1.0), Send("x", "", 1.0), Send("jroe", "103", 1.0), TWO
    )
    assert [(one.student, one.what) for one in sent] == [
        ("jdoe1", FAILED), ("stranger", FAILED), ("x", FAILED), ("jroe", EXCUSED), ("jdoe2", SET)
    ]  # fmt: skip
    assert canvas.submissions[102]["score"] == 3.0
    assert canvas.submissions[103]["score"] is None


@with_canvasapi
@pytest.mark.parametrize("status", [403, 429])
def test_too_many_requests_stop_the_run_and_the_next_goes_on(canvas, send, status):
    canvas.refuse[102], canvas.words = status, "403 Forbidden (Rate Limit Exceeded)"
    with pytest.raises(CourseError, match="goes on from there"):
        send(ONE, TWO)
    canvas.refuse.clear()
    assert [one.what for one in send(ONE, TWO)] == [SAME, SET]


@with_canvasapi
def test_what_canvas_takes_off_for_lateness_on_top_is_said_and_not_sent_again(canvas, send):
    canvas.late[101] = 2.0
    (one,) = send(ONE)
    assert one.why == "Canvas takes off 2 more for lateness"
    (again,) = send(ONE)
    assert (again.what, again.why) == (SAME, "Canvas takes off 2 more for lateness")


@with_canvasapi
def test_a_page_is_attached_once(canvas, send, tmp_path):
    page = tmp_path / "01-small.html"
    page.write_text("<p>well done</p>")
    with_page = Send("jdoe1", "101", 9.5, (page,))
    assert [one.what for one in send(with_page, dry_run=True)] == [SET, PAGE]
    assert canvas.files == {}
    assert [one.what for one in send(with_page)] == [SET, PAGE]
    (file,) = canvas.files.values()
    assert (file["display_name"], file["size"]) == ("01-small.html", page.stat().st_size)
    assert [one.what for one in send(with_page)] == [SAME]
    page.write_text("<p>well gone</p>")
    assert [one.what for one in send(with_page)] == [SAME, PAGE]
    assert [one.what for one in send(with_page)] == [SAME]
    page.write_text("<p>well done, and graded again</p>")
    canvas.full = True
    assert [one.what for one in send(with_page)] == [SAME, FAILED]
    canvas.full = False
    assert [one.what for one in send(with_page)] == [SAME, PAGE]


@with_canvasapi
def test_the_token_stands_in_no_message(canvas, monkeypatch):
    monkeypatch.setenv(TOKEN, "wrong-token")
    address = Address.of(canvas.url, 7, 4242)
    with pytest.raises(CourseError, match="does not answer as it should") as told:
        Canvas.at(address)
    assert "wrong-token" not in f"{told.value}{address!r}"
    assert address.hidden("Bearer wrong-token") == "Bearer (token)"


@with_canvasapi
def test_what_is_not_there_is_said(canvas):
    with pytest.raises(CourseError, match="assignment 1\\)"):
        Canvas.at(Address.of(canvas.url, 7, 1))
    with pytest.raises(CourseError, match="does not answer"):
        Canvas.at(Address.of("http://127.0.0.1:1", 7, 4242))


@pytest.mark.parametrize(
    ("url", "token", "why"),
    [
        ("https://canvas.example", "", f"into {TOKEN}"),
        (None, "t", f"in {ADDRESS}"),
        ("http://canvas.example", "t", "does not begin with https"),
        ("http://127.0.0.1.evil.example", "t", "does not begin with https"),
    ],
)
def test_the_token_goes_from_the_environment_to_https_alone(monkeypatch, url, token, why):
    monkeypatch.setenv(TOKEN, token)
    monkeypatch.delenv(ADDRESS, raising=False)
    with pytest.raises(CourseError, match=why):
        Address.of(url, 7, 4242)


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "canvasapi", None)
    with pytest.raises(CourseError, match=r"pip install 'downhill\[canvas\]'"):
        Canvas.at(Address("https://canvas.example", 7, 4242, "t"))

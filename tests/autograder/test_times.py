"""A time of submission is read as it says, or it is said that nobody can tell it."""

from __future__ import annotations

from datetime import datetime

import pytest

from autograder.grading.times import Unclear, handed_in, read, span

THEN = datetime(2026, 3, 1, 21, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 21:30:00 UTC",
        "2026-03-01 21:30:00.000000 UTC",
        "2026-03-01T21:30:00Z",
        "20260301T213000Z",
        "2026-03-01 23:30:00 +0200",
        "2026-03-01 23:30:00+02:00",
        "2026-03-01 11:30 PM +0200",
        "2026-03-01 16:30 -0500",
        "2026-03-01 23:30 UTC+2",
        "2026-03-01 22:30:00 Europe/Berlin",
        "2026-03-01 18:30:00 America/Argentina/Buenos_Aires",
        "Sun, 01 Mar 2026 21:30:00 GMT",
    ],
)
def test_a_time_with_its_zone_is_read_as_it_says(text):
    assert read(text).when == THEN
    assert read(text).note == ""


@pytest.mark.parametrize("text", ["2026-03-01 21:30:00", "2026-03-01 09:30 PM", "2026/03/01 21:30"])
def test_without_a_zone_it_is_utc_as_in_nbgrader_and_that_is_said(text):
    assert read(text).when == THEN
    assert "names no time zone: it is read as UTC" in read(text).note


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday evening",
        "2026-03-01",
        "21:30",
        "Monday 9 PM",
        "1 March 21:30",
        "03/04/2026 21:30",
        "26-03-01 21:30",
        "2026-02-30 21:30 UTC",
        "1772400600",
        "2026-03-01 21:30:00 UTC and more",
        "2026-03-01 21:30 +9999",
        "2026-03-01 21:30 Europe/Nowhere",
        "2026-03-01 21:30 America/Argentina",
        "2026-03-01 21:30 ../../etc/localtime",
        "9999-12-31 23:59:59 -2359",
        "0001-01-01 00:00:00 +1400",
        "0001-01-01 00:00:00 Europe/Berlin",
        "9" * 200,
    ],
)
def test_what_is_no_one_time_is_not_guessed(text):
    with pytest.raises(Unclear):
        read(text)


@pytest.mark.parametrize("name", ["CEST", "CST", "IST", "EST", "Uhr"])
def test_a_short_name_of_a_zone_is_not_guessed(name):
    with pytest.raises(Unclear):
        read(f"2026-07-01 23:30:00 {name}")


def test_a_short_name_is_read_where_the_course_writes_it():
    """nbgrader's exchange writes the short names of `c.Exchange.timezone`."""
    assert read("2026-07-01 23:30:00 CEST", "Europe/Berlin").when == datetime(2026, 7, 1, 21, 30)
    assert read("2026-07-01 23:30:00 CST", "Asia/Shanghai").when == datetime(2026, 7, 1, 15, 30)
    with pytest.raises(Unclear):
        read("2026-07-01 23:30:00 CET", "Europe/Berlin")  # clocks there show CEST in July


def test_the_hour_that_comes_twice_is_told_by_its_name_alone():
    for place in ("2026-10-25 02:30:00 Europe/Berlin", "2026-03-29 02:30:00 Europe/Berlin"):
        with pytest.raises(Unclear, match="no one time"):
            read(place)
    assert read("2026-10-25 02:30:00 CEST", "Europe/Berlin").when == datetime(2026, 10, 25, 0, 30)
    assert read("2026-10-25 02:30:00 CET", "Europe/Berlin").when == datetime(2026, 10, 25, 1, 30)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_as_editors_write_it(tmp_path, encoding):
    path = tmp_path / "timestamp.txt"
    path.write_bytes("2026-03-01 23:30:00 +0200\r\n".encode(encoding))
    assert handed_in(path).when == THEN


def test_a_file_that_says_no_time_is_told_and_one_that_is_not_there_is_not(tmp_path):
    path = tmp_path / "timestamp.txt"
    assert handed_in(path) is None
    path.write_bytes(b"\xff\x00\xfe")
    assert handed_in(path).when is None
    path.write_text("x" * 1000)
    assert "no short text" in handed_in(path).note
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    assert "counts as in time until timestamp.txt says it" in handed_in(path).note
    path.unlink()
    path.mkdir()
    assert handed_in(path).when is None


def test_a_length_of_time_is_told_in_its_two_largest_units():
    assert [span(s) for s in (0.5, 59, 3720, 86400, 2 * 86400 + 3 * 3600 + 60)] == [
        "less than 1 s",
        "59 s",
        "1 h 2 min",
        "1 day",
        "2 days 3 h",
    ]

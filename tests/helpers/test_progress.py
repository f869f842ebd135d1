"""The bar of `progress`."""

import pytest

from helpers.progress import WIDTH, Bar, progress


def test_every_item_comes_in_its_turn():
    assert list(progress(range(5), "counting")) == [0, 1, 2, 3, 4]
    assert list(progress([], "nothing")) == []


def test_a_bar_says_how_much_is_done():
    bar = Bar("training", 4)
    assert "□" * WIDTH in repr(bar)
    bar.done = 2
    assert repr(bar).startswith("training: " + "■" * (WIDTH // 2) + "□" * (WIDTH // 2) + " 2 of 4")


class Recorder:
    """Stands for the line of a notebook, and keeps what it was given."""

    def __init__(self):
        self.shown, self.updated = [], []

    def display(self, bar):
        self.shown.append(bar.done)

    def update(self, bar):
        self.updated.append(bar.done)


@pytest.fixture
def line(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr("helpers.progress._shown", lambda: recorder)
    return recorder


def test_the_bar_is_shown_once_and_drawn_anew_at_the_end(line):
    for _ in progress(range(1000)):
        pass
    assert line.shown == [0]
    assert line.updated[-1] == 1000
    assert len(line.updated) < 100  # not after each of a thousand quick items


def test_the_bar_is_drawn_anew_after_a_while(line, monkeypatch):
    monkeypatch.setattr("helpers.progress.EVERY", 0.0)
    assert list(progress(range(3))) == [0, 1, 2]
    assert line.updated == [1, 2, 3, 3]


def test_who_breaks_off_sees_how_far_it_got(line):
    for item in progress(range(5)):
        if item == 2:
            break
    assert line.updated[-1] == 2

"""The bar of `progress`."""

from helpers.progress import WIDTH, Bar, progress


def test_every_item_comes_in_its_turn():
    assert list(progress(range(5), "counting")) == [0, 1, 2, 3, 4]
    assert list(progress([], "nothing")) == []


def test_a_bar_says_how_much_is_done():
    bar = Bar("training", 4)
    assert "□" * WIDTH in repr(bar)
    bar.done = 2
    assert repr(bar).startswith("training: " + "■" * (WIDTH // 2) + "□" * (WIDTH // 2) + " 2 of 4")


def test_what_is_raised_inside_goes_on():
    seen = []
    try:
        for item in progress(range(3)):
            seen.append(item)
            raise KeyError(item)
    except KeyError:
        pass
    assert seen == [0]

"""What `augment` is asked."""

from __future__ import annotations

import numpy as np

from helpers._findings import changed
from helpers.checks import compare, name_of
from helpers.questions.base import Asked, Question, Wrong, different, numbers, run, run_each
from helpers.questions.training.shared import probably
from helpers.questions.usual import no_array

PLACES = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]


def _augmented_each(f, many):
    """What it returned for each of these images, shares and seeds."""
    return run_each(f, [(images, share, np.random.default_rng(s)) for images, share, s in many])


def _shifted_each(f, many):
    """The same; it has to have the shape of the images."""
    for (images, *_), found in zip(many, _augmented_each(f, many), strict=True):
        out = numbers(found)
        if out.shape != images.shape:
            raise Wrong(f"for images of shape {images.shape} it returned shape {out.shape}")
        yield out


def _moved(image, down, right):
    """The image shifted by so many rows and columns, the gap filled with 0."""
    rows, columns = image.shape
    made = np.zeros(image.shape)
    for i in range(rows):
        for j in range(columns):
            if 0 <= i - down < rows and 0 <= j - right < columns:
                made[i, j] = image[i - down, j - right]
    return made


def _images(rng, n, rows, columns):
    """No pixel is 0, and no two are alike: a shift shows."""
    return rng.uniform(0.1, 9, size=(n, rows, columns))


def _each_is_shifted(f, rng, right):
    """Each image is one of the nine that can come of it, in its place."""
    rows, columns = different(rng, 2, 3, 7)
    turns = []
    for n, h, w in ((9, rows, columns), (1, columns, rows), (4, 4, 4), (4, 1, 5), (1, 1, 1)):
        images = _images(rng, n, h, w)
        if n == 9:
            images = np.asfortranarray(images)
        turns += [(images, share, int(rng.integers(1000))) for share in (1, 0.5, 0)]
    turns.append((_images(rng, 20, 8, 8), 1, int(rng.integers(1000))))  # as the digits are
    for (images, share, _), out in zip(turns, _shifted_each(f, turns), strict=True):
        for k in range(len(images)):
            wrong = _no_shift(images, out, k, share)
            if wrong:
                raise Wrong(wrong)
    images, start = _images(rng, 9, rows, columns), int(rng.integers(1000))
    several = _shifted_each(f, [(images, 1, start + k) for k in range(9)])
    if all(np.array_equal(out, images) for out in several):  # by chance never, even all alike
        raise Wrong("at share 1 no image was shifted, in nine calls")


def _no_shift(images, out, k, share):
    """What image k has become, where it is none that it may become; None where it is one."""
    places = [place for place in PLACES if share or not any(place)]
    if _one_of(out[k], [_moved(images[k], *place) for place in places]):
        return None
    start = f"at share {share}, image {k} of {len(images)} "
    if not share:
        return f"{start}should stay as it is"
    others = [one for i, one in enumerate(images) if i != k]
    if _one_of(out[k], [_moved(one, *place) for one in others for place in PLACES]):
        return f"{start}has become a shift of another one: the order is to be kept"
    if _one_of(out[k], [np.roll(images[k], place, axis=(0, 1)) for place in PLACES]):
        return f"{start}has at its edge what went out on the other side; it should be 0"
    if _one_of(out[k], [_moved(images[k][:, ::-1], *place) for place in PLACES]):
        return f"{start}is mirrored"
    zeros = int(np.sum(out[k] == 0))
    return (
        f"{start}is none of its nine shifts by −1, 0 or 1 with 0 at the edge; {zeros} of its "
        f"{out[k].size} pixels are 0"
    )


def _one_of(image, possible):
    return any(np.allclose(image, one, rtol=1e-9, atol=0) for one in possible)


def _dots(f, rng, count, share):
    """Where a dot in the middle goes: for each image the number of its place."""
    images = np.zeros((count, 3, 3))
    images[:, 1, 1] = 1.0
    (out,) = _shifted_each(f, [(images, share, int(rng.integers(1000)))])
    return out.reshape(count, 9).argmax(axis=1)


def _nine(f, rng, right):
    """Rows and columns are drawn by themselves, −1, 0 and 1 alike, where an image is moved.

    At 0.95 most of those that stay in their place were moved by no step.
    """
    count = 1200
    for share in (1.0, 0.4, 0.95):
        places = _dots(f, rng, count, share)
        found = [float(np.mean(places == place)) for place in range(9)]
        rows = "; ".join(", ".join(f"{s:.0%}" for s in found[k : k + 3]) for k in (0, 3, 6))
        for place in range(9):
            due = share / 9 + (1 - share) * (place == 4)
            probably(
                found[place],
                due,
                count,
                f"at share {share} the shifts by −1, 0 and 1 rows, each with −1, 0 and 1 columns, "
                f"came in {rows} of the cases; the middle should come in about "
                f"{share / 9 + 1 - share:.0%}, each other in {share / 9:.0%}{_looks(found, share)}",
            )


def _looks(found, share):
    """What the shares of the nine shifts look like, where they look like a known slip; or ''."""
    table = np.reshape(found, (3, 3))
    rows, columns, middle = table.sum(axis=1), table.sum(axis=0), table[1, 1]
    if table.max() == 1:
        alike = "All images made the same step: each draws its own"
        return f". {alike if share == 1 else 'No image was moved'}"
    if np.trace(table) > 0.999:
        return ". Rows and columns always have the same step: draw a number for each of the two"
    if rows[1] == 1 or columns[1] == 1:
        way = "up and down" if columns[1] == 1 else "sideways"
        return f". Images only move {way}"
    if 0 in (rows[0], rows[2], columns[0], columns[2]):
        return (
            ". Some step never comes: the upper end of rng.integers is left out, so "
            "rng.integers(-1, 2) draws −1, 0 and 1"
        )
    if np.count_nonzero(table[1]) <= 1 and np.count_nonzero(table[:, 1]) <= 1:
        return ". An image that is moved always moves both ways: 0 is one of the three steps"
    if share < 0.5 and middle < 0.2 and np.allclose(np.delete(table, 4), 1 / 9, atol=0.05):
        return ". It looks as if all images were moved"
    return ""


def _by_itself(f, rng, right):
    """What one image does says nothing of the next, nor does how many were moved before it."""
    count = 1500
    for share in (1.0, 0.4):
        places = _dots(f, rng, count, share)
        if share == 1 and np.all(places == places[0]):
            raise Wrong("at share 1 all images made the same step; each draws its own")
        same = np.mean(places[1:] == places[:-1])
        due = np.sum((np.bincount(places) / count) ** 2)  # whether the nine are alike or not
        first = np.max(np.flatnonzero(places != 4), initial=0) < count / 2
        more = ". It looks as if the first ones were moved, whichever they are" if first else ""
        probably(
            same,
            due,
            count / 3,
            f"at share {share}, {same:.0%} of the images are shifted as the one before; drawn for "
            f"each by itself it would be {due:.0%}{more}",
        )
    _as_many_as_chance_has_it(f, rng)


def _as_many_as_chance_has_it(f, rng):
    """In the same call after call: how much their number varies. Of 80 calls it is known to 6σ
    that it is at least 0.3 times, and at most three times, of what chance gives; where exactly
    share · n are moved it is a seventh.
    """
    calls, count, share = 80, 50, 0.2
    images, seed = np.zeros((count, 3, 3)), int(rng.integers(1000))
    images[:, 1, 1] = 1.0
    outs = _shifted_each(f, [(images, share, seed + k) for k in range(calls)])
    found = np.array([np.sum(out[:, 1, 1] == 0) for out in outs])
    alone = found.mean() / count
    times = np.var(found, ddof=1) / (count * alone * (1 - alone)) if 0 < alone < 1 else 0.0
    if not 0.3 < times < 3:
        exactly = "are exactly share · n of them moved each time"
        why = exactly if times < 1 else "all of them, or none"
        raise Wrong(
            f"of {count} images at share {share}, in {calls} calls, the number that left their "
            f"places varies too {'much' if times > 1 else 'little'}; moved each by itself, it "
            f"would vary {'less' if times > 1 else 'more'}: {why}?"
        )


def _array(f, rng, right):
    """No list of images."""
    for share in (0.5, 0.0):
        images = _images(rng, 3, 2, 4)
        (found,) = _augmented_each(f, [(images, share, int(rng.integers(1000)))])
        wrong = no_array(found, images)
        if wrong:
            raise Wrong(f"{name_of(f)}: {wrong}")


def _drawn(f, rng, right):
    images, seed = _images(rng, 12, 4, 5), int(rng.integers(1000))
    one, same = _augmented_each(f, [(images, 0.7, seed)] * 2)
    if compare(one, same):
        raise Wrong("two generators of the same seed give different results: draw from rng")
    always, *others = _augmented_each(f, [(images, 1.0, seed + k) for k in range(13)])
    if all(compare(always, other) is None for other in others):
        raise Wrong("other seeds give exactly the same result: is anything drawn from rng?")


def _kept(f, rng, right):
    """The images stay as they are."""
    for share in (1.0, 0.5, 0.0):
        images = _images(rng, 5, 3, 4)
        before = images.copy()

        def shifts(augment, share=share, images=images):
            return augment(images, share, np.random.default_rng(0))

        run(f, (), shifts)
        if compare(images, before):
            raise Wrong(f"{changed(name_of(f), 'images')} (at share {share})")


ASKED = Asked(
    "augment",
    Question("each image is shifted by at most one, with 0 at the edge", 1, _each_is_shifted),
    Question("the nine shifts are equally likely", 1, _nine),
    Question("each image by itself is moved or not", 1, _by_itself),
    Question("an array comes back", 1, _array),
    Question("drawn from rng", 1, _drawn),
    Question("the images are left as they were", 1, _kept),
)

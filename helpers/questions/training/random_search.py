"""What `random_search` is asked."""

from __future__ import annotations

import copy
from itertools import combinations

import numpy as np

from helpers._describing import told_apart
from helpers._findings import changed, same
from helpers.checks import describe, name_of
from helpers.questions.base import Asked, Question, Wrong, numbers, parts, run
from helpers.questions.training.shared import probably


def _data(rng):
    """Three sets, as arrays, of different sizes."""
    sizes = {"train": 7, "validation": 4, "test": 5}
    return {name: rng.normal(size=(n, 2)) for name, n in sizes.items()}


def _space(rng):
    return {
        "width": [int(w) for w in rng.permutation([8, 16, 32, 64])],
        "rate": [0.001, 0.01, 0.1, 1.0, 10.0],
        "kind": ["deep", "shallow"],
        "always": [float(rng.uniform(1, 2))],
    }


def _long_lists(rng):
    """Six lists of four: so many draws come of each trial, and hardly two trials are the same."""
    names = "width", "depth", "batch", "rate", "decay", "share"
    return {
        name: [int(k) for k in rng.permutation([8, 16, 32, 64])]
        if name == "width"
        else [float(k) for k in rng.permutation(np.arange(1, 5)) + 10 * place]
        for place, name in enumerate(names)
    }


def _plain(settings):
    """Settings that score was called with, as numbers and texts that can be compared."""
    if not isinstance(settings, dict):
        raise Wrong("score should be called with the settings as a dict")
    return {
        str(k): str(v) if isinstance(v, str) else float(np.asarray(v)) for k, v in settings.items()
    }


def _which(given, data):
    """The name of the set that this is."""
    found = [name for name, part in data.items() if np.array_equal(np.asarray(given), part)]
    return found[0] if found else "none of the sets"


def _worth(settings, part):
    """A score above 0, by a rule that knows each value; no two are the same."""
    told = _plain(settings)
    number = float(np.sum(part)) + sum(
        np.sin(97.0 * k + 13.0 * (len(v) if isinstance(v, str) else np.log(v)))
        for k, v in enumerate(told.values())
    )
    return 2.0 + float(np.sin(50.0 * number))


def _search(random_search, space, data, trials, seed, worth=_worth):
    """What it returned, and every call of score: settings, the sets by name, the score."""
    seen = []

    def score(settings, train, held_out):
        found = worth(settings, np.asarray(held_out))
        seen.append((_plain(settings), _which(train, data), _which(held_out, data), found))
        return found

    returned = random_search(score, space, data, trials, np.random.default_rng(seed))
    best, highest = parts(random_search, returned, "best settings", "its score")
    if not isinstance(best, dict):
        raise Wrong(f"the best settings returned should be a dict, not {describe(best)}")
    return _plain(best), float(numbers(highest)), seen


def _untested(seen):
    tested = sum("test" in (train, held_out) for _, train, held_out, _ in seen)
    if tested:
        raise Wrong(
            f"in {tested} of {len(seen)} calls score got the test set: it must not be looked at"
        )


def _highest(returned, seen):
    """The highest score of all calls, which is what has to be returned."""
    top = max(found for *_, found in seen)
    if returned != top:
        one, other = told_apart(returned, top, 4)
        raise Wrong(f"the score returned is {one}; the highest was {other}")
    return top


def _best(f, rng, right):
    """So many calls, each on the right sets, with settings of the space; the best of them."""
    for trials in (1, 6, 25, 40):
        space, data = _space(rng), _data(rng)
        best, highest, seen = run(f, (space, data, trials, int(rng.integers(1000))), _search)
        _untested(seen)
        for settings, train, held_out, _ in seen:
            if (train, held_out) != ("train", "validation"):
                raise Wrong(
                    f"score was called with train = {train}, held_out = {held_out}; expected the "
                    "sets train and validation"
                )
            if set(settings) != set(space):
                raise Wrong(f"the settings have the keys {sorted(settings)}, not {sorted(space)}")
            for name, value in settings.items():
                if value not in space[name]:
                    raise Wrong(f"{name} was {value!r}, which is not in its list {space[name]}")
        if len(seen) != trials:
            once_more = len(seen) > trials and seen[-1][0] == best
            again = ", at last with the settings returned" if once_more else ""
            raise Wrong(f"score was called {len(seen)} times{again}; expected {trials}")
        top = _highest(highest, seen)
        first = next(settings for settings, _, _, found in seen if found == top)
        if best != first:
            raise Wrong("the settings returned are not those that scored highest")


def _equal(settings, part):
    """Many settings score the same."""
    return float(_plain(settings)["width"] > 10)


def _below(settings, part):
    """All scores are far below 0."""
    return -1000.0 - _plain(settings)["width"]


def _ties(f, rng, right):
    for worth in (_equal, _below):

        def search(random_search, space, data, trials, seed, worth=worth):
            return _search(random_search, space, data, trials, seed, worth)

        space, data = _long_lists(rng), _data(rng)
        best, highest, seen = run(f, (space, data, 12, int(rng.integers(1000))), search)
        _untested(seen)
        top = _highest(highest, seen)
        if best != next(settings for settings, _, _, found in seen if found == top):
            raise Wrong("of equal scores, the settings of the first one should be returned")


def _blind(f, rng, right):
    """Another test set, and none at all: nothing may change."""
    space, data, seed = _space(rng), _data(rng), int(rng.integers(1000))
    plain = run(f, (space, data, 6, seed), _search)
    other = {**data, "test": rng.normal(size=(3, 2))}
    without = {name: part for name, part in data.items() if name != "test"}
    for changed_data, what in ((other, "with another test set"), (without, "without a test set")):
        differs = run(f, (space, changed_data, 6, seed), _search) != plain
        if differs and run(f, (space, data, 6, seed), _search) == plain:  # else it is chance
            raise Wrong(f"{what} the result is another: the search has seen the test set")


TRIALS = 80
"""Of long lists: of six times so many draws, what chance may do is known well enough."""

NTH = "first", "second", "third", "last"


def _drawn(f, rng, right):
    """All values of a list alike, each setting by itself, and from rng."""
    data, seed = _data(rng), int(rng.integers(1000))
    _every_trial(f, {"width": [8, 16], "kind": ["deep", "shallow"]}, data, 9, seed)
    space = _long_lists(rng)
    drawn = _every_trial(f, space, data, TRIALS, seed)
    places = np.array([[space[name].index(s[name]) for name in space] for s in drawn])
    _each_alike(space, places)
    _by_themselves(places)
    _all_alike(places)
    one, again, other = (run(f, (space, data, 6, s), _search)[2] for s in (seed, seed, seed + 1))
    if one != again:
        raise Wrong("two generators of the same seed give different trials: draw from rng")
    if one == other:
        raise Wrong("another seed gives exactly the same trials: is anything drawn from rng?")


def _every_trial(f, space, data, trials, seed):
    """The settings of each trial, of which there are as many as were asked for."""
    *_, seen = run(f, (space, data, trials, seed), _search)
    _untested(seen)
    every = int(np.prod([len(values) for values in space.values()]))
    if len(seen) != trials:
        raise Wrong(
            f"of {every} combinations, {trials} trials were asked for, and score was called "
            f"{len(seen)} times: the same settings may come twice"
        )
    return [settings for settings, *_ in seen]


def _each_alike(space, places):
    """places: which of the values in its list each setting is, a row for each trial."""
    for name, of_one in zip(space, places.T, strict=True):
        for k, value in enumerate(space[name]):
            share = np.mean(of_one == k)
            probably(
                share,
                1 / 4,
                TRIALS,
                f"{name} = {value!r} came in {share:.0%} of {TRIALS} trials; of 4 values drawn "
                "alike it would be 25%",
            )


def _by_themselves(places):
    """A setting says nothing of the next trial, nor of the others of its own.

    What is due is known from how often each place came, whether they are alike or not.
    """
    often = np.bincount(places.ravel(), minlength=4) / places.size
    again = places[1:] == places[:-1]
    further = np.array([(b - a) % 4 for row in places for a, b in combinations(row, 2)])
    together = "" if np.any(further) else ", all from the same place of their lists"
    probably(
        np.mean(again),
        np.sum(often**2),
        again.size / 3,  # where one number chooses all, it is told as that
        f"a setting is that of the trial before in {np.mean(again):.0%} of {TRIALS} trials"
        f"{together}: draw anew each time",
    )
    for k in range(4):
        share, due = np.mean(further == k), np.sum(often * np.roll(often, k))
        how = f"{k} places further on in its list than" if k else "in the same place of its list as"
        if due:
            probably(
                share,
                due,
                further.size,
                f"a setting was {how} another one in {share:.0%} of the cases, in {TRIALS} "
                f"trials; drawn each by itself it would be {due:.0%}",
            )


def _all_alike(places):
    """Of all lists together so much is known as many more trials would tell."""
    for k, nth in enumerate(NTH):
        share = np.mean(places == k)
        probably(
            share,
            1 / 4,
            places.size,
            f"in lists of 4 values the {nth} one came in {share:.0%} of {TRIALS} trials; drawn "
            "alike it would be 25%",
        )


def _kept(f, rng, right):
    """Space and data are left alone; each trial has a dict of its own, and in it what stands in
    the lists, of which one holds numbers and a text.
    """
    space, data = {**_space(rng), "depth": [3, 5, 7, "all"]}, _data(rng)
    before = copy.deepcopy((space, data))

    def search(random_search):
        told, kept = [], []

        def score(settings, train, held_out):
            told.append(_plain(settings))
            kept.append(settings)
            return _worth(settings, np.asarray(held_out))

        random_search(score, space, data, 12, np.random.default_rng(1))
        return told, [_plain(settings) for settings in kept]

    told, kept = run(f, (), search)
    for name, one, was in zip(("space", "data"), (space, data), before, strict=True):
        if not same(one, was):
            raise Wrong(changed(name_of(f), name, given=True))
    if told != kept:
        raise Wrong(
            "the settings that score was called with changed afterwards: each trial needs a new "
            "dict, since score may keep the one it was given"
        )
    for name, values in space.items():
        odd = next((of[name] for of in told if name in of and of[name] not in values), None)
        if odd is not None:
            raise Wrong(f"{name} was {odd!r}, which does not stand in its list {values}")


ASKED = Asked(
    "random_search",
    Question("so many trials on the validation set, and the best of them", 2, _best),
    Question("the test set makes no difference", 2, _blind),
    Question("each setting drawn by itself, all values alike, from rng", 1, _drawn),
    Question("of equals the first; scores below 0", 1, _ties),
    Question("what stands in the lists, in new dicts; space and data stay as they are", 1, _kept),
)

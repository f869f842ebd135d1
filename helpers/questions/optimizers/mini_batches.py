"""What `mini_batches` is asked."""

from __future__ import annotations

import numpy as np

from helpers._findings import returned
from helpers.checks import call, compare, describe, name_of
from helpers.questions.base import Asked, Question, Wrong, numbers, run
from helpers.questions.kept import Kept


def _epoch(f, n, batch_size, seed):
    """One epoch's batches as lists of plain numbers; whatever is not a batch raises `Wrong`."""
    batches = run(f, (n, batch_size, np.random.default_rng(seed)))
    if not isinstance(batches, list | tuple):
        raise Wrong(returned(batches, "expected a list of index arrays", name_of(f)))
    found = []
    for batch in batches:
        indices = numbers(batch)
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise Wrong(
                f"a batch is a 1-D array of whole numbers; one of yours is {describe(batch)}"
            )
        found.append([int(i) for i in indices])
    return found


BATCH = 7
"""Examples in a batch, whatever is asked; about 50 of them in all."""


def _every_example_once(f, rng, right):
    for n, batch_size in rng.permutation([(49, BATCH), (50, BATCH), (55, BATCH)]).tolist():
        batches = _epoch(f, n, batch_size, int(rng.integers(1000)))
        drawn = sorted(i for batch in batches for i in batch)
        if drawn != list(range(n)):
            missing = sorted(set(range(n)) - set(drawn))
            twice = len(drawn) - len(set(drawn))
            odd = sorted(set(drawn) - set(range(n)))
            raise Wrong(
                f"mini_batches({n}, {batch_size}, rng): an epoch has every example once; "
                f"{len(missing)} are missing, {twice} come again, {len(odd)} do not exist"
            )
        sizes = [len(batch) for batch in batches]
        fine = [len(range(n)[k : k + batch_size]) for k in range(0, n, batch_size)]
        if sizes != fine:
            raise Wrong(
                f"with n = {n}, batch_size = {batch_size} the sizes are {sizes}, not {fine}"
            )


def _shuffled(f, rng, right):
    """Of 49 pairs of neighbours about 6 ± 2.3 share a batch by chance; 25 or more: 1 in 10¹²."""
    seed = int(rng.integers(1000))
    batches = _epoch(f, 50, BATCH, seed)
    order = [i for batch in batches for i in batch]
    for what, step in (("their own order", 1), ("reverse order", -1)):
        if order == list(range(50))[::step]:
            raise Wrong(f"the examples come in {what}: shuffle them")
    together = sum(i + 1 in batch for batch in batches for i in batch)
    if together >= 25:
        raise Wrong(
            f"of the 49 pairs of neighbours 0 and 1, 1 and 2, ... {together} share a batch; "
            "among shuffled examples about 6 would"
        )


def _reproducible(f, rng, right):
    seed = int(rng.integers(1000))
    if _epoch(f, 50, BATCH, seed) != _epoch(f, 50, BATCH, seed):
        raise Wrong("two generators of the same seed give different batches: draw from rng")
    both = np.random.default_rng(seed)
    kept, epochs = Kept(), []
    for _ in range(4):
        batches = call(f, 50, BATCH, both).value
        epochs.append(list(map(list, batches)))
        kept.add(batches, f, (50, BATCH, both))
    if all(compare(epochs[0], epoch) is None for epoch in epochs[1:]):
        raise Wrong("all epochs from one generator are the same: draw a new order each time")
    kept.look_again()


def _extremes(f, rng, right):
    """Batches of one, and of all."""
    seed = int(rng.integers(1000))
    if [len(b) for b in _epoch(f, 50, 1, seed)] != [1] * 50:
        raise Wrong("batch_size = 1 gives as many batches as there are examples")
    if [len(b) for b in _epoch(f, 50, 100, seed)] != [50]:
        raise Wrong("a batch_size beyond n gives one batch of all examples")


ASKED = Asked(
    "mini_batches",
    Question("every example once, the last short batch kept", 1, _every_example_once),
    Question("shuffled", 2, _shuffled),
    Question("reproducible, and another order each epoch", 1, _reproducible),
    Question("batches of one, and of all", 1, _extremes),
)

"""Lesson 5: optimizers. An update rule is a pure function: `new_w, new_state = rule(w, g, state)`."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from autograder.exercises.base import (
    Equivalent,
    Exercise,
    Misconception,
    Property,
    Wrong,
    calls,
    different,
    kinds,
    left_alone,
    numbers,
    run,
    value,
)
from helpers.checks import call, compare, describe

# --- mini_batches -------------------------------------------------------------------------------


def mini_batches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def _epoch(f, n, batch_size, seed):
    """One epoch's batches as lists of plain numbers; whatever is not a batch raises `Wrong`."""
    batches = run(f, (n, batch_size, np.random.default_rng(seed)))
    if not isinstance(batches, list | tuple):
        raise Wrong(f"it returned a {type(batches).__name__}, expected a list of index arrays")
    found = []
    for batch in batches:
        indices = np.asarray(batch)
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise Wrong(
                f"a batch is a 1-D array of whole numbers; one of yours is {describe(batch)}"
            )
        found.append([int(i) for i in indices])
    return found


BATCH = 7
"""Examples in a batch, whatever is asked; about 50 of them in all."""


def _every_example_once(f, rng):
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
        right = [len(range(n)[k : k + batch_size]) for k in range(0, n, batch_size)]
        if sizes != right:
            raise Wrong(
                f"with n = {n}, batch_size = {batch_size} the sizes are {sizes}, not {right}"
            )


def _shuffled(f, rng):
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


def _reproducible(f, rng):
    seed = int(rng.integers(1000))
    if _epoch(f, 50, BATCH, seed) != _epoch(f, 50, BATCH, seed):
        raise Wrong("two generators of the same seed give different batches: draw from rng")
    both = np.random.default_rng(seed)
    epochs = [list(map(list, call(f, 50, BATCH, both).value)) for _ in range(4)]
    if all(compare(epochs[0], epoch) is None for epoch in epochs[1:]):
        raise Wrong("all epochs from one generator are the same: draw a new order each time")


def _extremes(f, rng):
    seed = int(rng.integers(1000))
    if [len(b) for b in _epoch(f, 50, 1, seed)] != [1] * 50:
        raise Wrong("batch_size = 1 gives as many batches as there are examples")
    if [len(b) for b in _epoch(f, 50, 100, seed)] != [50]:
        raise Wrong("a batch_size beyond n gives one batch of all examples")


MINI_BATCHES = Exercise(
    name="mini_batches",
    reference=mini_batches,
    properties=(
        Property("every example once, the last short batch kept", 2, _every_example_once),
        Property("shuffled", 1, _shuffled),
        Property("reproducible, and another order each epoch", 1, _reproducible),
        Property("batches of one, and of all", 1, _extremes),
    ),
    misconceptions=(
        Misconception(
            "not shuffled",
            ("rng.permutation(n)", "np.arange(n)"),
            "Every epoch goes through the examples in the order in which they were stored.",
        ),
        Misconception(
            "last batch dropped",
            ("range(0, n, batch_size)", "range(0, n - batch_size + 1, batch_size)"),
            "The last, short batch is left out; its examples are not seen in this epoch.",
        ),
        Misconception(
            "drawn with replacement",
            ("rng.permutation(n)", "rng.integers(0, n, size=n)"),
            "Examples are drawn one by one and put back, so that some come twice and some never.",
        ),
        Misconception(
            "a last batch of one",
            (
                "for start in range(0, n, batch_size)]",
                "for start in range(0, n - n % batch_size, batch_size)] + [order[-1:]]",
            ),
            "Your last batch always has one example, whatever is left over.",
        ),
        Misconception(
            "number of batches for their size",
            (
                "return [order[start : start + batch_size] for start in range(0, n, batch_size)]",
                "return np.array_split(order, batch_size)",
            ),
            "You make batch_size batches; each batch is to have batch_size examples.",
        ),
        Misconception(
            "its own seed",
            ("rng.permutation(n)", "np.random.default_rng(0).permutation(n)"),
            "Every epoch has the same order: a new generator with a fixed seed begins anew each time.",
        ),
        Misconception(
            "the global generator",
            ("rng.permutation(n)", "np.random.permutation(n)"),
            "Nobody can repeat your run: the order does not come from the generator that is given.",
        ),
        Misconception(
            "batches shuffled, examples not",
            """
            def mini_batches(n, batch_size, rng):
                batches = [np.arange(n)[k : k + batch_size] for k in range(0, n, batch_size)]
                last = batches.pop() if n % batch_size else None
                batches = [batches[k] for k in rng.permutation(len(batches))]
                return batches + ([last] if last is not None else [])
            """,
            "You shuffle the batches, not the examples: the same neighbours are always in one batch.",
        ),
        Misconception(
            "begins at a random place",
            ("rng.permutation(n)", "np.roll(np.arange(n), rng.integers(1, n))"),
            "Only where the epoch begins is random; from there on the examples keep their order.",
        ),
        Misconception(
            "counts from one",
            ("rng.permutation(n)", "rng.permutation(n) + 1"),
            "Your indices begin at 1; the first example has index 0.",
        ),
    ),
    equivalents=(
        Equivalent(
            "shuffle in place",
            ("order = rng.permutation(n)", "order = np.arange(n)\n    rng.shuffle(order)"),
        ),
        Equivalent(
            "split at the borders",
            (
                "return [order[start : start + batch_size] for start in range(0, n, batch_size)]",
                "return np.split(order, range(batch_size, n, batch_size))",
            ),
        ),
        Equivalent("choice", ("rng.permutation(n)", "rng.choice(n, size=n, replace=False)")),
        Equivalent("sorted random keys", ("rng.permutation(n)", "np.argsort(rng.random(n))")),
        Equivalent(
            "lists",
            """
            def mini_batches(n, batch_size, rng):
                left, batches = list(rng.permutation(n)), []
                for _ in range(-(-n // batch_size)):
                    batches.append(left[:batch_size])
                    left = left[batch_size:]
                return batches
            """,
        ),
    ),
)


# --- standard_error -----------------------------------------------------------------------------


def standard_error(gradients, batch_size, repeats, rng):
    rows = rng.integers(0, len(gradients), size=(repeats, batch_size))
    return gradients[rows].mean(axis=1).std(axis=0)


REPEATS = 1500


def _spread(f, rng):
    """σ/√n_b. The spread of 1,500 means is known to 1.8 %; 6σ is 11 %: a false alarm in 10⁹."""
    n, m = 60, different(rng, 1, 2, 5)[0]
    gradients = rng.normal(size=(n, m)) * rng.uniform(0.5, 3, size=m) + rng.normal(size=m)
    for batch_size in (1, 4, 25):
        seed = int(rng.integers(1000))
        args = (gradients, batch_size, REPEATS, np.random.default_rng(seed))
        right = gradients.std(axis=0) / np.sqrt(batch_size)
        found = numbers(run(f, args))
        if np.shape(found) != right.shape:
            raise Wrong(f"it returned {describe(found)}, expected a spread for each parameter")
        ratio = float(np.mean(found / right))
        if not np.all(np.abs(found / right - 1) < 6 / np.sqrt(2 * REPEATS)):
            raise Wrong(
                f"in batches of {batch_size} the mean of {n} gradients of {m} parameters spreads by "
                f"σ/√{batch_size}; yours is about {ratio:.1g} times that"
            )


def _every_row(f, rng):
    """Two gradients, 0 and 1, drawn alike: σ = ½, so well known that 3 % are beyond 6σ."""
    args = (np.array([[0.0], [1.0]]), 1, REPEATS, np.random.default_rng(int(rng.integers(1000))))
    found = float(numbers(run(f, args)).reshape(-1)[0])
    if not abs(found - 0.5) < 0.015:
        raise Wrong(f"of the gradients 0 and 1, drawn alike, the spread is ½; yours is {found:.2g}")


def _one_draw_for_all(f, rng):
    """Where one parameter's gradients are −2 times another's, so are the means of every batch."""
    column = rng.normal(size=(30, 1))
    generator = np.random.default_rng(int(rng.integers(1000)))
    found = numbers(run(f, (np.hstack([column, -2 * column]), 3, 100, generator)))
    if compare(found[1], 2 * found[0]):
        raise Wrong(
            "where one parameter's gradients are −2 times another's, its spread is twice as large; "
            f"yours is {found[1] / found[0]:.6g} times: does a batch hold the same examples for both?"
        )


def _few_repeats(f, rng):
    """Measured from 5 means only, a spread is itself uncertain by about 36 %.

    How uncertain is known from 200 runs to 0.36 ± 0.02; 6σ is from 0.24 to 0.48.
    """
    gradients, generators = rng.normal(size=(40, 1)), rng.spawn(200)
    results = [numbers(run(f, (gradients, 6, 5, generator))) for generator in generators]
    found = [float(result.reshape(-1)[0]) for result in results]
    scatter = float(np.std(found) / np.mean(found))
    if not 0.24 < scatter < 0.48:
        raise Wrong(
            "measured from 5 batches, the result should scatter by about 36 % from run to run; "
            f"yours scatters by {100 * scatter:.0f} %: is `repeats` the number of batches?"
        )


def _repeats_drawn(f, rng):
    gradients = rng.normal(size=(60, 3))
    seed = int(rng.integers(1000))
    one, same = (run(f, (gradients, 4, REPEATS, np.random.default_rng(seed))) for _ in range(2))
    if compare(one, same, rtol=1e-12):
        raise Wrong("two generators of the same seed give different results: draw from rng")
    other = run(f, (gradients, 4, REPEATS, np.random.default_rng(seed + 1)))
    if compare(one, other, rtol=1e-12) is None:
        raise Wrong("another seed gives exactly the same result: is anything drawn?")
    _few_repeats(f, rng)
    _one_draw_for_all(f, rng)


def _gradients_kept(f, rng):
    gradients = rng.normal(size=(9, 2))
    before = gradients.copy()
    error = call(f, gradients, 3, 5, np.random.default_rng(int(rng.integers(1000)))).error
    if error:
        raise Wrong(error)
    if compare(gradients, before, rtol=0, atol=0):
        raise Wrong("standard_error changed the gradients that it was given; work on a copy")


STANDARD_ERROR = Exercise(
    name="standard_error",
    reference=standard_error,
    properties=(
        Property("σ/√n_b for every parameter", 2, _spread),
        Property("every example is drawn alike", 1, _every_row),
        Property("measured, as often as asked, from the generator given", 1, _repeats_drawn),
        Property("the gradients are left as they were", 1, _gradients_kept),
    ),
    misconceptions=(
        Misconception(
            "spread of the examples",
            (
                "gradients[rows].mean(axis=1).std(axis=0)",
                "gradients[rows].reshape(-1, gradients.shape[1]).std(axis=0)",
            ),
            "That is the spread of single gradients. What spreads here is the mean of a batch.",
        ),
        Misconception(
            "sum of the batch",
            (".mean(axis=1)", ".sum(axis=1)"),
            "Your batches are added up, not averaged: the spread grows with the batch.",
        ),
        Misconception(
            "variance",
            (".std(axis=0)", ".var(axis=0)"),
            "You return a variance; the standard error is its root.",
        ),
        Misconception(
            "the mean of the means",
            (".std(axis=0)", ".mean(axis=0)"),
            "You return the mean of the batch means. How far do they lie apart?",
        ),
        Misconception(
            "within a batch",
            (".mean(axis=1).std(axis=0)", ".std(axis=1).mean(axis=0)"),
            "You measure how the gradients spread inside a batch; asked is how the batches' means spread.",
        ),
        Misconception(
            "one number",
            (".std(axis=0)", ".std()"),
            "You return one number; every parameter has a spread of its own.",
        ),
        Misconception(
            "the formula",
            """
            def standard_error(gradients, batch_size, repeats, rng):
                return gradients.std(axis=0) / np.sqrt(batch_size)
            """,
            "That is the theory. Here it is to be measured, so that the two can be held against each other.",
        ),
        Misconception(
            "divided again",
            (".std(axis=0)", ".std(axis=0) / np.sqrt(repeats)"),
            "You divide by √repeats: that is how well the overall mean is known, not how one batch's mean spreads.",
        ),
        Misconception(
            "without replacement",
            (
                "rng.integers(0, len(gradients), size=(repeats, batch_size))",
                "[rng.permutation(len(gradients))[:batch_size] for _ in range(repeats)]",
            ),
            "No example comes twice in one of your batches. Then the means spread less than σ/√n_b: draw with replacement.",
        ),
        Misconception(
            "examples for each parameter",
            """
            def standard_error(gradients, batch_size, repeats, rng):
                return np.concatenate([
                    column[rng.integers(0, len(column), size=(repeats, batch_size))].mean(1).std(keepdims=True)
                    for column in gradients.T
                ])
            """,
            "Each parameter gets batches of its own. A batch is drawn once, and gives a gradient of all parameters.",
        ),
        Misconception(
            "repeats fixed",
            ("size=(repeats, batch_size)", "size=(1500, batch_size)"),
            "You draw the same number of batches whatever `repeats` says.",
        ),
        Misconception(
            "gradients centred in place",
            ("    rows = rng", "    gradients -= gradients.mean(axis=0)\n    rows = rng"),
            "The spread is right, but you write into the gradients that were given; work on a copy.",
        ),
        Misconception(
            "one batch",
            ("size=(repeats, batch_size)", "size=(2, batch_size)"),
            "Two batches are too few to see a spread: draw as many as `repeats` says.",
        ),
    ),
    equivalents=(
        Equivalent(
            "loop",
            """
            def standard_error(gradients, batch_size, repeats, rng):
                means = []
                for _ in range(repeats):
                    rows = rng.integers(len(gradients), size=batch_size)
                    means.append(gradients[rows].mean(axis=0))
                return np.std(means, axis=0)
            """,
        ),
        Equivalent(
            "choice",
            (
                "rng.integers(0, len(gradients), size=(repeats, batch_size))",
                "rng.choice(len(gradients), size=(repeats, batch_size))",
            ),
        ),
        Equivalent("ddof", (".std(axis=0)", ".std(axis=0, ddof=1)")),
        Equivalent(
            "counts",
            """
            def standard_error(gradients, batch_size, repeats, rng):
                n = len(gradients)
                counts = rng.multinomial(batch_size, np.full(n, 1 / n), size=repeats)
                return np.std(counts @ gradients / batch_size, axis=0)
            """,
        ),
    ),
)


# --- inverse_decay ------------------------------------------------------------------------------


def inverse_decay(learning_rate, step, half_life):
    return learning_rate / (1 + step / half_life)


def _schedules(rng):
    for _ in range(5):
        yield float(rng.uniform(0.01, 1)), int(rng.integers(1, 500)), float(rng.uniform(3, 200))


def _marks(rng):
    rate, half = float(rng.uniform(0.01, 1)), float(rng.uniform(3, 200))
    yield rate, 0, half
    yield rate, half, half
    yield rate, 9 * half, half


INVERSE_DECAY = Exercise(
    name="inverse_decay",
    reference=inverse_decay,
    properties=(
        value(1, inverse_decay, _schedules, says="the learning rate at any step"),
        value(1, inverse_decay, _marks, says="whole at step 0, half after half_life steps"),
    ),
    misconceptions=(
        Misconception(
            "exponential",
            ("learning_rate / (1 + step / half_life)", "learning_rate * 0.5 ** (step / half_life)"),
            "Yours halves again and again, exponentially. The sum of all those steps is finite: it may never arrive.",
        ),
        Misconception(
            "no one",
            ("(1 + step / half_life)", "(step / half_life)"),
            "At step 0 you divide by 0; there the learning rate should be whole.",
        ),
        Misconception(
            "linear",
            ("learning_rate / (1 + step / half_life)", "learning_rate * (1 - step / half_life)"),
            "Yours falls along a line and becomes negative.",
        ),
        Misconception(
            "square root",
            ("(1 + step / half_life)", "(1 + step / half_life) ** 0.5"),
            "Yours falls like 1/√t; after half_life steps it is not yet at a half.",
        ),
        Misconception(
            "product",
            ("step / half_life", "step * half_life"),
            "The longer the half-life, the faster yours falls.",
        ),
        Misconception(
            "upside down",
            ("step / half_life", "half_life / step if step else 0.0"),
            "Yours grows with the steps.",
        ),
        Misconception(
            "twice as slow",
            ("step / half_life", "step / (2 * half_life)"),
            "After half_life steps yours is at two thirds, not at a half.",
        ),
        Misconception(
            "constant",
            ("learning_rate / (1 + step / half_life)", "learning_rate"),
            "Your learning rate stays as it is.",
        ),
    ),
    equivalents=(
        Equivalent(
            "one fraction",
            (
                "learning_rate / (1 + step / half_life)",
                "learning_rate * half_life / (half_life + step)",
            ),
        ),
        Equivalent(
            "power",
            (
                "learning_rate / (1 + step / half_life)",
                "learning_rate * (1 + step / half_life) ** -1",
            ),
        ),
        Equivalent(
            "numpy",
            (
                "learning_rate / (1 + step / half_life)",
                "np.divide(learning_rate, 1 + np.divide(step, half_life))",
            ),
        ),
        Equivalent(
            "inverse of a sum",
            (
                "learning_rate / (1 + step / half_life)",
                "1 / (1 / learning_rate + step / (learning_rate * half_life))",
            ),
        ),
    ),
)


# --- Update rules -------------------------------------------------------------------------------


def _walk(rule, w, gradients, settings):
    """The weights after each of these gradients, from an empty state."""
    state: dict = {}
    path = []
    for gradient in gradients:
        w, state = rule(w, gradient, state, **settings)
        path.append(w)
    return np.array(path)


def _in_turns(rule, w, gradients, other_w, other_gradients, settings):
    """Two parameters, each with its own state, updated in turns."""
    state: Any = {}
    other_state: Any = {}
    for gradient, other in zip(gradients, other_gradients, strict=True):
        w, state = rule(w, gradient, state, **settings)
        other_w, other_state = rule(other_w, other, other_state, **settings)
    return np.asarray(w), np.asarray(other_w)


def _kept(rule, w, gradients, settings):
    """What the weights, a gradient and an old state hold after the next call."""
    empty: dict = {}
    first, state = rule(w, gradients[0], empty, **settings)
    before = copy.deepcopy(state)
    rule(first, gradients[1], state, **settings)
    changed = [key for key in before if compare(state.get(key), before[key], rtol=0, atol=0)]
    if empty or changed or state.keys() != before.keys():
        raise Wrong("the state that was given has changed: return a new one")
    return np.asarray(w), gradients


def _shapes(rng):
    n, m = different(rng, 2)
    return (n,), (n, m), (1, m)


def _steps(**ranges):
    """Walks of six changing gradients over several shapes, with random settings."""

    def probes(rng):
        for shape in _shapes(rng):
            settings = {name: float(rng.uniform(*limits)) for name, limits in ranges.items()}
            yield rng.normal(size=shape), rng.normal(size=(6, *shape)), settings

    return probes


def _pairs_of(steps):
    def probes(rng):
        for w, gradients, settings in steps(rng):
            yield w, gradients, 2 * w, rng.normal(size=gradients.shape), settings

    return probes


def _large(rng, size):
    """Gradients of sizes 3 to 6: where ε stands does not show in them, so it costs its own point."""
    return rng.choice([-1.0, 1.0], size=size) * rng.uniform(3, 6, size=size)


def _usual(rng):
    """The settings that the signature has; arrays, and plain numbers."""
    for shape in ((3,), (2, 4)):
        yield rng.normal(size=shape), _large(rng, (5, *shape)), {}
    yield float(rng.normal()), [float(g) for g in _large(rng, 5)], {}


def _zero_memory(name):
    def probes(rng):
        for shape in _shapes(rng):
            yield rng.normal(size=shape), _large(rng, (4, *shape)), {name: 0.0}

    return probes


def _constant(rng):
    """Steady gradients of very different sizes."""
    for scale in (1e-3, 1.0, 1e3):
        yield rng.normal(size=3), np.tile(scale * rng.normal(size=3), (8, 1)), {}


def _rule_properties(rule, steps):
    return (
        value(3, rule, steps, drive=_walk, says="every step of a walk with changing gradients"),
        value(1, rule, _usual, drive=_walk, says="the settings of the signature; numbers"),
        value(
            1, rule, _pairs_of(steps), drive=_in_turns, says="two parameters do not share a state"
        ),
        value(1, rule, steps, drive=_kept, says="w, gradient and state are left as they were"),
    )


def _shared_state(rule):
    return f"Right for one parameter. With two, the state of one runs into the other's: {rule} may keep it only in what it returns."


def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
    v = alpha * state.get("v", 0.0) - learning_rate * gradient
    return w + v, {"v": v}


_momentum_steps = _steps(learning_rate=(0.05, 0.5), alpha=(0.3, 0.95))

MOMENTUM = Exercise(
    name="momentum",
    reference=momentum,
    returns=("the path, a row for each step,",),
    properties=(
        *_rule_properties(momentum, _momentum_steps),
        value(1, momentum, _zero_memory("alpha"), drive=_walk, says="α = 0 is gradient descent"),
    ),
    misconceptions=(
        Misconception(
            "no memory",
            ('return w + v, {"v": v}', "return w + v, {}"),
            "Your first step is right; then the velocity is forgotten. What must the next call be given?",
        ),
        Misconception(
            "velocity subtracted",
            ("alpha * state", "-alpha * state"),
            "The old velocity is subtracted, so that the ball turns round at every step.",
        ),
        Misconception(
            "uphill",
            ("- learning_rate * gradient", "+ learning_rate * gradient"),
            "Your ball rolls uphill: look at the sign of the gradient's term.",
        ),
        Misconception(
            "average",
            ("- learning_rate * gradient", "- (1 - alpha) * learning_rate * gradient"),
            "That is a running mean: each gradient counts 1 − α of what it should in this form.",
        ),
        Misconception(
            "moved by the old velocity",
            ("return w + v,", 'return w + state.get("v", 0.0),'),
            "You move by the velocity of the step before: first the velocity, then the step.",
        ),
        Misconception(
            "learning rate on everything",
            ("return w + v,", "return w + learning_rate * v,"),
            "The learning rate is multiplied in twice.",
        ),
        Misconception(
            "no alpha",
            ("alpha * state", "0.9 * state"),
            "The α that is given has no effect.",
        ),
        Misconception(
            "old state written over",
            (
                '    v = alpha * state.get("v", 0.0) - learning_rate * gradient\n    return w + v, {"v": v}',
                '    state["v"] = alpha * state.get("v", 0.0) - learning_rate * gradient\n    return w + state["v"], state',
            ),
            "The numbers are right, but you write into the state that was given; whoever kept it finds another one.",
        ),
        Misconception(
            "kept in the function",
            (
                '    v = alpha * state.get("v", 0.0) - learning_rate * gradient\n    return w + v, {"v": v}',
                '    old = getattr(momentum, "v", 0.0) if state else 0.0\n    v = alpha * old - learning_rate * gradient\n    momentum.v = v\n    return w + v, {"started": 1}',
            ),
            _shared_state("momentum"),
        ),
        Misconception(
            "in place",
            (
                'return w + v, {"v": v}',
                'w += v\n    return w, {"v": v}',
            ),
            "You write into the w that was given, so that every point of a path becomes the last one: return a new array.",
        ),
    ),
    equivalents=(
        Equivalent(
            "zeros at first",
            """
            def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
                velocity = state["v"] if "v" in state else np.zeros_like(w)
                velocity = alpha * velocity - learning_rate * gradient
                return w + velocity, {"v": velocity}
            """,
        ),
        Equivalent(
            "positive velocity",
            """
            def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
                u = alpha * state.get("u", 0.0) + learning_rate * gradient
                return w - u, {"u": u, "v": -u}
            """,
        ),
        Equivalent(
            "sum of gradients",
            """
            def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
                total = alpha * state.get("total", 0.0) + gradient
                return w - learning_rate * total, dict(state, total=total, v=-learning_rate * total)
            """,
        ),
        Equivalent(
            "the last two points",
            """
            def momentum(w, gradient, state, learning_rate=0.01, alpha=0.9):
                before = state.get("before", w)
                new = w + alpha * (w - before) - learning_rate * gradient
                return new, {"before": w, "v": new - w}
            """,
        ),
    ),
)


def rms_prop(w, gradient, state, learning_rate=0.001, rho=0.9, epsilon=1e-8):
    r = rho * state.get("r", 0.0) + (1 - rho) * gradient**2
    return w - learning_rate * gradient / np.sqrt(r + epsilon), {"r": r}


# ε = 0: whoever misplaces ε still has every step right, and loses the point for ε's place only.
_rms_steps = _steps(learning_rate=(0.05, 0.5), rho=(0.3, 0.95), epsilon=(0.0, 0.0))


def _near_root(rng):
    """Gradients of the size of √ε, where the place of ε shows."""
    for epsilon in (1e-2, 1e-4, 1e-8):
        w, size = rng.normal(size=4), np.sqrt(epsilon)
        yield w, size * rng.normal(size=(5, 4)), {"epsilon": epsilon, "learning_rate": 0.1}


RMS_PROP = Exercise(
    name="rms_prop",
    reference=rms_prop,
    returns=("the path, a row for each step,",),
    properties=(
        *_rule_properties(rms_prop, _rms_steps),
        value(1, rms_prop, _near_root, drive=_walk, says="ε stands inside the root"),
        value(1, rms_prop, _zero_memory("rho"), drive=_walk, says="ρ = 0 leaves the sign only"),
    ),
    misconceptions=(
        Misconception(
            "epsilon outside",
            ("np.sqrt(r + epsilon)", "(np.sqrt(r) + epsilon)"),
            "Right for large gradients. For small ones the place of ε matters: here it stands inside the root.",
        ),
        Misconception(
            "no root",
            ("np.sqrt(r + epsilon)", "(r + epsilon)"),
            "You divide by the mean square itself; a gradient twice as large then gives a step half as long.",
        ),
        Misconception(
            "no square",
            ("gradient**2", "np.abs(gradient)"),
            "Your running mean is one of sizes, not of squares.",
        ),
        Misconception(
            "no memory",
            ('{"r": r}', "{}"),
            "Your first step is right; then the mean of squares is forgotten.",
        ),
        Misconception(
            "weights exchanged",
            (
                'rho * state.get("r", 0.0) + (1 - rho) * gradient**2',
                '(1 - rho) * state.get("r", 0.0) + rho * gradient**2',
            ),
            "ρ and 1 − ρ are exchanged: with a ρ near 1 the old mean should count most.",
        ),
        Misconception(
            "sum, not mean",
            ("(1 - rho) * gradient**2", "gradient**2"),
            "The new square counts in full, so that your running mean is too large.",
        ),
        Misconception(
            "never forgets",
            (
                'rho * state.get("r", 0.0) + (1 - rho) * gradient**2',
                'state.get("r", 0.0) + gradient**2',
            ),
            "You add up all squares, as AdaGrad does; here old ones fade.",
        ),
        Misconception(
            "starts with the square",
            ('rho * state.get("r", 0.0)', 'rho * state.get("r", gradient**2)'),
            "Your mean starts at the first square; here it starts at 0.",
        ),
        Misconception(
            "one mean for all",
            ("(1 - rho) * gradient**2", "(1 - rho) * np.mean(gradient**2)"),
            "All parameters share one mean of squares. Each has its own: that is the point.",
        ),
        Misconception(
            "old mean used",
            ("np.sqrt(r + epsilon), {", 'np.sqrt(state.get("r", 0.0) + epsilon), {'),
            "You divide by the mean of the step before; the new gradient's square comes in first.",
        ),
        Misconception(
            "uphill",
            ("w - learning_rate", "w + learning_rate"),
            "You go uphill: look at the sign of the step.",
        ),
        Misconception(
            "in place",
            (
                '    return w - learning_rate * gradient / np.sqrt(r + epsilon), {"r": r}',
                '    w -= learning_rate * gradient / np.sqrt(r + epsilon)\n    return w, {"r": r}',
            ),
            "You write into the w that was given, so that every point of a path becomes the last one: return a new array.",
        ),
    ),
    equivalents=(
        Equivalent(
            "zeros at first",
            ('rho * state.get("r", 0.0)', 'rho * (state["r"] if state else np.zeros_like(w))'),
        ),
        Equivalent(
            "towards the square",
            (
                'r = rho * state.get("r", 0.0) + (1 - rho) * gradient**2',
                'r = state.get("r", 0.0)\n    r = r + (1 - rho) * (gradient**2 - r)',
            ),
        ),
        Equivalent(
            "power", ("gradient / np.sqrt(r + epsilon)", "gradient * (r + epsilon) ** -0.5")
        ),
        Equivalent(
            "a step each",
            (
                '    return w - learning_rate * gradient / np.sqrt(r + epsilon), {"r": r}',
                "    rates = learning_rate / np.sqrt(epsilon + r)\n    return w - rates * gradient, dict(state, r=r)",
            ),
        ),
    ),
)


def adam(w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    t = state.get("t", 0) + 1
    s = beta1 * state.get("s", 0.0) + (1 - beta1) * gradient
    r = beta2 * state.get("r", 0.0) + (1 - beta2) * gradient**2
    s_hat = s / (1 - beta1**t)
    r_hat = r / (1 - beta2**t)
    return w - learning_rate * s_hat / (np.sqrt(r_hat) + epsilon), {"t": t, "s": s, "r": r}


_adam_steps = _steps(
    learning_rate=(0.05, 0.5), beta1=(0.5, 0.95), beta2=(0.6, 0.99), epsilon=(0.0, 0.0)
)

ADAM = Exercise(
    name="adam",
    reference=adam,
    returns=("the path, a row for each step,",),
    properties=(
        *_rule_properties(adam, _adam_steps),
        value(1, adam, _near_root, drive=_walk, says="ε stands outside the root"),
        value(1, adam, _constant, drive=_walk, says="steady gradients of any size", rtol=1e-6),
    ),
    misconceptions=(
        Misconception(
            "no bias correction",
            (
                "    s_hat = s / (1 - beta1**t)\n    r_hat = r / (1 - beta2**t)\n",
                "    s_hat, r_hat = s, r\n",
            ),
            "Both means start at 0 and are too small in the first steps: the correction by 1 − βᵗ is missing.",
        ),
        Misconception(
            "only the first corrected",
            ("r_hat = r / (1 - beta2**t)", "r_hat = r"),
            "The mean of squares is not corrected: in the first steps it is far too small, and the steps too long.",
        ),
        Misconception(
            "beta squared for beta to the t",
            ("beta2**t", "beta2**2"),
            "Your correction of the squares does not change from step to step: the power is t, not 2.",
        ),
        Misconception(
            "t never advances",
            ('{"t": t, "s": s, "r": r}', '{"s": s, "r": r}'),
            "Every step is corrected like the first one: t is not counted on.",
        ),
        Misconception(
            "t from zero",
            ("1 - beta1**t", "1 - beta1 ** (t + 1)"),
            "Your correction is one step ahead: at the first step t is 1.",
        ),
        Misconception(
            "epsilon inside",
            ("(np.sqrt(r_hat) + epsilon)", "np.sqrt(r_hat + epsilon)"),
            "Right for large gradients. For small ones the place of ε matters: Adam has it outside the root.",
        ),
        Misconception(
            "no root",
            ("np.sqrt(r_hat)", "r_hat"),
            "You divide by the mean square itself; it is its root that has the gradient's size.",
        ),
        Misconception(
            "betas exchanged",
            (
                's = beta1 * state.get("s", 0.0) + (1 - beta1) * gradient',
                's = beta2 * state.get("s", 0.0) + (1 - beta2) * gradient',
            ),
            "The mean of the gradients forgets with β₂; it has its own, β₁.",
        ),
        Misconception(
            "only the first row",
            (
                "    return w - learning_rate * s_hat / (np.sqrt(r_hat) + epsilon), {",
                "    step = learning_rate * s_hat / (np.sqrt(r_hat) + epsilon)\n"
                "    new = np.array(w)\n"
                "    new[:1] = new[:1] - step[:1]\n"
                "    return new, {",
            ),
            "Only the first entry, or row, of w is updated.",
        ),
        Misconception(
            "gradient for its mean",
            ("learning_rate * s_hat", "learning_rate * gradient"),
            "You step along the gradient of the moment; Adam steps along the mean, s.",
        ),
        Misconception(
            "uphill",
            ("w - learning_rate", "w + learning_rate"),
            "You go uphill: look at the sign of the step.",
        ),
        Misconception(
            "corrected means kept",
            ('{"t": t, "s": s, "r": r}', '{"t": t, "s": s_hat, "r": r_hat}'),
            "You hand the corrected means on, so that they are corrected again at every step.",
        ),
        Misconception(
            "old state written over",
            (
                '    return w - learning_rate * s_hat / (np.sqrt(r_hat) + epsilon), {"t": t, "s": s, "r": r}',
                "    state.update(t=t, s=s, r=r)\n    return w - learning_rate * s_hat / (np.sqrt(r_hat) + epsilon), state",
            ),
            "The numbers are right, but you write into the state that was given; whoever kept it finds another one.",
        ),
    ),
    equivalents=(
        Equivalent(
            "one corrected rate",
            (
                "    s_hat = s / (1 - beta1**t)\n    r_hat = r / (1 - beta2**t)\n    return w - learning_rate * s_hat / (np.sqrt(r_hat) + epsilon), {",
                "    root = np.sqrt(1 - beta2**t)\n    rate = learning_rate * root / (1 - beta1**t)\n    return w - rate * s / (np.sqrt(r) + epsilon * root), {",
            ),
        ),
        Equivalent(
            "zeros at first",
            """
            def adam(w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
                t, s, r = state.get("moments", (0, np.zeros_like(w), np.zeros_like(w)))
                t = t + 1
                s = beta1 * s + (1 - beta1) * gradient
                r = beta2 * r + (1 - beta2) * gradient * gradient
                step = (s / (1 - beta1**t)) / (np.sqrt(r / (1 - beta2**t)) + epsilon)
                return w - learning_rate * step, {"moments": (t, s, r)}
            """,
        ),
        Equivalent(
            "powers kept",
            """
            def adam(w, gradient, state, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
                new = dict(state)
                new["b1"] = state.get("b1", 1.0) * beta1
                new["b2"] = state.get("b2", 1.0) * beta2
                new["s"] = state.get("s", 0.0) + (1 - beta1) * (gradient - state.get("s", 0.0))
                new["r"] = state.get("r", 0.0) + (1 - beta2) * (gradient**2 - state.get("r", 0.0))
                mean, square = new["s"] / (1 - new["b1"]), new["r"] / (1 - new["b2"])
                return w - learning_rate * mean / (epsilon + square**0.5), new
            """,
        ),
        Equivalent("dict", ('{"t": t, "s": s, "r": r}', "dict(state, t=t, s=s, r=r)")),
    ),
)


# --- look_ahead ---------------------------------------------------------------------------------


def look_ahead(w, state, alpha=0.9):
    return w + alpha * state.get("v", 0.0)


def _velocities(rng):
    for shape in _shapes(rng):
        state = {"v": rng.normal(size=shape)}
        yield rng.normal(size=shape), state, float(rng.uniform(0.2, 0.95))
    yield rng.normal(size=3), {"v": rng.normal(size=3)}


def _at_rest(rng):
    for shape in _shapes(rng):
        yield rng.normal(size=shape), {}, float(rng.uniform(0.2, 0.95))
    yield float(rng.normal()), {}
    yield float(rng.normal()), {"v": float(rng.normal())}


def _nothing_moves(f, rng):
    for args in (*_velocities(rng), *_at_rest(rng)):
        w, state, *rest = copy.deepcopy(args)
        error = call(f, w, state, *rest).error
        if error:
            raise Wrong(error)
        if compare(w, args[0], rtol=0, atol=0):
            raise Wrong("look_ahead changed the w that it was given; work on a copy")
        if state.keys() != args[1].keys() or compare(state, args[1], rtol=0, atol=0):
            raise Wrong("look_ahead changed the state that it was given; read it only")


LOOK_AHEAD = Exercise(
    name="look_ahead",
    reference=look_ahead,
    properties=(
        value(1, look_ahead, _velocities, says="where the velocity alone would lead"),
        value(1, look_ahead, _at_rest, says="no velocity at the start; numbers too"),
        Property("w and state are left as they were", 1, _nothing_moves),
    ),
    misconceptions=(
        Misconception(
            "no alpha",
            ("alpha * state", "state"),
            "You go the whole old velocity ahead; only α of it is kept.",
        ),
        Misconception(
            "back", ("w + alpha", "w - alpha"), "You look back to where the ball came from."
        ),
        Misconception(
            "the velocity", ("w + alpha", "alpha"), "That is how far ahead; asked is the place."
        ),
        Misconception(
            "where it is",
            ('w + alpha * state.get("v", 0.0)', "w + 0.0"),
            "You return where the ball is, not where it is heading.",
        ),
        Misconception(
            "fixed alpha", ("alpha * state", "0.9 * state"), "The α that is given has no effect."
        ),
        Misconception(
            "scaled place",
            ("w + alpha * state", "alpha * w + state"),
            "α multiplies the place; it belongs to the velocity.",
        ),
        Misconception(
            "needs a velocity",
            ('state.get("v", 0.0)', 'state["v"]'),
            "Right on the way. At the start the state is empty: there is no velocity yet.",
        ),
        Misconception(
            "gives the ball a velocity",
            ('state.get("v", 0.0)', 'state.setdefault("v", np.zeros_like(w))'),
            "The place is right, but the state that was given has a new entry; looking must change nothing.",
        ),
        Misconception(
            "in place",
            (
                'return w + alpha * state.get("v", 0.0)',
                'w += alpha * state.get("v", 0.0)\n    return w',
            ),
            "You move the w that was given; looking ahead must not go there.",
        ),
    ),
    equivalents=(
        Equivalent(
            "if",
            (
                'return w + alpha * state.get("v", 0.0)',
                'if "v" not in state:\n        return np.array(w)\n    return w + alpha * state["v"]',
            ),
        ),
        Equivalent("zeros", ('state.get("v", 0.0)', 'state.get("v", np.zeros_like(w))')),
        Equivalent(
            "numpy",
            (
                'w + alpha * state.get("v", 0.0)',
                'np.add(w, np.multiply(alpha, state.get("v", 0.0)))',
            ),
        ),
        Equivalent(
            "other order", ('w + alpha * state.get("v", 0.0)', 'state.get("v", 0.0) * alpha + w')
        ),
    ),
)


# --- newton_step --------------------------------------------------------------------------------


def newton_step(w, gradient, hessian):
    return w - np.linalg.solve(hessian, gradient)


def _curvatures(rng):
    """Symmetric, with curvatures between 0.5 and 20 in random directions."""
    for m in (*different(rng, 2), 1):
        axes, _ = np.linalg.qr(rng.normal(size=(m, m)))
        hessian = axes @ np.diag(rng.uniform(0.5, 20, size=m)) @ axes.T
        yield rng.normal(size=m), rng.normal(size=m), hessian


def _lands(f, rng):
    for _, target, hessian in _curvatures(rng):
        start = target + rng.normal(size=target.shape)
        landed = run(f, (start, hessian @ (start - target), hessian))
        wrong = compare(landed, target, rtol=1e-8, atol=1e-8)
        if wrong:
            raise Wrong(f"on a quadratic, one step from anywhere lands at the minimum: {wrong}")


NEWTON_STEP = Exercise(
    name="newton_step",
    reference=newton_step,
    properties=(
        value(2, newton_step, _curvatures, rtol=1e-8, says="w − H⁻¹ g"),
        Property("one step lands on a quadratic's minimum", 1, _lands),
        left_alone(1, _curvatures, says="w, gradient and hessian are left as they were"),
        kinds(1, newton_step, _curvatures),
    ),
    misconceptions=(
        Misconception(
            "uphill", ("w - np", "w + np"), "You step away from the minimum: look at the sign."
        ),
        Misconception(
            "multiplied",
            ("np.linalg.solve(hessian, gradient)", "hessian @ gradient"),
            "You multiply with H. Where the curve is strong the step must be short: H stands below.",
        ),
        Misconception(
            "diagonal",
            ("np.linalg.solve(hessian, gradient)", "gradient / np.diag(hessian)"),
            "You divide by the diagonal of H, as if the directions were independent.",
        ),
        Misconception(
            "entry by entry",
            ("np.linalg.solve(hessian, gradient)", "(gradient / hessian).sum(axis=1)"),
            "You divide by the entries of H. The inverse of a matrix is another matrix.",
        ),
        Misconception(
            "gradient descent",
            ("np.linalg.solve(hessian, gradient)", "gradient"),
            "That is a step of gradient descent with learning rate 1; H has no effect.",
        ),
        Misconception(
            "half",
            ("np.linalg.solve(hessian, gradient)", "0.5 * np.linalg.solve(hessian, gradient)"),
            "You go half the way.",
        ),
        Misconception(
            "the step", ("w - np", "-np"), "You return the step; asked is where it leads."
        ),
        Misconception(
            "one curvature",
            ("np.linalg.solve(hessian, gradient)", "gradient / np.trace(hessian)"),
            "One curvature for all directions: each has its own.",
        ),
        Misconception(
            "longest safe step",
            ("np.linalg.solve(hessian, gradient)", "gradient / np.linalg.norm(hessian, 2)"),
            "You divide by the largest curvature; in the flat directions that is much too careful.",
        ),
    ),
    equivalents=(
        Equivalent(
            "inverse", ("np.linalg.solve(hessian, gradient)", "np.linalg.inv(hessian) @ gradient")
        ),
        Equivalent(
            "minus solve",
            ("w - np.linalg.solve(hessian, gradient)", "w + np.linalg.solve(hessian, -gradient)"),
        ),
        Equivalent(
            "lstsq",
            (
                "np.linalg.solve(hessian, gradient)",
                "np.linalg.lstsq(hessian, gradient, rcond=None)[0]",
            ),
        ),
        Equivalent(
            "axes",
            (
                "return w - np.linalg.solve(hessian, gradient)",
                "curvatures, axes = np.linalg.eigh(hessian)\n    return w - axes @ ((axes.T @ gradient) / curvatures)",
            ),
        ),
    ),
)


# --- descend ------------------------------------------------------------------------------------


def descend(rule, gradient, start, steps, **settings):
    w, path = start, [start]
    state: dict = {}
    for _ in range(steps):
        w, state = rule(w, gradient(w), state, **settings)
        path.append(w)
    return np.array(path)


def _ball(w, gradient, state, learning_rate=0.1, alpha=0.5):
    """A rule with a memory and two settings, for the tests of `descend`."""
    n = state.get("n", 0) + 1
    v = alpha * state.get("v", 0.0) - learning_rate * gradient / n
    return w + v, {"v": v, "n": n}


def _bowl(rng, m):
    curvatures, centre = rng.uniform(0.5, 2, size=m), rng.normal(size=m)

    def gradient(w):
        return curvatures * (w - centre)

    return gradient


def _descended(descend, rule, gradient, start, steps, settings):
    return descend(rule, gradient, start, steps, **settings)


def _descents(rng):
    for m, steps in zip(different(rng, 3), (6, 3, 9), strict=True):
        settings = {"learning_rate": float(rng.uniform(0.1, 0.5))}
        yield _ball, _bowl(rng, m), rng.normal(size=m), steps, settings
        yield _ball, _bowl(rng, m), rng.normal(size=m), steps, settings | {"alpha": 0.8}


def _no_steps(rng):
    m = different(rng, 1)[0]
    yield _ball, _bowl(rng, m), rng.normal(size=m), 0, {}
    yield _ball, _bowl(rng, m), rng.normal(size=m), 2, {}


DESCEND = Exercise(
    name="descend",
    reference=descend,
    properties=(
        value(3, descend, _descents, drive=_descended, says="every point of the path"),
        value(1, descend, _no_steps, drive=_descended, says="no step, and no settings"),
        calls(
            1,
            descend,
            lambda rule, gradient, start, steps, settings: steps,
            _descents,
            which=1,
            drive=_descended,
            says="one gradient a step",
        ),
        left_alone(1, _descents, drive=_descended, says="the start is left as it was"),
    ),
    misconceptions=(
        Misconception(
            "state forgotten",
            ("gradient(w), state, **", "gradient(w), {}, **"),
            "Every step gets an empty state, so that a rule with a memory has none.",
        ),
        Misconception(
            "settings left out",
            ("state, **settings)", "state)"),
            "The settings, such as the learning rate, do not reach the rule.",
        ),
        Misconception(
            "gradient at the start",
            ("gradient(w)", "gradient(start)"),
            "Every step uses the gradient at the start.",
        ),
        Misconception(
            "no start",
            ("path = start, [start]", "path = start, []"),
            "Your path begins after the first step; the start belongs to it.",
        ),
        Misconception(
            "last point",
            ("np.array(path)", "w"),
            "You return the last point; asked is the whole path.",
        ),
        Misconception(
            "one too many", ("range(steps)", "range(steps + 1)"), "You take one step too many."
        ),
        Misconception(
            "from the start again",
            ("rule(w, gradient", "rule(start, gradient"),
            "Every step begins at the start again.",
        ),
        Misconception(
            "stops early", ("range(steps)", "range(steps - 1)"), "You take one step too few."
        ),
        Misconception(
            "asks twice",
            ("        path.append(w)\n", "        path.append(w)\n        gradient(w)\n"),
            "Right, but the gradient is computed twice a step, and it is the expensive part.",
        ),
    ),
    equivalents=(
        Equivalent(
            "preallocated",
            """
            def descend(rule, gradient, start, steps, **settings):
                path = np.empty((steps + 1, len(start)))
                path[0], state = start, {}
                for k in range(steps):
                    path[k + 1], state = rule(path[k], gradient(path[k]), state, **settings)
                return path
            """,
        ),
        Equivalent(
            "last of the path",
            """
            def descend(rule, gradient, start, steps, **settings):
                path, state = [np.array(start, dtype=float)], {}
                for _ in range(steps):
                    new, state = rule(path[-1], gradient(path[-1]), state, **settings)
                    path += [new]
                return np.stack(path)
            """,
        ),
        Equivalent(
            "keyword",
            (
                "rule(w, gradient(w), state, **settings)",
                "rule(w, gradient(w), state=state, **settings)",
            ),
        ),
        Equivalent(
            "partial",
            """
            def descend(rule, gradient, start, steps, **settings):
                from functools import partial

                step = partial(rule, **settings)
                w, state = start, {}
                path = [start]
                for g in (gradient for _ in range(steps)):
                    w, state = step(w, g(w), state)
                    path.append(w)
                return np.asarray(path)
            """,
        ),
    ),
)


EXERCISES = (
    MINI_BATCHES,
    STANDARD_ERROR,
    INVERSE_DECAY,
    DESCEND,
    MOMENTUM,
    LOOK_AHEAD,
    RMS_PROP,
    ADAM,
    NEWTON_STEP,
)

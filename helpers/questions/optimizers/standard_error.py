"""What `standard_error` is asked."""

from __future__ import annotations

import numpy as np

from helpers._findings import change
from helpers.checks import call, compare, describe
from helpers.questions.base import Asked, Question, Wrong, different, numbers, run, run_each

REPEATS = 1500


def _spread(f, rng, right):
    """σ/√n_b. The spread of 1,500 means is known to 1.8 %; 6σ is 11 %: a false alarm in 10⁹."""
    n, m = 60, different(rng, 1, 2, 5)[0]
    scales = rng.permutation([1e-7, 50.0, 0.5, 2.0][:m])  # no two alike: each has its own
    gradients = (rng.normal(size=(m, n)).T + rng.normal(size=m)) * scales
    for batch_size in (1, 4, 25):
        seed = int(rng.integers(1000))
        args = (gradients, batch_size, REPEATS, np.random.default_rng(seed))
        fine = gradients.std(axis=0) / np.sqrt(batch_size)
        found = numbers(run(f, args))
        if np.shape(found) != fine.shape:
            raise Wrong(f"it returned {describe(found)}, expected a spread for each parameter")
        if not np.all(np.abs(found / fine - 1) < 6 / np.sqrt(2 * REPEATS)):
            raise Wrong(
                f"in batches of {batch_size} the means of {n} gradients of {m} parameters spread "
                f"by about {describe(fine)}; {_yours(found, fine, batch_size, n)}"
            )


def _yours(found, fine, batch_size, n):
    """How it differs, in words: by what is known to go wrong, or else by a factor."""
    without = np.sqrt((n - batch_size) / (n - 1))  # the factor where no example comes twice
    if not np.any(found):
        return "yours is 0, as if all were the same"
    if fine.size > 1 and not np.ptp(found):
        return "yours is the same for every parameter"
    if np.allclose(found, fine**2, rtol=0.3, atol=0):
        return "yours is the square of that, a variance"
    if batch_size > 1 and np.all(np.abs(found / fine / without - 1) < 0.1):
        return (
            f"yours is about {np.mean(found / fine):.2f} of that, as where no example comes twice "
            "in a batch: draw with replacement"
        )
    ratios = " and ".join(f"{ratio:.3g}" for ratio in found / fine)
    return f"yours is about {ratios} times that"


def _every_row(f, rng):
    """Two gradients, 0 and 1, drawn alike: σ = ½, so well known that 3 % are beyond 6σ."""
    args = (np.array([[0], [1]]), 1, REPEATS, np.random.default_rng(int(rng.integers(1000))))
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
            "where one parameter's gradients are −2 times another's, its spread is twice as "
            f"large; yours is {found[1] / found[0]:.6g} times: does a batch hold the same "
            "examples for both?"
        )


def _few_repeats(f, rng):
    """Measured from 5 means only, a spread is itself uncertain by about 36 %.

    How uncertain is known from 100 parameters to 0.36 ± 0.026; 6σ is from 0.2 to 0.52. Where
    `repeats` is left aside it is a few per cent.
    """
    gradients = rng.normal(size=(40, 100))
    generator = np.random.default_rng(int(rng.integers(1000)))
    if not np.all(numbers(run(f, (gradients, 6, 2, generator))) > 0):
        raise Wrong("two batches have two means, which are apart; yours says that nothing spreads")
    found = numbers(run(f, (gradients, 6, 5, generator))) / gradients.std(axis=0)
    scatter = float(np.std(found) / np.mean(found)) if np.mean(found) else 0.0
    if not 0.2 < scatter < 0.52:
        raise Wrong(
            "measured from 5 batches, the result should scatter by about 36 % among parameters; "
            f"yours scatters by {100 * scatter:.0f} %: is `repeats` the number of batches?"
        )


def _two_alike(f, rng):
    """Of the gradients 0 and 1, two batches of 1 are alike every other time: 40 times never, 1 in
    10¹².
    """
    gradients = np.array([[0.0], [1.0]])
    seeds = int(rng.integers(1000)) + np.arange(40)
    calls = [(gradients, 1, 2, np.random.default_rng(seed)) for seed in seeds]
    found = np.array([numbers(each) for each in run_each(f, calls)])
    if np.all(found != 0):
        raise Wrong(
            "of the gradients 0 and 1, two batches of 1 often have the same mean, and then nothing "
            f"spreads; yours always spreads, by {np.min(np.abs(found)):.3g} at least: is it the "
            "spread around the mean of these batches?"
        )


def _whole_batches(f, rng):
    """Of 1,000 examples one counts. That 25 batches of 1,000 hold it equally often: 1 in 10¹⁰.

    Who draws 25 examples, and goes on by the theory, has it in one class of forty.
    """
    gradients = np.zeros((1000, 1))
    gradients[int(rng.integers(1000))] = 1.0
    generator = np.random.default_rng(int(rng.integers(1000)))
    if not np.all(numbers(run(f, (gradients, 1000, 25, generator))) > 0):
        raise Wrong(
            "one gradient in 1,000 is 1 and the others are 0: of 25 batches of 1,000 some hold it "
            "more often than others; yours says that nothing spreads: is each batch drawn whole?"
        )


def _repeats_drawn(f, rng, right):
    gradients = rng.normal(size=(60, 3))
    seed = int(rng.integers(1000))
    one, same = (run(f, (gradients, 4, 200, np.random.default_rng(seed))) for _ in range(2))
    if compare(one, same, rtol=1e-12):
        raise Wrong("two generators of the same seed give different results: draw from rng")
    other = run(f, (gradients, 4, 200, np.random.default_rng(seed + 1)))
    if compare(one, other, rtol=1e-12) is None:
        fewer = run(f, (gradients, 4, 100, np.random.default_rng(seed)))
        drawn = compare(one, fewer, rtol=1e-12) is not None
        ask = "is it drawn from the rng that is given?" if drawn else "is anything drawn?"
        raise Wrong(f"another seed gives exactly the same result: {ask}")
    _few_repeats(f, rng)
    _two_alike(f, rng)
    _whole_batches(f, rng)
    _one_draw_for_all(f, rng)


def _gradients_kept(f, rng):
    gradients = rng.normal(size=(9, 2))
    before = gradients.copy()
    error = call(f, gradients, 3, 5, np.random.default_rng(int(rng.integers(1000)))).error
    if error:
        raise Wrong(error)
    wrong = change(f, lambda: ("gradients",), (before,), (gradients,))
    if wrong:
        raise Wrong(wrong)


def _few_examples(f, rng):
    """As many examples as parameters; and a single one, whose batches all have the same mean.

    Of four examples no mean has a longer tail than a normal one: 6σ of 400 means is 21 %.
    """
    repeats = 400
    gradients = rng.normal(size=(4, 4)) * [1.0, 2.0, 4.0, 8.0]
    generator = np.random.default_rng(int(rng.integers(1000)))
    found, fine = numbers(run(f, (gradients, 1, repeats, generator))), gradients.std(axis=0)
    near = (
        np.abs(found - fine) < fine * 6 / np.sqrt(2 * repeats) if found.shape == (4,) else [False]
    )
    if not np.all(near):
        raise Wrong(
            f"in batches of 1 from 4 gradients of 4 parameters the means spread by σ = "
            f"{describe(fine)}; yours is {describe(found)}"
        )
    least = numbers(run(f, (gradients, 1, 2, generator)))
    if not np.all(np.isfinite(least)):
        raise Wrong(f"measured from 2 batches, the spread is a number; yours is {describe(least)}")
    for m in (3, 1):
        alone = rng.integers(1, 9, size=(1, m)).astype(float)
        wrong = compare(run(f, (alone, 4, 8, generator)), np.zeros(m))
        if wrong:
            raise Wrong(f"of a single gradient, {describe(alone)}, all means are the same: {wrong}")


def _drawn_alike(f, rng, right):
    _every_row(f, rng)
    _few_examples(f, rng)
    _gradients_kept(f, rng)


ASKED = Asked(
    "standard_error",
    Question("how far the means spread, for every parameter", 1, _spread),
    Question("measured, as often as asked, from the generator given", 3, _repeats_drawn),
    Question("every example is drawn alike, and left as it was", 1, _drawn_alike),
)

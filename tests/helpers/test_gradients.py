"""Right gradients pass, wrong ones do not, and the report says what is wrong."""

import numpy as np
import pytest

from helpers import CheckFailed, check_derivative, check_gradient, numerical_gradient
from tests.helpers.gradients import RNG, T, W, X, complaint, gradient, loss


def test_numerical_gradient_of_any_structure():
    np.testing.assert_allclose(numerical_gradient(loss, W), gradient(W), rtol=1e-7)
    assert numerical_gradient(lambda x: x**3, 2) == pytest.approx(12)
    assert isinstance(numerical_gradient(lambda x: x**3, 2), float)
    a, b = numerical_gradient(lambda a, b: np.sum(a) * b, (np.ones(3), 2.0))
    np.testing.assert_allclose(a, 2)
    assert b == pytest.approx(3)
    by_name = numerical_gradient(lambda p: p["w"] @ p["w"], {"w": np.array([1, 2])})
    np.testing.assert_allclose(by_name["w"], [2, 4], rtol=1e-8)


def test_numerical_gradient_leaves_its_point_alone():
    point = W.copy()
    point.setflags(write=False)
    numerical_gradient(loss, point)
    assert np.array_equal(point, W)


def test_bad_points_and_functions_are_named():
    with pytest.raises(ValueError, match="nan or inf"):
        numerical_gradient(loss, np.full((3, 4), np.nan))


@pytest.mark.parametrize("scale", [1e-4, 1e-2, 1.0, 1e2, 1e4])
def test_right_gradients_pass_at_every_scale(scale):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        A, c = rng.normal(size=(5, 3)), rng.normal(size=5)

        def f(w, A=A, c=c):
            return np.mean(np.logaddexp(0, c * (A @ w)))

        def g(w, A=A, c=c):
            return A.T @ (c * 0.5 * (1 + np.tanh(c * (A @ w) / 2))) / 5

        check_gradient(f, g, scale * rng.normal(size=3))


WRONG = {
    "twice": (lambda g: 2 * g, "exactly 2 times"),
    "half": (lambda g: g / 2, "exactly 1/2 of"),
    "sign": (lambda g: -g, "sign flipped"),
    "mean": (lambda g: g / 7, "exactly 1/7 of"),
    "zero": (lambda g: 0 * g, "0 in every entry"),
    "slightly": (lambda g: g * (1 + 1e-4), "1.0001 times"),
    "offset": (lambda g: g + 0.5, "larger by 0.5"),
    "one entry": (lambda g: g + np.eye(3, 4, 1) * (np.arange(4) == 1), "Only the entry [0, 1]"),
    "one row": (lambda g: g * np.array([[1], [0], [1]]), "Only row 1"),
    "transpose": (lambda g: g.T, "(the transpose has it)"),
    "nan": (lambda g: g * np.nan, "holds nan"),
    "inf": (lambda g: g + np.inf, "holds inf"),
    "None": (lambda g: None, "returned None"),
    "text": (lambda g: "gradient", "real numbers"),
    "flat": (lambda g: g.ravel(), "has shape (12,), the parameter has (3, 4)"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_gradient_is_refused_and_read(kind):
    spoil, words = WRONG[kind]
    assert words in complaint(check_gradient, loss, lambda W: spoil(gradient(W)), W)


def test_a_square_transpose_is_recognised():
    A = RNG.normal(size=(3, 3))
    B = RNG.normal(size=(3, 3))
    text = complaint(check_gradient, lambda B: np.sum(A * B), lambda B: A.T.copy(), B)
    assert "is the transpose of the numerical one" in text


def test_the_worst_entry_is_named_with_both_values():
    def spoiled(W):
        g = gradient(W)
        g[2, 3] += 1.25
        return g

    text = complaint(check_gradient, loss, spoiled, W)
    assert "[2, 3]" in text
    assert f"{gradient(W)[2, 3] + 1.25:.8g}" in text


def test_of_several_parameters_the_right_ones_are_said():
    def affine(w, b):
        return np.mean((X @ w + b) ** 2)

    def wrong(w, b):
        r = X @ w + b
        return 2 * X.T @ r / 7, 2 * r.sum()

    text = complaint(check_gradient, affine, wrong, (np.ones(3), 0.5))
    assert "The gradient of b disagrees" in text
    assert "exactly 7 times" in text
    assert "The gradient of w is right." in text


def test_missing_keys_and_values_are_named():
    def f(p):
        return np.sum(p["w"] ** 2) + p["b"]

    point = {"w": np.ones(2), "b": 1.0}
    assert "no gradient for 'b'" in complaint(check_gradient, f, lambda p: {"w": 2 * p["w"]}, point)
    assert "dict with the keys" in complaint(check_gradient, f, lambda p: 2 * p["w"], point)
    two = (np.ones(2), np.ones(3))
    text = complaint(check_gradient, lambda a, b: a.sum() * b.sum(), lambda a, b: a, two)
    assert "must return 2 gradients: for a and b" in text


def test_a_changed_argument_and_a_random_answer_are_named():
    def changes(W):
        W += 1
        return gradient(W - 1)

    rng = np.random.default_rng(0)
    assert complaint(check_gradient, loss, changes, W) == (
        "✗ changes changed W: work on a copy, W.copy()"
    )
    text = complaint(check_gradient, loss, lambda W: gradient(W) + rng.normal(), W)
    assert "two different answers" in text


def test_what_a_check_uses_by_name_is_put_back_and_named():
    data, before = T.copy(), T.copy()

    def step(W, data):
        data -= X @ W
        return -2 * X.T @ data

    text = complaint(check_gradient, loss, lambda W: step(W, data), W)
    assert text == "✗ step(W, data) changed data: work on a copy, data.copy()"
    assert np.array_equal(data, before)
    assert "changed data" in complaint(check_gradient, lambda W: step(W, data).sum(), gradient, W)
    assert np.array_equal(data, before)


def test_the_call_the_function_and_the_point_are_named():
    def area(a, b):
        return a * b

    text = complaint(check_gradient, area, lambda a, b: (a, b), (1.5, -2.0))
    assert text.split("\n") == [
        "✗ (a, b) is not the gradient of area at a = 1.5, b = -2:",
        "  The gradient of a disagrees with the numerical one: yours is 1.5, the numerical one -2.",
        "  The gradient of b disagrees with the numerical one: yours is -2, the numerical one 1.5.",
    ]
    report = check_gradient(lambda a, b: a * b, lambda a, b: (b, a), (1.5, -2.0))
    assert str(report).startswith("✓ (b, a) agrees with the numerical gradient")
    text = complaint(check_gradient, max, lambda a, b: (a, b), (1.5, -2.0))
    assert "The gradient of a disagrees" in text


def test_numbers_that_look_alike_are_told_apart():
    def steep(x):
        return 1e6 * x

    text = complaint(check_derivative, steep, lambda x: 1e6 + 0.004, at=[1.0], rtol=1e-10)
    assert "is 1000000.004, but the slope measured there is 1000000." in text


@pytest.mark.parametrize("chosen", [0.0, 1.0, 0.3])
def test_at_a_kink_any_choice_passes_and_elsewhere_none_but_the_right_one(chosen):
    def relu(x):
        return np.sum(np.maximum(x, 0))

    def slope(x):
        return np.where(x == 0, chosen, (x > 0) * 1.0)

    check_gradient(relu, slope, np.array([0.0, 1.5, -2.0]))
    wrong = complaint(check_gradient, relu, lambda x: slope(x) * 1.01, np.array([0.0, 1.5, -2.0]))
    assert "[1]" in wrong


def test_random_right_gradients_pass_and_random_wrong_ones_do_not():
    accepted = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        A, shift = rng.normal(size=(4, 3)), rng.normal(size=4)
        scale = 10.0 ** rng.uniform(-3, 3)

        def f(w, A=A, shift=shift, scale=scale):
            return scale * np.sum(np.sin(A @ w + shift)) + np.sum(np.exp(0.1 * w))

        def g(w, A=A, shift=shift, scale=scale):
            return scale * A.T @ np.cos(A @ w + shift) + 0.1 * np.exp(0.1 * w)

        point = rng.normal(size=3)
        check_gradient(f, g, point)
        i = rng.integers(3)
        factor = 1 + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-3, 1)
        spoiled = np.where(np.arange(3) == i, factor, 1.0)
        report = check_gradient(f, lambda w, s=spoiled, g=g: g(w) * s, point)
        accepted += report.verdict != "wrong"
    assert accepted == 0


def test_derivatives_of_scalar_functions():
    check_derivative(np.sin, np.cos, at=[-2.0, 0.0, 1e3])
    text = complaint(check_derivative, np.cos, np.sin, at=[1.0])
    assert "sin(1) is 0.84147098" in text
    assert "has its sign flipped" in text
    assert "returned None" in complaint(check_derivative, np.sin, lambda x: None, at=[1.0])


def test_nothing_is_written_to_stderr(capfd, no_warnings):
    def noisy(x):
        return np.log(x) if x > 0 else np.log(x * 0)

    complaint(check_derivative, lambda x: x, noisy, at=[-1.0])
    assert capfd.readouterr().err == ""


def test_an_unsolved_function_says_so(monkeypatch):
    def mine(W):
        raise NotImplementedError

    assert "mine is not implemented yet: write your code" in str(check_gradient(loss, mine, W))
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")  # which looks for exceptions
    with pytest.raises(CheckFailed, match="mine is not implemented yet: write your code at"):
        check_gradient(loss, mine, W)


# --- What it can and cannot tell ----------------------------------------------------------------


def test_where_nothing_can_be_told_the_answer_is_neither_right_nor_wrong():
    point = np.array([0.0, 1.0, 2.0])
    report = check_gradient(lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0, 1.0]), point)
    assert report.verdict == "inconclusive"
    assert not report
    assert "1 of 3 entries could not be judged ([0] first)" in str(report)
    assert str(report).startswith("?")
    report = check_gradient(lambda x: np.nan, lambda x: 2 * x, point)
    assert (report.verdict, "not finite" in report.text) == ("inconclusive", True)
    report = check_derivative(abs, np.sign, at=[0.0])
    assert report.verdict == "inconclusive"


def test_points_outside_the_domain_are_passed_over():
    report = check_gradient(lambda x: float(np.sum(np.log(x))), lambda x: 1 / x, np.full(3, 0.1))
    assert report.verdict == "right"


def test_where_two_kinks_meet_right_code_is_not_refused():
    def f(x):
        return np.sum(np.maximum(x, 0) - np.maximum(-x, 0) + np.maximum(x - 1, 0))

    def g(x):
        return np.where(x == 0, 1.0, 1.0 * (x > 0) + (x < 0)) + (x > 1)

    assert check_gradient(f, g, np.array([0.0, 1.0, 0.5])).verdict == "right"


def test_the_smallest_error_that_it_could_see_is_said_and_true():
    report = check_gradient(loss, gradient, W)
    assert "an error of 1e-06 would have shown" in str(report)
    complaint(check_gradient, loss, lambda W: gradient(W) * (1 + 3e-6), W)
    finer = check_gradient(loss, gradient, W, rtol=1e-9)
    assert "e-09 would have shown" in str(finer) or "e-08 would have shown" in str(finer)


def test_float32_functions_and_gradients_are_measured_by_their_own_digits():
    def coarse(x):
        return np.float32(np.sum(np.float32(x) ** 2))

    point = np.array([0.3, -1.2, 2.0])
    assert check_gradient(coarse, lambda x: 2 * x, point).verdict == "right"
    assert check_gradient(
        lambda x: np.sum(x**2), lambda x: (2 * x).astype(np.float32), point
    ).verdict == ("right")
    complaint(check_gradient, coarse, lambda x: 2.2 * x, point)


def test_the_argument_itself_is_no_gradient_even_where_the_numbers_agree():
    text = complaint(check_gradient, lambda x: np.sum(x**2) / 2, lambda x: x, W)
    assert "returned the very array that it was given" in text

"""What lesson 4 says in prose, computed: one test for each claim."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograder.exercises import right_answer
from helpers import datasets
from helpers.explorers import GraphViewer
from tests.conftest import ROOT

LESSON = (ROOT / "source" / "04-backprop" / "04-backprop.md").read_text(encoding="utf-8")

Dense, ReLU, Sigmoid = map(right_answer, ("Dense", "ReLU", "Sigmoid"))
backward, train_epoch = map(right_answer, ("backward", "train_epoch"))


def through(network, values):
    for module in network:
        values = module.output(values)
    return values


def softmax_gradient(scores, Y):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - Y) / len(Y)


def test_the_minutes_of_the_sections_are_those_of_the_sittings_and_of_the_short_route():
    said = re.findall(r"^## (.+)\n\n\*about (\d+) minutes", LESSON, re.MULTILINE)
    minutes = {section: int(m) for section, m in said}
    curious = minutes.pop("For the curious")
    assert 8 * 60 <= sum(minutes.values()) <= 8 * 60 + 20
    assert 30 <= curious <= 35
    each = list(minutes.values())
    sittings = [sum(part) for part in (each[:3], each[3:5], each[5:8], each[8:])]
    told = re.findall(r"\((\d) h (\d+)\)", LESSON)
    assert sittings == [60 * int(h) + int(m) for h, m in told]
    route = [int(m) for m in re.findall(r"\((\d+)\)", LESSON.split("**If you have")[1][:120])]
    assert route == [minutes["The chain rule"], minutes["Modules"] - 10, minutes["Two layers"]]
    assert 150 <= sum(route) <= 160


def test_one_less_tanh_squared_is_off_where_z_is_large():
    h, slope = np.tanh(18.0), 4 * np.exp(-36.0) / (1 + np.exp(-36.0)) ** 2
    assert (1 - h**2) / slope - 1 == pytest.approx(-0.04, abs=0.005)
    assert 1 - np.tanh(19.0) ** 2 == 0
    assert slope < 1e-15


def test_hidden_units_that_begin_at_0_move_and_stay_alike():
    tumours = datasets.tumours()
    X = (tumours.X - tumours.X.mean(axis=0)) / tumours.X.std(axis=0)
    Y = tumours.y[:, None].astype(float)
    made = np.random.default_rng(0)
    network = [Dense(30, 8, made), Sigmoid(), Dense(8, 1, made)]
    network[0].weights, network[2].weights = np.zeros((31, 8)), np.zeros((9, 1))
    for _ in range(200):
        _, gradients = right_answer("loss_and_gradients")(network, X, Y)
        for module, gradient in zip(network[::2], gradients, strict=True):
            module.weights = module.weights - 0.3 * gradient
    assert np.max(np.ptp(network[0].weights, axis=1)) < 1e-9
    assert np.max(abs(network[0].weights)) > 0.01


def test_an_array_on_the_left_leaves_the_operation_to_the_tensor():
    Tensor = right_answer("Tensor")
    product = np.ones(3) * Tensor([1.0, 2.0, 3.0])
    assert type(product) is Tensor
    assert product.data.tolist() == [1, 2, 3]


def test_the_chain_with_numbers_hands_down_6_72_and_216():
    chain_backward = right_answer("chain_backward")
    functions = [lambda v: 3 * v, lambda v: v**2]
    derivatives = [lambda v: 3, lambda v: 2 * v]
    assert chain_backward(functions, derivatives, lambda v: v - 30, 2) == [216, 72, 6]

    def loss(w):
        return ((2 * w) ** 2 - 30) ** 2 / 2

    assert (loss(3 + 1e-5) - loss(3 - 1e-5)) / 2e-5 == pytest.approx(144)


def test_the_circuit_has_the_numbers_that_are_drawn():
    graph = [("input",)] * 5 + [("*", 0, 1), ("+", 5, 2), ("max", 6, 4), ("*", 3, 7)]
    values = [3, 2, -4, 5, 0, 6, 2, 2, 10]  # w, x, b, v, 0, ×, +, max, ×
    assert backward(graph, values) == [10, 15, 5, 2, 0, 5, 5, 5, 1]


def test_a_unit_that_is_off_hands_nothing_to_any_of_its_weights():
    graph = [("input",)] * 5 + [("*", 0, 1), ("+", 5, 2), ("max", 6, 4), ("*", 3, 7)]
    assert backward(graph, [3, 2, -7, 5, 0, 6, -1, 0, 0])[:4] == [0, 0, 0, 0]


def test_with_the_last_weight_at_0_only_it_gets_a_step():
    _, error, last, first = right_answer("scalar_network")(0.5, 0.0, 0.7, 1.2)
    assert first == 0
    assert last * error != 0


def test_with_both_weights_at_0_neither_gets_a_step():
    assert right_answer("scalar_network")(0.0, 0.0, 0.7, 1.2)[2:] == (0, 0)


def test_new_weights_keep_the_size_of_what_goes_through():
    layer = Dense(400, 300, np.random.default_rng(0))
    X = np.random.default_rng(1).normal(size=(200, 400))
    assert np.std(layer.output(X)) == pytest.approx(1, rel=0.05)


def test_tents_in_a_row_double_the_pieces_and_one_layer_needs_a_kink_for_each():
    values = np.linspace(0, 1, 4097)
    for depth in range(1, 9):
        values = 2 * np.maximum(values, 0) - 4 * np.maximum(values - 0.5, 0)
        kinks = np.count_nonzero(np.diff(np.sign(np.diff(values))))
        assert kinks == 2**depth - 1


def test_a_module_may_step_in_the_same_loop_once_its_error_has_gone_through():
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))

    def stepped(together, first):
        made = np.random.default_rng(0)
        network = [Dense(3, 4, made), Sigmoid(), Dense(4, 2, made)]
        error = (through(network, X) - Y) / len(X)
        for module in reversed(network):
            handed = module.backprop(error)
            if together and hasattr(module, "weights"):
                module.weights = module.weights - 0.3 * module.gradient
                handed = module.backprop(error) if first else handed
            error = handed
        for module in network[::2]:
            if not together:
                module.weights = module.weights - 0.3 * module.gradient
        return network[0].weights

    np.testing.assert_allclose(stepped(True, False), stepped(False, False), rtol=1e-12)
    assert np.max(abs(stepped(True, True) - stepped(False, False))) > 1e-4


def test_at_the_numbers_of_its_check_a_value_is_not_taken_for_what_has_come_from_above():
    """At (2, −1) it gives the right derivative of a, by coincidence."""
    local_derivatives = right_answer("local_derivatives")
    graph = [("input",), ("input",), ("+", 0, 1), ("*", 2, 0)]

    def slip_of_a(a, b):
        values = [a, b, a + b, (a + b) * a]
        found = [0.0, 0.0, 0.0, 1.0]
        for k in (3, 2):
            operation, *places = graph[k]
            slopes = local_derivatives(operation, [values[p] for p in places], values[k])
            for place, slope in zip(places, slopes, strict=True):
                found[place] += values[k] * slope
        return found[0]

    assert slip_of_a(2.0, -1.0) == 2 * 2 - 1
    assert abs(slip_of_a(1.5, -0.4) - (2 * 1.5 - 0.4)) > 0.1


def test_both_orders_of_the_inputs_of_p_catch_each_wrong_order():
    made_of = {"a": [], "b": [], "m": ["a", "b"], "e": ["m"], "p": ["e", "m"]}
    turned = {**made_of, "p": ["m", "e"]}

    def first_in(node, inputs_of, take):
        order, waiting = [], [node]
        while waiting:
            current = waiting.pop(take)
            if current not in order:
                order.append(current)
                waiting.extend(inputs_of(current))
        return order[::-1]

    def on_arrival(node, inputs_of):
        order = []

        def visit(one):
            if one not in order:
                order.append(one)
                for below in inputs_of(one):
                    visit(below)

        visit(node)
        return order[::-1]

    def marked_when_put_on(node, inputs_of):
        order, seen, waiting = [], {node}, [(node, False)]
        while waiting:
            current, done = waiting.pop()
            if done:
                order.append(current)
                continue
            waiting.append((current, True))
            for below in inputs_of(current):
                if below not in seen:
                    seen.add(below)
                    waiting.append((below, False))
        return order

    def passes(order, graph):
        place = {node: k for k, node in enumerate(order)}
        late = any(place[i] > place[n] for n in order for i in graph[n])
        return sorted(order) == sorted(graph) and not late

    wrong = (
        lambda node, inputs_of: first_in(node, inputs_of, 0),
        lambda node, inputs_of: first_in(node, inputs_of, -1),
        on_arrival,
        marked_when_put_on,
    )
    for way in wrong:
        assert not all(passes(way("p", graph.get), graph) for graph in (made_of, turned))
    right = right_answer("topological_order")
    assert all(passes(right("p", graph.get), graph) for graph in (made_of, turned))


def wave_loss(units, learning_rate, seed):
    """As lesson 4 fits its wave."""
    x = np.linspace(-1, 1, 101)[:, None]
    wave = np.sin(4 * x) + 0.5 * x
    rng = np.random.default_rng(seed)
    network = [Dense(1, units, rng), Sigmoid(), Dense(units, 1, rng)]
    network[0].weights[:-1] *= 8
    network[0].weights[-1] = rng.uniform(-6, 6, size=units)
    for _ in range(1000):
        train_epoch(
            network, lambda out, Y: 2 * (out - Y) / len(Y), x, wave, learning_rate, 101, rng
        )
    return np.mean((through(network, x) - wave) ** 2)


def test_sixteen_units_come_closer_than_two_and_want_a_smaller_rate_than_four():
    middle = {
        (units, rate): np.median([wave_loss(units, rate, seed) for seed in range(3)])
        for units, rates in ((2, (0.3,)), (4, (0.1, 0.3)), (16, (0.1, 0.3)))
        for rate in rates
    }
    assert middle[16, 0.1] < middle[2, 0.3] / 4
    assert middle[16, 0.1] < middle[16, 0.3]
    assert middle[16, 0.1] < middle[4, 0.3] < middle[16, 0.3]
    assert middle[4, 0.3] < middle[4, 0.1]


def right_after_each_epoch(rate):
    """The shares of the test set, as lesson 4 trains on digits."""
    train, test = datasets.split(datasets.digits())
    rng, right = np.random.default_rng(0), []
    network = [Dense(64, 64, rng), ReLU(), Dense(64, 10, rng)]
    for _ in range(15):
        train_epoch(network, softmax_gradient, train.X, np.eye(10)[train.y], rate, 32, rng)
        right.append(np.mean(through(network, test.X).argmax(axis=1) == test.y))
    return np.array(right)


def test_64_units_read_more_than_95_percent_of_the_digits_after_15_epochs():
    """At a third of the rate the share falls less on the way, and does not come as far."""
    quick, calm = right_after_each_epoch(0.3), right_after_each_epoch(0.1)
    assert quick[-1] > 0.95
    assert calm[-1] < quick[-1] - 0.01
    assert min(np.diff(quick)) < 2 * min(np.diff(calm)) < 0


def test_the_recorded_losses_of_pytorch_are_those_of_the_modules():
    train, _ = datasets.split(datasets.digits())
    rng, losses = np.random.default_rng(7), []
    network = [Dense(64, 32, rng), ReLU(), Dense(32, 10, rng)]

    def gradient(scores, Y):
        shifted = scores - scores.max(axis=1, keepdims=True)
        each = np.log(np.exp(shifted).sum(axis=1)) - np.sum(shifted * Y, axis=1)
        losses.append(np.mean(each))
        return softmax_gradient(scores, Y)

    for _ in range(3):
        train_epoch(network, gradient, train.X, np.eye(10)[train.y], 0.3, 32, rng)
    assert [losses[0], losses[-1]] == pytest.approx([2.373164, 0.226019], abs=1e-6)


def test_the_networks_have_as_many_weights_as_is_said():
    assert (64 + 1) * 8 + (8 + 1) * 10 == 610
    assert (64 + 1) * 32 + (32 + 1) * 10 == 2410


def test_the_error_vanishes_through_sigmoids_and_keeps_its_size_through_scaled_relus():
    sizes = {}
    for name, bend, gain in (("σ", Sigmoid, 1), ("relu", ReLU, 1), ("scaled", ReLU, np.sqrt(2))):
        rng = np.random.default_rng(0)
        network = []
        for _ in range(20):
            layer = Dense(50, 50, rng)
            layer.weights = gain * layer.weights
            network += [layer, bend()]
        values = through(network, rng.normal(size=(20, 50)))
        error = rng.normal(size=values.shape)
        for module in reversed(network[2:]):
            error = module.backprop(error)
        sizes[name] = np.sqrt(np.mean(error**2))
    assert sizes["σ"] < 1e-6
    assert sizes["relu"] == pytest.approx(2 ** (-19 / 2), rel=1)
    assert 1 / 3 < sizes["scaled"] < 3


def test_a_watched_name_that_is_bound_anew_drags_its_rounds_along():
    """Each round adds two tensors to the graph of the loss."""
    Tensor, topological_order = right_answer("Tensor"), right_answer("topological_order")
    weights, counted = Tensor([1.0]), []
    for _ in range(3):
        loss = (weights * weights).sum()
        loss.backward()
        counted.append(len(topological_order(loss, lambda t: [p for p, _ in t.parents])))
        weights = weights - 0.2 * weights.grad
    assert counted == [3, 5, 7]


def test_the_first_weights_of_a_run_are_the_same_however_a_layer_draws():
    source = re.search(r"^def dense\(.*?\n    return layer\n", LESSON, re.MULTILINE | re.DOTALL)[0]

    class DrawsTheBiasToo:
        def __init__(self, n_in, n_out, rng):
            self.weights = rng.normal(size=(n_out, n_in + 1)).T

    drawn = []
    for layer in (Dense, DrawsTheBiasToo):
        names = {"Dense": layer, "np": np}
        exec(source, names)
        rng = np.random.default_rng(7)
        drawn.append([names["dense"](64, 32, rng).weights, rng.permutation(20)])
    np.testing.assert_array_equal(*(weights for weights, _ in drawn))
    np.testing.assert_array_equal(*(order for _, order in drawn))
    assert np.array_equal(drawn[0][0], Dense(64, 32, np.random.default_rng(7)).weights)


# --- What the figures show ----------------------------------------------------------------------


def test_both_walks_along_sin_of_a_square_are_the_derivative():
    functions, slopes = [lambda v: v**2, np.sin], [lambda v: 2 * v, np.cos]
    for x in np.linspace(-2.5, 2.5, 26):
        due = 2 * x * np.cos(x**2)
        assert right_answer("chain_derivative")(functions, slopes, x) == pytest.approx(due)
        walk = right_answer("chain_backward")(functions, slopes, lambda v: 1.0, x)
        assert walk[0] == pytest.approx(due)


def test_where_w2_is_0_only_w2_moves_and_with_both_at_0_neither():
    network = right_answer("scalar_network")
    for w1 in np.linspace(-2.5, 2.5, 11):
        _, _, d_w2, d_w1 = network(w1, 0.0, 0.7, 1.2)
        assert d_w1 == 0
        assert np.sign(-d_w2) == np.sign(w1)
    assert network(1.5, -2.0, 0.7, 1.2)[0] == network(-1.5, 2.0, 0.7, 1.2)[0]


def test_dense_hands_down_its_weight_relu_all_or_nothing_sigmoid_a_quarter_at_most():
    Z = np.linspace(-4, 4, 161)[:, None]
    single = Dense(1, 1, np.random.default_rng(0))
    single.weights = np.array([[0.5], [1.0]])
    handed = []
    for module in (single, Sigmoid(), ReLU()):
        module.output(Z)
        handed.append(module.backprop(np.ones_like(Z)))
    dense, sigmoid, relu = handed
    assert np.all(dense == 0.5)
    assert sigmoid.max() == pytest.approx(0.25)
    assert sigmoid.min() < 0.02
    assert set(relu.ravel()) == {0.0, 1.0}


def test_the_sine_of_the_square_turns_at_five_places_and_is_steeper_further_out():
    x = np.linspace(-2.5, 2.5, 100_000)
    slope = 2 * x * np.cos(x**2)
    turns = x[:-1][slope[:-1] * slope[1:] < 0]
    assert turns == pytest.approx([-2.17, -1.25, 0, 1.25, 2.17], abs=0.005)
    assert np.abs(slope[np.abs(x) > 1.25]).max() > 2 * np.abs(slope[np.abs(x) < 1.25]).max()


@pytest.mark.parametrize("formula", ["a * b * exp(a * b)", "(a + b) * max(a, c)", "a + a"])
def test_tensors_walk_the_graphs_of_the_viewer(formula):
    source = re.search(r"^def backward_by_tensors\(.*?\n    return .*?\n", LESSON, re.M | re.S)[0]
    names = {"Tensor": right_answer("Tensor")}
    exec(source, names)
    viewer = GraphViewer(formula, backward=names["backward_by_tensors"], a=2.0, b=0.5, c=3.0)
    assert "agree with slopes" in viewer.text()
    graph = [("input",), ("input",), ("max", 0, 1)]  # a tie: the first input counts
    assert names["backward_by_tensors"](graph, [2.0, 2.0, 2.0]) == [1.0, 0.0, 1.0]

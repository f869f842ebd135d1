"""What lesson 4 says in prose, computed: one test for each claim."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.exercises import right_answer
from helpers import datasets

Dense, ReLU, Sigmoid = map(right_answer, ("Dense", "ReLU", "Sigmoid"))
backward, train_epoch = map(right_answer, ("backward", "train_epoch"))


def through(network, values):
    for module in network:
        values = module.output(values)
    return values


def softmax_gradient(scores, Y):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - Y) / len(Y)


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


def test_one_layer_draws_d_tents_with_as_many_units_as_pieces_and_not_with_one_less():
    """With a unit for each kink alone, the slope at the left end is a sum of turns of 2·2^d."""
    x = np.linspace(0, 1, 4097)
    for depth in range(1, 9):
        pieces, tents = 2**depth, x
        for _ in range(depth):
            tents = 2 * np.maximum(tents, 0) - 4 * np.maximum(tents - 0.5, 0)
        turns = 2 * pieces * np.array([(-1) ** k for k in range(1, pieces)])
        drawn = pieces * np.maximum(x, 0)
        for k, turn in enumerate(turns, start=1):
            drawn = drawn + turn * np.maximum(x - k / pieces, 0)
        np.testing.assert_allclose(drawn, tents, atol=1e-9)
        assert pieces % (2 * pieces) != 0


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


def test_64_units_read_more_than_95_percent_of_the_digits_after_15_epochs():
    train, test = datasets.split(datasets.digits())
    rng = np.random.default_rng(0)
    network = [Dense(64, 64, rng), ReLU(), Dense(64, 10, rng)]
    for _ in range(15):
        train_epoch(network, softmax_gradient, train.X, np.eye(10)[train.y], 0.3, 32, rng)
    assert np.mean(through(network, test.X).argmax(axis=1) == test.y) > 0.95


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

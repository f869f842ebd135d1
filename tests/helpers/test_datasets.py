import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from helpers.datasets import digits, split, tumours


def test_the_tumours_are_those_of_the_source():
    data, original = tumours(), load_breast_cancer()
    np.testing.assert_allclose(data.X, original.data, rtol=1e-6)
    assert np.array_equal(data.y, original.target)
    assert data.features == tuple(original.feature_names)
    assert data.classes == tuple(original.target_names)


def test_the_digits_are_those_of_the_source():
    data, original = digits(), load_digits()
    assert np.array_equal(data.X * 16, original.data)
    assert np.array_equal(data.y, original.target)
    assert data.features == tuple(original.feature_names)
    assert data.classes == tuple(map(str, original.target_names))


@pytest.mark.parametrize("data", [digits, tumours])
def test_the_licence_stands_beside_the_data(data):
    assert "CC BY 4.0" in data().about


def test_a_split_takes_every_example_once_and_is_reproducible():
    data = tumours()
    train, test = split(data, test=0.25, seed=3)
    assert len(train) + len(test) == len(data)
    together = np.concatenate([train.X, test.X])
    assert np.array_equal(np.sort(together, axis=0), np.sort(data.X, axis=0))
    again, _ = split(data, test=0.25, seed=3)
    assert np.array_equal(again.X, train.X)
    assert not np.array_equal(split(data, seed=4)[0].y, train.y)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="above 0 and below 1"):
        split(tumours(), test=1.5)
    with pytest.raises(ValueError, match="no feature 'colour'"):
        tumours().columns("colour")

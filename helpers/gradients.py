"""Stub."""


def numerical_gradient(f, x, *, h=None):
    raise RuntimeError("stub")


def check_derivative(f, derivative, at):
    raise RuntimeError("stub")


def check_gradient(f, grad, x, *, points=3, rtol=1e-6, rng=0):
    raise RuntimeError("stub")

"""The right answer to `bezier`."""

from __future__ import annotations


def bezier(gradient, start, middle, end, tau):
    share = 2 * tau * (1 - tau)
    point = (1 - tau) ** 2 * start + share * middle + tau**2 * end
    return point, share * gradient(point)

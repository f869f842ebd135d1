"""The right answer to `inverse_decay`."""

from __future__ import annotations


def inverse_decay(learning_rate, step, half_life):
    return learning_rate / (1 + step / half_life)

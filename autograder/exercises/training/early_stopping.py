"""The right answer to `early_stopping`."""

from __future__ import annotations

import numpy as np


def early_stopping(network, epoch, loss, patience, limit):
    learners = [module for module in network if hasattr(module, "weights")]
    lowest, since = loss(), 0
    losses, kept = [lowest], [module.weights for module in learners]
    for _ in range(limit):
        epoch()
        losses.append(loss())
        if losses[-1] < lowest:
            lowest, since = losses[-1], 0
            kept = [module.weights for module in learners]
        else:
            since += 1
        if since == patience:
            break
    for k, module in enumerate(learners):
        module.weights = kept[k]
    return np.array(losses)

"""Our gradient check beside others', on the same cases in one run.

`python -m benchmarks.gradient_check` prints, for right and wrong gradients at scales 1e-4 to 1e4
and at kinks, the share that each check refuses or accepts, and its time as a multiple of the
textbook's.

textbook  central differences, fixed step 1e-5, relative error below 1e-6
scipy     `scipy.optimize.check_grad`, its norm below 1e-6 times the gradient's
torch     `torch.autograd.gradcheck` with its defaults, where PyTorch is installed
ours      `helpers.check_gradient`, at its three points
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
from scipy.optimize import check_grad

from helpers import CheckFailed, check_gradient

try:
    import torch
except ImportError:
    torch = None

CASES = 400
H, TOLERANCE = 1e-5, 1e-6
Check = Callable[[Callable, Callable, np.ndarray], bool]
Case = tuple[Callable, Callable, Callable, np.ndarray]


def textbook(f: Callable, gradient: Callable, w: np.ndarray) -> bool:
    yours, numerical = gradient(w), np.empty_like(w)
    for i in range(w.size):
        step = np.zeros_like(w)
        step[i] = H
        numerical[i] = (f(w + step) - f(w - step)) / (2 * H)
    size = np.maximum(np.abs(yours) + np.abs(numerical), 1e-8)
    return bool(np.max(np.abs(yours - numerical) / size) < TOLERANCE)


def scipys(f: Callable, gradient: Callable, w: np.ndarray) -> bool:
    return bool(check_grad(f, gradient, w) < TOLERANCE * np.linalg.norm(gradient(w)))


def torchs(f: Callable, gradient: Callable, w: np.ndarray) -> bool:
    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(ctx, w):
            ctx.save_for_backward(w)
            return torch.tensor(f(w.detach().numpy()), dtype=torch.float64)

        @staticmethod
        def backward(ctx, upstream):
            (w,) = ctx.saved_tensors
            return upstream * torch.from_numpy(gradient(w.detach().numpy()))

    point = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    return bool(torch.autograd.gradcheck(Loss.apply, (point,), raise_exception=False))


def ours(f: Callable, gradient: Callable, w: np.ndarray) -> bool:
    try:
        return check_gradient(f, gradient, w).verdict == "right"
    except CheckFailed:
        return False


def cases(scale: float) -> Iterator[Case]:
    """A loss, its gradient, the gradient with one entry off by a factor, and a point."""
    for seed in range(CASES):
        rng = np.random.default_rng(seed)
        A, y = rng.normal(size=(6, 4)), rng.normal(size=6)
        spoil = one_entry_off(rng)

        def f(w: np.ndarray, A: np.ndarray = A, y: np.ndarray = y) -> float:
            return float(np.sum(np.sqrt(1 + (A @ w - y) ** 2)))

        def right(w: np.ndarray, A: np.ndarray = A, y: np.ndarray = y) -> np.ndarray:
            r = A @ w - y
            return A.T @ (r / np.sqrt(1 + r**2))

        yield f, right, lambda w, g=right, s=spoil: g(w) * s, scale * rng.normal(size=4)


def kinks() -> Iterator[Case]:
    """A ReLU layer at a point where one unit is exactly at its kink, its derivative taken as 0."""
    for seed in range(CASES):
        rng = np.random.default_rng(seed)
        A, c = rng.normal(size=(6, 4)), rng.normal(size=6)
        w = rng.normal(size=4)
        A[0] -= w * (A[0] @ w) / (w @ w)
        A[0, 3] = -(A[0, :3] @ w[:3]) / w[3]
        spoil = one_entry_off(rng)

        def f(w: np.ndarray, A: np.ndarray = A, c: np.ndarray = c) -> float:
            z = A @ w
            return float(np.sum(c * np.where(abs(z) < 1e-12, 0.0, np.maximum(z, 0))))

        def right(w: np.ndarray, A: np.ndarray = A, c: np.ndarray = c) -> np.ndarray:
            return A.T @ (c * (A @ w > 1e-12))

        yield f, right, lambda w, g=right, s=spoil: g(w) * s, w


def one_entry_off(rng: np.random.Generator) -> np.ndarray:
    factor = 1 + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-4, 0.5)
    return np.where(np.arange(4) == rng.integers(4), factor, 1.0)


def main() -> None:
    checks: dict[str, Check] = {"textbook": textbook, "scipy": scipys, "ours": ours}
    if torch is not None:
        checks["torch"] = torchs
    print(f"{'cases':>11} {'':9} {'right refused':>14} {'wrong accepted':>15} {'time':>7}")
    for name, draw in {
        **{f"scale {s:.0e}": (lambda s=s: cases(s)) for s in (1e-4, 1e-2, 1.0, 1e2, 1e4)},
        "at a kink": kinks,
    }.items():
        seconds = {}
        for label, check in checks.items():
            start = time.perf_counter()
            refused = sum(not check(f, right, w) for f, right, _, w in draw())
            accepted = sum(check(f, wrong, w) for f, _, wrong, w in draw())
            seconds[label] = time.perf_counter() - start
            ratio = seconds[label] / seconds["textbook"]
            shares = f"{refused / CASES:>13.1%} {accepted / CASES:>14.1%}"
            print(f"{name:>11} {label:9} {shares} {ratio:>6.1f}×")
    if torch is None:
        print("PyTorch is not installed, so its gradcheck is left out.")


if __name__ == "__main__":
    main()

"""The tests. Each process computes with one thread: two for each of the workers, on two processors,
wait for each other three quarters of the time, in the kernels that they start as well.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")  # before numpy is imported

import autograder  # noqa: E402, F401 - before nbformat is: it saves each process a second

"""Run every benchmark: `python -m benchmarks`, or one: `python -m benchmarks.gradient_check`."""

from benchmarks import gradient_check

gradient_check.main()

"""Run every benchmark: `python -m benchmarks`, or one: `python -m benchmarks.gradient_check`."""

from benchmarks import (
    bank,
    digits,
    fuzz,
    gradient_check,
    grading,
    kills,
    large_network,
    latency,
    pages,
)

EVERY = (gradient_check, large_network, digits, bank, latency, pages, grading, kills, fuzz)
for benchmark in EVERY:
    print(f"\n# {benchmark.__name__}\n")
    benchmark.main()

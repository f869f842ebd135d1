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
    likeness,
    pages,
)

ALL = (gradient_check, large_network, digits, bank, latency, pages, grading, kills, likeness, fuzz)

for benchmark in ALL:
    print(f"\n# {benchmark.__name__}\n")
    benchmark.main()

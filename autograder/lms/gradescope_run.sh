#!/usr/bin/env bash
# Gradescope runs this, as root, for each submission.
base="${GRADESCOPE_BASE:-/autograder}"
# Students' code may run as another user of this machine: what is not its own is root's alone.
chmod 700 "$base/source" "$base/results"
[ ! -e "$base/submission_metadata.json" ] || chmod 600 "$base/submission_metadata.json"
cd "$base/source/course" || exit 1
export PYTHONPATH="$PWD" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1
exec "$base/venv/bin/python" -c \
    "import sys; from autograder.cli import main; sys.exit(main(sys.argv[1:]))" \
    gradescope --grade "$base"

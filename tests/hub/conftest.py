"""A hub takes minutes and makes accounts: `make test-hub` tests it, and `make test` does not."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("DOWNHILL_HUB") else ["test_*.py"]

"""Grades notebooks: what students wrote is run in a sandbox and judged by a bank of exercises."""

import sys

# nbformat checks notebooks with jsonschema, which builds a grammar for addresses in any script when
# it finds this optional module: more than all else that a command imports, and no notebook has such
# an address. `None` makes its import fail, as if it were not installed.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

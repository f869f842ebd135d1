"""Which cells act, though they bind nothing that an answer uses."""

from __future__ import annotations

import pytest

from autograder.grading.effects import acts
from autograder.grading.lean import read

IMPORTS = """
import os, sys
import numpy as np
import matplotlib.pyplot as plt
from pathlib import Path
"""
ACTING = [
    "sys.path.append('lib')",
    "np.random.seed(0)",
    "np.seterr(all='raise')",
    "np.my_exp = np.exp",
    "del np.float_",
    "os.environ['HOME'] = '/'",
    "os.chdir('..')",
    "import warnings\nwarnings.simplefilter('error')",
    "from os import chdir\nchdir('data')",
    "open('a.txt', 'w').write('1')",
    "with open('a.txt', 'w') as file:\n    file.write('1')",
    "Path('a').write_text('1')",
    "folder = 'a'\nPath(folder).parent.mkdir()",
    "import builtins\nbuiltins.square = abs",
    "for name in ('a', 'b'):\n    np.save(name, 1)",
    "%matplotlib inline\nnp.random.seed(1)",
    "%cd lib",
    "!cp lib/mylib.py .",
    "!echo 'x = 1' > mylib.py",
    "!cat a.py > b.py",
    "%env MYLIB=lib",
    "import mysetup",
    "_ = sys.path.append('lib')",
    "import shutil\ncopied = shutil.copy('a', 'b')",
    "import subprocess\nresult = subprocess.run(['cp', 'a', 'b'])",
]
QUIET = [
    "x = np.exp(1)",
    "plt.plot([1, 2])\nplt.show()",
    "print(np.exp(1))",
    "losses = [float(np.sqrt(k)) for k in range(9)]\nlosses.append(2.0)",
    "square(3)",
    "table = {}\ntable['a'] = 1",
    "import time\ntime.sleep(1)",
    "x.shape",
    "!ls",
    "!pip install numpy",
    "import numpy",
    "state = np.random.default_rng(0)",
]


def asked(*sources: str) -> list[bool]:
    """Of all but the first."""
    return acts(sources, [*map(read, sources)], [k > 0 for k in range(len(sources))])


ALL = dict.fromkeys(ACTING, True) | dict.fromkeys(QUIET, False)


@pytest.mark.parametrize(("source", "so"), ALL.items())
def test_a_cell_acts_where_it_changes_a_module_the_process_or_a_file(source, so):
    assert asked(IMPORTS, source) == [False, so]


def test_a_call_of_a_function_that_acts_acts():
    setup = "def setup():\n    sys.path.append('lib')"
    assert asked(IMPORTS, setup, "setup()", "other()") == [False, True, True, False]


def test_only_who_is_asked_about_is_looked_into():
    known = [read(source) for source in (IMPORTS, *ACTING)]
    assert not any(acts([IMPORTS, *ACTING], known, [False] * len(known)))

"""``python -m vpce_checks``.

Python has put the current directory before all others to import from, and it may be a stranger's: from here on nothing is
imported from there. Before that only ``python -I`` helps, which the recipes use.
"""

import os
import sys

if not sys.flags.isolated and sys.path[:1] == [os.getcwd()]:
    del sys.path[0]

from vpce_checks.cli.main import run

run()

"""``python -m tests.contracts``: print which import contracts are broken; the exit code is 1 where one is."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.contracts.contracts import broken
from tests.contracts.imports import read_imports


def main(root: Path) -> int:
    """Check the package below ``root``."""
    found = sorted(broken(read_imports(root)))
    for line in found:
        print(line)
    print(f"import contracts: {len(found)} broken" if found else "import contracts: all hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))

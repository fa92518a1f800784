"""What other programs see of the examples is what is on record."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench.sight import RECORD, ROW
from tests.test_examples import EXAMPLES, REPOSITORY, rows

VERSION = re.compile(r" \d+\.\d+\.\d+\b")


def test_the_faults_are_those_of_the_page() -> None:
    page = (EXAMPLES / "README.md").read_text()
    assert dict(ROW.findall(page)) == {path: rule for path, (rule, _) in rows().items()}
    assert f"states {len(rows())} faults" in RECORD.read_text()


@pytest.mark.slow
def test_the_record_is_what_is_counted(tmp_path: Path) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "bench.sight", "--tools", str(tmp_path)),
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert VERSION.sub("", done.stdout) == VERSION.sub("", RECORD.read_text())

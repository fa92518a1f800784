"""The manual page says what the parser knows, and is well-formed."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.man_page import FILE, man_page
from vpce_checks.cli.commands import names


def test_it_is_written_from_the_parser() -> None:
    assert FILE.read_text(encoding="utf-8") == man_page(), "python -m tests.man_page writes it"


def test_it_has_every_command_and_exit_code() -> None:
    page = man_page()
    assert [name for name in names() if f'.SS "{name}"'.replace("-", "\\-") not in page] == []
    assert [code for code in range(4) if f".B {code}\n" not in page] == []
    assert "\\fB\\-\\-changed\\-since\\fR \\fIREV\\fR" in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff is on PATH")
def test_it_is_well_formed() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-z"], input=man_page(), capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr == ""

"""The documentation as a site: every page is in it, and no link leads nowhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.tools.environments import REPOSITORY, Workshop, clean_environment

PAGE = re.compile(r"[\w/-]+\.md")


def test_every_page_for_users_is_in_the_table_of_contents() -> None:
    listed = set(PAGE.findall((REPOSITORY / "ci" / "mkdocs.yml").read_text()))
    pages = {str(page.relative_to(REPOSITORY)) for page in (REPOSITORY / "docs").rglob("*.md")}
    assert pages <= listed
    assert all((REPOSITORY / page).is_file() for page in listed)


@pytest.mark.slow
def test_the_site_is_built_and_its_links_hold(workshop: Workshop, tmp_path: Path) -> None:
    tools = workshop.environment("site", "--requirement", str(REPOSITORY / "requirements" / "site.txt"))
    command = [str(REPOSITORY / "ci" / "build-site"), str(tools.bin / "python"), str(tmp_path / "site")]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    first = (tmp_path / "site" / "index.html").read_text()
    assert "missing VPC endpoints" in first
    assert 'href="docs/rules/VPCE001/"' in first
    pages = yaml.safe_load((REPOSITORY / "ci" / "mkdocs.yml").read_text())["nav"]
    assert len(list((tmp_path / "site").rglob("index.html"))) >= len(PAGE.findall(str(pages)))

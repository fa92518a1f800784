"""The page in a real browser: it opens what a link leads to, filters, and runs and loads nothing of a stranger's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.report.cases import hostile, of_everything
from tests.report.formats.page import Page
from vpce_checks.report import Style, render

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is on PATH"),
]

DRIVER = """
<script>
  var form = document.getElementById("filters");
  form.elements.NAME.value = "VALUE";
  form.dispatchEvent(new Event("change"));
</script>
"""


def opened(page: str, directory: Path, fragment: str = "") -> tuple[str, str]:
    """Return the page as it is in the browser once it is loaded, and what the browser complains about."""
    file = directory / "page.html"
    file.write_text(page, encoding="utf-8")
    options = ["--headless", "--disable-gpu", f"--user-data-dir={directory / 'profile'}", "--enable-logging=stderr"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")
    done = subprocess.run(
        [str(BROWSER), *options, "--dump-dom", f"{file.as_uri()}{fragment}"],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    console = "\n".join(line for line in done.stderr.splitlines() if ":CONSOLE" in line or "CONSOLE(" in line)
    return done.stdout, console


def driven(page: str, name: str, value: str) -> str:
    """Return a page that chooses a value of a filter by itself. Its policy would not let it."""
    allowed = re.sub(r"<meta http-equiv[^\n]*\n", "", page)
    return allowed.replace("</body>", DRIVER.replace("NAME", name).replace("VALUE", value) + "</body>")


def test_it_opens_without_complaints_and_shows_its_filters(tmp_path: Path) -> None:
    dom, console = opened(render("html", of_everything(tmp_path / "root"), Style(str(tmp_path))), tmp_path)
    assert console == ""
    (form,) = Page(dom).named("form")
    assert "hidden" not in form.attributes
    assert "1 of 1 VPCs and 2 of 2 blocks of findings shown" in dom


def test_a_link_opens_what_it_leads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpce_checks.report.html import findings

    monkeypatch.setattr(findings, "MAX_OPEN", 0)
    page = render("html", of_everything(tmp_path / "root"), Style(str(tmp_path)))
    folded = '<article class="fail" id="f1" data-rules="VPCE001">'
    assert re.search(rf"{folded}.*?<details>", page, re.S)
    dom, _ = opened(page, tmp_path, "#f1")
    block = dom.partition('id="f1"')[2].partition("</article>")[0]
    assert '<details open="">' in block


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("rule", "VPCE002", "1 of 1 VPCs and 1 of 2"),
        ("rule", "VPCE001", "1 of 1 VPCs and 1 of 2"),
        ("state", "unknown", "1 of 1 VPCs and 1 of 2"),
        ("state", "ignored", "0 of 1 VPCs and 0 of 2"),
        ("words", "DynamoDB", "0 of 1 VPCs and 1 of 2"),
        ("words", "nowhere", "0 of 1 VPCs and 0 of 2"),
    ],
)
def test_filters(name: str, value: str, shown: str, tmp_path: Path) -> None:
    page = render("html", of_everything(tmp_path / "root"), Style(str(tmp_path)))
    dom, console = opened(driven(page, name, value), tmp_path)
    assert console == ""
    assert f"{shown} blocks of findings shown" in dom
    hidden = re.findall(r'<article[^>]* hidden=""', dom)
    assert len(hidden) == 2 - int(shown.split()[5])


def test_nothing_else_runs(tmp_path: Path) -> None:
    page = render("html", hostile(tmp_path / "root"), Style(str(tmp_path), verbose=True))
    assert opened(page, tmp_path)[1] == ""
    evil = (
        "<script>document.title = 'evil'</script><style>p { color: red }</style><p style='color: red'>x</p>"
        "<img src='page.html' onerror=\"document.title = 'evil'\"><iframe src='page.html'></iframe>"
    )
    dom, console = opened(page.replace("</main>", f"{evil}</main>"), tmp_path)
    assert "<title>VPC endpoints: 1 failed" in dom
    refused = console.count("Content Security Policy directive")
    assert refused >= 5, console

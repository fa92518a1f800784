"""Fetching one module as a scan would."""

from __future__ import annotations

import os
from pathlib import Path

from vpce_checks.terraform.downloads.fetch import Fetcher
from vpce_checks.terraform.scope import Download, ModuleRequest


def fetch(source: str, version: str | None = None) -> Download:
    """What comes of a request in a scan of its own."""
    fetcher = Fetcher(os.environ["VPCE_CHECKS_MODULE_CACHE"], os.environ, ())
    return fetcher.fetch(ModuleRequest(source, version))


def text_of(download: Download, name: str = "main.tf") -> str:
    """A file of the module that came."""
    assert not download.failure, download.failure
    return (Path(download.directory) / name).read_text()

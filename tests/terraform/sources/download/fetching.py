"""Fetching one module as a scan would."""

from __future__ import annotations

import os
from pathlib import Path

from vpce_checks.terraform.lang.scope import Download, ModuleRequest
from vpce_checks.terraform.sources.download.fetch import Fetcher


def fetch(source: str, version: str | None = None) -> Download:
    """What comes of a request in a scan of its own."""
    fetcher = Fetcher(os.environ["VPCE_CHECKS_MODULE_CACHE"], os.environ, ())
    return fetcher.fetch(ModuleRequest(source, version))


def text_of(download: Download, name: str = "main.tf") -> str:
    """A file of the module that came."""
    assert not download.failure, download.failure
    return (Path(download.directory) / name).read_text()

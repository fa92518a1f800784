"""A registry that runs, and an environment in which only what the test names may be fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terraform.sources.download.servers import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def second() -> Iterator[Server]:
    """Another one."""
    with serving() as running:
        yield running


@pytest.fixture
def registry(server: Server) -> Server:
    server.serve_registry()
    return server


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Where git repositories may be fetched from."""
    directory = tmp_path / "shelf"
    directory.mkdir()
    return directory


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, second: Server, shelf: Path) -> Path:
    """The directory that modules are downloaded to."""
    for name in [name for name in os.environ if name.startswith(("TF_TOKEN_", "GIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("VPCE_CHECKS_LOCAL_MODULES", f"{shelf.as_uri()} {server.url} {second.url}")
    monkeypatch.setenv("VPCE_CHECKS_MODULE_CACHE", str(tmp_path / "downloaded"))
    return tmp_path / "downloaded"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that nobody has signed, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    file = tmp_path / "certificate.pem"
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        ["openssl", "req", *kind, *name, "-keyout", str(tmp_path / "key.pem"), "-out", str(file)],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + (tmp_path / "key.pem").read_text())
    return file

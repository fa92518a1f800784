"""Terraform itself fetches the same code for the same sources."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.terraform.configurations import write
from tests.terraform.sources.download.fetching import fetch
from tests.terraform.sources.download.servers import Reply, Server, call, commit, git, tar_of, zip_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH"),
]

MODULE = "acme/net/aws"


def terraform_get(directory: Path, calls: str, **environment: str) -> dict[str, Path | None]:
    """Where Terraform has put the module of each call; nothing where it refuses one."""
    found: dict[str, Path | None] = {}
    for number, block in enumerate(calls.split("module ")[1:]):
        name = block.split('"')[1]
        root = directory / f"get{number}"
        write(root, {"main.tf": f"module {block}"})
        done = subprocess.run(
            ["terraform", "get", "-no-color"],
            cwd=root,
            env={**os.environ, "CHECKPOINT_DISABLE": "1", **environment},
            capture_output=True,
            check=False,
        )
        found[name] = None
        if done.returncode == 0:
            listed = json.loads((root / ".terraform" / "modules" / "modules.json").read_text())["Modules"]
            found[name] = root / next(entry["Dir"] for entry in listed if entry["Key"] == name)
    return found


def files_of(directory: Path) -> dict[str, str]:
    """The code below a directory, by name."""
    return {
        str(path.relative_to(directory)): path.read_text()
        for path in sorted(directory.rglob("*.tf"))
        if ".git" not in path.relative_to(directory).parts
    }


def same(tmp_path: Path, sources: dict[str, tuple[str, str]], **environment: str) -> dict[str, bool]:
    """Which sources (with their version) Terraform fetches; where it does, the code is the same as ours."""
    text = "".join(call(source, version, name) for name, (source, version) in sources.items())
    came = {}
    for name, directory in terraform_get(tmp_path / "terraform", text, **environment).items():
        source, version = sources[name]
        ours = fetch(source, version or None)
        assert (directory is not None) == (not ours.failure), f"{source} {version}: {directory}, {ours}"
        if directory is not None:
            assert files_of(directory) == files_of(Path(ours.directory)), source
        came[name] = directory is not None
    return came


def test_git(tmp_path: Path, shelf: Path) -> None:
    repository = shelf / "net"
    commit(repository, {"main.tf": "# one\n", "modules/a/a.tf": "# a\n"}, "v1.0.0", "1.0")
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "light")
    commit(repository, {"main.tf": "# two\n"}, "v2.0.0")
    git(repository, "branch", "feature/x")
    os.symlink("../modules/a/a.tf", repository / "modules" / "linked.tf")
    (repository / "modules" / "linked.tf").unlink()
    os.symlink("a/a.tf", repository / "modules" / "linked.tf")
    commit(repository, {"main.tf": "# three\n"})
    url = f"git::{repository.as_uri()}"
    sources = {
        "none": url,
        "tag": f"{url}?ref=v1.0.0",
        "other": f"{url}?ref=1.0",
        "light": f"{url}?ref=light",
        "branch": f"{url}?ref=feature/x",
        "escaped": f"{url}?ref=feature%2Fx",
        "commit": f"{url}?ref={first}",
        "directory": f"{url}//modules/a?ref=v1.0.0",
        "links": f"{url}//modules",
        "depth": f"{url}?depth=1&ref=v2.0.0",
        "missing": f"{url}?ref=v9",
        "nowhere": f"{url}//none",
    }
    came = same(tmp_path, {name: (source, "") for name, source in sources.items()})
    assert [name for name, fetched in came.items() if not fetched] == ["missing", "nowhere"]


def test_registry(
    tmp_path: Path, server: Server, certificate: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.encrypt(context)
    server.serve_registry()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("VPCE_CHECKS_LOCAL_MODULES", "")
    for version in ("0.9.0", "1.0.0", "1.2.0", "1.2.5", "2.0.0-rc1", "2.0.0", "2.1.0-beta"):
        server.publish(MODULE, version, f"./archive.tar.gz?v={version}")
        files = {"main.tf": f"# {version}\n", "modules/a/a.tf": f"# a {version}\n"}
        server.replies[f"/v1/modules/{MODULE}/{version}/archive.tar.gz"] = Reply(body=tar_of(files))
    source = f"{server.host}/{MODULE}"
    sources = {
        "newest": (source, ""),
        "minor": (source, "~> 1.0"),
        "patch": (source, "~> 1.2.0"),
        "exact": (source, "1.0.0"),
        "short": (source, "1.0"),
        "spaced": (source, ">= 1.0, != 1.2.5, < 2"),
        "before": (source, "2.0.0-rc1"),
        "least": (source, ">= 2.0.0-rc1"),
        "directory": (f"{source}//modules/a", "~> 1.0"),
        "missing": (source, "> 5"),
        "nowhere": (f"{source}//none", "1.0.0"),
        "unknown": (f"{server.host}/acme/none/aws", ""),
    }
    came = same(tmp_path, sources)
    assert [name for name, fetched in came.items() if not fetched] == ["missing", "nowhere", "unknown"]


def test_archives(tmp_path: Path, server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.encrypt(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("VPCE_CHECKS_LOCAL_MODULES", "")
    files = {"main.tf": "# main\n", "a/a.tf": "# a\n"}
    server.replies["/m.zip"] = Reply(body=zip_of(files))
    server.replies["/m"] = Reply(body=tar_of(files))
    for suffix, packing in (("tar.gz", "gz"), ("tgz", "gz"), ("tar.bz2", "bz2"), ("tar.xz", "xz")):
        server.replies[f"/m.{suffix}"] = Reply(body=tar_of(files, packing))
    url = f"https://{server.host}"
    sources = {
        "zip": f"{url}/m.zip",
        "gz": f"{url}/m.tar.gz",
        "tgz": f"{url}/m.tgz",
        "bz2": f"{url}/m.tar.bz2",
        "xz": f"{url}/m.tar.xz",
        "told": f"{url}/m?archive=tar.gz",
        "directory": f"{url}/m.zip//a",
        "checksum": f"{url}/m.zip?checksum=md5:{'0' * 32}",
        "missing": f"{url}/none.zip",
    }
    came = same(tmp_path, {name: (source, "") for name, source in sources.items()})
    assert [name for name, fetched in came.items() if not fetched] == ["checksum", "missing"]

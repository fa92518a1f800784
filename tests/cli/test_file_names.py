"""Names that somebody else chose: a file may be called as an option is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import MISSING, cli, root

LAX = "version: 1\nrequired: {gateway: []}\nextends: []\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A root that fails, unless a policy, a baseline or an option lets it pass."""
    root(tmp_path, MISSING)
    (tmp_path / "z.yaml").write_text(LAX)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "--policy=z.yaml",
        "--pol=z.yaml",
        "--soft-fail",
        "--soft",
        "-v",
        "--format=json=elsewhere",
        "--format=json=out/report.json",
        "--help",
        "--changed-since=--output=x",
    ],
)
def test_file_like_an_option_is_wrong_use(repository: Path, name: str) -> None:
    file = repository / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(LAX)
    before = sorted(repository.rglob("*"))
    result = cli("scan", "--changed-files", "main.tf", name, cwd=repository)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"vpce-checks: error: {name} is an option and the name of a file here; put -- before the names of files\n"
    )
    assert sorted(repository.rglob("*")) == before
    assert cli("modules", name, cwd=repository).code == 2


def test_link_like_an_option_is_wrong_use(repository: Path) -> None:
    (repository / "--soft-fail").symlink_to("nowhere")
    assert cli("scan", "--soft-fail", cwd=repository).code == 2


def test_what_follows_the_mark_is_a_name(repository: Path) -> None:
    (repository / "--policy=z.yaml").write_text(LAX)
    assert cli("scan", "--changed-files", "--", "main.tf", "--policy=z.yaml", cwd=repository).code == 1
    assert cli("scan", "--changed-files", "main.tf", "--", "--policy=z.yaml", "--", cwd=repository).code == 1
    (repository / "-tf").mkdir()
    (repository / "main.tf").rename(repository / "-tf" / "main.tf")
    assert cli("scan", "--", "-tf", cwd=repository).code == 1
    assert cli("modules", "--", "-tf", cwd=repository).code == 0


def test_options_stay_options(repository: Path) -> None:
    assert cli("scan", "--policy=z.yaml", "--", "main.tf", cwd=repository).code == 0
    assert cli("scan", "--soft-fail", "--", cwd=repository).code == 0
    assert cli("explain", "--", "VPCE001", cwd=repository).code == 0


@pytest.mark.parametrize("option", ["--soft", "--pol=z.yaml", "--changed-f"])
def test_options_are_written_out(repository: Path, option: str) -> None:
    assert cli("scan", option, cwd=repository).code == 2


def test_names_from_a_file(repository: Path) -> None:
    root(repository / "other", MISSING)
    (repository / "names").write_bytes(b"other\0")
    result = cli("scan", "--files-from", "names", cwd=repository)
    assert result.code == 1
    assert "1 VPC in 1 root" in result.out
    (repository / "names").write_bytes(b"--policy=z.yaml\0other/main.tf")
    assert "1 VPC in 1 root" in cli("scan", "--changed-files", "--files-from", "names", cwd=repository).out
    both = cli("scan", "--files-from", "names", "--changed-files", "main.tf", cwd=repository)
    assert "2 VPCs in 2 roots" in both.out


def test_names_from_standard_input(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vpce_checks", "scan", "--changed-files", "--files-from", "-"],
        cwd=repository,
        input=b"a name\nof two lines\0main.tf\0",
        capture_output=True,
    )
    assert done.returncode == 1, done.stderr
    assert b"1 VPC in 1 root" in done.stdout


def test_no_names(repository: Path) -> None:
    (repository / "names").write_bytes(b"")
    assert cli("scan", "--changed-files", "--files-from", "names", cwd=repository).code == 0
    result = cli("scan", "--files-from", "names", cwd=repository)
    assert (result.code, result.err) == (2, "vpce-checks: error: --files-from names names no file\n")


def test_names_that_cannot_be_read(repository: Path) -> None:
    assert cli("scan", "--files-from", "nowhere", cwd=repository) == (
        2,
        "",
        "vpce-checks: error: cannot read nowhere: No such file or directory\n",
    )
    (repository / "names").write_text("main.tf\nother.tf\n")
    result = cli("scan", "--files-from", "names", cwd=repository)
    assert result.code == 2
    assert "each name has to end with a NUL" in result.err


def test_checkov_is_given_no_file_for_an_option(repository: Path) -> None:
    (repository / "--external-checks-dir=evil").write_text("")
    result = cli("checkov", "-d", ".", "--external-checks-dir=evil", cwd=repository)
    assert result.code == 2
    assert "--external-checks-dir=evil is an option and the name of a file here" in result.err

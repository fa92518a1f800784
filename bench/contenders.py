"""The programs that are measured side by side, each in a virtual environment of its own, installed as a user would."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Command, environment

REPOSITORY = Path(__file__).parents[1]

OURS = "vpce-checks"
BEFORE = "vpce-checks, before"
CHECKOV = "checkov, one check"
CFN_LINT = "cfn-lint, one rule"
HCL2 = "python-hcl2, parsing"
TFPARSE = "tfparse, loading"
PASS = "python -c pass"

PARSE = """\
import sys, pathlib, hcl2
for file in pathlib.Path(sys.argv[1]).rglob("*.tf"):
    with file.open() as text:
        hcl2.load(text)
"""
LOAD = "import sys, tfparse; tfparse.load_from_path(sys.argv[1])"

FAILURES = frozenset({0, 1})  # of a scan that found something, or nothing
LINT_FAILURES = frozenset(range(16))  # cfn-lint adds up 2, 4 and 8 for errors, warnings and informational findings


@dataclass(frozen=True)
class Contenders:
    """Where each program was installed; ``before`` is None where there is nothing to compare with."""

    ours: Path
    before: Path | None
    checkov: Path
    cfn_lint: Path
    parsers: Path

    def scan(self, path: Path, *options: str) -> Command:
        """Our scan as a process."""
        return Command((str(self.ours / "bin" / "vpce-checks"), "scan", str(path), *options), FAILURES)

    def scan_before(self, path: Path, *options: str) -> Command | None:
        """The same by the version that we compare with."""
        if self.before is None:
            return None
        return Command((str(self.before / "bin" / "vpce-checks"), "scan", str(path), *options), FAILURES)

    def run_checkov(self, path: Path, framework: str) -> Command:
        """Checkov with one cheap check, without downloads."""
        target = "-d" if path.is_dir() else "-f"
        return Command(
            (
                *(str(self.checkov / "bin" / "checkov"), target, str(path), "--framework", framework),
                *("--check", "CKV_AWS_123", "--quiet", "--compact", "--skip-download"),
            ),
            FAILURES,
        )

    def lint(self, *templates: Path) -> Command:
        """cfn-lint with one rule that looks at the conditions' names only."""
        rule = ("--ignore-checks", "E", "W", "I", "--mandatory-checks", "E8001")
        program = str(self.cfn_lint / "bin" / "cfn-lint")
        return Command((program, *rule, "--", *map(str, templates)), LINT_FAILURES)

    def parse(self, directory: Path) -> Command:
        """python-hcl2 parsing every .tf file below a directory, and nothing else."""
        return Command((str(self.parsers / "bin" / "python"), "-c", PARSE, str(directory)))

    def load(self, directory: Path) -> Command:
        """tfparse loading a root module."""
        return Command((str(self.parsers / "bin" / "python"), "-c", LOAD, str(directory)))

    def nothing(self) -> Command:
        """The interpreter that our own command runs in, doing nothing."""
        return Command((str(self.ours / "bin" / "python"), "-c", "pass"))

    def versions(self) -> dict[str, str]:
        """Version by distribution, as installed."""
        found = {"python": sys.version.split()[0]}
        for place, names in (
            (self.ours, ("vpce-checks",)),
            (self.checkov, ("checkov",)),
            (self.cfn_lint, ("cfn-lint",)),
            (self.parsers, ("python-hcl2", "tfparse")),
        ):
            for name in names:
                ask = f"import importlib.metadata as m; print(m.version({name!r}))"
                found[name] = _output(str(place / "bin" / "python"), "-c", ask)
        return found


def install(directory: Path, against: str | None) -> Contenders:
    """Install all programs below ``directory``; the others' are kept from one run to the next, ours are made anew.

    ``against`` is a git revision of this repository, or None. Raises ``subprocess.CalledProcessError`` if one cannot
    be installed.
    """
    before = None
    if against is not None:
        commit = _output("git", "-C", str(REPOSITORY), "rev-parse", f"{against}^{{commit}}")
        before = _environment(directory, str(_checkout(directory, commit)))
    ours = directory / "ours"
    shutil.rmtree(ours, ignore_errors=True)
    _install(ours, str(REPOSITORY))
    return Contenders(
        ours=ours,
        before=before,
        checkov=_environment(directory, "checkov"),
        cfn_lint=_environment(directory, "cfn-lint"),
        parsers=_environment(directory, "python-hcl2", "tfparse"),
    )


def _environment(directory: Path, *requirements: str) -> Path:
    place = directory / hashlib.sha256(" ".join((sys.version, *requirements)).encode()).hexdigest()[:12]
    if not (place / "installed").exists():
        shutil.rmtree(place, ignore_errors=True)
        _install(place, *requirements)
        (place / "installed").touch()
    return place


def _install(place: Path, *requirements: str) -> None:
    print(f"installing {' '.join(Path(each).name for each in requirements)}", file=sys.stderr, flush=True)
    venv.create(place, with_pip=True)
    pip = (str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    subprocess.run((*pip, *requirements), check=True, env=environment(), stdout=sys.stderr)


def _checkout(directory: Path, commit: str) -> Path:
    place = directory / f"vpce-checks-{commit[:12]}"
    if not place.exists():
        place.mkdir(parents=True)
        archive = subprocess.run(
            ("git", "-C", str(REPOSITORY), "archive", "--format=tar", commit), check=True, stdout=subprocess.PIPE
        )
        subprocess.run(("tar", "-x", "-C", str(place)), check=True, input=archive.stdout)
    return place


def last_release() -> str | None:
    """The revision to compare with: the newest tag, else the commit of the results on record, else None."""
    tag = _output("git", "-C", str(REPOSITORY), "tag", "--list", "v*", "--sort=-version:refname").split("\n")[0]
    results = ("log", "-1", "--format=%H", "--", "bench/RESULTS.md")
    return tag or _output("git", "-C", str(REPOSITORY), *results) or None


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

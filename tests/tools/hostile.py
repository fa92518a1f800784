"""A checkout that a stranger wrote: whatever Python, pip or a shell would take from the current directory leaves a mark."""

from __future__ import annotations

from pathlib import Path

MODULES = [
    "venv",
    "pip",
    "secrets",
    "json",
    "yaml",
    "sitecustomize",
    "usercustomize",
    "runpy",
    "subprocess",
    "os",
    "sys",
    "site",
    "pkgutil",
    "ensurepip",
    "encodings",
    "multiprocessing",
    "pickle",
    "re",
    "argparse",
    "typing",
    "hatchling",
    "setuptools",
    "vpce_checks",
    "cfnlint",
    "checkov",
    "distributed",
]
"""What gets imported sooner or later, as ``NAME.py``."""

PROGRAMS = ("python", "python3", "pip", "git", "sh", "vpce-checks", "mktemp", "cat")
"""What a path of ``.`` would find."""

ENVIRONMENTS = (".venv", "venv", ".vpce", "bin", ".tox")
"""Where an installation could be taken for ours."""


def make_hostile(checkout: Path, marks: Path) -> None:
    """Put into ``checkout`` files that, once run or obeyed, leave a file in the directory ``marks``."""
    marks.mkdir(exist_ok=True)

    def python(name: str) -> str:
        return f"open({str(marks / name)!r}, 'w').close()\n"

    def write(name: str, text: str, mode: int = 0o644) -> None:
        file = checkout / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    for module in MODULES:
        write(f"{module}.py", python(f"{module}.py"))
    write("vpce_checks/__init__.py", python("vpce_checks"))
    write("vpce_checks/__main__.py", python("vpce_checks.__main__"))
    write("conftest.py", python("conftest.py"))
    write("evil.pth", f"import os; {python('evil.pth')}")
    write("setup.py", python("setup.py"))
    write("setup.cfg", f"[install]\nprefix={marks / 'setup.cfg'}\n[global]\ncommand_packages=sitecustomize\n")
    write("pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n')
    write("backend.py", python("backend.py"))
    for name in ("pip.conf", "pip.ini", ".pip/pip.conf", ".pydistutils.cfg"):
        write(name, f"[install]\ntarget = {marks / 'pip.conf'}\n[global]\nlog = {marks / 'pip.log'}\n")
    write("pyvenv.cfg", f"home = {checkout}\ninclude-system-site-packages = true\n")
    for program in PROGRAMS:
        write(program, f"#!/bin/sh\n: > '{marks / program}'\nexit 0\n", 0o755)
    for environment in ENVIRONMENTS:
        write(f"{environment}/pyvenv.cfg", f"home = {checkout}\n")
        write(f"{environment}/lib/python3.11/site-packages/evil.pth", f"import os; {python(f'{environment}.pth')}")
        for program in ("python", "pip", "vpce-checks"):
            write(f"{environment}/bin/{program}", f"#!/bin/sh\n: > '{marks / program}.{environment}'\n", 0o755)


def marks_in(directory: Path) -> list[str]:
    """What has run or was obeyed."""
    return sorted(path.name for path in directory.iterdir())

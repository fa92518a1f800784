"""The scanned repository is looked at by way of ``vpce_checks.files`` alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import vpce_checks

PACKAGE = Path(vpce_checks.__file__).parent
OS = {"open", "listdir", "scandir", "walk", "fwalk", "stat", "lstat", "access", "readlink"}
LOOKS = {"contained", "listing", "tracked"}
OS_PATH = {"exists", "lexists", "isfile", "isdir", "islink", "ismount", "realpath", "getsize", "getmtime", "samefile"}
PATHLIB = {"read_text", "iterdir", "rglob", "iglob"}
GIVEN = {"os.path.realpath", "os.path.exists", "os.path.isdir", "os.path.isfile", "os.path.lexists", "os.stat"}

LOOK = re.compile(rf"\bos\.(?:path\.)?(?:{'|'.join(OS | OS_PATH)})\b|\b(?:open|glob|{'|'.join(PATHLIB)})\(")
"""What is written in every file that looks."""

ALLOWED: dict[str, tuple[str, set[str]]] = {
    "catalog/": ("tables of ours", {"open"}),
    "policy/packs.py": ("packs of ours", {"open", "os.path.isfile", "os.listdir"}),
    "base/modules.py": ("modules of ours", {"os.listdir"}),
    "terraform/sources/stubs.py": ("stubs of ours", {"open", "os.path.isdir", "os.walk"}),
    "terraform/sources/download/": ("the directory that modules are downloaded to", {"*"}),
    "execution/cache.py": ("the directory of the cache", {"*"}),
    "execution/cache_key.py": ("the user's key", {"*"}),
    "testing/": ("a directory of its own", {"open", "os.path.realpath"}),
    "execution/process.py": ("where Python is", {"os.path.realpath"}),
    "cli/": ("what the command line names", {"*"}),
    "rules/registry.py": ("what Python has installed", {"os.listdir"}),
    "rules/rules_dir.py": ("a directory that a policy file names", {"os.listdir"}),
    "rules/baseline.py": ("what the command line names", {"open", "os.path.realpath"}),
    "project/git_revision.py": ("a copy of a revision", {"*"}),
    "project/commit_files.py": ("a copy of a revision", {"*"}),
    "project/git_view.py": ("the directory of git", {"*"}),
    "project/": ("what the command line names", GIVEN),
    "plugins/": ("what the other tool names", {"os.path.realpath"}),
    "policy/load.py": ("the scan path and the directories above it", GIVEN),
    "terraform/lang/scope.py": ("the boundary", {"os.path.realpath"}),
    "terraform/plan/network.py": ("the boundary", {"os.path.realpath"}),
    "terraform/syntax/module_source.py": ("the boundary", {"os.path.realpath"}),
    "cloudformation/template/templates.py": ("the boundary", {"os.path.realpath"}),
    "report/html/assets.py": ("style and script of ours", {"open"}),
    "report/line_hash.py": ("a place that was found to be in the repository", {"os.lstat"}),
    "terraform/faces/affected.py": ("a place that was found to be in the repository", {"os.listdir"}),
    "terraform/faces/": ("what the command line names, and what a walk came upon", GIVEN),
    "cloudformation/face.py": ("what the command line names", GIVEN),
    "cloudformation/affected.py": ("what has changed", {"os.path.lexists"}),
}
"""Who looks by himself, at what, and with which calls (``*``: any)."""


def dotted(node: ast.AST) -> str:
    """``a.b.c`` as it is written; "" with dots for what is none."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def looks(file: Path) -> Iterator[tuple[int, str]]:
    """The lines with calls, or names of functions, that look at the file system by themselves."""
    source = file.read_text(encoding="utf-8")
    if not LOOK.search(source):  # most files need no parser
        return
    tree = ast.parse(source)
    handed_over = {
        argument.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in LOOKS
        for argument in node.args
        if isinstance(argument, ast.Name)
    }
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef):
            decorators = {dotted(each).rpartition(".")[2] for each in node.decorator_list}
            if node.name in handed_over or decorators & LOOKS:
                continue  # it is given a place
        pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            module, _, what = name.rpartition(".")
            if (module == "os" and what in OS) or (module == "os.path" and what in OS_PATH):
                yield node.lineno, name
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            if name == "open" or name.rpartition(".")[2] in PATHLIB or name == "glob.glob":
                yield node.lineno, name


def is_allowed(name: str, call: str) -> bool:
    found = [
        calls for start, (_, calls) in ALLOWED.items() if name == start or (start[-1] == "/" and name.startswith(start))
    ]
    return any(call in calls or "*" in calls for calls in found)


def test_every_look_is_contained() -> None:
    strange = []
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if not name.startswith("files/"):
            strange += [f"{name}:{line}: {call}" for line, call in looks(file) if not is_allowed(name, call)]
    assert strange == [], "look by way of vpce_checks.files.tracked, which is told where it may look"


def test_nobody_is_allowed_for_nothing() -> None:
    names = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py")}
    assert [start for start in ALLOWED if not any(name.startswith(start) for name in names)] == []

"""The same configuration in Terraform's JSON syntax, as CDKTF, Terranix and jsonnet write it.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.hcl import parse_file
from vpce_checks.terraform.syntax.structure import Block, Body

Json = dict[str, Any]

_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1}


def rewrite(folder: Path) -> int:
    """Write every ``.tf`` file below ``folder`` anew as ``.tf.json``, but for those with a heredoc or errors in them, and
    those that a ``.tofu`` file replaces. Return how many."""
    written = 0
    for path in sorted(folder.rglob("*.tf")):
        text = path.read_text()
        file = parse_file(text.encode(), str(path))
        if "<<" in text or file.diagnostics or ".terraform" in path.parts or path.with_suffix(".tofu").exists():
            continue
        document = _Writer(text).document(file.body)
        path.unlink()
        path.with_name(path.name + ".json").write_text(json.dumps(document, indent=1))
        written += 1
    return written


class _Writer:
    def __init__(self, text: str) -> None:
        self.lines = text.splitlines(keepends=True)

    def document(self, body: Body) -> list[Json]:
        """The blocks of a file, each an object of its own: JSON syntax takes a list of them, in order."""
        found: list[Json] = []
        for block in body.blocks:
            inner: Any = self.block(block)
            for label in reversed(block.labels):
                inner = {label: inner}
            found.append({block.type: inner})
        return found

    def block(self, block: Block) -> Json:
        top = block.type if len(block.labels) == _LABELS.get(block.type, 0) else ""
        return self.body(block.body, names=_NAMES.get(top, frozenset()) | _ALWAYS)

    def body(self, body: Body, names: frozenset[str]) -> Json:
        found: Json = {}
        for name, attribute in body.attributes.items():
            found[name] = self.name(attribute.expr) if name in names else self.value(attribute.expr)
        for block in body.blocks:
            # Each of its attributes is a provider, whose aliases are names.
            aliased = frozenset(block.body.attributes) if block.type == "required_providers" else frozenset()
            inner: Any = self.body(block.body, _NAMES.get(block.type, aliased))
            for label in reversed(block.labels):
                inner = {label: inner}
            found.setdefault(block.type, []).append(inner)
        return found

    def value(self, expr: ast.Expr) -> Any:
        """An expression: a constant as itself, collections by their members, anything else as a template."""
        if isinstance(expr, ast.Literal):
            return _escaped(expr.value) if isinstance(expr.value, str) else expr.value
        if isinstance(expr, ast.TupleCons):
            return [self.value(each) for each in expr.items]
        if isinstance(expr, ast.ObjectCons) and all(isinstance(key, ast.Literal) for key, _ in expr.items):
            return {
                _escaped(str(key.value)): self.value(each) for key, each in expr.items if isinstance(key, ast.Literal)
            }
        source = self.source(expr.span)
        if isinstance(expr, ast.Template) and "\\" not in source:
            return source[1:-1]
        return f"${{{source}}}"

    def name(self, expr: ast.Expr) -> Any:
        """What is no expression but a name, a list of names or a map of them: a provider, a type."""
        if isinstance(expr, ast.Literal):
            return expr.value
        if isinstance(expr, ast.TupleCons):
            return [self.name(each) for each in expr.items]
        if isinstance(expr, ast.ObjectCons):
            return {self.source(key.span): self.name(each) for key, each in expr.items}
        return self.source(expr.span)

    def source(self, span: Span) -> str:
        lines = self.lines[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column - 1]
        return "".join(lines)[span.column - 1 :]


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


_ALWAYS = frozenset({"provider", "providers", "depends_on"})
_NAMES: dict[str, frozenset[str]] = {
    "variable": frozenset({"type"}),
    "lifecycle": frozenset({"ignore_changes", "replace_triggered_by"}),
    "terraform": frozenset({"required_version"}),
    "removed": frozenset({"from"}),
    "moved": frozenset({"from", "to"}),
    "import": frozenset({"to"}),
    "dynamic": frozenset({"iterator"}),
}

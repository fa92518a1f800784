"""Calls of built-in functions, evaluated by us and by the real ``terraform console``."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, MapValue, Opaque, Unknown, Value, join_strings, unknown
from vpce_checks.terraform.lang import functions
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.types.errors import EvalError

ERROR = "<error>"
"""What a call is worth that Terraform refuses."""

UNKNOWN = "<unknown>"
"""What a call is worth that even Terraform only knows after apply."""

_BATCH = 300


def terraform(expressions: Sequence[str], directory: Path) -> list[str]:
    """The JSON text of what each expression is worth, or ERROR, or UNKNOWN."""
    answers: list[str] = []
    for start in range(0, len(expressions), _BATCH):
        answers += _console(expressions[start : start + _BATCH], directory)
    return answers


def _console(expressions: Sequence[str], directory: Path) -> list[str]:
    # base64 keeps every answer on one line, whatever is in it
    packed = ", ".join(f'try(base64encode(jsonencode({expression})), "{ERROR}")' for expression in expressions)
    process = subprocess.run(
        ["terraform", "console"],
        input=f"[{packed}]\n",
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "CHECKPOINT_DISABLE": "1", "NO_COLOR": "1"},
    )
    lines = [line.strip().rstrip(",") for line in process.stdout.strip().splitlines()[1:-1]]
    if process.returncode or len(lines) != len(expressions):
        raise AssertionError(f"terraform console: {process.stderr}{process.stdout[:2000]}\n{packed[:3000]}")
    return [_decode(line) for line in lines]


def _decode(line: str) -> str:
    if line.startswith("("):
        # "(known after apply)" or "(sensitive value)"
        return UNKNOWN
    text: str = json.loads(line)
    return ERROR if text == ERROR else base64.b64decode(text).decode()


def from_json(text: str) -> Value:
    """A JSON text as a value; lists are tuples."""
    return _value(json.loads(text, parse_float=Decimal, parse_int=int))


def _value(document: Any) -> Value:
    if isinstance(document, list):
        return ListValue(tuple(map(_value, document)), "tuple")
    if isinstance(document, Mapping):
        return MapValue({key: _value(item) for key, item in document.items()}, "object")
    scalar: bool | int | Decimal | str | None = document
    return scalar


class Here:
    """The environment of a call in ``directory``."""

    def __init__(self, directory: str = "/nowhere", boundary: str | None = None) -> None:
        self.base_directory = directory
        self.places = (boundary or directory,)
        self.span = Span("test.tf", 1)
        self.doubts: list[Opaque] = []

    def laid_over(self, path: str) -> None:
        """Nothing is copied here."""

    def written_in(self, directory: str) -> dict[str, Unknown | None]:
        return {}

    def doubt(self, opaque: Opaque) -> None:
        self.doubts.append(opaque)

    def shown(self, text: str) -> str:
        return text

    def render_template(self, text: str, variables: Mapping[str, Value], name: str) -> Value:
        """Only ``${name}``: templates have their own tests with the evaluator."""
        parts: list[Value] = []
        for index, piece in enumerate(text.split("${")):
            variable, brace, literal = piece.partition("}")
            if index and variable not in variables:
                raise EvalError(f"no variable {variable}")
            parts += [variables[variable], literal] if index else [piece]
        return join_strings(parts) if brace or len(parts) == 1 else unknown("a template")


def ours(text: str, here: Here) -> Value | str:
    """What we say that a call is worth, or ERROR."""
    try:
        return evaluate(parse_expression(text, "test"), here)
    except EvalError:
        return ERROR


def evaluate(expr: ast.Expr, here: Here) -> Value:
    """Literals, constructors and calls of built-in functions: enough for arguments."""
    if isinstance(expr, ast.Literal):
        return expr.value
    if isinstance(expr, ast.TemplateWrap):
        return evaluate(expr.expr, here)
    if isinstance(expr, ast.Unary) and expr.operator == "-":
        operand = evaluate(expr.operand, here)
        assert isinstance(operand, (int, Decimal))
        return -operand
    if isinstance(expr, ast.TupleCons):
        return ListValue(tuple(evaluate(item, here) for item in expr.items), "tuple")
    if isinstance(expr, ast.ObjectCons):
        items: dict[str, Value] = {}
        for key, value in expr.items:
            name = evaluate(key, here)
            items[str(name)] = evaluate(value, here)
        return MapValue(items, "object")
    if isinstance(expr, ast.Call):
        function = functions.find(expr.name)
        assert function is not None, expr.name
        args = [evaluate(argument, here) for argument in expr.args]
        if expr.expand:
            last = args.pop()
            assert isinstance(last, ListValue)
            args.extend(last.items)
        return functions.call(function, args, here)
    raise TypeError(f"not for the tests' own evaluator: {type(expr).__name__}")

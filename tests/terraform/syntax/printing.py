"""Expressions printed: with every parenthesis (``canonical``), as people write them (``natural``), as a term (``shape``)."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal

from vpce_checks.terraform.syntax import ast


def shape(node: object) -> str:
    """A node without its spans, as a term: ``Binary('+', Literal(1), Name('a'))``."""
    if isinstance(node, tuple):
        return "(" + ", ".join(map(shape, node)) + ")"
    if not isinstance(node, ast.Node):
        return repr(node)
    fields = (getattr(node, name) for name in node.__match_args__ if name != "span")
    return f"{type(node).__name__}({', '.join(map(shape, fields))})"


def string(text: str) -> str:
    """A quoted string without interpolations."""
    escaped = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    escaped = escaped.replace("\\b", "\\u0008").replace("\\f", "\\u000c")
    return escaped.replace("${", "$${").replace("%{", "%%{")


def canonical(expr: ast.Expr) -> str:
    """Print without templates, splats and precedence: what the tree means, in the plainest Terraform."""
    return _Canonical().show(expr)


class _Canonical:
    def __init__(self) -> None:
        self.counter = itertools.count()
        self.items: list[str] = []

    def show(self, expr: ast.Expr) -> str:
        if isinstance(expr, ast.Literal):
            if isinstance(expr.value, str):
                return string(expr.value)
            if isinstance(expr.value, Decimal):
                return f"{expr.value:f}"
            return (
                {True: "true", False: "false", None: "null"}.get(expr.value, str(expr.value))
                if isinstance(expr.value, (bool, type(None)))
                else str(expr.value)
            )
        if isinstance(expr, ast.Template):
            return f'join("", [{", ".join(f"tostring({self.show(part)})" for part in expr.parts)}])'
        if isinstance(expr, ast.TemplateWrap):
            return f"({self.show(expr.expr)})"
        if isinstance(expr, (ast.TemplateIf, ast.Conditional)):
            return f"(({self.show(expr.condition)}) ? ({self.show(expr.then)}) : ({self.show(expr.otherwise)}))"
        if isinstance(expr, ast.TemplateFor):
            names = f"{expr.key_name}, {expr.value_name}" if expr.key_name else expr.value_name
            return f'join("", [for {names} in {self.show(expr.collection)} : {self.show(expr.body)}])'
        if isinstance(expr, ast.Name):
            return expr.name
        if isinstance(expr, ast.GetAttr):
            return f"{self.show(expr.object)}.{expr.name}"
        if isinstance(expr, ast.Index):
            return f"{self.show(expr.object)}[{self.show(expr.key)}]"
        if isinstance(expr, ast.SplatItem):
            return self.items[-1]
        if isinstance(expr, ast.Splat):
            source = self.show(expr.source)
            item = f"item{next(self.counter)}"
            self.items.append(item)
            each = self.show(expr.each)
            self.items.pop()
            return f"[for {item} in {source} : {each}]"
        if isinstance(expr, ast.Call):
            return f"{expr.name}({', '.join(map(self.show, expr.args))}{'...' if expr.expand else ''})"
        if isinstance(expr, ast.Unary):
            return f"({expr.operator}({self.show(expr.operand)}))"
        if isinstance(expr, ast.Binary):
            return f"(({self.show(expr.left)}) {expr.operator} ({self.show(expr.right)}))"
        if isinstance(expr, ast.TupleCons):
            return f"[{', '.join(map(self.show, expr.items))}]"
        if isinstance(expr, ast.ObjectCons):
            return "{" + ", ".join(f"({self.show(key)}) = {self.show(value)}" for key, value in expr.items) + "}"
        if isinstance(expr, (ast.ForTuple, ast.ForObject)):
            names = f"{expr.key_name}, {expr.value_name}" if expr.key_name else expr.value_name
            condition = f" if {self.show(expr.condition)}" if expr.condition is not None else ""
            head = f"for {names} in {self.show(expr.collection)} :"
            if isinstance(expr, ast.ForTuple):
                return f"[{head} {self.show(expr.value)}{condition}]"
            group = "..." if expr.group else ""
            return f"{{{head} {self.show(expr.key)} => {self.show(expr.value)}{group}{condition}}}"
        raise AssertionError(f"not printable: {expr}")


_LEVELS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}


def natural(expr: ast.Expr, level: int = 0) -> str:
    """Print with no more parentheses than the precedence of HCL asks for. ``level`` 0 takes any expression."""
    if isinstance(expr, ast.Conditional):
        text = f"{natural(expr.condition, 1)} ? {natural(expr.then)} : {natural(expr.otherwise)}"
        return f"({text})" if level > 0 else text
    if isinstance(expr, ast.Binary):
        own = _LEVELS[expr.operator]
        text = f"{natural(expr.left, own)} {expr.operator} {natural(expr.right, own + 1)}"
        return f"({text})" if level > own else text
    if isinstance(expr, ast.Unary):
        text = f"{expr.operator}{natural(expr.operand, 7)}"
        return f"({text})" if level > 7 else text
    if isinstance(expr, ast.GetAttr):
        return f"{natural(expr.object, 8)}.{expr.name}"
    if isinstance(expr, ast.Index):
        return f"{natural(expr.object, 8)}[{natural(expr.key)}]"
    if isinstance(expr, ast.SplatItem):
        return ""
    if isinstance(expr, ast.Splat):
        source = natural(expr.source, 8)
        return f"{source}[*]{natural(expr.each, 8)}"
    if isinstance(expr, ast.Template):
        return '"' + "".join(map(_template_part, expr.parts)) + '"'
    if isinstance(expr, ast.TemplateWrap):
        return f'"${{{natural(expr.expr)}}}"'
    if isinstance(expr, ast.Call):
        return f"{expr.name}({', '.join(map(natural, expr.args))}{'...' if expr.expand else ''})"
    if isinstance(expr, ast.TupleCons):
        return f"[{', '.join(map(natural, expr.items))}]"
    if isinstance(expr, ast.ObjectCons):
        return "{" + ", ".join(f"{_key(key)} = {natural(value)}" for key, value in expr.items) + "}"
    if isinstance(expr, (ast.ForTuple, ast.ForObject)):
        names = f"{expr.key_name}, {expr.value_name}" if expr.key_name else expr.value_name
        condition = f" if {natural(expr.condition)}" if expr.condition is not None else ""
        head = f"for {names} in {natural(expr.collection)} :"
        if isinstance(expr, ast.ForTuple):
            return f"[{head} {natural(expr.value)}{condition}]"
        return f"{{{head} {natural(expr.key)} => {natural(expr.value)}{'...' if expr.group else ''}{condition}}}"
    return canonical(expr)


def _key(key: ast.Expr) -> str:
    return string(key.value) if isinstance(key, ast.Literal) and isinstance(key.value, str) else f"({natural(key)})"


def _template_part(part: ast.Expr) -> str:
    if isinstance(part, ast.Literal) and isinstance(part.value, str):
        text = string(part.value)[1:-1]
        # Before a sequence, "$" and "%" would make an escape of its beginning.
        return f"{text[:-1]}\\u{ord(text[-1]):04x}" if text.endswith(("$", "%")) else text
    if isinstance(part, ast.TemplateIf):
        then, otherwise = _template_parts(part.then), _template_parts(part.otherwise)
        alternative = f"%{{ else }}{otherwise}" if otherwise else ""
        return f"%{{ if {natural(part.condition)} }}{then}{alternative}%{{ endif }}"
    if isinstance(part, ast.TemplateFor):
        names = f"{part.key_name}, {part.value_name}" if part.key_name else part.value_name
        return f"%{{ for {names} in {natural(part.collection)} }}{_template_parts(part.body)}%{{ endfor }}"
    return f"${{{natural(part)}}}"


def _template_parts(body: ast.Expr) -> str:
    return "".join(map(_template_part, body.parts)) if isinstance(body, ast.Template) else _template_part(body)

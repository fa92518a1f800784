"""What an expression is called in messages: the variable, local value or attribute that it names."""

from __future__ import annotations

from vpce_checks.terraform.syntax import ast


def in_brackets(expr: ast.Expr) -> str:
    """Return the name that an expression is, such as " (var.vpc.cidr)"; "" for one that is more than a name."""
    name = _name(expr)
    return f" ({name})" if name else ""


def _name(expr: ast.Expr) -> str:
    if isinstance(expr, ast.TemplateWrap):
        return _name(expr.expr)
    if isinstance(expr, ast.Name):
        return expr.name
    if isinstance(expr, ast.GetAttr):
        above = _name(expr.object)
        return f"{above}.{expr.name}" if above else ""
    return ""

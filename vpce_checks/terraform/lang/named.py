"""What an expression is called in messages: the variable, local value or attribute that it names."""

from __future__ import annotations

from vpce_checks.terraform.syntax import ast


def in_brackets(expr: ast.Expr) -> str:
    """Return the name that an expression is, such as " (var.vpc.cidr)"; "" for one that is more than a name."""
    name = name_of(expr)
    return f" ({name})" if name else ""


def name_of(expr: ast.Expr) -> str:
    """Return the dotted name that an expression is; "" for one that is more than a name."""
    if isinstance(expr, ast.TemplateWrap):
        return name_of(expr.expr)
    if isinstance(expr, ast.Name):
        return expr.name
    if isinstance(expr, ast.GetAttr):
        above = name_of(expr.object)
        return f"{above}.{expr.name}" if above else ""
    return ""

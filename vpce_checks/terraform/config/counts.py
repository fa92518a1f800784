"""Whose instances a ``count`` counts: ``length(aws_subnet.private)`` makes one for each instance of the other block."""

from __future__ import annotations

from vpce_checks.terraform.syntax import ast


def counted_block(expr: ast.Expr) -> tuple[str, str] | None:
    """Return the type and name of a resource, if ``expr`` counts its instances: ``length(aws_subnet.private)``.

    ``length(aws_subnet.private[*].id)`` is the same number: a splat has an element for each instance.
    """
    while isinstance(expr, ast.TemplateWrap):
        expr = expr.expr
    if not isinstance(expr, ast.Call) or expr.name not in ("length", "core::length") or len(expr.args) != 1:
        return None
    (counted,) = expr.args
    while isinstance(counted, (ast.Splat, ast.TemplateWrap)):
        counted = counted.source if isinstance(counted, ast.Splat) else counted.expr
    if not isinstance(counted, ast.GetAttr) or not isinstance(counted.object, ast.Name) or expr.expand:
        return None
    return counted.object.name, counted.name

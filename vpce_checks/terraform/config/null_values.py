"""Where the null of an argument comes from: the variable that is null, and the place that leaves it so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from vpce_checks.model.values import Cause
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.lang.named import name_of
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import ModuleSource

MAX_STEPS = 100
"""How many names are followed. Modules are nested less deeply, and most have few local values between."""


class Called(Protocol):
    """An instance of a module: its code, the values of its variables, and who calls it."""

    @property
    def source(self) -> ModuleSource: ...

    @property
    def given(self) -> Mapping[str, Given]: ...

    @property
    def parent(self) -> Called | None: ...


def null_cause(expr: ast.Expr, module: Called) -> Cause:
    """Return where the null of an argument comes from: the last variable or local value on its way.

    The way goes from name to name, through local values and calls of modules. It ends at any other expression. The
    text is empty if there is no name on it.
    """
    found = Cause("", expr.span)
    for _ in range(MAX_STEPS):
        kind, _, name = name_of(expr).partition(".")
        if kind == "local" and name in module.source.locals:
            expr = module.source.locals[name].expr
            found = Cause(f"local.{name} is null", expr.span)
            continue
        if kind != "var" or name not in module.source.variables:
            break
        given = module.given.get(name)
        if given is None:
            default = module.source.variables[name].body.attributes.get("default")
            return found if default is None else Cause(f"var.{name} is null by default", default.span)
        found = Cause(f"var.{name} is null", given.span)
        if module.parent is None:
            break
        expr, module = given.expr, module.parent
    return found

"""A value for a variable, from a file, the command line, the environment or a module call."""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.terraform.lang.marks import Mark
from vpce_checks.terraform.lang.scope import Scope
from vpce_checks.terraform.syntax.ast import Expr


@record
class Given:
    """A value for a variable, not yet evaluated. ``mark`` is the mark that it has in any case."""

    expr: Expr
    span: Span
    scope: Scope
    mark: Mark = None

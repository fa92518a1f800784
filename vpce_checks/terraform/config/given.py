"""What is given to a variable, from wherever it comes."""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.terraform.lang.marks import Mark
from vpce_checks.terraform.lang.scope import Scope
from vpce_checks.terraform.syntax.ast import Expr


@record
class Given:
    """A value given to a variable, not yet evaluated. ``mark`` is what is known of its mark beforehand."""

    expr: Expr
    span: Span
    scope: Scope
    mark: Mark = None

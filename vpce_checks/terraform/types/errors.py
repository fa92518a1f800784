"""The one exception of the Terraform evaluator."""

from __future__ import annotations

from vpce_checks.model.spans import Span


class EvalError(Exception):
    """An expression that Terraform would refuse. ``try`` and ``can`` catch it; ``span`` is set by the evaluator."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span

    def withhold(self) -> None:
        """Take out of the message what it may quote of a sensitive value."""
        self.message = "this cannot be evaluated (why is not shown, as a sensitive value takes part in it)"

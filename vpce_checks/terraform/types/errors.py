"""The one exception of the Terraform evaluator."""

from __future__ import annotations

from vpce_checks.model.spans import Span


class EvalError(Exception):
    """An expression that Terraform would refuse. ``try`` and ``can`` catch it; ``span`` is set by the evaluator.

    ``null_argument`` is the place, from 1, of the argument of a function that is null; 0 if the error is another one.
    """

    def __init__(self, message: str, span: Span | None = None, null_argument: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.null_argument = null_argument

    def withhold(self) -> None:
        """Take out of the message what it may quote of a sensitive value."""
        self.message = "this cannot be evaluated (why is not shown, as a sensitive value takes part in it)"

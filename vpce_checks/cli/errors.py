"""Errors that the user of the command line can put right."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vpce_checks.policy.model import PolicyError


class UsageError(Exception):
    """Wrong use of the command line, or a file of the user's that cannot be used. ``lines`` say what to do about it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.lines = [f"error: {message}"]


class PolicyMistakes(UsageError):
    """A policy with mistakes: a line for each, with its file and line."""

    def __init__(self, error: PolicyError) -> None:
        from vpce_checks.report import relative

        super().__init__(str(error))
        self.lines = []
        for item in error.diagnostics:
            is_option = item.file.startswith("--")  # --require has mistakes too, and no lines
            place = item.file if is_option else f"{relative(item.file, os.getcwd())}:{item.line}"
            self.lines.append(f"error: {place}: {item.message}")


@contextmanager
def usage_errors() -> Iterator[None]:
    """Turn the errors of reading a project that the user can put right into a UsageError."""
    from vpce_checks.files.errors import CacheError
    from vpce_checks.policy.model import PolicyError
    from vpce_checks.project.policies import UnknownRuleError
    from vpce_checks.project.variables import VariableError

    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from error
    except PolicyError as error:
        raise PolicyMistakes(error) from error
    except (CacheError, VariableError, UnknownRuleError) as error:
        raise UsageError(str(error)) from error

"""What a built-in function is, and what it may ask of the evaluator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.files.containment import Places
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Opaque, Unknown, Value


class Environment(Protocol):
    """What functions may ask of the evaluator that calls them."""

    @property
    def base_directory(self) -> str:
        """The absolute directory that relative file paths start from (the root module's)."""

    @property
    def places(self) -> Places:
        """Where files may be read: the repository, and modules that lie elsewhere."""

    @property
    def span(self) -> Span:
        """Where the call stands."""

    def laid_over(self, path: str) -> str | Unknown | None:
        """Return the file or directory that is copied to ``path`` before a run, unknown where it cannot be told which."""

    def written_in(self, directory: str) -> Mapping[str, Unknown | None]:
        """Return the files that are written below ``directory`` before a run, by their paths from there: None for one that is
        certainly there then, unknown for one that may be, and for a directory in which any may be."""

    def doubt(self, opaque: Opaque) -> None:
        """Say that the call might fail in truth, depending on ``opaque``: ``try`` and ``can`` want to know."""

    def shown(self, text: str) -> str:
        """``text``, which may be sensitive, as messages may show it."""

    def render_template(self, text: str, variables: Mapping[str, Value], name: str) -> Value:
        """Evaluate ``text`` as a template with only ``variables`` in scope. Raises EvalError."""


Implementation: TypeAlias = Callable[..., Value]
"""Called with the environment first, then the arguments."""


@record
class Function:
    """A built-in function.

    ``minimum`` and ``maximum`` count its arguments (``maximum`` None: variadic). ``partial`` functions get their
    arguments as they are; the others are only called with arguments known through and through, and are worth an
    unknown of type ``returns`` otherwise.
    """

    name: str
    minimum: int
    maximum: int | None
    implementation: Implementation
    partial: bool = False
    returns: str | None = None

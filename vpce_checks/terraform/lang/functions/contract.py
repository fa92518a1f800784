"""What a built-in function is, what it may ask of the evaluator, and how large its result may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.files.containment import Places
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Opaque, Unknown, Value

MAX_ITEMS = 100_000
"""A function result with more elements than this is not computed."""

MAX_TEXT = 10_000_000
"""A function result with more characters than this is not computed."""


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
        """Return the file or directory that is copied to ``path`` before a run, unknown if it may be one of several."""

    def written_in(self, directory: str) -> Mapping[str, Unknown | None]:
        """Return the files that are written below ``directory`` before a run. The keys are their paths from there.

        None: the file is certainly there. Unknown: it may be there. An unknown directory may hold any files.
        """

    def doubt(self, opaque: Opaque) -> None:
        """Note that the call may fail.

        Whether it does depends on ``opaque``. ``try`` and ``can`` ask for such doubts.
        """

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


class NotComputed(Exception):
    """A result that Terraform could compute and we do not; ``reason`` completes "the result of f() ..."."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check_items(count: int) -> None:
    """Raise NotComputed if a result has too many elements."""
    if count > MAX_ITEMS:
        raise NotComputed(f"has more than {MAX_ITEMS} elements")


def check_text(length: int) -> None:
    """Raise NotComputed if a result is too long a string."""
    if length > MAX_TEXT:
        raise NotComputed(f"has more than {MAX_TEXT} characters")

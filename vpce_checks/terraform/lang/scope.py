"""What an expression can see while it is evaluated, and what the evaluation of one root keeps track of."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from vpce_checks.base.defects import defect
from vpce_checks.base.record import field, record
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places, is_within
from vpce_checks.model.sensitive import Labels
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Opaque, Unknown, Value
from vpce_checks.terraform.lang.marks import both
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.lang.functions.contract import Function
    from vpce_checks.terraform.lang.marks import Mark
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

MAX_STEPS = 3_000_000
"""How many elements and calls the evaluation of one root may go through: a few seconds of work."""

MAX_INSTANCES_OF_ROOT = 20_000
"""How many modules, resources, data sources and dynamic blocks one root may make. Each takes about 15 kB with its
verdicts, so that they fit into 300 MB."""

MAX_WEIGHT_OF_ROOT = 4_000_000
"""How much all that one root builds may weigh (see :func:`vpce_checks.model.values.weight`): about 250 MB."""

WEIGHT_OF_BLOCK = 16
"""What a nested block that ``dynamic`` makes weighs with what is made of it, about: 1 kB."""


@record
class ModuleDirectory:
    """Where the user says the code of a module lies: its source as calls write it, an absolute directory."""

    source: str
    directory: str


@record
class ModuleRequest:
    """A module that is not there: its source and version constraint as its call writes them."""

    source: str
    version: str | None


@record
class Download:
    """What came of a request: ``directory`` holds the module, inside of ``package``, which is all that was fetched;
    ``label`` says which version it is. Where nothing came, ``failure`` says why."""

    directory: str = ""
    package: str = ""
    label: str = ""
    failure: str = ""


@record
class TerraformOptions:
    """How a root is to be evaluated.

    ``boundary`` is the absolute directory outside of which nothing is read; ``var_files`` are absolute paths;
    ``variables`` holds the ``--var`` options in order, as (name, text); ``environment`` the ``TF_VAR_*`` variables;
    ``region`` is used where no provider block says one. ``module_sources`` say where the code of modules lies, first
    match first; ``outside`` are directories beyond the boundary that the user named for it, which are read as well.
    ``downloads`` is what was downloaded before the evaluation, which downloads nothing; None where that is not wanted.
    """

    boundary: str
    var_files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    workspace: str | None = None
    module_sources: tuple[ModuleDirectory, ...] = ()
    outside: tuple[str, ...] = ()
    downloads: Mapping[ModuleRequest, Download] | None = None


@record
class Namespace:
    """A name that is no value by itself (``var``, ``data``, ``aws_vpc``): only its attributes are."""

    name: str
    lookup: Callable[[str, Span], Value | Namespace]


class Session:
    """The evaluation of one root: its options, the doubts of the expression at hand, diagnostics and effort.

    A *doubt* is an opaque value on which an operation would fail in truth for some of the values it may have.
    ``try`` and ``can`` need to know; everywhere else a failure would stop the deployment, so it does not matter.
    """

    def __init__(self, root: str, options: TerraformOptions, loader: ModuleLoader) -> None:
        self.root = root
        self.options = options
        self.loader = loader
        self.doubts: list[Opaque] = []
        self.mark: Mark = None  # of what is evaluated at the moment, see vpce_checks.terraform.lang.marks
        self.argument_marks: dict[tuple[str, str], Mark] = {}  # of arguments, by address and name
        self.has_passed_over = False  # whether something was not looked at, the mark of which may count in Terraform
        self.labels = Labels()
        self.steps = 0
        self.instances = 0
        self.weight = 0
        self.cut: Span | None = None  # the block that went over the bound of instances: nothing is made from there on
        self._is_over = False
        self.installed: Mapping[str, str] | None = None  # .terraform/modules/modules.json, once it was read
        self.functions: Mapping[str, Function] = {}  # beside those of Terraform
        self.is_linked = False  # whether what it is given may come from other roots
        self.is_vague = False  # and whether some of that is not known
        self.is_later = False  # whether it is deployed after others, which its data sources may find
        self.label = ""  # what addresses begin with, where several roots are seen together
        self._diagnostics: dict[Diagnostic, None] = {}

    @cached_property
    def places(self) -> Places:
        """What may be read: the repository, and where the user said so."""
        return tuple(map(os.path.realpath, (self.options.boundary, *self.options.outside)))

    def loader_of(self, directory: str) -> ModuleLoader:
        """The loader for a directory that may be read."""
        for place in self.options.outside:
            if is_within(directory, place) and not is_within(directory, self.options.boundary):
                return self.loader.beyond(place)
        return self.loader

    def note_mark(self, mark: Mark) -> None:
        """Note that something with this mark takes part in what is evaluated."""
        if mark is not None:
            self.mark = mark if self.mark is None else both(self.mark, mark)

    def doubt(self, opaque: Opaque) -> None:
        """Note that the operation at hand might fail in truth."""
        self.doubts.append(opaque)

    @contextmanager
    def separate_doubts(self) -> Iterator[list[Opaque]]:
        """Collect the doubts of what is evaluated inside apart from those outside."""
        outside, self.doubts = self.doubts, []
        try:
            yield self.doubts
        finally:
            self.doubts = outside

    def settle(
        self, memo: dict[object, object], key: object, compute: Callable[[], Value], name: str, span: Span
    ) -> Mark:
        """Put what ``compute`` gives under ``key``: unknown where it refers to itself, or is refused. Returns its mark.

        What ``name`` stands for is told apart from the doubts and the mark of whoever asks for it.
        """
        outside, self.mark = self.mark, None
        memo[key] = Unknown((Cause(f"{name} refers to itself", span),))
        with self.separate_doubts():
            try:
                memo[key] = compute()
            except EvalError as error:
                where = error.span or span
                self.warn(error.message, where)
                memo[key] = Unknown((Cause(error.message, where),))
            except RecursionError:
                self.warn(f"{name} is nested too deeply to be evaluated", span)
                memo[key] = Unknown((Cause(f"{name} is nested too deeply to be evaluated", span),))
            except Exception as error:
                self.fail(f"{name} cannot be evaluated: {defect(error)}", span, is_defect=True)
                memo[key] = Unknown((Cause(f"{name} cannot be evaluated", span),))
        mark, self.mark = self.mark, outside
        return mark

    def step(self, count: int = 1) -> bool:
        """Count ``count`` elements of effort; False once the bound is passed."""
        self.steps += count
        return self.steps <= MAX_STEPS

    def give_up(self, what: str, span: Span) -> Unknown:
        """The value of what would go over a bound (``what`` says which). Only the first of them is reported."""
        if not self._is_over:
            self._is_over = True
            self.fail(f"{what}, so the values from here on are not known", span)
        return Unknown((Cause(what, span),))

    def refuse(self, what: str, span: Span) -> Unknown:
        """The value of what alone is over a bound (``what`` says which)."""
        self.warn(f"{what}, so it is not known", span)
        return Unknown((Cause(what, span),))

    def can_hold(self, weight: int) -> bool:
        """Count built values of this weight; False once the bound is passed."""
        self.weight += weight
        return self.weight <= MAX_WEIGHT_OF_ROOT

    def can_make(self, count: int, span: Span) -> bool:
        """Count ``count`` instances of the block at ``span``. False, with an error, once the bound is passed: nothing is
        made from there on."""
        self.instances += count
        if self.instances <= MAX_INSTANCES_OF_ROOT:
            return True
        if self.cut is None:
            self.fail(
                f"this root makes more than {MAX_INSTANCES_OF_ROOT:,} modules and resources; "
                "vpce-checks reads nothing from here on",
                span,
            )
            self.cut = span
        return False

    def warn(self, message: str, span: Span) -> None:
        """Report something that Terraform would refuse or that we could not follow."""
        self._diagnostics.setdefault(Diagnostic("warning", message, span.file, span.line))

    def fail(self, message: str, span: Span, is_defect: bool = False) -> None:
        """Report an input that could not be read."""
        self._diagnostics.setdefault(Diagnostic("error", message, span.file, span.line, is_defect))

    def add(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Report what the reader of a file found."""
        for diagnostic in diagnostics:
            self._diagnostics.setdefault(diagnostic)

    @cached_property
    def workspace(self) -> str | None:
        """The workspace, if that can be told: code that asks for it means several, and which one is up to the user.

        https://developer.hashicorp.com/terraform/language/state/workspaces
        """
        if self.options.workspace is not None:
            return self.options.workspace
        path = os.path.join(self.root, ".terraform", "environment")
        with suppress(OSError, UnicodeDecodeError):
            return tracked.contents(path, self.places).decode()[:200].strip() or None
        return None

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything reported, once each, in order of discovery."""
        return tuple(self._diagnostics)


class Scope:
    """The names visible to an expression: ``bindings`` first, then ``namespace`` (the module's)."""

    __slots__ = ("bindings", "namespace", "session")

    def __init__(
        self,
        session: Session,
        namespace: Callable[[str, Span], Value | Namespace],
        bindings: Mapping[str, Value | Namespace],
    ) -> None:
        self.session = session
        self.namespace = namespace
        self.bindings = bindings

    def bind(self, more: Mapping[str, Value | Namespace]) -> Scope:
        """A scope in which ``more`` names are visible too."""
        return Scope(self.session, self.namespace, {**self.bindings, **more})

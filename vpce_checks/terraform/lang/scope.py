"""The names that an expression can use, and the state of the evaluation of one root."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from vpce_checks.base.defects import defect
from vpce_checks.base.record import field, record
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places, is_within
from vpce_checks.model.sensitive import Labels
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Opaque, Unknown, Value
from vpce_checks.terraform.lang.marks import NO_MARKS, both
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.model.outside import Outside
    from vpce_checks.model.template_body import ReadTemplate
    from vpce_checks.terraform.lang.functions.contract import Function
    from vpce_checks.terraform.lang.marks import Mark
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

MAX_STEPS = 3_000_000
"""The most elements and calls in the evaluation of one root: a few seconds of work."""

MAX_INSTANCES_OF_ROOT = 20_000
"""The most modules, resources, data sources and dynamic blocks of one root. Each takes about 15 kB with its verdicts:
300 MB in all."""

MAX_WEIGHT_OF_ROOT = 4_000_000
"""The most weight of the values of one root (see :func:`vpce_checks.model.values.weight`): about 250 MB."""

WEIGHT_OF_BLOCK = 16
"""The weight of a nested block that ``dynamic`` makes: about 1 kB."""


@record
class ModuleDirectory:
    """The directory (absolute) in which the user keeps the code of a module. ``source`` is what calls write.

    ``directory`` is None if the user says that the module creates no VPC, endpoint or route.
    """

    source: str
    directory: str | None


@record
class ModuleRequest:
    """A module to download: its source and version constraint as its call writes them."""

    source: str
    version: str | None


@record
class Download:
    """The result of a request. ``directory`` holds the module; it is inside of ``package``, which holds all that was
    downloaded. ``label`` names the version. ``failure`` says why nothing was downloaded."""

    directory: str = ""
    package: str = ""
    label: str = ""
    failure: str = ""


@record
class InstalledModule:
    """A module that ``terraform init`` installed: its directory, relative to the root, and what it was asked for then."""

    directory: str
    source: str
    version: str


@record
class TerraformOptions:
    """The options for the evaluation of a root.

    ``boundary`` is the absolute directory outside of which nothing is read; ``var_files`` are absolute paths;
    ``variables`` holds the ``--var`` options in order, as (name, text), and ``files_before`` how many ``var_files`` come before
    each of them (all, where it says nothing); ``environment`` holds the ``TF_VAR_*`` variables, and
    what the policy says of the root's environment;
    ``region`` is for providers without a region. ``module_sources`` name the directories of modules; the first match
    counts. ``unit_sources`` are those of them that the command line names: units and stacks may be there, too.
    ``outside`` are directories of these outside of the boundary, which may be read. ``downloads`` are the modules
    that were downloaded before (the evaluation downloads nothing); None if the user does not want downloads. ``read_template``
    reads the CloudFormation templates that resources deploy.
    """

    boundary: str
    var_files: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    files_before: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    workspace: str | None = None
    module_sources: tuple[ModuleDirectory, ...] = ()
    unit_sources: tuple[ModuleDirectory, ...] = ()
    outside: tuple[str, ...] = ()
    downloads: Mapping[ModuleRequest, Download] | None = None
    read_template: ReadTemplate | None = None

    def given(self) -> Iterator[str | tuple[str, str]]:
        """Yield each file of variables and each variable, in their order: later ones win.

        https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
        """
        done = 0
        for place, variable in enumerate(self.variables):
            before = self.files_before[place] if place < len(self.files_before) else len(self.var_files)
            yield from self.var_files[done:before]
            done = max(done, before)
            yield variable
        yield from self.var_files[done:]


@record
class Namespace:
    """A name that is not a value by itself (``var``, ``data``, ``aws_vpc``): only its attributes are."""

    name: str
    lookup: Callable[[str, Span], Value | Namespace]


class DeclaredObject(Protocol):
    """An instance of a resource or data source."""

    @property
    def type(self) -> str:
        """Its resource type."""

    def attribute(self, name: str) -> Value:
        """Return what expressions see as ``<this>.name``."""


class Session:
    """The evaluation of one root: its options, the doubts of the current expression, diagnostics and effort.

    A *doubt* is an opaque value for which an operation may fail in the deployment, depending on the real value. ``try``
    and ``can`` ask for doubts. Everywhere else such a failure would stop the deployment, so doubts do not matter.
    """

    def __init__(self, root: str, options: TerraformOptions, loader: ModuleLoader) -> None:
        self.root = root
        self.options = options
        self.loader = loader
        self.doubts: list[Opaque] = []
        self.mark: Mark = None  # of the current expression, see vpce_checks.terraform.lang.marks
        self.argument_marks: dict[tuple[str, str], Mark] = {}  # of arguments, by address and name
        self.has_passed_over = False  # whether something with a mark may have been skipped
        self.labels = Labels()
        self.steps = 0
        self.instances = 0
        self.weight = 0
        self.cut: Span | None = None  # the block that passed the bound of instances: it and later ones make nothing
        self._is_over = False
        self.installed: Mapping[str, InstalledModule] | None = None  # .terraform/modules/modules.json, once it was read
        self.functions: Mapping[str, Function] = {}  # beside those of Terraform
        self.account: Value = None  # of the credentials that a run has, where the code says whose they are
        self.laid_over: Callable[[str], str | Unknown | None] | None = None  # what is copied to a path before a run
        self.written_in: Callable[[str], Mapping[str, Unknown | None]] | None = None  # which files are written below it
        self.is_linked = False  # whether its inputs may come from other roots
        self.is_vague = False  # and whether some of these are unknown
        self.under_way: set[tuple[str, str]] = set()  # the attributes of data sources that are being computed
        self.is_later = False  # whether it is deployed after other roots, whose objects its data sources may find
        self.declared: dict[str, DeclaredObject] = {}  # the resources and data sources, by address
        self.zones: dict[str, Mapping[str, object]] = {}  # what a plan has read of aws_availability_zones, by address
        self.tables: dict[str, object] = {}  # tables of this root that are made once, by what they hold
        self.label = ""  # the start of addresses, if a network holds several roots
        self.outside: Outside | None = None  # the other roots of the repository
        self.judged_elsewhere: set[str] = set()  # addresses of objects that another root creates as well
        self._diagnostics: dict[Diagnostic, None] = {}

    @cached_property
    def places(self) -> Places:
        """The directories that may be read: the repository, and those that the user named."""
        return tuple(map(os.path.realpath, (self.options.boundary, *self.options.outside)))

    def loader_of(self, directory: str) -> ModuleLoader:
        """Return the loader for a directory that may be read."""
        for place in self.options.outside:
            if is_within(directory, place) and not is_within(directory, self.options.boundary):
                return self.loader.beyond(place)
        return self.loader

    def note_mark(self, mark: Mark) -> None:
        """Note that a value with this mark takes part in the current expression."""
        if mark is not None:
            self.mark = mark if self.mark is None else both(self.mark, mark)

    def take_mark(self) -> Mark:
        """Return the mark of the current expression so far, and begin anew."""
        mark, self.mark = self.mark, None
        return mark

    def apart(self, compute: Callable[[], Value]) -> tuple[Value, Mark]:
        """Return a value, and its mark, which does not become one of the current expression (unless EvalError is raised)."""
        outside = self.take_mark()
        try:
            value = compute()
        except EvalError:
            self.note_mark(outside)
            raise
        mark, self.mark = self.mark, outside
        return value, mark

    def doubt(self, opaque: Opaque) -> None:
        """Note that the current operation may fail in the deployment."""
        self.doubts.append(opaque)

    @contextmanager
    def separate_doubts(self) -> Iterator[list[Opaque]]:
        """Collect the doubts inside of the ``with`` block separately."""
        outside, self.doubts = self.doubts, []
        try:
            yield self.doubts
        finally:
            self.doubts = outside

    def settle(
        self, values: dict[object, Value], key: object, compute: Callable[[], Value], name: str, span: Span
    ) -> Mark:
        """Store in ``values`` what ``compute`` returns, under ``key``, and return its mark.

        The value is unknown if it refers to itself or Terraform would refuse it. Its doubts and its mark stay separate
        from those of the expression that uses ``name``.
        """
        outside, self.mark = self.mark, None
        values[key] = Unknown((Cause(f"{name} refers to itself", span),))
        with self.separate_doubts():
            try:
                values[key] = compute()
            except EvalError as error:
                where = error.span or span
                self.warn(error.message, where)
                values[key] = Unknown((Cause(error.message, where),))
            except RecursionError:
                self.warn(f"{name} is nested too deeply to be evaluated", span)
                values[key] = Unknown((Cause(f"{name} is nested too deeply to be evaluated", span),))
            except Exception as error:
                self.fail(f"{name} cannot be evaluated: {defect(error)}", span, is_defect=True)
                values[key] = Unknown((Cause(f"{name} cannot be evaluated", span),))
        mark, self.mark = self.mark, outside
        return mark

    def step(self, count: int = 1) -> bool:
        """Count ``count`` steps; return False beyond the bound."""
        self.steps += count
        return self.steps <= MAX_STEPS

    def give_up(self, what: str, span: Span) -> Unknown:
        """Return an unknown for a value beyond a bound of the root. ``what`` names the bound. Only the first is reported."""
        if not self._is_over:
            self._is_over = True
            self.fail(f"{what}, so the values from here on are not known", span)
        return Unknown((Cause(what, span),))

    def refuse(self, what: str, span: Span) -> Unknown:
        """Return an unknown for a single value beyond a bound. ``what`` names the bound."""
        self.warn(f"{what}, so it is not known", span)
        return Unknown((Cause(what, span),))

    def can_hold(self, weight: int) -> bool:
        """Count new values of this weight; return False beyond the bound."""
        self.weight += weight
        return self.weight <= MAX_WEIGHT_OF_ROOT

    def can_make(self, count: int, span: Span) -> bool:
        """Count ``count`` instances of the block at ``span``. Beyond the bound report an error and return False."""
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
        """Report what Terraform would refuse, or what we could not evaluate."""
        self._diagnostics.setdefault(Diagnostic("warning", message, span.file, span.line))

    def fail(self, message: str, span: Span, *, is_defect: bool = False) -> None:
        """Report an input that could not be read."""
        self._diagnostics.setdefault(Diagnostic("error", message, span.file, span.line, is_defect))

    def add(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Report diagnostics of a file."""
        for diagnostic in diagnostics:
            self._diagnostics.setdefault(diagnostic)

    @cached_property
    def workspace(self) -> str | None:
        """The workspace; None if unknown. Code that uses it has several, and the user decides which one a scan is for.

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
        """All reported diagnostics, once each, in the order in which they were found."""
        return tuple(self._diagnostics)


class Scope:
    """The names visible to an expression: ``bindings`` first, then ``namespace`` (the module's).

    ``marks`` are those of bound values that are sensitive, in whole or in part.
    """

    __slots__ = ("bindings", "marks", "namespace", "session")

    def __init__(
        self,
        session: Session,
        namespace: Callable[[str, Span], Value | Namespace],
        bindings: Mapping[str, Value | Namespace],
        marks: Mapping[str, Mark] = NO_MARKS,
    ) -> None:
        self.session = session
        self.namespace = namespace
        self.bindings = bindings
        self.marks = marks

    def bind(self, more: Mapping[str, Value | Namespace], marks: Mapping[str, Mark] = NO_MARKS) -> Scope:
        """This scope with ``more`` names. ``marks`` says which of these are sensitive."""
        if self.marks:
            marks = {**{name: mark for name, mark in self.marks.items() if name not in more}, **marks}
        return Scope(self.session, self.namespace, {**self.bindings, **more}, marks)

"""One instance of a module: its variables, locals, outputs, resources, and the modules it calls.

Each value is evaluated once, when something asks for it. A value that depends on itself is unknown.
https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.model.network import Call
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Reference, Unknown, Value
from vpce_checks.terraform.aws.coerce import as_string
from vpce_checks.terraform.config.counts import counted_block
from vpce_checks.terraform.config.expansion import Entry, Exists, Expansion, address_key, both, expand_within_bounds
from vpce_checks.terraform.config.given import Given, members
from vpce_checks.terraform.config.instances import Instance, Mode, collect
from vpce_checks.terraform.config.nested_blocks import evaluate_argument
from vpce_checks.terraform.config.providers import (
    ProviderConfiguration,
    ProviderReference,
    configuration_of,
    provider_configurations,
    unset_region,
)
from vpce_checks.terraform.config.variables import declared_mark, declared_type, undeclared_variable, variable_value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import Mark
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.syntax.ast import Expr, shape
from vpce_checks.terraform.syntax.structure import WHOLE_INPUTS, Block, ModuleSource
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.sources.locate import Located

MAX_DEPTH = 40
"""How deep module calls may nest."""


@record
class OpaqueCall:
    """A call of a module whose code was not found; ``reason`` says why. ``harmless``, ``is_unread`` and ``submodule`` as in
    :class:`OpaqueModule`."""

    address: str
    block: Block
    source: str
    reason: str
    exists: Exists
    inputs: Mapping[str, Value]
    harmless: bool = False
    is_unread: bool = True
    submodule: str = ""


Expanded: TypeAlias = "tuple[Expansion, Mapping[str | int | None, Instance]]"
"""What ``count`` or ``for_each`` of a block gives, and the instances of the block by key."""

Children: TypeAlias = "tuple[Expansion, Mapping[str | int | None, Module | OpaqueCall]]"
"""The same of a module call."""


class ModuleOutputs(Mapping[str, Value]):
    """The outputs of a module instance. Each is evaluated when something asks for it."""

    def __init__(self, module: Module) -> None:
        self._module = module

    def __getitem__(self, name: str) -> Value:
        if name not in self._module.source.outputs:
            raise KeyError(name)
        return self._module.output(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._module.source.outputs)

    def __len__(self) -> int:
        return len(self._module.source.outputs)

    def __contains__(self, name: object) -> bool:
        return name in self._module.source.outputs

    def mark_of(self, name: str) -> Mark:
        """Return the mark of an output that was evaluated."""
        return self._module.mark_of_output(name)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return dict, (dict(self),)


@record
class Position:
    """Where a module instance stands among the others; by default, at the root.

    ``key`` is the dotted path of call names, as in ``.terraform/modules/modules.json``. ``calls`` lead to the instance
    from the root. ``ancestors`` are the directories of the modules around it. ``call`` is the name of the module block in
    ``parent``, and ``passed`` what its ``providers`` passes.
    """

    address: str = ""
    key: str = ""
    calls: tuple[Call, ...] = ()
    exists: Exists = True
    ancestors: tuple[str, ...] = ()
    parent: Module | None = None
    call: str = ""
    passed: Mapping[str, ProviderConfiguration | None] | None = None


AT_ROOT = Position()


class Module:
    """One instance of a module; the root module has the address ``""``."""

    def __init__(
        self,
        session: Session,
        source: ModuleSource,
        given: Mapping[str, Given],
        position: Position = AT_ROOT,
        *,
        names: Mapping[str, Value] | None = None,
    ) -> None:
        self.session = session
        self.source = source
        self.address = position.address
        self.key = position.key
        self.calls = position.calls
        self.exists = position.exists
        self.ancestors = position.ancestors
        self.parent = position.parent
        self.call = position.call
        self.given = given
        self._passed = position.passed or {}
        self._values: dict[object, Value] = {}
        self._marks: dict[object, Mark] = {}  # of those values
        self._expanded: dict[tuple[str, str, str], Expanded] = {}
        self._shared: dict[object, Entry] = {}
        self._existences: dict[int, tuple[Exists, Exists]] = {}
        self._children: dict[str, Children] = {}
        self._providers: Mapping[str, ProviderConfiguration] | None = None
        self._outputs_used: Mapping[str, tuple[str, ...]] | None = None
        self.scope = Scope(session, self._namespace, names or {})
        session.add(source.diagnostics)

    # -- names ---------------------------------------------------------------------------------------------------

    def _namespace(self, name: str, span: Span) -> Value | Namespace:
        look_up = self._LOOKUPS.get(name)
        if look_up is not None:
            return Namespace(name, lambda attribute, at: look_up(self, attribute, at))
        if name in ("each", "count", "self"):
            raise EvalError(f"{name} has no value here", span)
        return Namespace(name, lambda attribute, at: self._resource(name, attribute, at))

    def variable(self, name: str, span: Span) -> Value:
        """``var.name``"""
        block, given, is_root = self.source.variables.get(name), self.given.get(name), not self.address
        if block is None:
            directory = os.path.basename(self.source.directory)
            self.session.warn(f"there is no variable {name!r} in {directory}", span)
            return self._once(
                ("var", name),
                lambda: undeclared_variable(name, given, self.session, span, is_root=is_root),
                f"var.{name}",
                span,
            )

        def value() -> Value:
            linked = self._linked(name, block) if is_root and self.session.outside is not None else None
            return variable_value(block, given, self.scope, is_root=is_root) if linked is None else linked

        return self._once(("var", name), value, f"var.{name}", block.header)

    @property
    def variables_asked_for(self) -> frozenset[str]:
        """The declared variables whose value was needed so far."""
        return frozenset(name for name in self.source.variables if ("var", name) in self._values)

    def local(self, name: str, span: Span) -> Value:
        """``local.name``"""
        attribute = self.source.locals.get(name)
        if attribute is None:
            return self._undeclared("local value", "local", name, span)
        return self._once(
            ("local", name), lambda: evaluate(attribute.expr, self.scope), f"local.{name}", attribute.span
        )

    def _undeclared(self, what: str, prefix: str, name: str, span: Span) -> Value:
        """Return the value of something undeclared: anything. A tool may generate the file that declares it."""
        self.session.warn(f"there is no {what} {name!r} here", span)
        return Unknown((Cause(f"{prefix}.{name} is not declared", span),))

    def output(self, name: str) -> Value:
        """Return what the caller sees as ``module.x.name``."""
        block = self.source.outputs[name]

        def value() -> Value:
            attribute = block.body.attributes.get("value")
            self.session.note_mark(declared_mark(block))
            return None if attribute is None else evaluate(attribute.expr, self.scope)

        return self._once(("output", name), value, f"output {name}", block.header)

    def mark_of_output(self, name: str) -> Mark:
        """Return the mark of an output that was evaluated."""
        return self._marks.get(("output", name))

    @property
    def outputs(self) -> MapValue:
        """All outputs, as the caller sees them."""
        return MapValue(ModuleOutputs(self), "object")

    def _path(self, name: str, span: Span) -> Value:
        root = self.session.root
        if name == "module":
            return os.path.relpath(self.source.directory, root).replace(os.sep, "/")
        if name == "root":
            return "."
        if name == "cwd":
            from vpce_checks.terraform.lang.functions.files import WORKING_DIRECTORY

            return WORKING_DIRECTORY
        raise EvalError(f"there is no path.{name}", span)

    def _terraform(self, name: str, span: Span) -> Value:
        if name == "workspace":
            workspace = self.session.workspace
            return (
                Unknown((Cause("terraform.workspace is not known; set TF_WORKSPACE", span),), "string")
                if workspace is None
                else workspace
            )
        if name == "applying":
            return Unknown((Cause("terraform.applying is true only during the apply", span),), "bool")
        raise EvalError(f"there is no terraform.{name}", span)

    def _data(self, type: str, span: Span) -> Namespace:
        return Namespace(f"data.{type}", lambda name, at: self._instances_value("data", type, name, at))

    def _ephemeral(self, type: str, span: Span) -> Namespace:
        def value(name: str, at: Span) -> Value:
            return Unknown((Cause(f"ephemeral.{type}.{name} is read during the deployment", at),))

        return Namespace(f"ephemeral.{type}", value)

    def _resource(self, type: str, name: str, span: Span) -> Value:
        return self._instances_value("resource", type, name, span)

    @property
    def prefix(self) -> str:
        """The start of every address in this module."""
        return f"{self.address}." if self.address else self.session.label

    def _module(self, name: str, span: Span) -> Value:
        block = self.source.modules.get(name)
        if block is None:
            return self._undeclared("module", "module", name, span)
        return self._once(("module", name), lambda: self._module_value(name), f"module.{name}", block.header)

    def _prefixed(self, type: str, span: Span) -> Namespace:
        """``resource.type.name``, the long form of ``type.name``."""
        return Namespace(type, lambda name, at: self._resource(type, name, at))

    _LOOKUPS: Mapping[str, Callable[[Module, str, Span], Value | Namespace]] = {
        "var": variable,
        "local": local,
        "path": _path,
        "terraform": _terraform,
        "data": _data,
        "resource": _prefixed,
        "ephemeral": _ephemeral,
        "module": _module,
        "component": _module,  # of a stack
        "stack": _module,
    }

    def _once(self, key: object, compute: Callable[[], Value], name: str, span: Span) -> Value:
        if key not in self._values:
            mark = self.session.settle(self._values, key, compute, name, span)
            if mark is not None:
                self._marks[key] = mark
        if self._marks:
            self.session.note_mark(self._marks.get(key))
        return self._values[key]

    @property
    def root(self) -> Module:
        """The root module."""
        return self if self.parent is None else self.parent.root

    # -- resources -----------------------------------------------------------------------------------------------

    def _instances_value(self, mode: Mode, type: str, name: str, span: Span) -> Value:
        blocks = self.source.resources if mode == "resource" else self.source.data
        if (type, name) not in blocks:
            prefix = "data." if mode == "data" else ""
            label = f"{self.session.label}{prefix}{type}.{name}"
            what = "resource" if mode == "resource" else "data source"
            self.session.warn(f"there is no {what} {label} here", span)
            # Part of the code may be elsewhere. The name still means one object, which this code does not create.
            return Reference(label, (), "undeclared", (Cause(f"{label} is not declared", span),))
        return self._once(
            (mode, type, name),
            lambda: self._collected(*self.expanded(mode, type, name)),
            f"{type}.{name}",
            blocks[type, name].header,
        )

    def _collected(self, expansion: Expansion, instances: Mapping[str | int | None, Instance]) -> Value:
        self.session.note_mark(expansion.mark)
        return collect(expansion, instances)

    def expanded(self, mode: Mode, type: str, name: str) -> Expanded:
        """Return the instances of a resource or data source, by key."""
        found = self._expanded.get((mode, type, name))
        if found is None:
            blocks = self.source.resources if mode == "resource" else self.source.data
            block = blocks[type, name]
            expansion = self._with_shared_instances(block, expand_within_bounds(block, self.scope))
            prefix = self.prefix + ("data." if mode == "data" else "")
            instances = {
                entry.key: Instance(
                    f"{prefix}{type}.{name}{address_key(entry.shown_key)}",
                    type,
                    block,
                    self.scope.bind(entry.bindings) if entry.bindings else self.scope,
                    self,
                    self._exists(entry.exists),
                    mode,
                )
                for entry in expansion.entries
            }
            found = self._expanded[mode, type, name] = (expansion, instances)
            self.session.declared.update((each.address, each) for each in instances.values())
        return found

    def _exists(self, inner: Exists) -> Exists:
        """Return whether an object in this module exists for which ``inner`` decides. For one and the same ``inner`` it
        is one and the same value."""
        return self._existences.setdefault(id(inner), (inner, both(self.exists, inner)))[1]

    def _with_shared_instances(self, block: Block, expansion: Expansion) -> Expansion:
        """Return the expansion of ``block``, with the instances that it shares with other blocks.

        Two blocks share them if they have the same expression for ``count`` or ``for_each``, or if one counts the
        instances of the other. Then one value decides whether an instance exists in both, and an unknown key of the one
        is that of the other.
        """
        attribute = block.body.attributes.get("for_each") or block.body.attributes.get("count")
        if attribute is None or all(entry.exists is True and entry.key != "*" for entry in expansion.entries):
            return expansion
        counted = counted_block(attribute.expr) if attribute.name == "count" else None
        # It is there once its instances were counted, unless the two blocks count each other.
        if counted is not None and ("resource", *counted) in self._expanded:
            other = self.expanded("resource", *counted)[0]
            if other.kind == "count" and self.session.can_make(len(other.entries), attribute.span):
                return other
        try:
            form = shape(attribute.expr)
        except RecursionError:
            return expansion
        entries = []
        for entry in expansion.entries:
            first = self._shared.setdefault((attribute.name, form, entry.key), entry)
            bindings = first.bindings if entry.key == "*" else entry.bindings
            exists = first.exists if entry.exists is not True else True
            entries.append(replace(entry, exists=exists, bindings=bindings))
        return replace(expansion, entries=tuple(entries))

    def instances(self, type: str, name: str) -> Iterator[Instance]:
        """Return the instances of a managed resource."""
        return iter(self.expanded("resource", type, name)[1].values())

    # -- providers -----------------------------------------------------------------------------------------------

    def region_of(self, instance: Instance) -> Value:
        """Return the region of an instance: its own ``region`` argument (AWS provider 6), else its provider's."""
        if "region" in instance.block.body.attributes and instance.type != "aws_region":
            own = as_string(instance.get("region"))
            if own is not None and own != "":
                return own
        configuration = self.provider_of(instance)
        if configuration is not None:
            return configuration.region()
        if self.session.options.region is not None:
            return self.session.options.region
        name = configuration_of(instance.block, instance.type).name
        cause = Cause(f"no provider block of {name} sets a region; pass --region", instance.block.header)
        # Without a block, one configuration serves all modules. A call may pass another one by the same name.
        if any(name in module._passed for module in self._chain()):
            return Unknown((cause,), "string")
        return unset_region(name, cause)

    def _chain(self) -> Iterator[Module]:
        """Yield this module and those around it."""
        module: Module | None = self
        while module is not None:
            yield module
            module = module.parent

    def provider_of(self, instance: Instance) -> ProviderConfiguration | None:
        """Return the provider configuration that an instance uses; None if there is no block for it."""
        return self._configuration(configuration_of(instance.block, instance.type), instance.scope)

    def _configuration(self, named: ProviderReference, scope: Scope) -> ProviderConfiguration | None:
        """Return the provider configuration that a reference in ``scope`` means."""
        configuration = self.providers.get(named.name)
        if configuration is None or named.key is None:
            return configuration
        with self.session.separate_doubts():
            try:
                return configuration.of_instance(evaluate(named.key, scope))
            except EvalError as error:
                return configuration.of_instance(Unknown((Cause(error.message, error.span or named.key.span),)))

    def _linked(self, name: str, block: Block) -> Value:
        """Return the value of a root variable that the policy links; null if it links none."""
        from vpce_checks.terraform.config.links import linked_variable

        return linked_variable(name, lambda: declared_type(block, self.scope), self.session)

    @property
    def providers(self) -> Mapping[str, ProviderConfiguration]:
        """The provider configurations that this module sees, by name.

        A configuration that the call passes wins over a block of the module. Such a block is a proxy: it only says that
        the call must pass one.
        """
        if self._providers is None:
            outer = self.parent.providers if self.parent is not None else {}
            defaults = {name: configuration for name, configuration in outer.items() if "." not in name}
            own = provider_configurations(self.source.providers, self.scope, self.session.options.region)
            seen = {**defaults, **own, **self._passed}
            self._providers = {name: each for name, each in seen.items() if each is not None}
        return self._providers

    def _passed_providers(self, block: Block, scope: Scope) -> Mapping[str, ProviderConfiguration | None]:
        """Return what ``providers`` of a call passes, by the inner name; None is a configuration that is not there."""
        attribute = block.body.attributes.get("providers")
        if attribute is None:
            return {}
        from vpce_checks.terraform.config.providers import provider_map

        return {
            inner: self._configuration(outer, scope) if outer is not None else None
            for inner, outer in provider_map(attribute.expr)
        }

    def outputs_used(self, call: str) -> tuple[str, ...]:
        """Return the outputs of the module call ``call`` that the code of this module mentions."""
        if self._outputs_used is None:
            from vpce_checks.terraform.syntax.outputs_used import outputs_used

            self._outputs_used = outputs_used(self.source.files, self.session.places)
        return self._outputs_used.get(call, ())

    # -- module calls --------------------------------------------------------------------------------------------

    def children(self, name: str) -> Children:
        """Return the instances of a module call, by key."""
        found = self._children.get(name)
        if found is None:
            from vpce_checks.terraform.sources.locate import Located, in_submodule, locate

            block = self.source.modules[name]
            located = locate(self.source, block, f"{self.key}.{name}".lstrip("."), self.scope)
            expansion = expand_within_bounds(block, self.scope)
            if self.session.cut is not None:
                located = Located(None, located.source, "the root makes too many modules and resources to be read")
            elif located.directory is not None and located.directory in self.ancestors:
                located = Located(None, located.source, "it calls itself")
            elif located.directory is not None and not located.stub and self._is_empty(located, block):
                located = in_submodule(located.directory, located.source, self.session) or Located(
                    None, located.source, "its directory holds no Terraform code"
                )
            elif len(self.ancestors) >= MAX_DEPTH:
                located = Located(None, located.source, f"calls nest deeper than {MAX_DEPTH}")
                self.session.fail(f"module calls nest deeper than {MAX_DEPTH}; this one is not read", block.header)
            children = {
                entry.key: self._child(name, block, entry.shown_key, entry.bindings, entry.exists, located)
                for entry in expansion.entries
            }
            found = self._children[name] = (expansion, children)
        return found

    def _is_empty(self, located: Located, block: Block) -> bool:
        source = located.load(block.span, self.session)
        return not source.files and not source.diagnostics

    def _child(
        self,
        name: str,
        block: Block,
        key: str | int | None,
        bindings: Mapping[str, Value | Namespace],
        entry_exists: Exists,
        located: Located,
    ) -> Module | OpaqueCall:
        from vpce_checks.terraform.sources.locate import CALL_META

        address = f"{self.prefix}{block.type}.{name}{address_key(key)}"
        scope = self.scope.bind(bindings) if bindings else self.scope
        exists = self._exists(entry_exists)
        arguments = {n: a for n, a in block.body.attributes.items() if n not in CALL_META}
        if located.directory is None:
            inputs = _Inputs({n: a.expr for n, a in arguments.items()}, scope)
            harmless = located.how == "harmless"
            unread = not located.is_foreign
            return OpaqueCall(
                address, block, located.source, located.reason, exists, inputs, harmless, unread, located.submodule
            )
        source = located.load(block.span, self.session)
        whole = arguments.pop(WHOLE_INPUTS, None)
        given = {n: Given(a.expr, a.span, scope) for n, a in arguments.items()}
        if whole is not None:
            value = evaluate_argument(whole.expr, whole.span, scope)
            given.update(members(whole, value, source.variables, scope))
        for argument, attribute in arguments.items():
            if argument not in source.variables and not source.diagnostics and not located.stub:
                self.session.warn(f"module {name!r} has no variable {argument!r}", attribute.span)
        position = Position(
            address,
            key=f"{self.key}.{name}".lstrip("."),
            calls=(*self.calls, located.call(address, block.span)),
            exists=exists,
            ancestors=(*self.ancestors, self.source.directory),
            parent=self,
            call=name,
            passed=self._passed_providers(block, scope),
        )
        return Module(self.session, source, given, position)

    def _module_value(self, name: str) -> Value:
        expansion, children = self.children(name)
        self.session.note_mark(expansion.mark)
        values = {key: _child_value(child) for key, child in children.items()}
        if expansion.kind == "single":
            return expansion.alone(values.get(None))
        known_entries = expansion.known_entries
        if expansion.kind == "count":
            items = tuple(values[entry.key] for entry in known_entries)
            uncertain = {at: e.exists for at, e in enumerate(known_entries) if e.exists is not True}
            return ListValue(items, "tuple", uncertain, expansion.rest)
        maybe: dict[str, Opaque] = {str(e.key): e.exists for e in known_entries if e.exists is not True}
        return MapValue({str(e.key): values[e.key] for e in known_entries}, "object", maybe, expansion.rest)


class _Inputs(Mapping[str, Value]):
    """The arguments of an opaque call. Each is evaluated when something asks for it."""

    def __init__(self, arguments: Mapping[str, Expr], scope: Scope) -> None:
        self._arguments = arguments
        self._scope = scope

    def __getitem__(self, name: str) -> Value:
        expr = self._arguments[name]
        with self._scope.session.separate_doubts():
            try:
                return evaluate(expr, self._scope)
            except EvalError as error:
                return Unknown((Cause(error.message, error.span or expr.span),))

    def __iter__(self) -> Iterator[str]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)


def _child_value(child: Module | OpaqueCall) -> Value:
    if isinstance(child, Module):
        return child.outputs
    text = f"the value is an output of {child.address} ({child.source}), whose code was not read: {child.reason}"
    cause = Cause(text, child.block.header)
    return Reference(child.address, (), "module", (cause,))

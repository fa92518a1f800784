"""Provider configurations. They decide which region a resource is deployed to.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vpce_checks.base.record import record, replace
from vpce_checks.model.values import Cause, MapValue, Opaque, Reference, Unknown, Value, merge_causes
from vpce_checks.terraform.aws.coerce import as_string
from vpce_checks.terraform.config.expansion import with_marks
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import of_item
from vpce_checks.terraform.lang.scope import Scope
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.types.errors import EvalError


@record
class ProviderConfiguration:
    """A ``provider`` block, and the scope in which its arguments are evaluated."""

    name: str
    block: Block
    scope: Scope
    fallback: str | None

    def get(self, name: str, type: str | None = None) -> Value:
        """Return the value of an argument, which should be of ``type``; null if it is not set."""
        attribute = self.block.body.attributes.get(name)
        if attribute is None:
            return None
        with self.scope.session.separate_doubts():
            try:
                return evaluate(attribute.expr, self.scope)
            except EvalError as error:
                return Unknown((Cause(error.message, error.span or attribute.span),), type)

    def region(self) -> Value:
        """Return its region, or ``fallback`` (``--region``) if the block sets none. AWS's provider takes "" for none."""
        value = as_string(self.get("region", "string"))
        if value is not None and value != "":
            return value
        if self.fallback is not None:
            return self.fallback
        header = self.block.header
        cause = Cause(f"provider {self.name} sets no region; pass --region", header)
        return unset_region(self.name, cause, header.file, header.line)

    def of_instance(self, key: Value) -> ProviderConfiguration:
        """Return the configuration that ``for_each`` makes for ``key`` (OpenTofu, and the stacks of Terraform)."""
        attribute = self.block.body.attributes.get("for_each")
        if attribute is None:
            return self
        session = self.scope.session
        outside, session.mark = session.mark, None
        with session.separate_doubts():
            try:
                instances = evaluate(attribute.expr, self.scope)
            except EvalError as error:
                instances = Unknown((Cause(error.message, error.span or attribute.span),))
        value: Value = key
        if isinstance(instances, MapValue):
            missing = Unknown(
                (Cause(f"cannot determine which instance of provider {self.name} is used", attribute.span),)
            )
            value = instances.items.get(key, missing) if isinstance(key, str) else missing
        elif isinstance(instances, Opaque):
            value = Unknown(merge_causes([instances]))
        marks = {"value": of_item(session.mark, key)}
        session.mark = outside
        each = with_marks("each", MapValue({"key": key, "value": value}), marks, session)
        return replace(self, scope=self.scope.bind({"each": each}))


def provider_configurations(
    blocks: Mapping[tuple[str, str], Block], scope: Scope, fallback: str | None
) -> Mapping[str, ProviderConfiguration]:
    """Return the configurations that a module declares itself, by name (``aws``, ``aws.west``)."""
    found: dict[str, ProviderConfiguration] = {}
    for (name, alias), block in blocks.items():
        full = f"{name}.{alias}" if alias else name
        found[full] = ProviderConfiguration(full, block, scope, fallback)
    return found


def unset_region(name: str, cause: Cause, *block: str | int) -> Value:
    """Return the region of a provider that sets none: one and the same for all that use it, whichever it is.

    ``block`` is the file and line of the provider's block, if it has one.
    """
    return Reference(f"provider.{name}", ("region", *block), "provider", (cause,), "string")


@record
class ProviderReference:
    """``aws.west``; ``key`` picks one of its instances where it has ``for_each``."""

    name: str
    key: ast.Expr | None = None


def configuration_of(block: Block, type: str) -> ProviderReference:
    """Return the provider configuration that a resource block uses: its ``provider``, else the default of its type."""
    attribute = block.body.attributes.get("provider")
    named = provider_reference(attribute.expr) if attribute is not None else None
    return named if named is not None else ProviderReference(type.split("_", 1)[0])


def provider_map(expr: ast.Expr) -> Iterator[tuple[str, ProviderReference | None]]:
    """Yield the inner names and the outer configurations of ``providers = { inner = outer }``."""
    if isinstance(expr, ast.ObjectCons):
        for key, value in expr.items:
            inner = provider_reference(key)
            if inner is not None:
                yield inner.name, provider_reference(value)


def provider_reference(expr: ast.Expr) -> ProviderReference | None:
    """Return the configuration that an expression names; None for another expression.

    It is a reference (``aws.west``), or a string in JSON and old code. ``aws.each[key]`` is one instance of several. In
    stacks, ``provider.`` precedes it.
    """
    if isinstance(expr, ast.Index):
        several = provider_reference(expr.object)
        return None if several is None else ProviderReference(several.name, expr.key)
    if isinstance(expr, ast.Name):
        return ProviderReference(expr.name)
    if isinstance(expr, ast.GetAttr):
        before = provider_reference(expr.object)
        if before is None or before.key is not None:
            return None
        return ProviderReference(f"{before.name}.{expr.name}".removeprefix("provider."))
    if isinstance(expr, ast.TemplateWrap):
        return provider_reference(expr.expr)
    if isinstance(expr, ast.Invalid) and expr.expr is not None:
        return provider_reference(expr.expr)  # "aws.west" as a key
    if isinstance(expr, ast.Literal) and isinstance(expr.value, str):
        return ProviderReference(expr.value)
    return None

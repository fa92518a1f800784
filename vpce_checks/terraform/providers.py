"""Provider configurations: which region each resource is deployed to.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vpce_checks.record import record
from vpce_checks.terraform.errors import EvalError
from vpce_checks.terraform.expressions import evaluate
from vpce_checks.terraform.scope import Scope
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.values import Cause, Unknown, Value


@record
class ProviderConfiguration:
    """A ``provider`` block, and the scope in which its arguments are evaluated."""

    name: str
    block: Block
    scope: Scope
    fallback: str | None

    def region(self) -> Value:
        """The region it works in; ``fallback`` (``--region``) where the block leaves it to the environment."""
        attribute = self.block.body.attributes.get("region")
        if attribute is not None:
            with self.scope.session.separate_doubts():
                try:
                    value = evaluate(attribute.expr, self.scope)
                except EvalError as error:
                    return Unknown((Cause(error.message, error.span or attribute.span),), "string")
            if value is not None:
                return value
        if self.fallback is not None:
            return self.fallback
        cause = Cause(f"provider {self.name} does not say its region (--region can)", self.block.header)
        return Unknown((cause,), "string")


def provider_configurations(
    blocks: Mapping[tuple[str, str], Block], scope: Scope, fallback: str | None
) -> Mapping[str, ProviderConfiguration]:
    """The configurations that a module declares itself, by name (``aws``, ``aws.west``)."""
    found: dict[str, ProviderConfiguration] = {}
    for (name, alias), block in blocks.items():
        full = f"{name}.{alias}" if alias else name
        found[full] = ProviderConfiguration(full, block, scope, fallback)
    return found


def configuration_name(block: Block, type: str) -> str:
    """The provider configuration that a resource block uses: its ``provider``, else the default of its type."""
    attribute = block.body.attributes.get("provider")
    if attribute is not None:
        name = reference_text(attribute.expr)
        if name is not None:
            return name
    return type.split("_", 1)[0]


def provider_map(expr: ast.Expr) -> Iterator[tuple[str, str]]:
    """The (inner, outer) names of ``providers = { inner = outer }``."""
    if isinstance(expr, ast.ObjectCons):
        for key, value in expr.items:
            inner, outer = reference_text(key), reference_text(value)
            if inner is not None and outer is not None:
                yield inner, outer


def reference_text(expr: ast.Expr) -> str | None:
    """``aws.west`` as text, written as a reference or (as JSON and old code do) as a string."""
    if isinstance(expr, ast.Name):
        return expr.name
    if isinstance(expr, ast.GetAttr) and isinstance(expr.object, ast.Name):
        return f"{expr.object.name}.{expr.name}"
    if isinstance(expr, ast.TemplateWrap):
        return reference_text(expr.expr)
    if isinstance(expr, ast.Invalid) and expr.expr is not None:
        return reference_text(expr.expr)  # "aws.west" as a key
    if isinstance(expr, ast.Literal) and isinstance(expr.value, str):
        return expr.value
    return None

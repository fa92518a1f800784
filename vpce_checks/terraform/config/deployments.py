"""The values that the deployments of a stack set for its variables.

https://developer.hashicorp.com/terraform/language/stacks/deploy/config
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, Unknown, Value
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.syntax.ast import Conditional, Expr, Invalid, Literal
from vpce_checks.terraform.syntax.deployments import Deployments, load_deployments
from vpce_checks.terraform.syntax.structure import ModuleSource
from vpce_checks.terraform.types.errors import EvalError


def deployed_values(source: ModuleSource, session: Session) -> Iterator[tuple[str, Given]]:
    """Yield the values of a stack's variables. Where deployments set several, the value is one of these."""
    deployments = load_deployments(source.directory, session.places)
    session.add(deployments.diagnostics)
    scope = Scope(session, _names(deployments, session), {})
    broken = next((item for item in deployments.diagnostics if item.severity == "error"), None)
    for name, block in source.variables.items():
        if broken is not None:
            span = Span(broken.file, broken.line)
            yield name, Given(Invalid(f"var.{name} depends on deployments that cannot be read", span), span, scope)
            continue
        default = block.body.attributes.get("default")
        values: list[Expr] = []
        for inputs in deployments.inputs:
            if name in inputs:
                values.append(inputs[name].expr)
            elif default is not None:
                values.append(default.expr)
        if values:
            yield name, Given(_one_of(values, name), values[0].span, scope)


def _one_of(values: list[Expr], name: str) -> Expr:
    """Return an expression whose value is one of ``values``, depending on the deployment."""
    first, *others = values
    if not others or all(_same(first, other) for other in others):
        return first
    unknown = Invalid(f"var.{name} depends on the deployment", first.span)
    return Conditional(unknown, first, _one_of(others, name), first.span)


def _same(left: Expr, right: Expr) -> bool:
    return isinstance(left, Literal) and isinstance(right, Literal) and repr(left.value) == repr(right.value)


def _names(deployments: Deployments, session: Session) -> Callable[[str, Span], Value | Namespace]:
    def local(name: str, span: Span) -> Value:
        attribute = deployments.locals.get(name)
        if attribute is None:
            raise EvalError(f"there is no local value {name!r} in the deployments", span)
        return evaluate(attribute.expr, scope)

    def look_up(name: str, span: Span) -> Value | Namespace:
        if name == "local":
            return Namespace("local", local)
        return Unknown((Cause(f"only the deployment knows {name}", span),))

    scope = Scope(session, look_up, {})
    return look_up

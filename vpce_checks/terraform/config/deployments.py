"""The deployments of a stack: which there are, and the values that each sets for the stack's variables.

https://developer.hashicorp.com/terraform/language/stacks/deploy/config
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Opaque, Unknown, Value, merge_causes
from vpce_checks.terraform.config.expansion import Exists
from vpce_checks.terraform.config.given import Given, members
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.syntax.ast import Invalid
from vpce_checks.terraform.syntax.deployments import Deployments
from vpce_checks.terraform.syntax.structure import Attribute, Block, ModuleSource
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import BOOL


def is_deployed(block: Block, deployments: Deployments, session: Session) -> Exists | None:
    """Return whether a deployment exists: None if it does not, as ``destroy = true`` removes it."""
    attribute = block.body.attributes.get("destroy")
    if attribute is None:
        return True
    destroys = _evaluated(attribute, deployments, session)
    try:
        destroys = convert(destroys, BOOL)
    except EvalError as error:
        destroys = Unknown((Cause(error.message, attribute.span),))
    if isinstance(destroys, Opaque):
        return Unknown(merge_causes([destroys]))
    return None if destroys is True else True


def deployed_values(
    block: Block, deployments: Deployments, source: ModuleSource, session: Session
) -> Mapping[str, Given]:
    """Return the values that one deployment sets."""
    given: dict[str, Given] = {}
    for argument in ("variables", "inputs"):  # what inputs were called at first
        attribute = block.body.attributes.get(argument)
        if attribute is not None:
            inputs = _evaluated(attribute, deployments, session)
            given.update(members(attribute, inputs, source.variables, _scope(deployments, session)))
    return given


def hidden_values(problem: Diagnostic, source: ModuleSource, session: Session) -> Mapping[str, Given]:
    """Return the values of a stack some of whose deployments cannot be read: each variable may have any."""
    span, scope = Span(problem.file, problem.line), Scope(session, _no_names, {})
    return {
        name: Given(Invalid(f"var.{name} depends on deployments that cannot be read", span), span, scope)
        for name in source.variables
    }


def _evaluated(attribute: Attribute, deployments: Deployments, session: Session) -> Value:
    with session.separate_doubts():
        try:
            return evaluate(attribute.expr, _scope(deployments, session))
        except EvalError as error:
            session.warn(error.message, error.span or attribute.span)
            return Unknown((Cause(error.message, error.span or attribute.span),))


def _scope(deployments: Deployments, session: Session) -> Scope:
    return Scope(session, _names(deployments, session), {})


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


def _no_names(name: str, span: Span) -> Value | Namespace:
    raise EvalError(f"{name} has no value here", span)

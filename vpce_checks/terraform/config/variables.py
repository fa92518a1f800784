"""Input variables: every way to set them, with Terraform's precedence and conversions.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from vpce_checks.base.defects import withhold_texts
from vpce_checks.files.containment import Places, where_given
from vpce_checks.files.tracked import contained
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Reference, Unknown, Value
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import PARTLY, SENSITIVE, Mark
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.syntax.ast import Invalid, Literal, Name
from vpce_checks.terraform.syntax.structure import Attribute, Block, ModuleSource
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import ANY, Type

_PRIMITIVE = frozenset({"string", "number", "bool"})


def variable_value(block: Block, given: Given | None, scope: Scope, *, is_root: bool) -> Value:
    """Return the value of ``var.x``: the given one, else the default, converted to the declared type."""
    name = block.labels[0] if block.labels else "?"
    attributes = block.body.attributes
    declared = declared_type(block, scope)
    before = scope.session.mark
    scope.session.note_mark(declared_mark(block))
    value: Value = None
    if given is not None:
        scope.session.note_mark(given.mark)
        value = _given_value(given, name)
    default = attributes.get("default")
    nullable = attributes.get("nullable")
    replaces_null = nullable is not None and isinstance(nullable.expr, Literal) and nullable.expr.value is False
    where = given.span if given is not None else block.header
    if given is None or (value is None and replaces_null):
        if default is None:
            scope.session.mark = before  # without a value there is nothing to hide
            return _without_value(block, name, scope.session, is_root=is_root)
        value = evaluate(default.expr, scope)
        where = default.span
    try:
        return convert(value, declared)
    except EvalError as error:
        scope.session.warn(f"the value of variable {name!r} does not fit its type: {error.message}", where)
        return Unknown((Cause(f"var.{name} has a value that does not fit its type: {error.message}", where),))


def declared_mark(block: Block) -> Mark:
    """Return how a variable or an output marks its value. An ephemeral value must not be shown either.

    https://developer.hashicorp.com/terraform/language/values/variables#suppressing-values-in-cli-output
    """
    attributes = block.body.attributes
    mark: Mark = PARTLY if _is_on(attributes.get("ephemeral")) else None
    if _is_on(attributes.get("sensitive")):
        mark = SENSITIVE
    if mark is not None:
        withhold_texts()
    return mark


def _is_on(attribute: Attribute | None) -> bool:
    """Whether a switch is on, or may be. Terraform accepts only a literal here."""
    if attribute is None:
        return False
    return not (isinstance(attribute.expr, Literal) and attribute.expr.value in (False, "false", None))


def undeclared_variable(name: str, given: Given | None, session: Session, span: Span, *, is_root: bool) -> Value:
    """Return the value of ``var.x`` that no block here declares.

    Terraform refuses it, so a file that is generated before the run must declare it.
    """
    if given is not None:
        return _given_value(given, name)
    cause = Cause(f"var.{name} is not declared", span)
    return Unknown((cause,)) if not is_root or session.is_later else _unset(name, session, cause)


def _unset(name: str, session: Session, cause: Cause) -> Reference:
    """Return what stands for a root variable without a value: nothing that this configuration creates."""
    return Reference(f"{session.label}var.{name}", (), "variable", (cause,))


def _given_value(given: Given, name: str) -> Value:
    session = given.scope.session
    with session.separate_doubts():
        try:
            return evaluate(given.expr, given.scope)
        except EvalError as error:
            where = error.span or given.span
            session.warn(error.message, where)
            return Unknown((Cause(error.message, where),))


def _without_value(block: Block, name: str, session: Session, *, is_root: bool) -> Value:
    cause = Cause(f"var.{name} has no value", block.header)
    if is_root and session.is_later:
        return Unknown((cause,))  # a root that is deployed earlier may set it
    if is_root:
        return _unset(name, session, cause)
    session.warn(f"variable {name!r} has no default and the module call does not set it", block.header)
    return Unknown((cause,))


def declared_type(block: Block, scope: Scope) -> Type:
    """Return the type of a variable. One that cannot be read is a warning, and any."""
    attribute = block.body.attributes.get("type")
    if attribute is None:
        return ANY
    from vpce_checks.terraform.types.constraints import parse_type

    try:
        return parse_type(attribute.expr, lambda expr: evaluate(expr, scope))
    except EvalError as error:
        scope.session.warn(f"the type cannot be read: {error.message}", error.span or attribute.span)
        return ANY


def root_values(
    source: ModuleSource, session: Session, deployed: Mapping[str, Given] | None = None
) -> Mapping[str, Given]:
    """Return the values that are set for the root module's variables. Later sources win, in this order:

    the environment, the deployment of a stack (``deployed``), ``terraform.tfvars``, ``terraform.tfvars.json``,
    ``*.auto.tfvars`` and ``*.auto.tfvars.json`` by name, then ``--var-file`` and ``--var`` in the order of the command line.
    """
    scope = Scope(session, no_names, {})
    given: dict[str, Given] = {}
    options = session.options
    for key, text in sorted(options.environment.items()):
        name = key.removeprefix("TF_VAR_")
        if key.startswith("TF_VAR_") and name in source.variables:
            given[name] = from_text(source.variables[name], text, f"environment variable {key}", scope)
    given.update(deployed or {})
    for path in automatic_files(source.directory, session.places):
        _take_file(path, session.places, given, source, scope)
    told = {*given, *(name for name, _ in options.variables)}
    missing = {
        name for name, block in source.variables.items() if name not in told and "default" not in block.body.attributes
    }
    if missing and not options.var_files:
        from vpce_checks.terraform.config.unselected_tfvars import other_values

        given.update(other_values(source, given, missing, session, scope))
    for each in options.given():
        if isinstance(each, str):
            _take_file(each, where_given(each, session.places), given, source, scope)
        elif each[0] in source.variables:
            given[each[0]] = from_text(source.variables[each[0]], each[1], f"--var {each[0]}", scope)
    return given


def _take_file(path: str, places: Places, given: dict[str, Given], source: ModuleSource, scope: Scope) -> None:
    """Add the values that a file of variables sets to those ``given``."""
    from vpce_checks.terraform.syntax.tfvars import load_tfvars

    values, diagnostics = load_tfvars(path, places)
    scope.session.add(diagnostics)
    broken = next((item for item in diagnostics if item.severity == "error"), None)
    if broken is not None:
        given.update(_hidden_by(broken, given, source, scope))
    for name, (expr, span) in values.items():
        given[name] = Given(expr, span, scope)


def _hidden_by(
    problem: Diagnostic, given: Mapping[str, Given], source: ModuleSource, scope: Scope
) -> Iterator[tuple[str, Given]]:
    """Yield the variables that a broken file may set: what could not be read may replace the value that they have."""
    file, span = os.path.basename(problem.file), Span(problem.file, problem.line)
    for name, block in source.variables.items():
        if name in given or "default" in block.body.attributes:
            yield name, Given(Invalid(f"var.{name} may be set in {file}, which cannot be read", span), span, scope)


def automatic_files(directory: str, places: Places) -> list[str]:
    """Return the files in a root module's directory that Terraform reads by itself to set variables."""
    try:
        return [os.path.join(directory, name) for name in _automatic_names(directory, places)]
    except OSError:
        return []


@contained
def _automatic_names(directory: str) -> list[str]:
    with os.scandir(directory) as listing:
        names = sorted(entry.name for entry in listing if not entry.is_dir(follow_symlinks=False))
    first = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return [*first, *automatic]


def from_text(block: Block, text: str, origin: str, scope: Scope) -> Given:
    """Return a value from the command line or environment: plain text for primitive types, else an expression."""
    from vpce_checks.terraform.syntax.fragments import parse_expression

    span = Span(origin, 1)
    return Given(Literal(text, span) if takes_text(block) else parse_expression(text, origin), span, scope)


def takes_text(block: Block) -> bool:
    """Whether a variable takes plain text and not an expression: its type is primitive, or it has none."""
    attribute = block.body.attributes.get("type")
    expr = attribute.expr if attribute is not None else None
    return (
        expr is None
        or (isinstance(expr, Name) and expr.name in _PRIMITIVE)
        or (isinstance(expr, Literal) and expr.value in _PRIMITIVE)
    )


def no_names(name: str, span: Span) -> Value | Namespace:
    raise EvalError(f"the value of a variable must not refer to {name}", span)

"""Expressions: against real Terraform, and the law that hiding a value only ever hides results."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.terraform.compatible import compatible
from tests.terraform.console import ERROR, UNKNOWABLE, console, needs_terraform, read_json
from tests.terraform.expression_strategies import LOCALS, expressions
from vpce_checks.source import Span
from vpce_checks.terraform import functions
from vpce_checks.terraform.errors import EvalError
from vpce_checks.terraform.expressions import evaluate
from vpce_checks.terraform.scope import Namespace, Scope, Session, TerraformOptions
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.values import Unknown, Value, is_known, unknown


def scope_with(hidden: frozenset[str] = frozenset(), directory: str = "/nowhere") -> Scope:
    """A scope with the locals of LOCALS, of which those in ``hidden`` are unknown."""
    session = Session(directory, TerraformOptions(boundary=directory), ModuleLoader(directory))

    def local(name: str, span: Span) -> Value:
        if name in hidden:
            return unknown(f"local.{name} is hidden", span)
        return evaluate(parse_expression(LOCALS[name], "locals"), scope)

    def names(name: str, span: Span) -> Value | Namespace:
        if name != "local":
            raise EvalError(f"no {name} here", span)
        return Namespace("local", local)

    scope = Scope(session, names, {})
    return scope


def value_of(text: str, hidden: frozenset[str] = frozenset()) -> Value:
    return evaluate(parse_expression(text, "test"), scope_with(hidden))


UNKNOWN = "<unknown>"


def as_json(text: str) -> object:
    """What our evaluator says, in the form that ``console`` answers in."""
    try:
        encoded = value_of(f"jsonencode({text})")
    except EvalError:
        return ERROR
    return read_json(encoded) if isinstance(encoded, str) else UNKNOWN


def generated(count: int, depth: int) -> list[str]:
    """``count`` different expressions, the same ones every time."""
    found: dict[str, None] = {}

    @settings(
        max_examples=count, derandomize=True, database=None, suppress_health_check=list(HealthCheck), deadline=None
    )
    @given(expressions(depth))
    def gather(text: str) -> None:
        found.setdefault(text)

    gather()
    return list(found)


CASES = [
    "1 - 2 - 3",
    "2 + 3 * 4 == 14 && !false",
    "-local.three + 1",
    "10 / 4",
    "1 / 3",
    "-7 % 3",
    '"1" + 1',
    '1 == "1"',
    "[1] == tolist([1])",
    "local.none == []",
    'true ? 1 : "a"',
    "false ? [1, 2] : []",
    'true ? { a = 1 } : { b = "x" }',
    "[for k, v in local.endpoints : k if v.on]",
    "{ for r in local.rows : r.key => r.size... }",
    "{ for r in local.rows : r.key => r.size }",
    "{ for i, n in local.names : n => i }",
    "local.endpoints[*].s3",
    "local.rows[*].size",
    "local.rows.*.size",
    "local.nothing[*]",
    "local.name[*]",
    '"${local.name}"',
    '"${local.numbers}"',
    '"a${local.three}b${true}"',
    '"%{ for n in local.names ~} ${n} %{ endfor ~}."',
    'try(local.endpoints.sns.type, local.endpoints["s3"].type)',
    "try(local.numbers[7], local.none[0], 5)",
    "can(local.numbers[7])",
    "local.names[1.0]",
    'local.numbers["1"]',
    "merge(local.objects, { a = local.nothing })",
    "local.ports.https > local.three ? upper(local.name) : null",
    "one([])",
    "coalesce(local.empty, local.name)",
    "[for s in toset([3, 1, 2]) : s]",
    'toset(["b", "a", "b"])',
    "concat(local.names, local.numbers)",
    "length(local.services) > 2 ? local.services : []",
    'format("com.amazonaws.%s.%s", "eu-west-1", local.name)',
    "max(local.numbers...)",
    "1e3",
    "0.1 + 0.2",
    "100000000000000000000 + 1",
]


@needs_terraform
def test_cases_are_worth_what_terraform_says(tmp_path: Path) -> None:
    check(CASES, tmp_path)


@needs_terraform
def test_generated_expressions_are_worth_what_terraform_says(tmp_path: Path) -> None:
    check(generated(400, 2), tmp_path)


@pytest.mark.slow
@needs_terraform
def test_many_generated_expressions_are_worth_what_terraform_says(tmp_path: Path) -> None:
    texts = generated(4000, 3)
    assert len(texts) > 2000
    for start in range(0, len(texts), 500):
        check(texts[start : start + 500], tmp_path)


def check(texts: list[str], directory: Path) -> None:
    """Compare with Terraform.

    Two differences are known and must stay rare: what is too large to be computed here is unknown, and an empty
    collection has no element type here, so that it goes with others where Terraform refuses it.
    """
    configuration = "locals {\n" + "".join(f"  {name} = {text}\n" for name, text in LOCALS.items()) + "}\n"
    expected = console(texts, directory, configuration)
    got = [as_json(text) for text in texts]
    accepted = [theirs == ERROR and ours != ERROR for theirs, ours in zip(expected, got, strict=True)]
    assert got.count(UNKNOWN) <= len(texts) // 50
    assert sum(accepted) <= len(texts) // 20, [text for text, more in zip(texts, accepted, strict=True) if more]
    wrong = [
        f"{text}\n  terraform: {theirs}\n  here:      {ours}"
        for text, theirs, ours, more in zip(texts, expected, got, accepted, strict=True)
        if theirs not in (ours, UNKNOWABLE) and ours != UNKNOWN and not more
    ]
    assert not wrong, f"{len(wrong)} of {len(texts)} differ:\n" + "\n".join(wrong[:20])


# Whether a collection is a list or a tuple, a map or an object, is not promised where a hidden value has a say in it.
COMPARED_COLLECTIONS = ("(<l> == <l>)", "(<m> != <m>)")


@settings(max_examples=400, deadline=None)
@given(expressions(3, COMPARED_COLLECTIONS), st.sets(st.sampled_from(sorted(LOCALS)), min_size=1, max_size=6))
def test_hiding_a_local_only_ever_hides_results(text: str, names: set[str]) -> None:
    check_law(text, names)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(expressions(3, COMPARED_COLLECTIONS), st.sets(st.sampled_from(sorted(LOCALS)), min_size=1, max_size=6))
def test_hiding_a_local_only_ever_hides_results_often(text: str, names: set[str]) -> None:
    check_law(text, names)


def check_law(text: str, names: set[str]) -> None:
    try:
        truth = value_of(text)
    except EvalError:
        return  # what Terraform refuses may be worth anything
    if not is_known(truth):
        return  # too large to be computed here
    hidden = value_of(text, frozenset(names))
    assert compatible(truth, hidden), f"{text} is {truth}, but with {names} hidden {hidden}"


def test_an_unknown_is_not_an_error() -> None:
    assert value_of("can(local.endpoints.s3)", frozenset({"endpoints"})) != value_of("true")
    tried = value_of('try(local.endpoints.s3.type, "Interface")', frozenset({"endpoints"}))
    assert isinstance(tried, Unknown)
    assert any("local.endpoints is hidden" in cause.text for cause in tried.causes)


def test_one_known_side_decides() -> None:
    assert value_of("false && local.yes", frozenset({"yes"})) is False
    assert value_of("local.yes || true", frozenset({"yes"})) is True
    assert isinstance(value_of("true && local.yes", frozenset({"yes"})), Unknown)


def test_a_decided_side_spares_the_other_as_terraform_1_12_does() -> None:
    # Terraform 1.11 refuses these; later versions, which users have, do not look at the right side.
    assert value_of("false && local.endpoints.sns.on") is False
    assert value_of("true || local.endpoints.sns.on") is True


def test_every_function_of_a_call_is_known_or_named() -> None:
    assert functions.find("merge") is not None
    value = value_of("provider::aws::arn_parse(local.name)")
    assert isinstance(value, Unknown)
    assert "arn_parse" in value.causes[0].text

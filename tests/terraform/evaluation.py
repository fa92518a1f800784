"""Expressions as we evaluate them, beside what real Terraform says that they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from tests.terraform.console import ERROR, UNKNOWABLE, console, read_json
from tests.terraform.lang.expression_strategies import LOCALS, expressions
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Value, unknown
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session, TerraformOptions
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.types.errors import EvalError


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


def generated(count: int, depth: int, start: int = 0) -> list[str]:
    """Up to ``count`` different expressions, the same ones every time for one ``start``."""
    found: dict[str, None] = {}

    @seed(start)
    @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(expressions(depth))
    def gather(text: str) -> None:
        found.setdefault(text)

    gather()
    return list(found)


@dataclass(frozen=True)
class Compared:
    """How many expressions are worth what Terraform says, and those that are not.

    Two differences are known and must stay rare: what is too large to be computed here is unknown (``open``), and an
    empty collection has no element type here, so that it goes with others where Terraform refuses it (``accepted``).
    """

    equal: int
    open: tuple[str, ...]
    accepted: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many were compared."""
        return self.equal + len(self.open) + len(self.accepted) + len(self.wrong)

    @property
    def rare(self) -> bool:
        """Whether the differences that are known are as rare as they must be."""
        return len(self.open) <= self.total // 50 and len(self.accepted) <= self.total // 20


def compared(texts: Sequence[str], directory: Path) -> Compared:
    """Hold expressions against Terraform, whose configuration is written to ``directory``."""
    configuration = "locals {\n" + "".join(f"  {name} = {text}\n" for name, text in LOCALS.items()) + "}\n"
    expected = console(texts, directory, configuration)
    open: list[str] = []
    accepted: list[str] = []
    wrong: list[str] = []
    for text, theirs in zip(texts, expected, strict=True):
        ours = as_json(text)
        if ours == UNKNOWN:
            open.append(text)
        elif theirs == ERROR and ours != ERROR:
            accepted.append(text)
        elif theirs not in (ours, UNKNOWABLE):
            wrong.append(f"{text}\n  terraform: {theirs}\n  here:      {ours}")
    equal = len(texts) - len(open) - len(accepted) - len(wrong)
    return Compared(equal, tuple(open), tuple(accepted), tuple(wrong))

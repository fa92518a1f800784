"""Marks: what ``issensitive`` says is what ``terraform console`` 1.11 says, wherever it says anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.configurations import write
from vpce_checks.model.values import Unknown
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.scope import Session, TerraformOptions
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.syntax.module_source import ModuleLoader

CODE = """\
variable "s" {
  default   = "secret"
  sensitive = true
}
variable "o" {
  default   = { a = "x" }
  sensitive = true
}
variable "p" {
  default = "plain"
}
variable "e" {
  default   = "token"
  ephemeral = true
}
"""

CERTAIN = {
    "var.s": True,
    "var.p": False,
    '"${var.s}-x"': True,
    "upper(var.s)": True,
    "var.o": True,
    "var.o.a": True,
    "{ a = var.s }.a": True,
    '{ a = var.s, b = "c" }.b': False,
    '{ a = var.s, b = "c" }["b"]': False,
    "nonsensitive(var.s)": False,
    'sensitive("x")': True,
    'var.s == "x"': True,
    'var.s == "x" ? 1 : 2': True,
    'false ? "a" : var.s': True,
    'try(var.s, "a")': True,
    "length(var.o)": True,
    "keys(var.o)": True,
    "merge(var.o, { b = 1 }).b": True,
    'coalesce("a", var.s)': True,
    'lookup({ a = "x" }, var.s, "b")': True,
    "{ (nonsensitive(var.s)) = 1 }": False,
    "issensitive(var.s)": False,
    '!(var.s == "x")': True,
    "ephemeralasnull(var.s)": True,
    '"%{ if var.s == "x" }a%{ else }b%{ endif }"': True,
    'format("%s", var.s)': True,
    "1 + length(var.s)": True,
}

OPEN = (
    "[var.s]",
    "[var.s][0]",
    "{ a = var.s }",
    'true ? "a" : var.s',
    'try(var.s.x, "a")',
    "can(var.s)",
    "length([var.s])",
    "values({ a = var.s })",
    "[for x in [var.s] : x]",
    'true || var.s == "x"',
    "one([var.s])",
)
"""Terraform marks some of these."""


def _evaluated(directory: Path, expression: str) -> object:
    root = str(write(directory, {"main.tf": CODE}).resolve())
    loader = ModuleLoader(root)
    session = Session(root, TerraformOptions(boundary=root), loader)
    module = Module(session, loader.load(root), {})
    return evaluate(parse_expression(expression, "test"), module.scope)


def _issensitive(directory: Path, expression: str) -> object:
    return _evaluated(directory, f"issensitive({expression})")


@pytest.mark.parametrize("expression", CERTAIN)
def test_what_terraform_says(tmp_path: Path, expression: str) -> None:
    assert _issensitive(tmp_path, expression) is CERTAIN[expression]


@pytest.mark.parametrize("expression", OPEN)
def test_what_is_left_open(tmp_path: Path, expression: str) -> None:
    assert isinstance(_issensitive(tmp_path, expression), Unknown)


def test_what_is_ephemeral_may_be_null(tmp_path: Path) -> None:
    """A value does not tell whether it is ephemeral, or only sensitive."""
    for name, value in (("e", "token"), ("s", "secret")):
        found = _evaluated(tmp_path, f"ephemeralasnull(var.{name})")
        assert isinstance(found, Unknown)
        assert found.one_of == (value, None)
    assert _evaluated(tmp_path, "ephemeralasnull(var.p)") == "plain"

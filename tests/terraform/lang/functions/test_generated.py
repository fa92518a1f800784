"""Calls nobody thought of: random arguments of the right and the wrong types, ours against ``terraform console``."""

from __future__ import annotations

import json
import random
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.console import needs_terraform
from tests.terraform.lang.functions.cases import NEVER_KNOWN
from tests.terraform.lang.functions.real import Here, ours, terraform
from tests.terraform.lang.functions.test_against_terraform import explain
from vpce_checks.terraform.lang import functions

SKIPPED = functions.LAZY | NEVER_KNOWN | {"abspath", "pathexpand", "templatefile"}
SKIPPED |= {name for name in functions.all_names() if name.startswith("file")}

STRINGS = (
    '""', '"a"', '"b"', '"abc"', '"a,b"', '"Hello World"', '"é"', '"a\\nb\\n"', '" x "', '"10.0.0.0/8"', '"fd00::/8"',
    '"1"', '"true"', '"2020-02-29T12:34:56Z"', '"%s-%v"', '"/[a-z]+/"', '"[ab]+"', '"{}"', '"a: 1"', '"1.50"', '"1h30m"',
    '"UTF-8"', '"SGVsbG8="', '"YYYY-MM"', '"dns"', '","', '"aXa"', '"<&>"',
)  # fmt: skip
NUMBERS = ("0", "1", "2", "-1", "3.75", "10", "-2.5", '"4"', "1000000", "0.1", "62")
BOOLS = ("true", "false", '"true"')
LISTS = (
    "[]", '["a"]', '["a", "b", "a"]', "[1, 2, 3]", '[1, "a"]', "[true, false]", '[["a"], ["b", "c"]]', "[[], []]",
    'tolist(["b", "a"])', 'toset(["b", "a", "c"])', "toset([3, 20, 1])", "[{ a = 1 }, { a = 2 }]", '["", null, "x"]',
    '[["a", 1], ["b", 2]]', "tolist([1, 2])", 'toset(["1"])', "tolist([[1], [2, 3]])",
)  # fmt: skip
MAPS = (
    "{}", "{ a = 1 }", '{ a = 1, b = "x" }', 'tomap({ b = "y", a = "x" })', "{ a = { b = [1] } }", '{ a = ["x", "y"] }',
    'tomap({ a = 1, c = 3 })', '{ b = ["x"], a = ["x", "z"] }', "{ b = null }",
)  # fmt: skip
ANYTHING = STRINGS + NUMBERS + BOOLS + LISTS + MAPS + ("null",)


@cache
def signatures() -> dict[str, Any]:
    process = subprocess.run(["terraform", "metadata", "functions", "-json"], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(process.stdout)["function_signatures"]
    return found


def pool(kind: Any) -> tuple[str, ...]:
    if kind == "string":
        return STRINGS
    if kind == "number":
        return NUMBERS
    if isinstance(kind, list):
        return MAPS if kind[0] == "map" else LISTS
    return LISTS + MAPS + STRINGS


def generated(name: str, chance: random.Random) -> str:
    signature = signatures()[name]
    kinds = [parameter["type"] for parameter in signature.get("parameters", [])]
    if variadic := signature.get("variadic_parameter"):
        kinds += [variadic["type"]] * chance.choice((0, 1, 1, 2, 3))
    args = [chance.choice(ANYTHING if chance.random() < 0.08 else pool(kind)) for kind in kinds]
    if any(kind == "dynamic" for kind in kinds) and chance.random() < 0.5:
        # several arguments of one kind are the likelier call
        family = chance.choice((LISTS, MAPS, NUMBERS, STRINGS))
        args = [chance.choice(family) if kind == "dynamic" else arg for kind, arg in zip(kinds, args, strict=True)]
    return f"{name}({', '.join(args)})"


def compared(rounds: int, seed: int, directory: Path) -> tuple[int, list[str]]:
    """How many generated calls were held against Terraform, and where they are worth something else."""
    names = sorted(name for name in functions.all_names() if "::" not in name and name not in SKIPPED)
    chance = random.Random(seed)
    texts = list(dict.fromkeys(generated(name, chance) for _ in range(rounds) for name in names))
    here = Here(str(directory))
    answers = terraform(texts, directory)
    wrong = [explain(text, real, ours(text, here)) for text, real in zip(texts, answers, strict=True)]
    return len(texts), [line for line in wrong if line]


def compare(rounds: int, seed: int, directory: Path) -> None:
    _, wrong = compared(rounds, seed, directory)
    assert not wrong, "\n".join(wrong[:20])


@needs_terraform
def test_generated_calls_are_worth_what_terraform_says(tmp_path: Path) -> None:
    compare(6, 1, tmp_path)


# Seed 10 holds coalesce([[], []], ["", null, "x"], ...), which Terraform refuses for the type of the null in it; a null
# has no type here, so it is accepted.
UNTYPED_NULL = pytest.param(10, marks=pytest.mark.xfail(reason="a null has no type here", strict=True))


@pytest.mark.slow
@needs_terraform
@pytest.mark.parametrize("seed", [*range(2, 10), UNTYPED_NULL, 11])
def test_many_generated_calls_are_worth_what_terraform_says(seed: int, tmp_path: Path) -> None:
    compare(100, seed, tmp_path)

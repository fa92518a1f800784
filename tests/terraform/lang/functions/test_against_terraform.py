"""Function by function: our results are those of the real ``terraform console``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.console import needs_terraform
from tests.terraform.lang.functions.cases import CASES, NEVER_KNOWN, expressions
from tests.terraform.lang.functions.real import ERROR, UNKNOWN, Here, from_json, ours, terraform
from tests.terraform.types.compatible import compatible
from vpce_checks.model.values import ListValue, Value, is_known
from vpce_checks.terraform.lang import functions
from vpce_checks.terraform.lang.functions.jsontext import to_json


def write_files(directory: Path) -> None:
    (directory / "text.txt").write_text("hello\nwörld\n")
    (directory / "binary.bin").write_bytes(b"\x00\xff\xfe")
    (directory / "hello.tftpl").write_text("Hello, ${name}!")
    inner = directory / "folder" / "deep"
    inner.mkdir(parents=True)
    (directory / "folder" / "a.json").write_text("{}")
    (directory / "folder" / "b.json").write_text("{}")
    (inner / "c.json").write_text("{}")


def explain(text: str, real: str, value: Value | str) -> str | None:
    """What is wrong with our answer, if anything."""
    if real == UNKNOWN:
        return None
    if real == ERROR and text.startswith("element("):
        # Terraform 1.11 refuses some negative indexes; later versions count from the end, and so do we
        return None
    if value == ERROR or real == ERROR:
        if value == real:
            return None
        if value != ERROR and not is_known(value):
            return None
        return f"{text}\n  terraform: {real}\n  ours:      {value}"
    if is_known(value):
        return None if to_json(value) == real else f"{text}\n  terraform: {real}\n  ours:      {to_json(value)}"
    known = from_json(real)
    if isinstance(value, ListValue) and value.kind == "set" and isinstance(known, ListValue):
        known = ListValue(known.items, "set")
    return None if compatible(known, value) else f"{text}\n  terraform: {real}\n  ours:      {value}"


@needs_terraform
def test_the_listed_calls_are_worth_what_terraform_says(tmp_path: Path) -> None:
    write_files(tmp_path)
    here = Here(str(tmp_path))
    texts = [text for name in CASES for text in expressions(name)]
    answers = terraform(texts, tmp_path)
    wrong = [explain(text, real, ours(text, here)) for text, real in zip(texts, answers, strict=True)]
    assert not any(wrong), "\n".join(line for line in wrong if line)


@pytest.mark.parametrize("name", sorted(CASES.keys() - NEVER_KNOWN - {"log"}))
def test_known_arguments_give_known_results(name: str, tmp_path: Path) -> None:
    write_files(tmp_path)
    here = Here(str(tmp_path))
    results = [ours(text, here) for text in expressions(name)]
    known = [value for value in results if value != ERROR and is_known(value)]
    unknown = [value for value in results if value != ERROR and not is_known(value)]
    assert known
    assert not (unknown if name != "fileset" else unknown[1:]), unknown


def test_every_function_is_compared() -> None:
    plain = {name for name in functions.all_names() if "::" not in name} - functions.LAZY
    assert plain == CASES.keys()

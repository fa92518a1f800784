"""How a configuration is laid out changes no verdict.

Generated configurations are scanned as they are and in another shape that Terraform does not tell from the first: blocks
in another order and in other files, other names, one or two modules further in, in JSON syntax, put right by override
files, literals handed over as variables, locals written where they are used.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.expectations import scan
from tests.truth.generate import REGION, Case, cases

Files = dict[str, str]
Said = set[tuple[Any, ...]]
Shape = Callable[[Case, random.Random], tuple[Files, Callable[[str], str]]]
"""Other files for a case, and the address there of what has an address in the case."""

PROVIDER = f'provider "aws" {{\n  region = "{REGION}"\n}}\n'

_BLOCK = re.compile(r"^(\w+)(?: [^\n]*)?\{(?:[^\n]*\}\n|\n.*?^\}\n)", re.M | re.S)


def blocks(text: str) -> list[str]:
    """The top-level blocks of a generated file."""
    found = [match[0] for match in _BLOCK.finditer(text.rstrip() + "\n")]
    left = _BLOCK.sub("", text.rstrip() + "\n").strip()
    assert not left, left
    return found


def same(address: str) -> str:
    return address


def shuffled(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """Every directory's blocks in any order, in up to three files."""
    directories: dict[str, list[str]] = {}
    for path, text in case.files().items():
        directories.setdefault(path.rpartition("/")[0], []).extend(blocks(text))
    files: Files = {}
    for directory, found in directories.items():
        chance.shuffle(found)
        for block in found:
            path = f"{directory}/" * bool(directory) + chance.choice(("z.tf", "a.tf", "main.tf"))
            files[path] = files.get(path, "") + block
    return files, same


def renamed(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """Other names for resources, modules, locals and the directories of modules. The new order is another, too."""
    text = "\n".join(case.files().values())
    old = sorted(set(re.findall(r"\b(?:value_\d+|v\d(?:_else)?|e\d|m\d|around)\b", text)))
    names = [f"n{number}_{chance.randrange(1000)}" for number in range(len(old))]
    chance.shuffle(names)
    to = dict(zip(old, names, strict=True))
    pattern = re.compile(rf"\b(?:{'|'.join(old)})\b") if old else re.compile(r"(?!)")

    def rename(text: str) -> str:
        return pattern.sub(lambda match: to[match[0]], text)

    return {rename(path): rename(text) for path, text in case.files().items()}, rename


def inside(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """One or two modules further in, with count, for_each or neither."""
    files = case.files()
    prefix = ""
    for level in range(chance.choice((1, 2))):
        repeat, key = chance.choice((("", ""), ("count = 1", "[0]"), ('for_each = { "a.b" = 1 }', '["a.b"]')))
        files = {f"in_{level}/{path}": text for path, text in files.items()}
        files["main.tf"] = f'module "l{level}" {{\n  source = "./in_{level}"\n  {repeat}\n}}\n'
        prefix = f"module.l{level}{key}.{prefix}"
    return files, lambda address: prefix + address


_ATTRIBUTE = re.compile(r"  (\w+)\s*= (.*)")
_NESTED = re.compile(r"  (\w+) \{")


def _as_json(block: str) -> dict[str, Any] | None:
    """A resource block in JSON syntax, every argument an expression; None for any other block."""
    lines = block.splitlines()
    header = re.fullmatch(r'resource "(\w+)" "(\w+)" \{', lines[0])
    if header is None:
        return None
    body: dict[str, Any] = {}
    into = [body]
    for line in lines[1:-1]:
        line = line if len(into) == 1 else line[2:]
        if attribute := _ATTRIBUTE.fullmatch(line):
            into[-1][attribute[1]] = f"${{{attribute[2]}}}"
        elif nested := _NESTED.fullmatch(line):
            into[-1][nested[1]] = inner = dict[str, Any]()
            into.append(inner)
        elif line.strip() == "}" or (len(into) > 1 and line == ""):
            into.pop()
        else:
            assert not line.strip(), line
    return {"resource": {header[1]: {header[2]: body}}}


def in_json(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """Resources in JSON syntax, a file each."""
    files: Files = {}
    for path, text in case.files().items():
        kept = ""
        for number, block in enumerate(blocks(text)):
            document = _as_json(block)
            if document is None:
                kept += block
            else:
                files[f"{path.removesuffix('.tf')}_{number}.tf.json"] = json.dumps(document)
        files[path] = kept
    return files, same


_DECOYS = {
    "service_name": '"com.amazonaws.eu-west-1.wrong"',
    "vpc_endpoint_type": '"GatewayLoadBalancer"',
    "private_dns_enabled": "false",
    "enable_dns_hostnames": "null",
    "vpc_id": '"vpc-00000000"',
}


def overridden(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """Arguments of resources that are wrong in one file and put right in an override file."""
    files: Files = {}
    for path, text in case.files().items():
        wrong, right = "", ""
        for block in blocks(text):
            lines, moved = [], []
            for line in block.splitlines():
                attribute = _ATTRIBUTE.fullmatch(line)
                if attribute and attribute[1] in _DECOYS and block.startswith("resource") and chance.random() < 0.5:
                    moved.append(line)
                    line = f"  {attribute[1]} = {_DECOYS[attribute[1]]}"
                lines.append(line)
            wrong += "\n".join(lines) + "\n"
            if moved:
                right += "\n".join([lines[0], *moved, "}"]) + "\n"
        files[path] = wrong
        if right:
            files[f"{path.rpartition('/')[0]}/fix_override.tf".lstrip("/")] = right
    return files, same


_LITERAL = re.compile(r"«(\d+):(.*?)»", re.S)


def handed_over(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """Literals as variables, with the value as the default, in terraform.tfvars, or in a file that comes later."""
    literals = {
        int(number): text
        for path, text in case.marked.items()
        if "/" not in path
        for number, text in _LITERAL.findall(text)
    }
    chosen = {number for number in literals if chance.random() < 0.5}
    files = case.files(chosen)
    declared, first, later = "", "", ""
    for number in sorted(chosen):
        name, value = f"hidden_{number}", literals[number]
        way = chance.choice(("default", "tfvars", "auto"))
        if way == "default":
            declared += f'variable "{name}" {{\n  default = {value}\n}}\n'
            continue
        declared += f'variable "{name}" {{\n  default = "wrong"\n}}\n'
        first += f"{name} = {value if way == 'tfvars' else 7}\n"
        later += f"{name} = {value}\n" * (way == "auto")
    return {**files, "hidden.tf": declared, "terraform.tfvars": first, "z.auto.tfvars": later}, same


_LOCALS = re.compile(r"^locals \{\n(.*?)^\}\n", re.M | re.S)
_LOCAL = re.compile(r"^  (value_\d+) = (.*)$", re.M)


def inlined(case: Case, chance: random.Random) -> tuple[Files, Callable[[str], str]]:
    """Locals written out where they are used."""
    files = case.files()
    main = files["main.tf"]
    values: dict[str, str] = {}
    for name, text in _LOCAL.findall(main):
        values[f"local.{name}"] = f"({_replaced(text, values)})"
    files["main.tf"] = _replaced(_LOCALS.sub("", main, count=1), values)
    return files, same


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\blocal\.value_\d+\b", lambda match: values[match[0]], text)


SHAPES: dict[str, Shape] = {
    shape.__name__: shape for shape in (shuffled, renamed, inside, in_json, overridden, handed_over, inlined)
}


def _report(files: Mapping[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        (root / ".git").mkdir()  # the repository ends here
        for path, text in {**files, "provider.tf": PROVIDER}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return scan(root, ("--root", "."), {})[1]


def _said(report: Mapping[str, Any], address: Callable[[str], str]) -> Said:
    """Everything certain and uncertain in a report, by the addresses of another shape."""
    said: Said = set()
    for each in report["vpcs"]:
        said.add(("vpc", address(each["address"]), each["region"], each["external"]))
    for each in report["endpoints"]:
        vpc = each["vpc"] and address(each["vpc"])
        names = ("service_name", "service", "type", "private_dns", "exists")
        said.add(("endpoint", address(each["address"]), vpc, *(each[name] for name in names)))
    for each in report["results"]:
        said.add((each["rule"], address(each["resource"]), each["service"], each["status"]))
    return said


def _differences(case: Case, shape: str, seed: int) -> Iterator[str]:
    files, address = SHAPES[shape](case, random.Random(seed))
    plain, other = _report(case.files()), _report(files)
    for report in (plain, other):
        yield from (each["message"] for root in report["roots"] for each in root["diagnostics"])
    before, after = _said(plain, address), _said(other, same)
    yield from (f"only as it was: {each}" for each in sorted(before - after, key=str))
    yield from (f"only {shape}: {each}" for each in sorted(after - before, key=str))


def check(case: Case, shape: str, seed: int) -> None:
    found = list(_differences(case, shape, seed))
    if found:
        files, _ = SHAPES[shape](case, random.Random(seed))
        raise AssertionError(
            "\n".join([*found, repr(case), "", *(f"### {path}\n{text}" for path, text in files.items())])
        )


_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.mark.parametrize("shape", sorted(SHAPES))
@given(case=cases(recent=True), seed=st.integers(0, 1000))
@settings(max_examples=8, deadline=None, suppress_health_check=_QUIET, print_blob=True)
def test_another_shape_changes_nothing(shape: str, case: Case, seed: int) -> None:
    check(case, shape, seed)


@pytest.mark.slow
@pytest.mark.parametrize("shape", sorted(SHAPES))
@given(case=cases(recent=True), seed=st.integers(0, 1000))
@settings(max_examples=400, deadline=None, suppress_health_check=_QUIET, print_blob=True)
def test_another_shape_changes_nothing_often(shape: str, case: Case, seed: int) -> None:
    check(case, shape, seed)

"""Shapes of generated configurations that Terraform does not tell apart: blocks in another order and in other files, other
names, one or two modules further in, in JSON syntax, put right by override files, literals handed over as variables,
locals written where they are used."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.truth.generate import Case

Files = dict[str, str]
Shape = Callable[[Case, random.Random], tuple[Files, Callable[[str], str]]]
"""Other files for a case, and the address there of what has an address in the case."""

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

IN_A_MODULE = sorted(SHAPES.keys() - {handed_over.__name__})
"""The shapes that a child module can have as well: files of values are the root module's."""

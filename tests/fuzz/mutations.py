"""Ways to damage a tree of input files: its bytes, its tokens, its structure, the files themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import yaml

LONG = "n" * 300
DIGITS = "9" * 6000

TEXTS = (
    "", " ", "\0", "a\0b", "./\0", "../../..", "/", "//", ".", "~", "\n", "a\nb", "\r\n", "\t", "\x1b[31mred\x1b[0m", "\x7f", "\x85",
    "\u202etxt.exe", "\u2066x\u2069", "\ufeff", "\ufffe", "\uffff", "\ud800", "\udfff", "😀", "é", LONG, "x" * 5000, DIGITS, "-" + DIGITS,
    "1e999999999", "1e-999999999", "NaN", "nan", "sNaN", "Infinity", "-Infinity", "inf", "0x10", "1_000", "٣", "²", "-0", "0.1", "1p4",
    "null", "true", "yes", "~", "[]", "{}", "key", "*", "?", "[", "[*]", "[0]", "${", "%{", "${}", "%{ for", "${var.x}", "$${x}", "{{",
    "{{resolve:ssm:/a}}", "{{resolve:", "<<", "!Ref", "Fn::If", "AWS::NoValue", "AWS::Region", "#", "//", "/*", "::", ":", "@", "a:b@c",
    "https://user:pw@host/x.zip", "git::ssh://u:p@h/x.git//y?ref=z", "https://[::1", "http://[", "s3::https://x", "file:///etc/passwd",
    "https://s3.amazonaws.com/bucket/a/b.yaml", "arn:aws:ec2:::", "com.amazonaws.eu-west-1.s3", "com.amazonaws..", "com.amazonaws.",
    "aws.api.eu-west-1.s3", "eu-west-1", "`", "```", "|", "<script>", "]]>", "&", "'", '"', "\\", "\\u0000", "\\ud83d", "%s%n", "::error::x",
    "10.0.0.0/16", "0.0.0.0/0", "::/0", "300.1.1.1/99", "2030-01-01", "2030-99-99", "0000-00-00", ">= 1.0", "~> ,", "v", "0." * 500,
    "(" * 200, "a" * 100 + "{" * 100, "-" * 3000, "@" * 3000, "\n" * 3000, "a/" * 2000, "../" * 500, "a." * 3000, "\\" * 2001,
)  # fmt: skip
"""Strings that somebody has stumbled over."""

NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, 1e308, -1e-308, 5000)

HCL = (
    "null", "true", "[]", "{}", "[null]", "{ a = null }", '""', '"\\u0000"', '"a\\u0000b"', '"./\\u0000"', "0", "-1", "1e400", DIGITS, "1." + DIGITS,
    "0.1", "1/0", "-9223372036854775808", f'"{LONG}"', "var.nothing", "local.list", 'local.list["key"]', "local.x[0]", "self.id", "each.key",
    "each.value", "count.index", "path.module", "terraform.workspace", "module.m", "data.aws_region.current.name", "aws_vpc.main", "aws_vpc.main[*].id",
    'aws_vpc.main["x"]', "aws_vpc.main.*.id", 'file("\\u0000")', 'file("/")', 'file(".")', 'fileset(".", "**")', 'fileset("\\u0000", "*")',
    'templatefile("\\u0000", {})', 'fileexists("a\\u0000")', 'filebase64("\\u0000")', 'abspath("\\u0000")', 'pathexpand("~\\u0000")', 'dirname("\\u0000")',
    'jsondecode("[" )', f'jsondecode("{"[" * 300}")', f'jsondecode("{DIGITS}")', f'yamldecode("{"[" * 300}")', f'yamldecode("{DIGITS}")',
    'yamldecode("a: &x [*x]")', 'csvdecode("a,b\\n1")', f'tonumber("{DIGITS}")', f'parseint("{DIGITS}", 10)', f'parseint("{DIGITS}", 62)',
    'tonumber("NaN")', 'tonumber("Infinity")', 'regex("(((", "a")', 'regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")', 'format("%*d", 1000000, 1)',
    'format("%9999999d", 1)', f'format("%s", {DIGITS})', 'range(100000)', "range(0, 1, 0)", "pow(10, 5000)", "pow(2, -5000)", "log(0, 0)", "abs(-1e400)",
    'cidrsubnet("10.0.0.0/8", 30, 9999999999)', 'cidrhost("::/0", -1)', f'cidrhost("10.0.0.0/8", {DIGITS})', 'timeadd("2020-01-01T00:00:00Z", "9999999999h")',
    'formatdate("\\u0000", "0000-00-00T00:00:00Z")', 'base64decode("!")', 'base64gzip("x")', 'textdecodebase64("AA==", "\\u0000")', 'substr("é😀", -1, 99)',
    'element([], 0)', 'element(["a"], 1e30)', 'slice([1], 5, 1)', 'lookup({}, null)', "merge(null, 1)", "concat(1)", "flatten(1)", "zipmap([null], [1])",
    "setproduct()", "setproduct(range(50), range(50))", 'sort([null])', 'join(null, [1])', 'split("", "\\u0000")', "transpose({ a = null })", 'one([1, 2])',
    'try(null)', "can(1/0)", 'sensitive("x")', "nonsensitive(1)", "type(1)", 'provider::x::y(1)', "[for x in 5 : x]", "{ for k, v in [1] : k => v... }",
    "{ for k, v in null : k => v }", "[for x in range(100) : [for y in range(100) : y]]", '"${null}"', '"%{ if null }x%{ endif }"', "true ? 1 : []",
    'null ? "a" : "b"', "!null", "-null", "null + 1", '"a" + 1', "[] == {}", "1 < null", "a.b.c.d", "(((1)))", "x...", "<<EOT\n${\nEOT\n", "toset([null])",
    "toset([{}, {}])", "tomap({ a = 1, b = [] })", "{ (null) = 1 }", '{ "a" = 1, "a" = 2 }', '{ "" = 1 }', f'{{ "{LONG}" = 1 }}', 'toset(["", "\\u0000"])',
    f'toset(["{LONG}"])', "optional(string)", "any", "list(any)", "map", "object({})", "[" * 150 + "]" * 150, "(" * 300 + "1" + ")" * 300, "1" + "+1" * 1000,
)  # fmt: skip
"""Expressions that somebody has stumbled over."""

Damage = Callable[[bytes, Random], bytes]

_TOKEN = re.compile(rb'"(?:\\.|[^"\\\n])*"|[A-Za-z_][\w-]*|\d+(?:\.\d+)?|\s+|.', re.S)
_STRING = re.compile(rb'"((?:\\.|[^"\\\n])*)"')
_ASSIGNED = re.compile(rb"(?<![=!<>])=(?![=>])[ \t]*([^\n{}]*)")


# --- bytes -----------------------------------------------------------------------------------------------------------


def _flip(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data or b" ")
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return rng.choice((data[:at], data[at:], data[:at] + data[at + rng.randrange(200) :]))


def _insert(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TEXTS).encode("utf-8", "surrogatepass") + data[at:]


def _encoding(data: bytes, rng: Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return rng.choice(
        (
            b"\xef\xbb\xbf" + data,
            data.replace(b"\n", b"\r\n"),
            data.replace(b"\n", b"\r"),
            text.encode("utf-16"),
            b"\xff\xfe" + data,
            b"\xfe\xff" + data[1:],
            text.encode("latin-1", "replace") + b"\xe9",
            data.replace(b"a", b"\xc3\x28", 1),
            data + b"\0",
            b"\0" * 20 + data,
            b"",
            data + data,
        )
    )


# --- tokens ----------------------------------------------------------------------------------------------------------


def _tokens(data: bytes, rng: Random) -> bytes:
    tokens = _TOKEN.findall(data)
    if len(tokens) < 2:
        return data
    for _ in range(rng.choice((1, 1, 2, 4))):
        one, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        way = rng.randrange(4)
        if way == 0:
            tokens[one] = b""
        elif way == 1:
            tokens[one], tokens[other] = tokens[other], tokens[one]
        elif way == 2:
            tokens[one] = tokens[other]
        else:
            tokens[one] += tokens[one]
    return b"".join(tokens)


def _string(data: bytes, rng: Random) -> bytes:
    found = list(_STRING.finditer(data))
    if not found:
        return _insert(data, rng)
    place = rng.choice(found)
    text = rng.choice(TEXTS)
    written = json.dumps(text, ensure_ascii=rng.random() < 0.5)[1:-1] if rng.random() < 0.8 else text
    start, end = place.span(1)
    if rng.random() < 0.3:
        start = end = rng.choice((start, end))  # added to what is there
    return data[:start] + written.encode("utf-8", "surrogatepass") + data[end:]


def _group(data: bytes, rng: Random) -> bytes:
    """A bracketed part is left out, doubled, nested in itself, or put in the place of another."""
    groups = _groups(data)
    if not groups:
        return _tokens(data, rng)
    start, end = rng.choice(groups)
    first, last = rng.choice(groups)
    part = data[start:end]
    way = rng.randrange(5)
    if way == 0:
        return data[:start] + data[end:]
    if way == 1:
        return data[:end] + rng.choice((b"", b",", b"\n")) + part + data[end:]
    if way == 2:
        return data[:first] + part + data[last:]
    if way == 3:
        begin = data.rfind(b"\n", 0, start) + 1
        return data[:begin] + data[begin:end] + b"\n" + data[begin:]
    times = rng.choice((2, 20, 120, 1200))
    return data[:start] + part[:1] * times + part[1:-1] + part[-1:] * times + data[end:]


def _groups(data: bytes) -> list[tuple[int, int]]:
    closing = {b"}"[0]: b"{"[0], b"]"[0]: b"["[0], b")"[0]: b"("[0]}
    opened: list[tuple[int, int]] = []
    found = []
    for at, sign in enumerate(data):
        if sign in b"{[(":
            opened.append((sign, at))
        elif sign in closing and opened and opened[-1][0] == closing[sign]:
            found.append((opened.pop()[1], at + 1))
    return found


def _expression(data: bytes, rng: Random) -> bytes:
    found = list(_ASSIGNED.finditer(data))
    if not found:
        return _group(data, rng)
    start, end = rng.choice(found).span(1)
    text = rng.choice(HCL)
    way = rng.random()
    if way < 0.15:
        text = f"[{text}]"
    elif way < 0.3:
        text = f'{{ "a" = {text} }}'
    elif way < 0.45:
        text = f'"x${{{text}}}y"'
    return data[:start] + b" " + text.encode() + data[end:]


def _lines(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    one, other = sorted((rng.randrange(len(lines)), rng.randrange(len(lines))))
    way = rng.randrange(4)
    if way == 0:
        del lines[one : other + 1]
    elif way == 1:
        lines[one:one] = lines[one : other + 1]
    elif way == 2:
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines[one] = b" " * rng.choice((1, 2, 4, 300)) + lines[one]
    return b"\n".join(lines)


# --- structure -------------------------------------------------------------------------------------------------------


def _json(data: bytes, rng: Random) -> bytes:
    try:
        top = json.loads(data)
    except (ValueError, RecursionError):
        return _group(data, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        top = _changed(top, rng)
    try:
        return json.dumps(top, indent=rng.choice((None, 2)), ensure_ascii=rng.random() < 0.7).encode(
            "utf-8", "surrogatepass"
        )
    except (ValueError, RecursionError):
        return data


def _changed(top: Any, rng: Random) -> Any:
    """``top`` with one of its parts changed."""
    places: list[tuple[Any, Any]] = []
    pending = [top]
    while pending:
        each = pending.pop()
        keys: Any = each.keys() if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        for key in keys:
            places.append((each, key))
            pending.append(each[key])
    if not places:
        return rng.choice((None, [], {}, "", 1, [top], {"a": top}))
    parent, key = rng.choice(places)
    other_parent, other_key = rng.choice(places)
    way = rng.randrange(8)
    if way == 0:
        del parent[key]
    elif way == 1:
        parent[key] = json.loads(json.dumps(other_parent[other_key]))
    elif way == 2 and isinstance(parent, dict):
        parent[rng.choice(TEXTS)] = parent.pop(key) if rng.random() < 0.5 else parent[key]
    elif way == 3:
        parent[key] = rng.choice(
            ([parent[key]], {"Fn::Sub": parent[key]}, {"Ref": "X"}, {"": parent[key]}, [[]], {}, None)
        )
    elif way == 4:
        parent[key] = rng.choice((*NUMBERS, float("nan"), float("inf"), True, None))
    elif way == 5:
        nested: Any = parent[key]
        for _ in range(rng.choice((30, 99, 101, 400))):
            nested = [nested] if rng.random() < 0.5 else {"a": nested}
        parent[key] = nested
    elif way == 6 and isinstance(parent, list):
        parent.extend([parent[key]] * rng.choice((1, 3, 200)))
    else:
        parent[key] = rng.choice(TEXTS)
    return top


def _yaml(data: bytes, rng: Random) -> bytes:
    try:
        top = yaml.compose(data.decode("utf-8"), Loader=yaml.SafeLoader)
    except (ValueError, yaml.YAMLError, RecursionError):
        return _lines(data, rng)
    places: list[tuple[list[Any], int]] = []
    pending = [top]
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
            continue
        seen.add(id(node))
        places += ((node.value, at) for at in range(len(node.value)))
        pending += (child for each in node.value for child in (each if isinstance(each, tuple) else (each,)))
    if not places:
        return _insert(data, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        items, at = rng.choice(places)
        others, place = rng.choice(places)
        if at < len(items) and place < len(others):
            _change_node(items, at, others[place], rng)
    try:
        text: str = yaml.serialize(top, allow_unicode=True, width=200)
    except (ValueError, RecursionError, yaml.YAMLError, TypeError):
        return data
    return text.encode("utf-8", "surrogatepass")


def _change_node(items: list[Any], at: int, other: Any, rng: Random) -> None:
    pair = isinstance(items[at], tuple)
    value = items[at][1] if pair else items[at]
    given = other[1] if isinstance(other, tuple) else other
    way = rng.randrange(7)
    if way == 0:
        del items[at]
        return
    if way == 1:
        items.insert(at, items[at])
        return
    if way == 2 and pair:
        items[at] = (yaml.ScalarNode("tag:yaml.org,2002:str", rng.choice(TEXTS)), value)
        return
    if way == 3:
        new: Any = given
    elif way == 4:
        tag = rng.choice(
            ("!Ref", "!GetAtt", "!Sub", "!If", "!Select", "!Join", "!ImportValue", "!FindInMap", "!Cidr", "!Split")
        )
        new = yaml.SequenceNode(tag, [value]) if rng.random() < 0.6 else yaml.ScalarNode(tag, rng.choice(TEXTS))
    elif way == 5:
        new = yaml.ScalarNode("tag:yaml.org,2002:str", rng.choice(TEXTS), style=rng.choice((None, '"', "'")))
    else:
        new = rng.choice(
            (yaml.SequenceNode("tag:yaml.org,2002:seq", []), yaml.MappingNode("tag:yaml.org,2002:map", []), value)
        )
        for _ in range(rng.choice((1, 50, 101))):
            new = yaml.SequenceNode("tag:yaml.org,2002:seq", [new])
    items[at] = (items[at][0], new) if pair else new


# --- a tree ----------------------------------------------------------------------------------------------------------

_ANY: tuple[Damage, ...] = (_flip, _cut, _insert, _encoding, _tokens, _string, _group, _lines)
_BY_SUFFIX: dict[str, tuple[Damage, ...]] = {
    ".tf": (_expression, _expression, _expression, _string, _group, _tokens),
    ".hcl": (_expression, _expression, _expression, _string, _group, _tokens),
    ".tofu": (_expression, _expression, _string, _group),
    ".tfvars": (_expression, _expression, _string, _group),
    ".toml": (_expression, _string, _lines),
    ".json": (_json, _json, _json, _json, _string),
    ".template": (_json, _yaml, _yaml),
    ".yaml": (_yaml, _yaml, _yaml, _yaml),
    ".yml": (_yaml, _yaml, _yaml),
}

SPECIAL = ("missing", "directory", "loop", "dangling", "outside", "fifo", "twin", "renamed")
"""What can become of a file itself."""


def damage(path: str, data: bytes, rng: Random) -> bytes:
    """The content of a file, mutated as befits its format."""
    suffix = path[path.rfind(".") :]
    ways = _BY_SUFFIX.get(suffix, ())
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        way = rng.choice(ways) if ways and rng.random() < 0.75 else rng.choice(_ANY)
        data = way(data, rng)
    return data

"""Small Terraform configurations by the thousand, as people write them: flags, maps, merges, for_each, modules.

Expressions are drawn by type, so nearly every configuration is one that Terraform accepts. Every literal, default and
module source is a *leaf*: :meth:`Case.files` can write it out, or hide it (behind a variable without a value, or in a
module that is not installed). The first form is held against `terraform plan`, the second against the first: hiding may
only make verdicts unknown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

REGION = "eu-west-1"
SERVICES = ("s3", "dynamodb", "ec2", "logs", "kms", "ecr.api")
KEYS = ("a", "b", "c")

_LEAF = re.compile(r"«(\d+):(.*?)»", re.S)
_DEFAULT = re.compile(r"‹(\d+):(.*?)›", re.S)
_SOURCE = re.compile(r"⟪(\d+):(.*?)⟫", re.S)
_NOT_INSTALLED = '"git::https://git.example.com/modules/endpoints.git"'


@dataclass(frozen=True)
class Case:
    """One generated module: its files with the leaves marked, and how many leaves there are."""

    marked: Mapping[str, str]
    leaves: int

    def files(self, hidden: Collection[int] = ()) -> dict[str, str]:
        """The files of the module, with the ``hidden`` leaves taken away."""
        named: set[str] = set()

        def leaf(match: re.Match[str]) -> str:
            if int(match[1]) not in hidden:
                return match[2]
            named.add(f"hidden_{match[1]}")
            return f"var.hidden_{match[1]}"

        written = {}
        for path, text in self.marked.items():
            text = _DEFAULT.sub(lambda match: "" if int(match[1]) in hidden else f"default = {match[2]}", text)
            text = _SOURCE.sub(lambda match: _NOT_INSTALLED if int(match[1]) in hidden else match[2], text)
            written[path] = _LEAF.sub(leaf, text)
        if named:
            written["hidden.tf"] = "".join(f'variable "{name}" {{}}\n' for name in sorted(named))
        return written

    def __repr__(self) -> str:
        return "\n".join(f"### {path}\n{text}" for path, text in self.files().items())


@dataclass
class _Writer:
    """Draws expressions. ``names`` holds, by type, the variables and locals that are in scope."""

    draw: DrawFn
    leaves: int = 0
    names: dict[str, list[str]] = field(default_factory=dict)

    def leaf(self, text: str) -> str:
        self.leaves += 1
        return f"«{self.leaves - 1}:{text}»"

    def default(self, text: str) -> str:
        self.leaves += 1
        return f"‹{self.leaves - 1}:{text}›"

    def source(self, text: str) -> str:
        self.leaves += 1
        return f"⟪{self.leaves - 1}:{text}⟫"

    def pick(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def text(self, *options: str) -> str:
        """A leaf that is a string."""
        return self.leaf(f'"{self.pick(*options)}"')

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def name(self, type: str) -> str | None:
        found = self.names.get(type)
        return self.draw(st.sampled_from(found)) if found else None

    def boolean(self, depth: int = 2) -> str:
        form = self.number(0, 17) if depth else self.number(0, 2)
        if form <= 1 and (name := self.name("bool")):
            return name
        if form == 3:
            return f"!{self.boolean(0)}"
        if form == 4:
            return f"({self.boolean(depth - 1)} {self.pick('&&', '||', '==', '!=')} {self.boolean(depth - 1)})"
        if form == 5:
            return f"({self.boolean(0)} ? {self.boolean(depth - 1)} : {self.boolean(depth - 1)})"
        if form == 6:
            return f"contains({self.list(depth - 1)}, {self.service(0)})"
        if form == 7:
            return f"length({self.list(depth - 1)}) {self.pick('>', '<', '==', '>=')} {self.leaf(self.pick('0', '1', '2'))}"
        if form == 8:
            return f"({self.service(depth - 1)} {self.pick('==', '!=')} {self.service(0)})"
        if form == 9:
            return f"try(var.loose.{self.pick('on', 'absent')}, {self.boolean(0)})"
        if form == 10:
            return f'lookup({{ x = {self.boolean(0)} }}, "{self.pick("x", "y")}", {self.boolean(0)})'
        if form == 11:
            return f"{self.pick('anytrue', 'alltrue')}([{self.boolean(0)}, {self.boolean(0)}])"
        if form == 12:
            return f"can({self.list(depth - 1)}[{self.pick('0', '1', '2')}])"
        if form == 13:
            return f"{self.pick('startswith', 'endswith')}({self.service(depth - 1)}, {self.text('s3', 'e', 's')})"
        if form == 14:
            return f'length(regexall("{self.pick("^ec", "[0-9]$", "s+")}", {self.service(depth - 1)})) > 0'
        if form == 15:
            return f"jsondecode(jsonencode({{ on = {self.boolean(depth - 1)} }})).on"
        if form == 16:
            return f'tobool("${{{self.boolean(depth - 1)}}}")'
        if form == 17:
            return f"contains(keys({self.map(depth - 1)}), {self.text('a', 'b', 'a-x', 's3')})"
        return self.leaf(self.pick("true", "false"))

    def service(self, depth: int = 2) -> str:
        form = self.number(0, 14) if depth else self.number(0, 2)
        if form <= 1 and (name := self.name("string")):
            return name
        if form == 3:
            return f"({self.boolean(depth - 1)} ? {self.service(depth - 1)} : {self.service(0)})"
        if form == 4:
            return f"element(concat({self.list(depth - 1)}, [{self.service(0)}]), {self.leaf(self.pick('0', '1'))})"
        if form == 5:
            return f"lower(upper({self.service(depth - 1)}))"
        if form == 6:
            return f'coalesce("", {self.service(depth - 1)})'
        if form == 7:
            return f'"${{{self.service(depth - 1)}}}"'
        if form == 8:
            return f'join(".", split(".", {self.service(depth - 1)}))'
        if form == 9:
            return f'"%{{ if {self.boolean(depth - 1)} }}${{{self.service(0)}}}%{{ else }}${{{self.service(0)}}}%{{ endif }}"'
        if form == 10:
            return f"try({self.list(depth - 1)}[{self.pick('0', '1')}], {self.service(0)})"
        if form == 11:
            return f"try({self.map(depth - 1)}[{self.text('a', 'b')}].service, {self.service(0)})"
        if form == 12:
            return f"coalescelist({self.list(depth - 1)}, [{self.service(0)}])[0]"
        if form == 13:
            return f"sort(concat({self.list(depth - 1)}, [{self.service(0)}]))[0]"
        if form == 14:
            return f'trimprefix(format("{self.pick("x", "")}%s", {self.service(depth - 1)}), "x")'
        return self.leaf(f'"{self.pick(*SERVICES)}"')

    def list(self, depth: int = 2) -> str:
        form = self.number(0, 16) if depth else self.number(0, 2)
        if form <= 1 and (name := self.name("list")):
            return name
        if form == 3:
            return f"concat({self.list(depth - 1)}, {self.list(depth - 1)})"
        if form == 4:
            return f"[for item in {self.list(depth - 1)} : item if item != {self.service(0)}]"
        if form == 5:
            return f"({self.boolean(depth - 1)} ? tolist({self.list(depth - 1)}) : tolist([]))"
        if form == 6:
            return f"distinct(flatten([{self.list(depth - 1)}, [{self.service(0)}]]))"
        if form == 7:
            return f"compact([{self.service(0)}, {self.boolean(0)} ? {self.service(0)} : null])"
        if form == 8:
            return f"[for key, item in {self.map(depth - 1)} : item.service]"
        if form == 9:
            return f"tolist({self.pick('setunion', 'setintersection', 'setsubtract')}({self.list(0)}, {self.list(0)}))"
        if form == 10:
            return f"{self.pick('reverse', 'sort', 'distinct')}({self.list(depth - 1)})"
        if form == 11:
            return f"slice(concat({self.list(depth - 1)}, [{self.service(0)}]), 0, {self.leaf('1')})"
        if form == 12:
            return f"[for pair in setproduct({self.list(0)}, {self.list(0)}) : pair[{self.pick('0', '1')}] if pair[0] != pair[1]]"
        if form == 13:
            return f"(values({self.map(depth - 1)})[*].service)"
        if form == 14:
            return f"[for index, item in {self.list(depth - 1)} : item if index != {self.leaf(self.pick('0', '1'))}]"
        if form == 15:
            return f'compact(split(",", join(",", {self.list(depth - 1)})))'
        if form == 16:
            return f"concat([for flag in [{self.boolean(0)}, {self.boolean(0)}] : flag ? [{self.service(0)}] : []]...)"
        return "[" + ", ".join(self.service(0) for _ in range(self.number(0, 3))) + "]"

    def object(self, service: str, depth: int = 1) -> str:
        kind = self.pick(
            f'contains(["s3", "dynamodb"], {service}) ? "Gateway" : "Interface"',
            self.leaf('"Interface"'),
            self.leaf('"Gateway"'),
            f'{self.boolean(0)} ? "Gateway" : "Interface"',
        )
        return f"{{ service = {service}, type = {kind}, private_dns = {self.boolean(depth)}, create = {self.boolean(depth)} }}"

    def map(self, depth: int = 2) -> str:
        form = self.number(0, 11) if depth else self.number(0, 1)
        if form <= 1 and (name := self.name("map")):
            return name
        if form == 3:
            return f"merge({self.map(depth - 1)}, {self.map(depth - 1)})"
        if form == 4:
            return f"{{ for item in toset({self.list(depth - 1)}) : item => {self.object('item', 0)} }}"
        if form == 5:
            return f"{{ for key, item in {self.map(depth - 1)} : key => item if item.create }}"
        if form == 6:
            guard = self.boolean(depth - 1)
            return f'{{ for key, item in {self.map(depth - 1)} : "${{key}}-{self.pick("x", "y")}" => item if {guard} }}'
        if form == 7:
            return f"{{ for key, items in {{ for item in {self.list(depth - 1)} : item => item... }} : key => {self.object('items[0]', 0)} }}"
        if form == 8:
            return f"{self.pick('jsondecode(jsonencode', 'yamldecode(yamlencode')}({self.map(depth - 1)}))"
        if form == 9:
            return f"merge([{self.map(0)}, {self.map(0)}]...)"
        if form == 10:
            names = f"distinct({self.list(depth - 1)})"
            return f"{{ for key, item in zipmap({names}, {names}) : key => {self.object('item', 0)} if item == key }}"
        if form == 11:
            return f"{{ for key, item in {self.map(depth - 1)} : key => merge(item, {{ private_dns = {self.boolean(0)} }}) }}"
        keys = self.draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
        return "{ " + ", ".join(f"{key} = {self.object(self.service(0))}" for key in keys) + " }"

    def service_name(self, service: str) -> str:
        return self.pick(
            f'"com.amazonaws.{REGION}.${{{service}}}"',
            f'"com.amazonaws.${{data.aws_region.current.name}}.${{{service}}}"',
            f'join(".", ["com", "amazonaws", "{REGION}", {service}])',
            f'format("com.amazonaws.%s.%s", data.aws_region.current.name, {service})',
        )


_VARIABLES = """\
variable "flag" {{
  type = bool
  {flag}
}}

variable "other_flag" {{
  type = bool
  {other_flag}
}}

variable "service" {{
  type = string
  {service}
}}

variable "names" {{
  type = list(string)
  {names}
}}

variable "catalog" {{
  type = map(object({{
    service     = string
    type        = optional(string, "Interface")
    private_dns = optional(bool, true)
    create      = optional(bool, true)
  }}))
  {catalog}
}}

variable "loose" {{
  type = any
  {loose}
}}

data "aws_region" "current" {{}}
"""

_MODULE = """\
variable "vpc_id" {{}}
variable "vpc_cidr" {{}}
variable "service" {{ type = string }}
variable "on" {{
  type    = bool
  default = {on}
}}

resource "aws_vpc_endpoint" "this" {{
  count               = var.on ? 1 : 0
  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.{region}.${{var.service}}"
  vpc_endpoint_type   = {type}
  private_dns_enabled = {private_dns}
  tags                = {{ cidr = var.vpc_cidr }}
}}
"""


@st.composite
def cases(draw: DrawFn, recent: bool = False) -> Case:
    """A module with one or more VPCs and some endpoints. Every endpoint's tag ``cidr`` is its VPC's CIDR block,
    found by the same expression as its VPC's id: the id is not known in a plan, the block is. ``recent``: with
    resources around them, of which some came after provider 3.39."""
    writer = _Writer(draw)
    names = writer.draw(st.lists(st.sampled_from(SERVICES), max_size=3))
    entries = {
        key: writer.pick(*SERVICES) for key in writer.draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))
    }
    extras = {
        key: writer.pick("", ", create = false", ", private_dns = false", ', type = "Gateway"') for key in entries
    }
    variables = _VARIABLES.format(
        flag=writer.default(writer.pick("true", "false")),
        other_flag=writer.default(writer.pick("true", "false", '"true"')),
        service=writer.default(f'"{writer.pick(*SERVICES)}"'),
        names=writer.default("[" + ", ".join(f'"{name}"' for name in names) + "]"),
        catalog=writer.default(
            "{ " + ", ".join(f'{key} = {{ service = "{name}"{extras[key]} }}' for key, name in entries.items()) + " }"
        ),
        loose=writer.default(writer.pick("{ on = true }", "{ on = false }", "{}")),
    )
    writer.names = {
        "bool": ["var.flag", "var.other_flag"],
        "string": ["var.service"],
        "list": ["var.names"],
        "map": ["var.catalog"],
    }
    types = {"bool": writer.boolean, "string": writer.service, "list": writer.list, "map": writer.map}
    body = []
    for index in range(writer.number(0, 4)):
        type = writer.pick(*types)
        body.append(f"  value_{index} = {types[type]()}")
        writer.names[type].append(f"local.value_{index}")
    body = ["locals {", *body, "}", ""]
    vpcs = [_vpc(writer, index, body) for index in range(writer.number(1, 2))]
    files = {"variables.tf": variables}
    for index in range(writer.number(1, 4)):
        _endpoint(writer, index, writer.draw(st.sampled_from(vpcs)), body, files)
    if recent:
        _surroundings(writer, vpcs[0], body)
    files["main.tf"] = "\n".join(body)
    return Case(files, writer.leaves)


def _vpc(writer: _Writer, index: int, body: list[str]) -> str:
    """Write a VPC resource; an expression for one of its attributes, ``@`` standing for the attribute's name."""
    label, block = f"v{index}", f"10.{index}"
    shape = writer.pick("single", "count", "for_each", "maybe")
    if shape == "single":
        lines, use = [f'  cidr_block = "{block}.0.0/16"'], f"aws_vpc.{label}.@"
    elif shape == "count":
        lines = [f"  count      = {writer.leaf('2')}", f'  cidr_block = "{block}.${{count.index}}.0/24"']
        use = writer.pick(f"aws_vpc.{label}[1].@", f"element(aws_vpc.{label}[*].@, 0)", f"aws_vpc.{label}.1.@")
    elif shape == "for_each":
        lines = ["  for_each   = { x = 1, y = 2 }", f'  cidr_block = "{block}.${{each.value}}.0/24"']
        use = writer.pick(
            f'aws_vpc.{label}["x"].@',
            f'{{ for key, vpc in aws_vpc.{label} : key => vpc.@ }}["y"]',
            f"values(aws_vpc.{label})[0].@",
        )
    else:
        lines = [f"  count      = {writer.boolean()} ? 1 : 0", f'  cidr_block = "{block}.0.0/16"']
        body += [f'resource "aws_vpc" "{label}_else" {{', f'  cidr_block = "{block}.128.0/20"', "}", ""]
        use = writer.pick(
            f"try(aws_vpc.{label}[0].@, aws_vpc.{label}_else.@)",
            f"coalesce(one(aws_vpc.{label}[*].@), aws_vpc.{label}_else.@)",
            f"concat(aws_vpc.{label}[*].@, [aws_vpc.{label}_else.@])[0]",
        )
    body += [f'resource "aws_vpc" "{label}" {{', *lines, f"  enable_dns_hostnames = {writer.boolean(1)}", "}", ""]
    return use


def _endpoint(writer: _Writer, index: int, vpc: str, body: list[str], files: dict[str, str]) -> None:
    shape = writer.pick("map", "set", "count", "single", "module")
    if shape == "module":
        return _module(writer, index, vpc, body, files)
    if shape == "map":
        repeat, service = f"for_each = {writer.map()}", "each.value.service"
        kind, dns = "each.value.type", "each.value.private_dns"
    else:
        service = "each.key" if shape == "set" else writer.service()
        repeat = {
            "set": f"for_each = {_set(writer)}",
            "count": f"count = {writer.boolean()} ? {writer.leaf('1')} : 0",
            "single": "",
        }[shape]
        kind = writer.pick(
            writer.leaf('"Gateway"'), writer.leaf('"Interface"'), f'{writer.boolean(1)} ? "Gateway" : "Interface"'
        )
        dns = writer.pick(writer.boolean(1), f"{writer.boolean(0)} ? true : null", "null")
    body += [
        f'resource "aws_vpc_endpoint" "e{index}" {{',
        f"  {repeat}",
        f"  vpc_id              = {vpc.replace('@', 'id')}",
        f"  service_name        = {writer.service_name(service)}",
        f"  vpc_endpoint_type   = {kind}",
        f"  private_dns_enabled = {dns}",
        f"  tags                = {{ cidr = {vpc.replace('@', 'cidr_block')} }}",
        "}",
        "",
    ]


def _set(writer: _Writer) -> str:
    items = f"toset({writer.list()})"
    return f"{writer.boolean(0)} ? {items} : toset([])" if writer.draw(st.booleans()) else items


def _module(writer: _Writer, index: int, vpc: str, body: list[str], files: dict[str, str]) -> None:
    repeat, service = writer.draw(
        st.sampled_from([(f"for_each = {_set(writer)}", "each.key"), ("", writer.service()),
                         (f"count = {writer.boolean()} ? 1 : 0", writer.service())])
    )  # fmt: skip
    source = writer.source(f'"./m{index}"')
    on = f"  on = {writer.boolean()}" if writer.draw(st.booleans()) else ""
    body += [
        f'module "m{index}" {{',
        f"  source   = {source}",
        f"  {repeat}",
        f"  vpc_id   = {vpc.replace('@', 'id')}",
        f"  vpc_cidr = {vpc.replace('@', 'cidr_block')}",
        f"  service  = {service}",
        on,
        "}",
        "",
    ]
    files[f"m{index}/main.tf"] = _MODULE.format(
        on=writer.pick("true", "false"),
        region=REGION,
        type=writer.pick(
            '"Interface"', '"Gateway"', 'contains(["s3", "dynamodb"], var.service) ? "Gateway" : "Interface"'
        ),
        private_dns=writer.pick("true", "false", 'var.service != "s3"'),
    )


def _surroundings(writer: _Writer, vpc: str, body: list[str]) -> None:
    """What other resources say about an endpoint: route tables, private DNS from outside, zones, an unread module."""
    body += [
        'resource "aws_route_table" "t" {',
        f"  count  = {writer.leaf(writer.pick('1', '2'))}",
        f"  vpc_id = {vpc.replace('@', 'id')}",
        "}",
        "",
        'resource "aws_vpc_endpoint" "around" {',
        f"  count               = {writer.boolean()} ? 1 : 0",
        f"  vpc_id              = {vpc.replace('@', 'id')}",
        f"  service_name        = {writer.service_name(writer.service())}",
        f"  vpc_endpoint_type   = {writer.text('Interface', 'Gateway')}",
        f"  private_dns_enabled = {writer.pick('null', writer.leaf('false'), writer.boolean(1))}",
        f"  route_table_ids     = {writer.boolean(0)} ? aws_route_table.t[*].id : []",
        f"  service_region      = {writer.boolean(0)} ? {writer.text('eu-west-1', 'us-east-1')} : null",
        "  dns_options {",
        f"    private_dns_only_for_inbound_resolver_endpoint = {writer.boolean(0)}",
        "  }",
        "}",
        "",
    ]
    if writer.draw(st.booleans()):
        body += [
            'resource "aws_vpc_endpoint_private_dns" "around" {',
            f"  count               = {writer.boolean(1)} ? length(aws_vpc_endpoint.around) : 0",
            "  vpc_endpoint_id     = aws_vpc_endpoint.around[count.index].id",
            f"  private_dns_enabled = {writer.boolean(1)}",
            "}",
            "",
        ]
    if writer.draw(st.booleans()):
        body += [
            'resource "aws_vpc_endpoint_route_table_association" "around" {',
            f"  count           = {writer.boolean(1)} ? length(aws_vpc_endpoint.around) : 0",
            "  vpc_endpoint_id = aws_vpc_endpoint.around[count.index].id",
            "  route_table_id  = aws_route_table.t[0].id",
            "}",
            "",
        ]
    if writer.draw(st.booleans()):
        body += [
            'resource "aws_route53_zone" "around" {',
            '  name = "service.eu-west-1.amazonaws.com"',
            "  vpc {",
            f"    vpc_id = {vpc.replace('@', 'id')}",
            "  }",
            "}",
            "",
            'resource "aws_route53_record" "around" {',
            f"  for_each = {writer.boolean(1)} ? {{ for index, item in aws_vpc_endpoint.around : index => item }} : {{}}",
            "  zone_id  = aws_route53_zone.around.zone_id",
            '  name     = ""',
            '  type     = "A"',
            "  alias {",
            '    name                   = each.value.dns_entry[0]["dns_name"]',
            '    zone_id                = each.value.dns_entry[0]["hosted_zone_id"]',
            "    evaluate_target_health = false",
            "  }",
            "}",
            "",
        ]

"""Hypothesis strategies that write Terraform expressions.

Names that an expression may use: the locals of LOCALS. Each strategy aims at one type, so that most expressions are
accepted by Terraform; some are not, on purpose.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

LOCALS: dict[str, str] = {
    "yes": "true",
    "no": "false",
    "three": "3",
    "half": "0.5",
    "name": '"s3"',
    "empty": '""',
    "nothing": "null",
    "names": '["s3", "ecr.api", "ssm"]',
    "numbers": "[1, 2, 3]",
    "none": "[]",
    "services": 'toset(["s3", "logs", "sqs"])',
    "ports": "{ https = 443, ssh = 22 }",
    "endpoints": '{ s3 = { type = "Gateway", on = true }, sqs = { type = "Interface", on = false } }',
    "rows": '[{ key = "a", size = 1 }, { key = "b", size = 2 }, { key = "a", size = 3 }]',
    "objects": "{}",
}

# What an expression of a type can be: leaves, and templates whose <n>, <s>, <b>, <l> and <m> are expressions of the
# types number, string, bool, list and map again. Some are refused by Terraform, which is a result as well.
_LEAVES: dict[str, list[str]] = {
    "n": [
        "0",
        "1",
        "7",
        "-3",
        "42",
        "1.5",
        "0.25",
        "local.three",
        "local.half",
        "local.ports.ssh",
        "local.numbers[1]",
        '"7"',
    ],
    "s": ['"s3"', '"ecr.api"', '"a"', '""', '"true"', '"12"', '"é"', "local.name", "local.empty", "local.names[0]"],
    "b": ["true", "false", "local.yes", "local.no", '"true"', "local.endpoints.s3.on"],
    "l": ["local.names", "local.none", "local.services", "local.numbers", '["a"]', "[]", "local.rows"],
    "m": ["local.ports", "local.objects", "local.endpoints", "{}", "{ a = 1 }", '{ "b.c" = "x" }'],
}
_TEMPLATES: dict[str, list[str]] = {
    "n": [
        "(<n> + <n>)",
        "(<n> - <n>)",
        "(<n> * <n>)",
        "(<n> / 7)",
        "(<n> % 3)",
        "<n> - <n> - <n>",
        "<n> + <n> * <n>",
        "<n> * <n> - <n> / 3",
        "-<n>",
        "length(<l>)",
        "length(<m>)",
        "(<b> ? <n> : <n>)",
        "max(<n>, <n>)",
        "try(<n>, <n>)",
        "<l>[0]",
        "<l>[2]",
        "sum([for n in local.numbers : n * <n>])",
        "floor(<n>)",
        "index(<l>, <s>)",
    ],
    "s": [
        '"com.${<s>}.x"',
        '"${<s>}.$${y}"',
        '"${<n>}"',
        '"${<b>}"',
        '"${<l>}"',
        '"a%{ if <b> }b%{ else }${<s>}%{ endif }c"',
        '"%{ for x in <l> }<${jsonencode(x)}>%{ endfor }"',
        "upper(<s>)",
        'join("-", local.names)',
        'join("", <l>)',
        'format("%s/%s", <s>, <s>)',
        'format("%v-%v", <n>, <s>)',
        'replace(<s>, "a", <s>)',
        "(<b> ? <s> : <s>)",
        "(<b> ? <s> : <n>)",
        "try(<s>, <s>)",
        "coalesce(<s>, <s>)",
        "element(<l>, 1)",
        'lookup(<m>, <s>, "none")',
        "trimprefix(<s>, <s>)",
        'split(".", <s>)[0]',
        "local.endpoints.s3.type",
        'local.endpoints["sqs"].type',
        'try(local.endpoints.sns.type, "Interface")',
        "local.rows.*.key[0]",
        "local.rows[1].key",
        "one(<l>)",
        "local.nothing",
    ],
    "b": [
        "!<b>",
        "(<b> && <b>)",
        "(<b> || <b>)",
        "(<b> == <b>)",
        "<b> || <b> && <b>",
        "<n> < <n>",
        "<n> >= <n>",
        "(<s> == <s>)",
        "(<l> == <l>)",
        "(<m> != <m>)",
        "contains(<l>, <s>)",
        "can(<s>)",
        "can(<m>)",
        "can(<n>)",
        "(<s> == null)",
        "alltrue([<b>, <b>])",
        "anytrue([for x in <l> : x == <s>])",
    ],
    "l": [
        "[<s>]",
        "[<s>, <n>]",
        "concat(<l>, <l>)",
        "[for x in <l> : x]",
        "[for i, x in <l> : i]",
        "[for k, v in <m> : k if <b>]",
        '[for x in <l> : "${jsonencode(x)}!" if <b>]',
        "(<b> ? <l> : <l>)",
        "(<b> ? <l> : [])",
        "(local.name[*])",
        "(local.nothing[*])",
        "(local.rows[*].size)",
        "(<m>[*])",
        "flatten([<l>, [<l>]])",
        "distinct(<l>)",
        "toset(<l>)",
        "tolist(<l>)",
        "keys(<m>)",
        "values(<m>)",
        "try(<l>, <l>)",
        "compact([<s>, <s>])",
        "reverse(<l>)",
        "slice(<l>, 0, 1)",
        # Of typed lists, since an empty list's element type, which Terraform keeps, is not kept here.
        "setunion([<s>, <s>], [<s>])",
        "setintersection([<s>, <s>], [<s>])",
    ],
    "m": [
        "{ a = <s>, (local.name) = <n> }",
        "{ (<s>) = <s> }",
        "merge(<m>, <m>)",
        "merge(<m>, { s3 = <n> })",
        "{ for k, v in <m> : k => v if <b> }",
        "{ for k, v in <m> : upper(k) => <s> }",
        "{ for r in local.rows : r.key => r.size... }",
        "{ for x in <l> : x => true }",
        "{ for x in <l> : <s> => x... }",
        "(<b> ? <m> : <m>)",
        "(<b> ? <m> : {})",
        "try(<m>, <m>)",
        "tomap(<m>)",
        "zipmap([<s>], [<n>])",
    ],
}
_HOLE = re.compile("<([nsblm])>")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3, without: tuple[str, ...] = ()) -> str:
    """Expressions of any type, nested ``depth`` deep, in which no template of ``without`` is used."""

    def one(type: str, left: int) -> str:
        choices = _LEAVES[type] + (_TEMPLATES[type] * 2 if left else [])
        choices = [choice for choice in choices if choice not in without]
        return _HOLE.sub(lambda hole: one(hole[1], left - 1), draw(st.sampled_from(choices)))

    return one(draw(st.sampled_from("nsblm")), depth)

"""Hypothesis strategies that write Terraform expressions.

Names that an expression may use: the locals of LOCALS. Each strategy aims at one type, so that most expressions are
accepted by Terraform; some are not, on purpose.
"""

from __future__ import annotations

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

_WORDS = st.sampled_from(["s3", "ecr.api", "a", "b", "", "true", "12", "x-y", "é", "logs"])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def numbers(depth: int) -> st.SearchStrategy[str]:
    """Expressions that mostly are numbers."""
    leaf = st.one_of(
        st.integers(-9, 99).map(str),
        st.sampled_from(["1.5", "0.25", "local.three", "local.half", "local.ports.ssh", "local.numbers[1]", '"7"']),
    )
    if depth <= 0:
        return leaf
    sub = numbers(depth - 1)
    return st.one_of(
        leaf,
        st.builds("({} {} {})".format, sub, st.sampled_from(["+", "-", "*", "/", "%"]), sub),
        st.builds("{} {} {} {} {}".format, sub, st.sampled_from("+-*"), sub, st.sampled_from("+-*/%"), sub),
        st.builds("-{}".format, sub),
        st.builds("length({})".format, lists(depth - 1)),
        st.builds("length({})".format, maps(depth - 1)),
        st.builds("({} ? {} : {})".format, bools(depth - 1), sub, sub),
        st.builds("max({}, {})".format, sub, sub),
        st.builds("try({}, {})".format, sub, sub),
        st.builds("{}[{}]".format, lists(depth - 1), st.integers(0, 3)),
        st.builds("sum([for n in {} : n * 2])".format, st.sampled_from(["local.numbers", "[4, 5]"])),
    )


def strings(depth: int) -> st.SearchStrategy[str]:
    """Expressions that mostly are strings."""
    leaf = st.one_of(_WORDS.map(_quoted), st.sampled_from(["local.name", "local.empty", "local.names[0]"]))
    if depth <= 0:
        return leaf
    sub = strings(depth - 1)
    return st.one_of(
        leaf,
        st.builds('"com.${{{}}}.{}"'.format, sub, st.sampled_from(["x", "$${y}", "s3"])),
        st.builds('"${{{}}}"'.format, st.one_of(sub, numbers(depth - 1), bools(depth - 1))),
        st.builds('"a%{{ if {} }}b%{{ else }}${{{}}}%{{ endif }}c"'.format, bools(depth - 1), sub),
        st.builds('"%{{ for x in {} }}<${{jsonencode(x)}}>%{{ endfor }}"'.format, lists(depth - 1)),
        st.builds("upper({})".format, sub),
        st.builds('join("-", {})'.format, st.sampled_from(["local.names", 'split(".", "a.b.c")', "local.services"])),
        st.builds("format({}, {}, {})".format, st.sampled_from(['"%s/%s"', '"%v-%v"', '"%q %q"']), sub, sub),
        st.builds('replace({}, "a", {})'.format, sub, sub),
        st.builds("({} ? {} : {})".format, bools(depth - 1), sub, sub),
        st.builds("try({}, {})".format, sub, sub),
        st.builds("coalesce({}, {})".format, sub, sub),
        st.builds("element({}, {})".format, lists(depth - 1), st.integers(0, 5)),
        st.builds('lookup({}, {}, "none")'.format, maps(depth - 1), sub),
        st.sampled_from(
            [
                "local.endpoints.s3.type",
                'local.endpoints["sqs"].type',
                'try(local.endpoints.sns.type, "Interface")',
                "local.rows[*].key",
                "local.rows.*.key[0]",
                "local.rows[1].key",
                "one(local.names)",
                "one(local.none)",
                "local.nothing",
            ]
        ),
    )


def bools(depth: int) -> st.SearchStrategy[str]:
    """Expressions that mostly are true or false."""
    leaf = st.sampled_from(["true", "false", "local.yes", "local.no", '"true"', "local.endpoints.s3.on"])
    if depth <= 0:
        return leaf
    sub = bools(depth - 1)
    return st.one_of(
        leaf,
        st.builds("!{}".format, sub),
        st.builds("({} {} {})".format, sub, st.sampled_from(["&&", "||", "==", "!="]), sub),
        st.builds("{} {} {} {} {}".format, sub, st.sampled_from(["&&", "||"]), sub, st.sampled_from(["&&", "||"]), sub),
        st.builds("{} {} {}".format, numbers(depth - 1), st.sampled_from(["<", ">", "<=", ">=", "=="]), numbers(depth - 1)),
        st.builds("({} == {})".format, strings(depth - 1), strings(depth - 1)),
        st.builds("({} == {})".format, lists(depth - 1), lists(depth - 1)),
        st.builds("contains({}, {})".format, lists(depth - 1), strings(depth - 1)),
        st.builds("can({})".format, st.one_of(strings(depth - 1), maps(depth - 1), numbers(depth - 1))),
        st.builds("({} == null)".format, strings(depth - 1)),
    )


def lists(depth: int) -> st.SearchStrategy[str]:
    """Expressions that mostly are lists, tuples or sets."""
    leaf = st.sampled_from(["local.names", "local.none", "local.services", "local.numbers", '["a"]', "[]", "local.rows"])
    if depth <= 0:
        return leaf
    sub = lists(depth - 1)
    item = st.one_of(strings(depth - 1), numbers(depth - 1))
    return st.one_of(
        leaf,
        st.lists(item, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.builds("concat({}, {})".format, sub, sub),
        st.builds("[for x in {} : x]".format, sub),
        st.builds("[for i, x in {} : i]".format, sub),
        st.builds("[for k, v in {} : k if {}]".format, maps(depth - 1), bools(depth - 1)),
        st.builds('[for x in {} : "${{jsonencode(x)}}!" if {}]'.format, sub, bools(depth - 1)),
        st.builds("({} ? {} : {})".format, bools(depth - 1), sub, sub),
        st.builds("{}[*]".format, st.sampled_from(["local.name", "local.nothing", "local.names", "local.ports"])),
        st.builds("flatten([{}, [{}]])".format, sub, sub),
        st.builds("distinct({})".format, sub),
        st.builds("toset({})".format, sub),
        st.builds("tolist({})".format, sub),
        st.builds("keys({})".format, maps(depth - 1)),
        st.builds("values({})".format, maps(depth - 1)),
        st.builds("try({}, {})".format, sub, sub),
        st.builds("compact([{}, {}])".format, strings(depth - 1), strings(depth - 1)),
    )


def maps(depth: int) -> st.SearchStrategy[str]:
    """Expressions that mostly are maps or objects."""
    leaf = st.sampled_from(["local.ports", "local.objects", "local.endpoints", "{}", "{ a = 1 }", '{ "b.c" = "x" }'])
    if depth <= 0:
        return leaf
    sub = maps(depth - 1)
    return st.one_of(
        leaf,
        st.builds("{{ a = {}, (local.name) = {} }}".format, strings(depth - 1), numbers(depth - 1)),
        st.builds("merge({}, {})".format, sub, sub),
        st.builds("{{ for k, v in {} : k => v if {} }}".format, sub, bools(depth - 1)),
        st.builds("{{ for k, v in {} : upper(k) => {} }}".format, sub, strings(depth - 1)),
        st.builds("{ for r in local.rows : r.key => r.size... }".format),
        st.builds("{{ for x in {} : x => true }}".format, lists(depth - 1)),
        st.builds("({} ? {} : {})".format, bools(depth - 1), sub, sub),
        st.builds("try({}, {})".format, sub, sub),
        st.builds("tomap({})".format, sub),
        st.builds("zipmap([{}], [{}])".format, strings(depth - 1), numbers(depth - 1)),
    )


def expressions(depth: int = 3) -> st.SearchStrategy[str]:
    """Expressions of any type."""
    return st.one_of(numbers(depth), strings(depth), bools(depth), lists(depth), maps(depth))

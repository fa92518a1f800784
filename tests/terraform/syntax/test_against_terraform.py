"""What our tree of an expression means is what Terraform makes of the expression.

Every expression is given to ``terraform console`` twice: as written, and printed from our tree with every
parenthesis and without templates, splats and heredocs. The two must be worth the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.terraform.syntax.printing import canonical, natural
from vpce_checks.terraform.syntax.ast import Invalid
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.syntax.hcl import parse_file

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")

LOCALS = """
locals {
  t    = true
  f    = false
  n    = 7
  s    = "text"
  sp   = "  spaced  "
  list = [{ a = 1, b = [10, 20] }, { a = 2, b = [30, 40] }]
  obj  = { a = { b = [1, 2, 3] }, "x-y" = "dash" }
  nums = [1, 2, 3]
}
"""


def worth(directory: Path, attributes: list[str]) -> list[object]:
    """What Terraform makes of the values of locals, written one ``= value`` each."""
    text = LOCALS + "locals {\n" + "".join(f"  v{i} = {value}\n" for i, value in enumerate(attributes)) + "}\n"
    (directory / "main.tf").write_bytes(text.encode())
    query = "jsonencode([" + ", ".join(f"local.v{i}" for i in range(len(attributes))) + "])\n"
    done = subprocess.run(
        ["terraform", "console", "-no-color"], cwd=directory, input=query, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return list(json.loads(json.loads(done.stdout.strip().splitlines()[-1])))


def assert_same(directory: Path, values: list[str]) -> None:
    trees = []
    for value in values:
        attribute = parse_file(f"v = {value}\n".encode(), "v.tf").body.attributes["v"]
        assert not isinstance(attribute.expr, Invalid), (value, attribute.expr)
        trees.append(canonical(attribute.expr))
    both = worth(directory, [*values, *trees])
    for value, tree, theirs, ours in zip(values, trees, both[: len(values)], both[len(values) :], strict=True):
        assert ours == theirs, f"{value}\nour tree: {tree}"


OPERATORS = [
    "1 - 2 - 3",
    "2 * 3 % 4",
    "100 / 5 / 2",
    "1 + 2 * 3 == 7 && !local.f",
    "local.f && local.f || local.t",
    "local.t || local.t && local.f",
    "1 < 2 == true",
    "1 == 1 != false",
    "!local.f == local.t",
    "-local.n + 1",
    "-local.n * -2",
    "- - 3",
    "!!local.t",
    "1 - -1",
    "1 -1",
    "local.t ? 1 : local.f ? 2 : 3",
    "local.f ? 1 : local.f ? 2 : 3",
    "local.t ? local.f ? 1 : 2 : 3",
    '1 + 1 == 2 ? "yes" : "no"',
    "-local.obj.a.b[0]",
    "(1 + 2) * 3",
    "1.5e3 + 1E2 - 2.50",
    "10 % 4 + 1",
    "3 > 2 && 2 >= 2 && 1 <= 1 && 0 < 1",
]

REFERENCES = [
    "local.list[*].a",
    "local.list.*.a",
    "local.list[*].b[0]",
    "local.list.*.b[0]",
    "local.list.*.b.0",
    "local.list[0].b[1]",
    "local.list.0.b.1",
    "local . list [ 0 ] . a",
    'local.obj["x-y"]',
    "local.obj.x-y",
    'local.obj["a"].b',
    'local.obj.a["${"b"}"]',
    "local.list[*]",
    "local.list[1 - 1].a",
    "[for x in local.list : x.b[*]][0]",
    "local.list[*].b[*]",
    "{ a = 1 }.a",
    "[1, 2, 3][1]",
    "(local.list)[0].a",
    "tolist([1, 2])[*]",
    "local.list[\n0\n].a",
    "local.list[ # remark\n0 ].a",
    "(local.list\n[0]\n.a)",
]

CONSTRUCTORS = [
    "[1, 2, 3,]",
    "[]",
    "{}",
    "{ a = 1, b : 2 }",
    '{ "a b" = 1, (local.s) = 2, "${local.s}x" = 3 }',
    "{ local = 1, for_each = 2, null = 3, true = 4, 5 = 6 }",
    "{\n  a = 1\n  # remark\n  b = 2 // remark\n\n  c = /* remark */ 3 }",
    "{ a = 1,\n b = 2,\n }",
    "[\n1 # one\n,\n2\n]",
    "[for x in local.nums : x * 2 if x > 1]",
    "[for i, x in local.nums : i + x]",
    '{for x in local.nums : "k${x}" => x}',
    '{for x in local.nums : x % 2 == 0 ? "even" : "odd" => x...}',
    '{ for k, v in local.obj : k => 1 if k != "a" }',
    "[\n for x in local.nums :\n x\n if x\n > 1\n ]",
    "max(local.nums...)",
    "max([1, 2]...)",
    "max(\n 1,\n 2,\n )",
    "core::max(1, 2)",
    "core :: max(1, 2)",
    "(\n1\n+\n2\n)",
    'coalesce(null, "x")',
]

TEMPLATES = [
    '""',
    '"a${local.n}b"',
    '"${local.n}"',
    '"${local.list}"',
    '" ${local.n}"',
    '"${local.s}${local.s}"',
    r'"\n\t\r\"\\\u00e9\U0001F600"',
    '"$${x} %%{y} $ % $$ %% 100%"',
    '"$$${1}"',
    '"$$$${1}"',
    '"%%%{if true}x"',
    '"a$"',
    '"a%"',
    '"$a%b"',
    '"x  ${~ local.n ~}  y"',
    r'"x \n ${~ local.n ~} \n y"',
    '"x $ ${~ local.n ~} $ y"',
    '"${~ local.sp ~}"',
    '"%{ if local.t }yes%{ else }no%{ endif }"',
    '"%{if local.f}yes%{else}no%{endif}"',
    '"%{ if local.t ~}  yes  %{~ else ~}  no  %{~ endif }!"',
    '"%{ if local.f }yes%{ endif }"',
    '"%{ if local.t }${5}%{ endif }"',
    '"%{ for x in local.nums }${x},%{ endfor }"',
    '"%{ for i, x in local.nums ~} ${i}=${x} %{~ endfor }"',
    '"%{ for x in local.nums }%{ if x > 1 }${x}%{ else }-%{ endif }%{ endfor }"',
    '"${"nested ${"deeper ${local.n}"}"}"',
    '"${ local.t ? "a" : "b" }"',
    '"${ { a = "}" }.a }"',
    '"${\nlocal.n\n}"',
    '"# no comment // no /* comment */"',
    '"${1 /* comment } */ + 1}"',
    '"é${local.n}ü"',
    '"${[for x in local.nums : "<${x}>"][0]}"',
]

HEREDOCS = [
    "<<EOT\nplain\n  indented\nEOT",
    "<<EOT\nEOT",
    "<<EOT\n\nEOT",
    "<<-EOT\n    four\n      six\n    four\n  EOT",
    "<<-EOT\n    four\n\n      six\n    EOT",
    "<<-EOT\n    four\n   \n      six\n    EOT",
    "<<-EOT\n    four\n  ${local.s}\n      six\n    EOT",
    "<<-EOT\n    ${local.s} x\n      ${local.s}\n    EOT",
    "<<-EOT\n${local.s}\n    four\nEOT",
    "<<-EOT\n\ttab\n\t\ttwo\nEOT",
    "<<-EOT\n    a\n    EOT",
    "<<-EOT\n    %{ if local.t }\n    yes\n    %{ endif }\n    end\n    EOT",
    "<<-EOT\n    %{ if local.t ~}\n    yes\n    %{ endif ~}\n    end\n    EOT",
    "<<-EOT\n  %{~ for x in local.nums ~}\n    item ${x}\n  %{~ endfor ~}\n  end\n  EOT",
    "<<EOT\n%{ for x in local.nums ~}\n  item ${x}\n%{ endfor ~}\nend\nEOT",
    '<<EOT\nback\\slash \\n "quote" $${x} %%{y} $x $$ 5%\nEOT',
    "<<EOT\nline $\nline %\nEOT",
    "<<EOT\na  \n  ${~ local.n ~}  \n  b\nEOT",
    "<<EOT\n${local.n}\nEOT",
    "<<EOT\n${local.n ~}\nEOT",
    "<<-EOT\n  ${local.n ~}\n    x\n  EOT",
    "<<EOT\n notEOT\nEOT not\nEOT",
    "<<EOT\nx\n   EOT  ",
    "<<EOT\n${<<INNER\ninside\nINNER\n}\nEOT",
    "[<<A\none\nA\n, <<B\ntwo\nB\n]",
    "{\n a = <<A\none\nA\n b = 2\n}",
    "upper(<<-A\n  one\n  A\n)",
    "<<EOT\r\ncrlf\r\n  two\r\nEOT\r",
    "<<-EOT\r\n    crlf\r\n\r\n      two\r\n    EOT\r",
    "<<É_T\nx\nÉ_T",
    "<<EOT\n# no comment\n// no\nEOT",
    "<<-EOT\n    a $${x}\n  $ b\n    EOT",
]


@pytest.mark.parametrize(
    "values",
    [OPERATORS, REFERENCES, CONSTRUCTORS, TEMPLATES, HEREDOCS],
    ids=["operators", "references", "constructors", "templates", "heredocs"],
)
def test_the_tree_means_what_terraform_makes_of_the_text(tmp_path: Path, values: list[str]) -> None:
    assert_same(tmp_path, values)


REJECTED = [
    "1 +",
    "1 2",
    "a = = 1",
    "[1 2]",
    "{ a 1 }",
    "f(1 2)",
    "f(1... , 2)",
    "x.",
    "x.0.1",
    "x.*.*",
    "x.*.a.*",
    "x[",
    "x[*",
    "x[\n*]",
    "x\n[0]",
    "x\n.y",
    "{ a = x\n.y }",
    "1..2",
    "1e",
    "1.5.2",
    "[for x in y : x...]",
    "[for x in y : x => x]",
    "{for x in y : x}",
    "{for x y : x => x}",
    "x ? y",
    "x ? y :",
    "x\n+ 1",
    "x ? 1\n: 2",
    "{ a = 1\n+ 2 }",
    "{ a = 1 b = 2 }",
    '"unclosed',
    '"line\nbreak"',
    r'"\q"',
    r'"\u12"',
    r'"\ud800"',
    '"${x"',
    '"${x y}"',
    '"%{ if x }"',
    '"%{ else }"',
    '"%{ if x }%{ endfor }"',
    '"%{ for x in y }%{ else }%{ endfor }"',
    '"%{ if x }%{ else }%{ else }%{ endif }"',
    '"%{ endif }"',
    '"%{ while x }"',
    '"%%%{if true}x%{endif}"',
    "<<EOT\nx\n",
    "<<EOT x\nEOT",
    "<< EOT\nEOT",
    "<<EOT\nx ${\nEOT",
    "x::",
    "x::y",
    "(1",
    "1)",
    "'x'",
    "a & b",
    "a => b",
    "-",
    "x[1 2]",
    "\u00a0 1",
]


def test_terraform_rejects_what_we_reject_and_the_other_way_round(tmp_path: Path) -> None:
    accepted = [*OPERATORS, *REFERENCES, *CONSTRUCTORS, *TEMPLATES, *HEREDOCS]
    for number, value in enumerate([*accepted, *REJECTED]):
        (tmp_path / f"v{number}.tf").write_bytes(f"v = {value}\n".encode())
    done = subprocess.run(
        ["terraform", "fmt", "-no-color", "-list=false", "-write=false", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    for number, value in enumerate([*accepted, *REJECTED]):
        theirs = f"v{number}.tf line" in done.stderr
        ours = bool(parse_file(f"v = {value}\n".encode(), "v.tf").diagnostics)
        assert ours == theirs, value
        assert ours == (number >= len(accepted)), value


STRUCTURES = [
    ("a {\n}\n", True),
    ("a {}\n", True),
    ("a { b = 1 }\n", True),
    ("a { b = 1\n}\n", False),
    ("a { b = 1, c = 2 }\n", False),
    ("a { b {\n} }\n", False),
    ("a\n{\n}\n", False),
    ('a "b" c {\n}\n', True),
    ('a "b${x}" {\n}\n', False),
    ('a "b" = {\n}\n', False),
    ("a = 1 b = 2\n", False),
    ("a = 1, b = 2\n", False),
    ("a = 1\na = 2\n", False),
    ("a {\n b = 1\n b = 2\n}\n", False),
    ("a {\n b = 1\n}\na {\n b = 2\n}\n", True),
    ('"a" = 1\n', False),
    ("a\n", False),
    ("a b\n", False),
    ("a {\n", False),
    ("a {\n b = 1\n", False),
    ("a {\n b = 1 }\n", False),
    ("}\n", False),
    ("a = 1", True),
    ("a {\n}", True),
    ("a {\n} b {\n}\n", False),
    ("a {\n} # remark\n", True),
    ("/* remark */ a = 1 /* remark\n */\n", True),
    ("/* open\n", False),
    ("a = 1 # remark", True),
    ("\ufeffa = 1\n", True),
    ("a = 1\r\nb {\r\n}\r\n", True),
    ("a = <<EOT\nx\nEOT", False),
    ("a = <<EOT\nx\nEOT\n", True),
    ("a.b = 1\n", False),
    ("a == 1\n", False),
    ("", True),
    ("# only a remark", True),
    ("é = 1\n", True),
    ("a = 1;\n", False),
    ("a = [\n", False),
]


def test_terraform_agrees_on_the_structure_of_files(tmp_path: Path) -> None:
    for number, (text, _) in enumerate(STRUCTURES):
        (tmp_path / f"v{number}.tf").write_bytes(text.encode())
    done = subprocess.run(
        ["terraform", "fmt", "-no-color", "-list=false", "-write=false", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    for number, (text, valid) in enumerate(STRUCTURES):
        assert (f"v{number}.tf line" not in done.stderr) == valid, text
        assert (not parse_file(text.encode(), "v.tf").diagnostics) == valid, text


NUMBERS = st.integers(0, 9).map(str)
BOOLS = st.sampled_from(["true", "false", "local.t", "local.f"])


@st.composite
def arithmetic(draw: st.DrawFn) -> str:
    """A run of numbers and operators without parentheses, sometimes a comparison or a conditional of runs."""

    def run() -> str:
        parts = [draw(st.sampled_from(["", "-"])) + draw(NUMBERS)]
        for _ in range(draw(st.integers(0, 4))):
            operator = draw(st.sampled_from("+-*"))
            parts += [operator, draw(st.sampled_from(["", "-"])) + draw(NUMBERS)]
        return " ".join(parts)

    def condition() -> str:
        parts = []
        for _ in range(draw(st.integers(1, 4))):
            term = draw(st.one_of(BOOLS, st.just("")))
            if not term:
                term = f"{run()} {draw(st.sampled_from(['==', '!=', '<', '<=', '>', '>=']))} {run()}"
            else:
                term = draw(st.sampled_from(["", "!"])) + term
            parts += [term, draw(st.sampled_from(["&&", "||"]))]
        return " ".join(parts[:-1])

    kind = draw(st.sampled_from(["run", "condition", "conditional"]))
    if kind == "run":
        return run()
    if kind == "condition":
        return condition()
    return f"{condition()} ? {run()} : {condition()} ? {run()} : {run()}"


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expressions=st.lists(arithmetic(), min_size=40, max_size=80))
def test_operators_bind_as_in_terraform(tmp_path: Path, expressions: list[str]) -> None:
    assert_same(tmp_path, expressions)
    # And what we print with the fewest parentheses is read back as the same tree.
    for expression in expressions:
        tree = parse_expression(expression, "x")
        assert canonical(parse_expression(natural(tree), "x")) == canonical(tree)

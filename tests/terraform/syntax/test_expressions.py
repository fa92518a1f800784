"""Expressions become the trees that the grammar says, and broken ones say what is wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sampling import at_most
from tests.terraform.syntax.printing import natural, shape
from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.expressions import MAX_CHAIN, MAX_DEPTH
from vpce_checks.terraform.syntax.fragments import parse_expression, parse_template


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 - 2 - 3", "Binary('-', Binary('-', Literal(1), Literal(2)), Literal(3))"),
        ("1 + 2 * 3", "Binary('+', Literal(1), Binary('*', Literal(2), Literal(3)))"),
        ("-a.b", "Unary('-', GetAttr(Name('a'), 'b'))"),
        ("!a == b", "Binary('==', Unary('!', Name('a')), Name('b'))"),
        (
            "a ? b : c ? d : e",
            "Conditional(Name('a'), Name('b'), Conditional(Name('c'), Name('d'), Name('e')))",
        ),
        ("a.*.b.c[0].d", "GetAttr(Index(Splat(Name('a'), GetAttr(GetAttr(SplatItem(), 'b'), 'c')), Literal(0)), 'd')"),
        ("a[*].b[0].c", "Splat(Name('a'), GetAttr(Index(GetAttr(SplatItem(), 'b'), Literal(0)), 'c'))"),
        ("a[*][*]", "Splat(Name('a'), Splat(SplatItem(), SplatItem()))"),
        ("a.*.b[*].c", "Splat(Splat(Name('a'), GetAttr(SplatItem(), 'b')), GetAttr(SplatItem(), 'c'))"),
        ("a.0.b", "GetAttr(Index(Name('a'), Literal(0)), 'b')"),
        ("a.*.b.0", "Splat(Name('a'), Index(GetAttr(SplatItem(), 'b'), Literal(0)))"),
        ("f()", "Call('f', (), False)"),
        ("provider::aws::arn_parse(x)", "Call('provider::aws::arn_parse', (Name('x')), False)"),
        ("f(1, xs...)", "Call('f', (Literal(1), Name('xs')), True)"),
        ("1.0", "Literal(1)"),
        ("1.50", "Literal(Decimal('1.50'))"),
        ("1.5e3", "Literal(1500)"),
        ("12e-1", "Literal(Decimal('1.2'))"),
        ("007", "Literal(7)"),
        ("true", "Literal(True)"),
        ("null", "Literal(None)"),
        ("nullable", "Name('nullable')"),
        ("a-b", "Name('a-b')"),
        ("a - b", "Binary('-', Name('a'), Name('b'))"),
        ("{ a = 1 }", "ObjectCons(((Literal('a'), Literal(1))))"),
        ("{ (a) = 1 }", "ObjectCons(((Name('a'), Literal(1))))"),
        ('{ "${a}" : 1 }', "ObjectCons(((TemplateWrap(Name('a')), Literal(1))))"),
        ("[for k, v in m : v if k]", "ForTuple('k', 'v', Name('m'), Name('v'), Name('k'))"),
        ("{for v in m : v => 1...}", "ForObject(None, 'v', Name('m'), Name('v'), Literal(1), True, None)"),
        ('"${x}"', "TemplateWrap(Name('x'))"),
        ('"${x}${y}"', "Template((Name('x'), Name('y')))"),
        ('"a${x}"', "Template((Literal('a'), Name('x')))"),
        (r'"\t\"\\\u0041\U0001F600$${%%{"', r"""Literal('\t"\\A😀${%{')"""),
        (
            '"%{ if a }x%{ else }${b}%{ endif }"',
            "Template((TemplateIf(Name('a'), Literal('x'), Template((Name('b'))))))",
        ),
        (
            '"%{ for k, v in m }${k}=${v} %{ endfor }"',
            "Template((TemplateFor('k', 'v', Name('m'), Template((Name('k'), Literal('='), Name('v'), Literal(' '))))))",
        ),
        ("<<-EOT\n    a\n      b ${x}\n    EOT\n", "Template((Literal('a\\n  b '), Name('x'), Literal('\\n')))"),
    ],
)
def test_the_tree_of(text: str, expected: str) -> None:
    assert shape(parse_expression(text, "x.tf")) == expected


def test_numbers_are_never_floats() -> None:
    assert parse_expression("0.1", "x").value == Decimal("0.1")  # type: ignore[union-attr]
    assert type(parse_expression("10.00", "x").value) is int  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a value, found the end"),
        ("1 +", "expected a value"),
        ("a b", "expected the end of the expression, found 'b'"),
        ("f(1 2)", "expected ',' or ')' in the call of f, found '2'"),
        ("[1 2]", "expected ',' or ']'"),
        ("{ a 1 }", "expected '=' and a value after the key"),
        ("a.", "expected an attribute name after '.'"),
        ("a.0.1", "two legacy indexes in a row; write [a][b] instead"),
        ("a.*.*", "use [*]"),
        ("1.2.3", "'1.2.3' is not a number"),
        ("1e9999", "out of range"),
        ('"${a"', "expected '}' at the end of the template sequence"),
        ('"a', "this string is not closed"),
        ('"%{ if a }"', "this 'if' has no 'endif'"),
        ('"%{ for a in b }%{ endif }"', "expected 'endfor' here, found 'endif'"),
        (r'"\d"', "\\d is not an escape sequence"),
        ("[for x in y : a => b]", "use { } to build a map"),
        ("<<EOT\nabc\n", "this heredoc has no closing EOT"),
    ],
)
def test_broken_expressions_say_what_is_wrong(text: str, message: str) -> None:
    expr = parse_expression(text, "x.tf")
    assert isinstance(expr, ast.Invalid)
    assert message in expr.message


def test_a_reference_as_object_key_is_only_wrong_itself() -> None:
    expr = parse_expression("{ a.b = 1, c = 2 }", "x.tf")
    assert isinstance(expr, ast.ObjectCons)
    assert isinstance(expr.items[0][0], ast.Invalid)
    assert shape(expr.items[1]) == "(Literal('c'), Literal(2))"


def test_spans_count_characters_and_leave_blanks_out() -> None:
    expr = parse_expression('f("é", aa) /* remark */ +\n  b [ 0 ]  # end', "/d/x.tf", 7)
    assert isinstance(expr, ast.Binary)
    assert expr.span == Span("/d/x.tf", 7, 1, 8, 10)
    assert expr.left.span == Span("/d/x.tf", 7, 1, 7, 11)
    assert isinstance(expr.left, ast.Call)
    assert expr.left.args[1].span == Span("/d/x.tf", 7, 8, 7, 10)
    assert expr.right.span == Span("/d/x.tf", 8, 3, 8, 10)


def test_the_parts_of_a_template_know_their_place() -> None:
    expr = parse_template("one\ntwo ${x}", "t.tpl")
    assert isinstance(expr, ast.Template)
    assert [part.span[1:3] for part in expr.parts] == [(1, 1), (2, 7)]


def test_a_template_file_is_a_template() -> None:
    text = 'a "quoted" \\n $${no} %{ if x ~}\n  yes\n%{ endif ~}\n${y}\n$'
    expr = parse_template(text, "t.tpl")
    assert shape(expr) == (
        "Template((Literal('a \"quoted\" \\\\n ${no} '), TemplateIf(Name('x'), Literal('  yes\\n'), Literal('')), "
        "Name('y'), Literal('\\n$')))"
    )
    assert shape(parse_template("${x}", "t")) == "TemplateWrap(Name('x'))"
    assert shape(parse_template("", "t")) == "Literal('')"
    assert isinstance(parse_template("${", "t"), ast.Invalid)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "(" * 50_000,
        "{a=" * 50_000,
        "-" * 100_000 + "1",
        "!" * 100_000 + "a",
        "a[" * 50_000,
        "f(" * 50_000,
        '"${' * 50_000,
        "a ? " * 50_000,
        "a ? b : " * 50_000 + "c",
        "a[*]" * 50_000,
        "a" + ".b" * 50_000,
        "a" + "[0]" * 50_000,
        "a.*" + ".b" * 50_000,
        "1" + " + 1" * 50_000,
        "[for a in " * 50_000,
        '"' + "%{ if a }" * 50_000 + '"',
        "<<A\n${" * 50_000,
        "1" + "0" * 100_000,
        "1e" + "9" * 100_000,
    ],
    ids=lambda text: text[:10],
)
def test_monstrous_expressions_are_refused(text: str) -> None:
    expr = parse_expression(text, "x.tf")
    assert isinstance(expr, ast.Invalid)
    assert parse_template("${" + text + "}", "x.tf")


def test_reasonable_nesting_is_read() -> None:
    deep = MAX_DEPTH - 5
    assert not isinstance(parse_expression("[" * deep + "]" * deep, "x"), ast.Invalid)
    assert not isinstance(parse_expression(" || ".join(["a"] * MAX_CHAIN), "x"), ast.Invalid)


SPAN = Span("x", 1)
NAMES = st.sampled_from(["a", "b", "each", "var", "x-y", "aws_vpc", "for_each", "é"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
STRINGS = TEXTS.map(lambda text: ast.Literal(text, SPAN))
ATOMS = st.one_of(
    st.sampled_from([True, False, None]).map(lambda value: ast.Literal(value, SPAN)),
    st.integers(0, 10**20).map(lambda value: ast.Literal(value, SPAN)),
    st.decimals(0, 1000, places=3).filter(lambda d: d != int(d)).map(lambda value: ast.Literal(value, SPAN)),
    STRINGS,
    NAMES.map(lambda name: ast.Name(name, SPAN)),
)
OPERATORS = st.sampled_from(["||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%"])


def _merged(parts: list[ast.Expr]) -> ast.Expr:
    """A template of ``parts``, in the form that reading it gives."""
    found: list[ast.Expr] = []
    for part in parts:
        if isinstance(part, ast.Literal) and isinstance(part.value, str):
            if not part.value:
                continue
            if found and isinstance(last := found[-1], ast.Literal) and isinstance(last.value, str):
                found[-1] = ast.Literal(last.value + part.value, SPAN)
                continue
        found.append(part)
    if not found:
        return ast.Literal("", SPAN)
    only = found[0]
    if len(found) == 1 and isinstance(only, ast.Literal) and isinstance(only.value, str):
        return only
    if len(found) == 1 and not isinstance(only, (ast.TemplateIf, ast.TemplateFor)):
        return ast.TemplateWrap(only, SPAN)
    return ast.Template(tuple(found), SPAN)


def _branch(parts: list[ast.Expr]) -> ast.Expr:
    merged = _merged(parts)
    return ast.Template((merged.expr,), SPAN) if isinstance(merged, ast.TemplateWrap) else merged


def _compound(children: st.SearchStrategy[ast.Expr]) -> st.SearchStrategy[ast.Expr]:
    # A traversal that starts at a number would be read as part of the number.
    bases = children.filter(lambda e: not isinstance(e, (ast.Unary, ast.Binary, ast.Conditional)))
    bases = bases.filter(lambda e: not (isinstance(e, ast.Literal) and not isinstance(e.value, str)))
    each = st.lists(NAMES, max_size=2).map(_attributes)
    keys = st.one_of(STRINGS, children.filter(lambda e: not isinstance(e, (ast.Name, ast.GetAttr, ast.Index))))
    keys = keys.filter(lambda e: not (isinstance(e, ast.Literal) and e.value is None))
    names = st.one_of(st.none(), NAMES)
    interpolated = children.filter(lambda e: not (isinstance(e, ast.Literal) and isinstance(e.value, str)))
    simple_parts = st.lists(st.one_of(STRINGS, interpolated), max_size=3)
    directives = st.one_of(
        st.builds(
            lambda c, t, o: ast.TemplateIf(c, t, o, SPAN),
            children,
            simple_parts.map(_branch),
            simple_parts.map(_branch),
        ),
        st.builds(
            lambda k, v, c, b: ast.TemplateFor(k, v, c, b, SPAN), names, NAMES, children, simple_parts.map(_branch)
        ),
    )
    parts = st.lists(st.one_of(STRINGS, interpolated, directives), max_size=4)
    return st.one_of(
        st.builds(lambda o, a, b: ast.Binary(o, a, b, SPAN), OPERATORS, children, children),
        st.builds(lambda o, a: ast.Unary(o, a, SPAN), st.sampled_from("-!"), children),
        st.builds(lambda a, b, c: ast.Conditional(a, b, c, SPAN), children, children, children),
        st.builds(lambda a, n: ast.GetAttr(a, n, SPAN), bases.filter(lambda e: not isinstance(e, ast.Splat)), NAMES),
        st.builds(lambda a, k: ast.Index(a, k, SPAN), bases.filter(lambda e: not isinstance(e, ast.Splat)), children),
        st.builds(lambda a, e: ast.Splat(a, e, SPAN), bases.filter(lambda e: not isinstance(e, ast.Splat)), each),
        st.builds(
            lambda n, a, e: ast.Call(n, tuple(a), SPAN, expand=e and bool(a)),
            st.sampled_from(["f", "core::max", "provider::aws::arn_parse"]),
            st.lists(children, max_size=3),
            st.booleans(),
        ),
        st.lists(children, max_size=3).map(lambda items: ast.TupleCons(tuple(items), SPAN)),
        st.lists(st.tuples(keys, children), max_size=3).map(lambda items: ast.ObjectCons(tuple(items), SPAN)),
        st.builds(
            lambda k, v, c, x, i: ast.ForTuple(k, v, c, x, i, SPAN),
            names,
            NAMES,
            children,
            children,
            st.none() | children,
        ),
        st.builds(
            lambda k, v, c, y, x, g, i: ast.ForObject(k, v, c, y, x, i, SPAN, group=g),
            names,
            NAMES,
            children,
            children,
            children,
            st.booleans(),
            st.none() | children,
        ),
        parts.map(_merged),
    )


def _attributes(names: list[str]) -> ast.Expr:
    each: ast.Expr = ast.SplatItem(SPAN)
    for name in names:
        each = ast.GetAttr(each, name, SPAN)
    return each


EXPRESSIONS = st.recursive(ATOMS, _compound, max_leaves=12)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(max_examples=at_most(75, 300), deadline=None)
@given(EXPRESSIONS)
def test_what_is_printed_is_read_back(expr: ast.Expr) -> None:
    text = natural(expr)
    assert shape(parse_expression(text, "x")) == shape(expr), text


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(list('ab1 .,:?!=<>&|+-*/%(){}[]"\\$~#\n\r\té')), max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    assert parse_expression(text, "x").span.line >= 1
    assert parse_template(text, "x").span.line >= 1

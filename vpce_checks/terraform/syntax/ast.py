"""The syntax tree of the Terraform language: what a ``.tf`` or ``.tf.json`` file says, not what it means.

Every node is immutable and knows its place. Bodies and expressions are converted from the parser's tree on first
use, so that a block nobody asks about costs nothing.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeAlias, Union

from vpce_checks.model.spans import Span


class Node:
    """What every node has in common: equality by value, and a constructor that takes its fields in order.

    Plain classes, because a parse makes thousands of them and a process defines all of them at its start: both
    cost a frozen dataclass several times as much. ``Final`` lets the type checker keep them immutable.
    """

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.__match_args__)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({fields})"


Plain: TypeAlias = bool | int | Decimal | str | None
"""A value that is written out."""


class Literal(Node):
    """``null``, a bool, a number or a string without interpolation. ``1.0`` is ``1``."""

    __slots__ = __match_args__ = ("value", "span")

    def __init__(self, value: Plain, span: Span) -> None:
        self.value: Final = value
        self.span: Final = span


class Template(Node):
    """A quoted string or heredoc with interpolations: its parts are concatenated.

    Escapes are resolved, ``~`` markers and ``<<-`` indentation are already applied to the literal parts.
    A template that consists of a single interpolation (``"${x}"``) is :class:`TemplateWrap` instead.
    """

    __slots__ = __match_args__ = ("parts", "span")

    def __init__(self, parts: tuple[Expr, ...], span: Span) -> None:
        self.parts: Final = parts
        self.span: Final = span


class TemplateWrap(Node):
    """``"${expr}"``: the value itself, whatever its type."""

    __slots__ = __match_args__ = ("expr", "span")

    def __init__(self, expr: Expr, span: Span) -> None:
        self.expr: Final = expr
        self.span: Final = span


class TemplateIf(Node):
    """``%{ if c }a%{ else }b%{ endif }`` inside a template."""

    __slots__ = __match_args__ = ("condition", "then", "otherwise", "span")

    def __init__(self, condition: Expr, then: Expr, otherwise: Expr, span: Span) -> None:
        self.condition: Final = condition
        self.then: Final = then
        self.otherwise: Final = otherwise
        self.span: Final = span


class TemplateFor(Node):
    """``%{ for k, v in xs }...%{ endfor }`` inside a template: the body once an element, concatenated."""

    __slots__ = __match_args__ = ("key_name", "value_name", "collection", "body", "span")

    def __init__(self, key_name: str | None, value_name: str, collection: Expr, body: Expr, span: Span) -> None:
        self.key_name: Final = key_name
        self.value_name: Final = value_name
        self.collection: Final = collection
        self.body: Final = body
        self.span: Final = span


class Name(Node):
    """The root of a traversal: ``var``, ``local``, ``aws_vpc``, ``each``, a ``for`` variable ..."""

    __slots__ = __match_args__ = ("name", "span")

    def __init__(self, name: str, span: Span) -> None:
        self.name: Final = name
        self.span: Final = span


class GetAttr(Node):
    """``object.name``"""

    __slots__ = __match_args__ = ("object", "name", "span")

    def __init__(self, object: Expr, name: str, span: Span) -> None:
        self.object: Final = object
        self.name: Final = name
        self.span: Final = span


class Index(Node):
    """``object[key]`` and the legacy ``object.0``."""

    __slots__ = __match_args__ = ("object", "key", "span")

    def __init__(self, object: Expr, key: Expr, span: Span) -> None:
        self.object: Final = object
        self.key: Final = key
        self.span: Final = span


class SplatItem(Node):
    """Inside :class:`Splat.each`: the element at hand."""

    __slots__ = __match_args__ = ("span",)

    def __init__(self, span: Span) -> None:
        self.span: Final = span


class Splat(Node):
    """``source[*].rest`` (full: ``rest`` may index) and ``source.*.rest`` (legacy: attributes only).

    ``each`` is the expression for one element, with :class:`SplatItem` standing for that element. What follows a
    legacy splat with an index applies to the whole result and wraps the Splat node instead.
    """

    __slots__ = __match_args__ = ("source", "each", "span")

    def __init__(self, source: Expr, each: Expr, span: Span) -> None:
        self.source: Final = source
        self.each: Final = each
        self.span: Final = span


class Call(Node):
    """``name(args...)``. ``name`` may be namespaced (``core::upper``, ``provider::aws::arn_parse``).

    ``expand`` is true where the last argument is followed by ``...``.
    """

    __slots__ = __match_args__ = ("name", "args", "expand", "span")

    def __init__(self, name: str, args: tuple[Expr, ...], span: Span, *, expand: bool) -> None:
        self.name: Final = name
        self.args: Final = args
        self.expand: Final = expand
        self.span: Final = span


class Unary(Node):
    """``!x`` or ``-x``"""

    __slots__ = __match_args__ = ("operator", "operand", "span")

    def __init__(self, operator: str, operand: Expr, span: Span) -> None:
        self.operator: Final = operator
        self.operand: Final = operand
        self.span: Final = span


class Binary(Node):
    """``left operator right``: ``|| && == != < > <= >= + - * / %``"""

    __slots__ = __match_args__ = ("operator", "left", "right", "span")

    def __init__(self, operator: str, left: Expr, right: Expr, span: Span) -> None:
        self.operator: Final = operator
        self.left: Final = left
        self.right: Final = right
        self.span: Final = span


class Conditional(Node):
    """``condition ? then : otherwise``"""

    __slots__ = __match_args__ = ("condition", "then", "otherwise", "span")

    def __init__(self, condition: Expr, then: Expr, otherwise: Expr, span: Span) -> None:
        self.condition: Final = condition
        self.then: Final = then
        self.otherwise: Final = otherwise
        self.span: Final = span


class TupleCons(Node):
    """``[a, b]``"""

    __slots__ = __match_args__ = ("items", "span")

    def __init__(self, items: tuple[Expr, ...], span: Span) -> None:
        self.items: Final = items
        self.span: Final = span


class ObjectCons(Node):
    """``{ k = v }``. A bare identifier as key is a :class:`Literal` string."""

    __slots__ = __match_args__ = ("items", "span")

    def __init__(self, items: tuple[tuple[Expr, Expr], ...], span: Span) -> None:
        self.items: Final = items
        self.span: Final = span


class ForTuple(Node):
    """``[for k, v in xs : value if condition]``"""

    __slots__ = __match_args__ = ("key_name", "value_name", "collection", "value", "condition", "span")

    def __init__(
        self, key_name: str | None, value_name: str, collection: Expr, value: Expr, condition: Expr | None, span: Span
    ) -> None:
        self.key_name: Final = key_name
        self.value_name: Final = value_name
        self.collection: Final = collection
        self.value: Final = value
        self.condition: Final = condition
        self.span: Final = span


class ForObject(Node):
    """``{for k, v in xs : key => value if condition}``; ``group`` where the value is followed by ``...``."""

    __slots__ = __match_args__ = ("key_name", "value_name", "collection", "key", "value", "group", "condition", "span")

    def __init__(
        self,
        key_name: str | None,
        value_name: str,
        collection: Expr,
        key: Expr,
        value: Expr,
        condition: Expr | None,
        span: Span,
        *,
        group: bool,
    ) -> None:
        self.key_name: Final = key_name
        self.value_name: Final = value_name
        self.collection: Final = collection
        self.key: Final = key
        self.value: Final = value
        self.group: Final = group
        self.condition: Final = condition
        self.span: Final = span


class Invalid(Node):
    """An expression that cannot be evaluated: it could not be parsed (the file's diagnostics say why), or it may not
    stand where it does. ``expr`` is then what was read, for what looks at names only (``providers``)."""

    __slots__ = __match_args__ = ("message", "span", "expr")

    def __init__(self, message: str, span: Span, expr: Expr | None = None) -> None:
        self.message: Final = message
        self.span: Final = span
        self.expr: Final = expr


Expr: TypeAlias = Union[
    Literal,
    Template,
    TemplateWrap,
    TemplateIf,
    TemplateFor,
    Name,
    GetAttr,
    Index,
    SplatItem,
    Splat,
    Call,
    Unary,
    Binary,
    Conditional,
    TupleCons,
    ObjectCons,
    ForTuple,
    ForObject,
    Invalid,
]


def shape(part: object) -> object:
    """Return what an expression says, wherever it stands: equal for two expressions that differ only in their places."""
    if isinstance(part, Node):
        return (type(part).__name__, *(shape(getattr(part, name)) for name in part.__match_args__ if name != "span"))
    if type(part) is tuple:
        return tuple(map(shape, part))
    return (type(part).__name__, part) if isinstance(part, (bool, int, Decimal, str)) else part

"""The syntax tree of the Terraform language: what a ``.tf`` or ``.tf.json`` file says, not what it means.

Every node is immutable and knows its place. Bodies and expressions are converted from the parser's tree on first
use, so that a block nobody asks about costs nothing.

Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias, Union

from vpce_checks.source import Span


@dataclass(frozen=True, slots=True)
class Literal:
    """``null``, a bool, a number or a string without interpolation. ``1.0`` is ``1``."""

    value: bool | int | Decimal | str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """A quoted string or heredoc with interpolations: its parts are concatenated.

    Escapes are resolved, ``~`` markers and ``<<-`` indentation are already applied to the literal parts.
    A template that consists of a single interpolation (``"${x}"``) is :class:`TemplateWrap` instead.
    """

    parts: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateWrap:
    """``"${expr}"``: the value itself, whatever its type."""

    expr: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateIf:
    """``%{ if c }a%{ else }b%{ endif }`` inside a template."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """``%{ for k, v in xs }...%{ endfor }`` inside a template: the body once an element, concatenated."""

    key_name: str | None
    value_name: str
    collection: Expr
    body: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a traversal: ``var``, ``local``, ``aws_vpc``, ``each``, a ``for`` variable ..."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class GetAttr:
    """``object.name``"""

    object: Expr
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``object[key]`` and the legacy ``object.0``."""

    object: Expr
    key: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class SplatItem:
    """Inside :class:`Splat.each`: the element at hand."""

    span: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """``source[*].rest`` (full: ``rest`` may index) and ``source.*.rest`` (legacy: attributes only).

    ``each`` is the expression for one element, with :class:`SplatItem` standing for that element. What follows a
    legacy splat with an index applies to the whole result and wraps the Splat node instead.
    """

    source: Expr
    each: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """``name(args...)``. ``name`` may be namespaced (``core::upper``, ``provider::aws::arn_parse``).

    ``expand`` is true where the last argument is followed by ``...``.
    """

    name: str
    args: tuple[Expr, ...]
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """``!x`` or ``-x``"""

    operator: str
    operand: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``: ``|| && == != < > <= >= + - * / %``"""

    operator: str
    left: Expr
    right: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? then : otherwise``"""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class TupleCons:
    """``[a, b]``"""

    items: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectCons:
    """``{ k = v }``. A bare identifier as key is a :class:`Literal` string."""

    items: tuple[tuple[Expr, Expr], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ForTuple:
    """``[for k, v in xs : value if condition]``"""

    key_name: str | None
    value_name: str
    collection: Expr
    value: Expr
    condition: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class ForObject:
    """``{for k, v in xs : key => value if condition}``; ``group`` where the value is followed by ``...``."""

    key_name: str | None
    value_name: str
    collection: Expr
    key: Expr
    value: Expr
    group: bool
    condition: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Invalid:
    """An expression that could not be parsed; the file's diagnostics tell why."""

    message: str
    span: Span


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

"""Blocks with a ``count``: whether they may make several resources, and which of these go with which VPC of a block.

https://developer.hashicorp.com/terraform/language/meta-arguments/count
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from vpce_checks.model.addresses import Place, terraform_place
from vpce_checks.model.network import Declaration
from vpce_checks.reach.route_tables import MAIN_TABLE
from vpce_checks.report.fixes.changes import Expression
from vpce_checks.report.fixes.module_code import written
from vpce_checks.report.fixes.terraform_blocks import id_attribute
from vpce_checks.terraform.config.counts import counted_block
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import Attribute, ModuleSource

MAX_LOCALS = 8
"""How many local values that are made of each other are followed. One or two are usual."""


def may_make_several(place: Place, code: ModuleSource) -> bool:
    """Whether the block at ``place`` has a ``count`` that may be more than 1 for some inputs."""
    block = code.resources.get((place.type, place.name))
    count = block.body.attributes.get("count") if block is not None else None
    return count is not None and not _is_at_most_one(count.expr, code, MAX_LOCALS)


def _is_at_most_one(expr: ast.Expr, code: ModuleSource, depth: int) -> bool:
    """Whether a number is at most 1 for every value of the variables in it. False where that does not show."""
    match expr:
        case ast.Literal(value=bool()):
            return False
        case ast.Literal(value=int() | Decimal() as value):
            return value <= 1
        case ast.Literal(value=str() as text):
            return text.strip() in ("0", "1")
        case ast.TemplateWrap(expr=inner):
            return _is_at_most_one(inner, code, depth)
        case ast.Conditional(then=then, otherwise=otherwise):
            return _is_at_most_one(then, code, depth) and _is_at_most_one(otherwise, code, depth)
        case ast.Call(name="min", args=args, expand=False):
            return any(_is_at_most_one(each, code, depth) for each in args)
        case ast.Call(name="max", args=args, expand=False):
            return all(_is_at_most_one(each, code, depth) for each in args)
        case ast.GetAttr(object=ast.Name(name="local"), name=name):
            local = code.locals.get(name)
            return local is not None and depth > 0 and _is_at_most_one(local.expr, code, depth - 1)
    return False


def go_by_index(blocks: Iterable[Place], vpc: Place, code: ModuleSource) -> bool:
    """Whether each of the blocks makes as many resources as that of ``vpc``, each in the VPC with its own index."""
    home = code.resources.get((vpc.type, vpc.name))
    count = _text(home.body.attributes.get("count")) if home is not None else ""
    return bool(count) and all(_goes_by_index(each, vpc, count, code) for each in blocks)


def _goes_by_index(place: Place, vpc: Place, count: str, code: ModuleSource) -> bool:
    block = code.resources.get((place.type, place.name))
    own = block.body.attributes.get("count") if block is not None else None
    if block is None or own is None:
        return False
    if _text(own) != count and counted_block(own.expr) != (vpc.type, vpc.name):
        return False
    known = ("default_route_table_id",) if place.type == "aws_default_route_table" else ("vpc_id",)
    return any(_text(block.body.attributes.get(name)) in _of_same_index(vpc, name) for name in known)


def _of_same_index(vpc: Place, argument: str) -> frozenset[str]:
    """Return how code writes an attribute of the VPC that has the index of the instance.

    An index behind ``[*]`` is one into each element, and not one into the list.
    https://developer.hashicorp.com/terraform/language/expressions/splat
    """
    block = f"{vpc.type}.{vpc.name}"
    found: set[str] = set()
    for name in ("id", "vpc_id") if argument == "vpc_id" else (argument,):
        found |= {f"{block}[count.index].{name}", f"{block}.*.{name}[count.index]"}
        found |= {f"element({each},count.index)" for each in (f"{block}[*].{name}", f"{block}.*.{name}")}
    return frozenset(found)


def varies_by_index(place: Place, names: Iterable[str], code: ModuleSource) -> bool:
    """Whether one of these arguments of the block at ``place`` differs from instance to instance."""
    block = code.resources.get((place.type, place.name))
    attributes = block.body.attributes if block is not None else {}
    return any("count." in _text(attributes.get(name)) for name in names)


def vpc_of_index(vpc: Place) -> Expression:
    """Return the id of the VPC with the index of the block that names it."""
    return Expression(f"{vpc.type}.{vpc.name}[count.index].{id_attribute(vpc.type)}")


def ids_by_index(declarations: Iterable[Declaration], vpc: Place) -> list[Expression]:
    """Return the ids of resources that go with the VPC of the same index, as a block with its ``count`` writes them."""
    return ids_with(declarations, f"{vpc.type}.{vpc.name}[count.index]", "[count.index]")


def ids_with(declarations: Iterable[Declaration], vpc: str, key: str) -> list[Expression]:
    """Return the ids of the instances with ``key`` of the blocks of resources. ``vpc`` names the VPC that main tables are of."""
    found: dict[Expression, None] = {}
    for declared in declarations:
        if declared.type == MAIN_TABLE:
            found[Expression(f"{vpc}.{declared.address.rpartition('.')[2]}")] = None
            continue
        place = terraform_place(declared.address)
        found[Expression(f"{place.type}.{place.name}{key}.{id_attribute(place.type)}")] = None
    return list(found)


def _text(attribute: Attribute | None) -> str:
    """Return the value of an argument as it is written, without spaces; empty where there is none, and in JSON."""
    text = "" if attribute is None else "".join(written(attribute).split())
    return text[3:-2] if text.startswith('"${') and text.endswith('}"') and text.count("${") == 1 else text

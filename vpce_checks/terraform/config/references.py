"""Find the resources that the value of an expression can come from.

This limits what an unknown value may be: its expression must mention a resource, directly or through locals, variables,
outputs and data sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from vpce_checks.model.network import without_keys
from vpce_checks.model.values import Reference, opaque_parts
from vpce_checks.terraform.aws.carried import CARRIED
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.module_blocks import CALLS
from vpce_checks.terraform.syntax.structure import Block, Body

if TYPE_CHECKING:
    from vpce_checks.terraform.config.module import Module

_Place = tuple["Module", ast.Expr, tuple[str, ...]]
"""An expression in a module, and the steps from its value: attribute names, and _ITEM for an index."""

_Key = tuple[object, ...]
"""Identifies an object in a module: the ``id()`` of the module, its kind, its name, and the steps that are taken from it."""

_ITEM = "[]"

MAX_CHAIN = 200
"""How many module calls we follow from one to the next. It bounds the depth of recursion."""

_GIVES_ARGUMENT = frozenset({"try", "coalesce", "nonsensitive", "sensitive"})
"""Functions whose result is one of their arguments."""

_GIVES_ELEMENT = frozenset({"one", "element"})
"""Functions whose result is an element of their first argument."""


class _Anything(Exception):
    """A value from outside may come from any resource."""


def reach(module: Module, expressions: Iterable[ast.Expr]) -> Mapping[str, frozenset[str]] | None:
    """Return the resources that ``expressions`` in ``module`` can come from; None for any resource.

    The keys are addresses without instance keys, the values attributes; ``""`` stands for the whole resource. Behind an
    argument of a resource (``aws_subnet.x.vpc_id``) its own resources follow. An attribute that AWS assigns
    (``aws_subnet.x.id``) leads no further.
    """
    try:
        found = _reached([(module, expr, ()) for expr in expressions])
    except _Anything:
        return None
    return {address: frozenset(attributes) for address, attributes in found.items()}


def _reached(todo: list[_Place]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    seen: set[_Key] = set()
    while todo:
        module, expr, taken = todo.pop()
        for key, more in _mentioned(module, expr, taken, found):
            if key in seen:
                continue
            seen.add(key)
            behind = _behind_call(module, key, more) if key[1] == "module" else None
            if behind is None:
                todo.extend(more)
            for address, attributes in (behind or {}).items():
                found.setdefault(address, set()).update(attributes)
    return found


def _behind_call(module: Module, key: _Key, expressions: list[_Place]) -> dict[str, set[str]] | None:
    """Return the resources that the inputs of an opaque module call come from. They are found once for each call, as calls
    may follow from each other in a long chain. None: it must be looked at again, as it follows from itself or the chain is
    too long. Raises _Anything if they come from any resource.
    """
    tables = module.session.tables
    known = cast("dict[_Key, dict[str, set[str]] | None]", tables.setdefault("reach of calls", {}))
    under_way = cast("set[_Key]", tables.setdefault("calls under way", set()))
    if key not in known:
        if key in under_way or len(under_way) >= MAX_CHAIN:
            return None
        under_way.add(key)
        try:
            known[key] = _reached(expressions)
        except _Anything:
            known[key] = None
        finally:
            under_way.discard(key)
    found = known[key]
    if found is None:
        raise _Anything
    return found


def waits_for(module: Module, block: Block) -> tuple[str, ...]:
    """Return what ``depends_on`` of a block names: addresses of resources and of module calls, without instance keys."""
    attribute = block.body.attributes.get("depends_on")
    if attribute is None:
        return ()
    found = []
    for root, steps in _references(attribute.expr):
        names = [step for step in steps if step != _ITEM]
        if names and (root in CALLS or (root, names[0]) in module.source.resources):
            found.append(f"{without_keys(module.prefix)}{root}.{names[0]}")
    return tuple(dict.fromkeys(found))


def _mentioned(
    module: Module, expr: ast.Expr, taken: tuple[str, ...], found: dict[str, set[str]]
) -> Iterator[tuple[_Key, list[_Place]]]:
    """Yield a key for each object that ``expr`` refers to, with the expressions that decide the object."""
    for root, steps in _references(expr, taken):
        if root in ("path", "terraform", "each", "count", "self"):
            continue  # each and count come from the block's own for_each, which is among its expressions
        if not steps:
            continue
        name, *following = steps
        rest = tuple(following)
        if root not in ("var", "local"):
            rest = _past_items(rest[:1]) + _past_items(rest[1:]) if root == "data" else _past_items(rest)
        if root == "var":
            if module.parent is None and module.session.is_linked:
                _from_elsewhere(module, name, found)
            yield (id(module), "var", name, rest), _given(module, name, rest)
        elif root == "local":
            attribute = module.source.locals.get(name)
            if attribute is not None:
                yield (id(module), "local", name, rest), [(module, attribute.expr, rest)]
        elif root in CALLS:
            yield from _output(module, name, rest)
        elif root == "data":
            block = module.source.data.get((name, rest[0])) if rest else None
            if block is not None:
                yield (id(module), "data", name, rest[0]), _of(module, block)
        else:
            yield from _resource(module, root, name, rest, found)


def _past_items(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``steps`` without the index that picks an instance."""
    return steps[1:] if steps[:1] == (_ITEM,) else steps


def _resource(
    module: Module, type: str, name: str, rest: tuple[str, ...], found: dict[str, set[str]]
) -> Iterator[tuple[_Key, list[_Place]]]:
    block = module.source.resources.get((type, name))
    if block is None:
        return  # a variable of a for expression, or nothing at all
    attribute = rest[0] if rest else None
    found.setdefault(f"{without_keys(module.prefix)}{type}.{name}", set()).add((attribute or "").lower())
    key = (id(module), type, name, rest)
    if attribute is None or any(nested.type in (attribute, "dynamic") for nested in block.body.blocks):
        yield key, _of(module, block)
    elif attribute in block.body.attributes:
        yield key, [(module, block.body.attributes[attribute].expr, rest[1:])]
    elif attribute in CARRIED or (type, attribute) == ("terraform_data", "output"):
        yield key, _of(module, block)  # it follows from the arguments


def _output(module: Module, name: str, rest: tuple[str, ...]) -> Iterator[tuple[_Key, list[_Place]]]:
    from vpce_checks.terraform.config.module import Module as LoadedModule

    block = module.source.modules.get(name)
    if block is None:
        return
    for child in module.children(name)[1].values():
        if not isinstance(child, LoadedModule):
            yield (id(module), "module", name), _of(module, block)
            continue
        outputs = child.source.outputs
        named = bool(rest) and rest[0] in outputs
        for wanted in rest[:1] if named else outputs:
            attribute = outputs[wanted].body.attributes.get("value")
            taken = rest[1:] if named else ()
            if attribute is not None:
                yield (id(child), "output", wanted, taken), [(child, attribute.expr, taken)]


def _given(module: Module, name: str, rest: tuple[str, ...]) -> list[_Place]:
    if module.parent is None:
        return []  # what a root is given was written before any of this existed
    given = module.given.get(name)
    if given is not None:
        # The call's for_each may come with it, by way of each.
        call = module.parent.source.modules[module.call]
        meta = [call.body.attributes[meta].expr for meta in ("for_each", "count") if meta in call.body.attributes]
        return [(module.parent, given.expr, rest), *((module.parent, expr, ()) for expr in meta)]
    block = module.source.variables.get(name)
    default = block.body.attributes.get("default") if block is not None else None
    return [(module, default.expr, rest)] if default is not None else []


def _from_elsewhere(module: Module, name: str, found: dict[str, set[str]]) -> None:
    """Add the objects of other roots in a root variable. Raises _Anything if these are not known."""
    given = module.given.get(name)
    if given is None:
        return
    for part in opaque_parts(module.variable(name, given.span)):
        if isinstance(part, Reference):
            attribute = str(part.path[0]).lower() if part.path else ""
            found.setdefault(without_keys(part.address), set()).add(attribute)
        elif module.session.is_vague and part.type not in ("bool", "number"):
            raise _Anything


def _of(module: Module, block: Block) -> list[_Place]:
    return [(module, expr, ()) for expr in expressions_of(block.body)]


def expressions_of(body: Body) -> Iterator[ast.Expr]:
    """Yield the expressions of all arguments of a block, nested ones included."""
    for attribute in body.attributes.values():
        yield attribute.expr
    for block in body.blocks:
        yield from expressions_of(block.body)


def _references(expr: ast.Expr, taken: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Yield the references in an expression: the first name, and the steps that follow.

    ``taken`` are the steps taken from the expression's value; what passes the value on passes them on as well.
    """
    stack: list[tuple[object, list[str]]] = [(expr, list(taken))]
    while stack:
        node, following = stack.pop()
        if isinstance(node, ast.Name):
            yield node.name, following
        elif isinstance(node, ast.GetAttr):
            stack.append((node.object, [node.name, *following]))
        elif isinstance(node, ast.Index):
            stack += [(node.object, [_ITEM, *following]), (node.key, [])]
        elif isinstance(node, ast.Splat):
            stack += [(node.source, [_ITEM, *_each_names(node.each), *following]), (node.each, [])]
        elif isinstance(node, ast.Conditional):
            stack += [(node.condition, []), (node.then, following), (node.otherwise, following)]
        elif isinstance(node, ast.TemplateWrap):
            stack.append((node.expr, following))
        elif isinstance(node, ast.TupleCons):
            inside = following[1:] if following[:1] == [_ITEM] else []
            stack += [(part, inside) for part in node.items]
        elif isinstance(node, ast.Call) and node.name in _GIVES_ARGUMENT:
            stack += [(part, following) for part in node.args]
        elif isinstance(node, ast.Call) and node.name in _GIVES_ELEMENT:
            stack += [(part, [_ITEM, *following] if at == 0 else []) for at, part in enumerate(node.args)]
        elif isinstance(node, ast.ObjectCons) and following:
            stack += _members(node, following)
        elif isinstance(node, ast.Node):
            stack += [(part, []) for part in parts_of(node)]


def _members(node: ast.ObjectCons, following: list[str]) -> Iterator[tuple[object, list[str]]]:
    """Yield the member of an object that is taken; each member if an index takes it or a key is not a literal."""
    for key, value in node.items:
        yield key, []
        if following[0] == _ITEM or not isinstance(key, ast.Literal) or key.value == following[0]:
            yield value, following[1:]


def _each_names(expr: ast.Expr) -> list[str]:
    """Return the steps that a splat takes from each element."""
    names: list[str] = []
    while not isinstance(expr, ast.SplatItem):
        if isinstance(expr, ast.GetAttr):
            names.insert(0, expr.name)
        elif isinstance(expr, ast.Index):
            names.insert(0, _ITEM)
        else:
            break
        expr = expr.object
    return names


def parts_of(node: ast.Node) -> Iterator[object]:
    for name in node.__match_args__:
        yield from _flat(getattr(node, name))


def _flat(value: object) -> Iterable[object]:
    if isinstance(value, ast.Node):
        yield value
    elif type(value) is tuple:  # not a Span, which is a tuple of another kind
        for item in value:
            yield from _flat(item)

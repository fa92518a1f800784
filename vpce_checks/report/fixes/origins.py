"""Where a module of the repository gets the value of an argument from: the root's own map entry, or argument of the call.

To change it there changes nothing for other callers of the module.
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.report.fixes.module_inputs import instance_key, written_key
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import Block, ModuleSource

_OF_ENTRY = pattern(r"each\.value\.([A-Za-z0-9_-]+)")
_OF_VARIABLE = pattern(r"var\.([A-Za-z0-9_-]+)")


@record
class Origin:
    """The literal that sets ``name``, at ``span``: in the entry ``key`` of a map, or in the call of the module ``called``."""

    name: str
    span: Span
    key: str = ""
    called: str = ""


def origin_of(expression: str, instance: str, call: Block, root: ModuleSource) -> Origin | None:
    """Return what sets the value of ``expression`` in the module that ``root`` calls by the block ``call``.

    ``instance`` is the key of the resource instance in its address (``["logs"]``). None if there is not exactly one
    literal that does.
    """
    entry, variable = _OF_ENTRY.fullmatch(expression), _OF_VARIABLE.fullmatch(expression)
    if entry is not None:
        key = instance_key(instance)
        parts = (*root.locals.values(), *call.body.attributes.values())
        found = [each for part in parts for each in _entries(part.expr, key, entry[1])] if key is not None else []
        return found[0] if len(found) == 1 else None
    argument = call.body.attributes.get(variable[1]) if variable is not None else None
    if argument is None or not isinstance(argument.expr, ast.Literal):
        return None
    return Origin(argument.name, argument.span, called=call.labels[0])


def _entries(part: object, key: str, name: str) -> Iterator[Origin]:
    """Yield what sets ``name`` by a literal in the entries ``key`` of the maps in an expression."""
    if isinstance(part, ast.ObjectCons):
        for at, value in part.items:
            if written_key(at) == key and isinstance(value, ast.ObjectCons):
                yield from (
                    Origin(name, each.span, key)
                    for inner, each in value.items
                    if written_key(inner) == name and isinstance(each, ast.Literal)
                )
    if isinstance(part, ast.Node):
        for field in part.__match_args__:
            yield from _entries(getattr(part, field), key, name)
    elif isinstance(part, tuple):
        for each in part:
            yield from _entries(each, key, name)

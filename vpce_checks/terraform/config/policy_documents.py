"""The JSON that the data source ``aws_iam_policy_document`` renders, which needs no request to AWS.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from vpce_checks.model.documents import NotJson, read_document
from vpce_checks.model.values import (
    JsonText,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    is_known,
    join_strings,
    merge_causes,
)
from vpce_checks.terraform.aws.coerce import as_string, as_strings
from vpce_checks.terraform.types.doubts import causes_of
from vpce_checks.terraform.types.numbers import number_to_string

if TYPE_CHECKING:
    from vpce_checks.terraform.aws.instance import ResourceBlock
    from vpce_checks.terraform.config.instances import Instance
    from vpce_checks.terraform.config.nested_blocks import NestedBlock, ObjectBlock

_GO_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def rendered(instance: Instance, *, minified: bool) -> Value:
    """Return the document of ``instance`` as JSON text, byte for byte as the provider writes it."""
    statements = _Statements()
    for source in (instance.get("source_json"), *_documents(instance.get("source_policy_documents"))):
        statements.merge(source)
    for block in instance.blocks("statement"):
        statements.add(_statement(block), None if block.exists is True else block.exists)
    for override in (instance.get("override_json"), *_documents(instance.get("override_policy_documents"))):
        statements.merge(override)
    items: dict[str, Value] = {"Version": as_string(instance.get("version"), "2012-10-17")}
    policy_id = as_string(instance.get("policy_id"))
    if policy_id is not None:
        items["Id"] = policy_id
    items["Statement"] = statements.value()
    document = MapValue(items)
    if not is_known(document):
        return JsonText(causes_of([document]), "string", document=document)
    indent, separators = (None, (",", ":")) if minified else (2, None)
    text = json.dumps(_plain(document), ensure_ascii=False, indent=indent, separators=separators)
    return text.translate(_GO_ESCAPES)


def _documents(value: Value) -> Iterable[Value]:
    """Return the texts of an argument that holds a list of documents."""
    if value is None:
        return ()
    if not isinstance(value, ListValue):
        return (value,)
    uncertain = [Unknown(merge_causes([why])) for why in value.maybe.values()]
    rest = [] if value.rest is None else [value.rest]
    return (*(item for place, item in enumerate(value.items) if place not in value.maybe), *uncertain, *rest)


class _Statements:
    """Statements in order. One with the ``Sid`` of an earlier one takes its place, in documents that are merged."""

    def __init__(self) -> None:
        self._items: list[Value] = []
        self._maybe: dict[int, Opaque] = {}
        self._rest: Opaque | None = None

    def add(self, statement: Value, presence: Opaque | None = None) -> None:
        """Add a statement that is present, or may be (``presence`` says why)."""
        sid = _sid(statement)
        place = next((at for at, item in enumerate(self._items) if sid and _sid(item) == sid), None)
        if place is None:
            place = len(self._items)
            self._items.append(statement)
        elif presence is None and place not in self._maybe:
            self._items[place] = statement
            return
        else:
            self._items[place] = Unknown(merge_causes([presence, *self._maybe.values()]))
        if presence is not None:
            self._maybe[place] = presence

    def merge(self, document: Value) -> None:
        """Add the statements of a document, given as JSON text."""
        if document is None or document == "":
            return
        found = _decoded(document)
        listed = found.items.get("Statement") if isinstance(found, MapValue) else found
        if isinstance(listed, MapValue):
            listed = ListValue((listed,))
        if not isinstance(listed, ListValue):
            why = Unknown(merge_causes([document]))
            self._items = [why if _sid(item) else item for item in self._items]
            self._rest = self._rest or why
            return
        for place, item in enumerate(listed.items):
            self.add(item, listed.maybe.get(place))
        self._rest = self._rest or listed.rest

    def value(self) -> Value:
        """Return the list of statements."""
        return ListValue(tuple(self._items), "list", self._maybe, self._rest)


def _decoded(document: Value) -> Value:
    try:
        return read_document(document)
    except NotJson:
        return None


def _sid(statement: Value) -> str | None:
    sid = statement.items.get("Sid") if isinstance(statement, MapValue) else None
    return sid if isinstance(sid, str) and sid else None


def _statement(block: NestedBlock | ObjectBlock) -> MapValue:
    found: dict[str, Value] = {}
    sid = as_string(block.get("sid"))
    if sid is not None and sid != "":
        found["Sid"] = sid
    found["Effect"] = as_string(block.get("effect"), "Allow")
    for name, argument in (
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ):
        texts = _texts(block.get(argument))
        if texts is not None:
            found[name] = texts
    for name, type in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        principals = _principals(block.blocks(type))
        if principals is not None:
            found[name] = principals
    conditions = _conditions(block.blocks("condition"))
    if conditions is not None:
        found["Condition"] = conditions
    return MapValue(found)


def _texts(value: Value) -> Value:
    """Return a set of strings as the provider writes it: alone if it is one, else in descending order. None if empty."""
    texts = as_strings(value)
    if not isinstance(texts, ListValue):
        return texts
    items = tuple(_with_variables(item) for item in texts.items)
    if texts.exact and len(items) < 2:
        return items[0] if items else None
    if texts.exact and all(isinstance(item, str) for item in items):
        return ListValue(tuple(sorted(map(str, dict.fromkeys(items)), reverse=True)), "list")
    return ListValue(items, "list", texts.maybe, texts.rest)


def _with_variables(text: Value) -> Value:
    """Return ``text`` with the variables of IAM: ``&{aws:username}`` stands for ``${aws:username}``, which HCL would read."""
    if isinstance(text, str):
        return text.replace("&{", "${")
    if isinstance(text, PartialString):
        return join_strings(part.replace("&{", "${") if isinstance(part, str) else part for part in text.parts)
    return text


def _principals(blocks: Iterable[ResourceBlock]) -> Value:
    found: dict[str, list[Value]] = {}
    for block in blocks:
        type = as_string(block.get("type"))
        if block.exists is not True or not isinstance(type, str):
            return Unknown(merge_causes([block.exists, type]))
        found.setdefault(type, []).append(as_strings(block.get("identifiers")))
    members: dict[str, Value] = {}
    for type, lists in found.items():
        if not all(isinstance(each, ListValue) for each in lists):
            return Unknown(merge_causes(lists))
        items = tuple(item for each in lists if isinstance(each, ListValue) for item in each.items)
        inexact = [each for each in lists if isinstance(each, ListValue) and not each.exact]
        if inexact:
            return Unknown(merge_causes(inexact))
        members[type] = _texts(ListValue(items, "set"))
    if members == {"*": "*"}:
        return "*"
    return MapValue(members) if members else None


def _conditions(blocks: Iterable[ResourceBlock]) -> Value:
    tests: dict[str, dict[str, Value]] = {}
    for block in blocks:
        test, variable = as_string(block.get("test")), as_string(block.get("variable"))
        if block.exists is not True or not isinstance(test, str) or not isinstance(variable, str):
            return Unknown(merge_causes([block.exists, test, variable]))
        tests.setdefault(test, {})[variable] = _texts(block.get("values"))
    ordered = {test: MapValue(dict(sorted(values.items()))) for test, values in sorted(tests.items())}
    return MapValue(ordered) if ordered else None


def _plain(value: Value) -> object:
    if isinstance(value, ListValue):
        return [_plain(item) for item in value.items]
    if isinstance(value, MapValue):
        return {name: _plain(item) for name, item in value.items.items()}
    return number_to_string(value) if isinstance(value, Decimal) else value

"""Encoding functions: https://developer.hashicorp.com/terraform/language/functions#encoding-functions"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from vpce_checks.model.values import (
    Base64Text,
    JsonText,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    YamlText,
    is_known,
    merge_causes,
    opaque_parts,
    unknown,
)
from vpce_checks.terraform.lang.functions.base64text import decode_base64
from vpce_checks.terraform.lang.functions.contract import (
    MAX_TEXT,
    Environment,
    Function,
    NotComputed,
    check_items,
    check_text,
)
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.jsontext import to_json
from vpce_checks.terraform.lang.functions.stand_ins import read_with_ids
from vpce_checks.terraform.lang.functions.text import normal
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.numbers import Number, parse_number


def _text(value: Value) -> str:
    assert isinstance(value, str)
    return value


def _base64encode(environment: Environment, value: Value) -> Value:
    if isinstance(value, (PartialString, Opaque)):
        for opaque in opaque_parts(value):
            environment.doubt(opaque)
        return Base64Text(value.causes, "string", text=value)
    return base64.b64encode(_text(value).encode()).decode("ascii")


def _base64decode(environment: Environment, value: Value) -> Value:
    if isinstance(value, Base64Text):
        return value.text
    if not isinstance(value, str):
        for opaque in opaque_parts(value):
            environment.doubt(opaque)
        return Unknown(merge_causes([value]), "string")
    data = decode_base64(_text(value), "base64decode")
    try:
        return normal(data.decode())
    except UnicodeDecodeError:
        raise EvalError("base64decode(): the result of decoding the provided string is not valid UTF-8") from None


def _base64gzip(environment: Environment, value: Value) -> Value:
    return unknown("base64gzip(): compressed bytes depend on the compressor", environment.span, "string")


def _jsonencode(environment: Environment, value: Value) -> Value:
    if is_known(value):
        return to_json(value)
    for opaque in opaque_parts(value):
        environment.doubt(opaque)
    return JsonText(merge_causes([value]), "string", document=value)


def _jsondecode(environment: Environment, value: Value) -> Value:
    if isinstance(value, JsonText) and isinstance(value.document, (ListValue, MapValue)):
        return _as_decoded(value.document)
    return _decoded(environment, _from_json_text, value)


def _decoded(environment: Environment, read: Callable[[str], Value], value: Value, kind: str | None = None) -> Value:
    """Return what ``read`` makes of a text, of type ``kind``; unknown if more than ids of it is."""
    if isinstance(value, str):
        return read(value)
    found = read_with_ids(read, value)
    if found is not None:
        return found
    for opaque in opaque_parts(value):
        environment.doubt(opaque)
    return Unknown(merge_causes([value]), kind)


def _from_json_text(text: str) -> Value:
    check_text(len(text))
    try:
        document = json.loads(text, parse_int=parse_number, parse_float=parse_number, parse_constant=_refuse_constant)
    except ValueError as error:
        raise EvalError(f"jsondecode(): {error}") from None
    return _from_json(document)


def _as_decoded(document: Value) -> Value:
    """Return what comes back of a document: tuples and objects. The order of a set that is partly known is not known."""
    if isinstance(document, MapValue):
        items = {name: _as_decoded(item) for name, item in document.items.items()}
        return MapValue(items, "object", document.maybe, document.rest)
    if isinstance(document, ListValue):
        if document.kind == "set" and not is_known(document):
            return Unknown(merge_causes([document]))
        return ListValue(tuple(map(_as_decoded, document.items)), "tuple", document.maybe, document.rest)
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _from_json(document: Any) -> Value:
    if isinstance(document, str):
        return normal(_whole(document))
    if isinstance(document, list):
        return ListValue(tuple(_from_json(item) for item in document), "tuple")
    if isinstance(document, Mapping):
        return MapValue({normal(_whole(key)): _from_json(item) for key, item in document.items()}, "object")
    result: bool | Number | None = document
    return result


def _whole(text: str) -> str:
    # half of a surrogate pair stands for no character; Go puts the replacement character there
    if text.isascii():
        return text
    return "".join("\ufffd" if 0xD800 <= ord(character) < 0xE000 else character for character in text)


def _yamlencode(environment: Environment, value: Value) -> Value:
    if is_known(value):
        from vpce_checks.terraform.lang.functions.yaml_write import to_yaml

        return to_yaml(value)
    for opaque in opaque_parts(value):
        environment.doubt(opaque)
    return YamlText(merge_causes([value]), "string", document=value)


def _yamldecode(environment: Environment, value: Value) -> Value:
    if isinstance(value, YamlText) and isinstance(value.document, (ListValue, MapValue)):
        return _as_decoded(value.document)
    return _decoded(environment, _from_yaml_text, value)


def _from_yaml_text(text: str) -> Value:
    from vpce_checks.terraform.lang.functions.yaml_read import from_yaml

    check_text(len(text))
    return from_yaml(text)


def _csvdecode(environment: Environment, value: Value) -> Value:
    return _decoded(environment, _from_csv, value, "list")


def _from_csv(text: str) -> Value:
    rows = _csv_rows(text)
    if not rows:
        raise EvalError("csvdecode(): missing header line")
    header = rows[0]
    if len(set(header)) < len(header):
        raise EvalError("csvdecode(): duplicate column name")
    check_items(len(rows) * len(header))
    items: list[Value] = []
    for row in rows[1:]:
        if len(row) != len(header):
            raise EvalError("csvdecode(): wrong number of fields")
        items.append(MapValue({normal(name): normal(field) for name, field in zip(header, row, strict=True)}, "object"))
    return ListValue(tuple(items), "list")


def _csv_rows(text: str) -> list[list[str]]:
    # RFC 4180 as Go reads it: blank lines skipped, quotes only around whole fields, CR LF taken for LF
    text = text.replace("\r\n", "\n")
    rows: list[list[str]] = []
    at = 0
    while at < len(text):
        if text[at] == "\n":
            at += 1
            continue
        row: list[str] = []
        while True:
            if text.startswith('"', at):
                field, at = _quoted_field(text, at + 1)
            else:
                end = at
                while end < len(text) and text[end] not in ",\n":
                    end += 1
                field, at = text[at:end], end
                if '"' in field:
                    raise EvalError('csvdecode(): bare " in non-quoted field')
                if at == len(text) and field.endswith("\r"):
                    field = field[:-1]
            row.append(field)
            if not text.startswith(",", at):
                break
            at += 1
        at += 1
        rows.append(row)
    return rows


def _quoted_field(text: str, at: int) -> tuple[str, int]:
    pieces: list[str] = []
    while True:
        end = text.find('"', at)
        if end < 0:
            raise EvalError('csvdecode(): extraneous or missing " in quoted field')
        pieces.append(text[at:end])
        following = text[end + 1 : end + 2]
        if following == '"':
            pieces.append('"')
            at = end + 2
        elif following in ("", ",", "\n"):
            return "".join(pieces), end + 1
        elif following == "\r" and end + 2 == len(text):
            return "".join(pieces), end + 2
        else:
            raise EvalError('csvdecode(): extraneous or missing " in quoted field')


_UNESCAPED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def _urlencode(environment: Environment, value: Value) -> Value:
    pieces: list[str] = []
    for character in _text(value):
        if character in _UNESCAPED:
            pieces.append(character)
        elif character == " ":
            pieces.append("+")
        else:
            pieces.extend(f"%{byte:02X}" for byte in character.encode())
    check_text(sum(map(len, pieces)) if len(pieces) > MAX_TEXT // 12 else 0)
    return "".join(pieces)


_CODECS = {
    "utf-8": "utf-8",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "iso-8859-1": "iso-8859-1",
    "iso_8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "us-ascii": "ascii",
    "windows-1252": "cp1252",
}
"""IANA names whose codec is the same in Python; others are left unknown."""


def _codec(name: Value, environment: Environment) -> str:
    found = _CODECS.get(_text(name).lower())
    if found is None:
        raise NotComputed(f"needs the encoding {environment.shown(_text(name)[:40])}")
    return found


def _textencodebase64(environment: Environment, value: Value, encoding: Value) -> Value:
    codec = _codec(encoding, environment)
    try:
        return base64.b64encode(_text(value).encode(codec)).decode("ascii")
    except UnicodeEncodeError:
        raise EvalError("textencodebase64(): the string contains characters that the encoding lacks") from None


def _textdecodebase64(environment: Environment, value: Value, encoding: Value) -> Value:
    codec = _codec(encoding, environment)
    data = decode_base64(_text(value), "textdecodebase64")
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        raise EvalError("textdecodebase64(): the data contains symbols that the encoding lacks") from None
    if "\ufffd" in text:
        raise EvalError("textdecodebase64(): the data contains symbols that the encoding lacks")
    return normal(text)


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("base64decode", _base64decode, "string", returns="string", partial=True),
        declare("base64encode", _base64encode, "string", returns="string", partial=True),
        declare("base64gzip", _base64gzip, "string", returns="string"),
        declare("csvdecode", _csvdecode, "string", returns="list", partial=True),
        declare("jsondecode", _jsondecode, "string", partial=True),
        declare("jsonencode", _jsonencode, "any?", returns="string", partial=True),
        declare("textdecodebase64", _textdecodebase64, "string string", returns="string"),
        declare("textencodebase64", _textencodebase64, "string string", returns="string"),
        declare("urlencode", _urlencode, "string", returns="string"),
        declare("yamldecode", _yamldecode, "string", partial=True),
        declare("yamlencode", _yamlencode, "any?", returns="string", partial=True),
    )
}

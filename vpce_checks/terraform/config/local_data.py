"""Data sources that read the repository or their own arguments, and ask no service.

https://registry.terraform.io/providers/hashicorp/local/latest/docs
https://registry.terraform.io/providers/hashicorp/template/latest/docs
https://registry.terraform.io/providers/hashicorp/null/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vpce_checks.base.defects import withhold_texts
from vpce_checks.model.values import Value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import SENSITIVE
from vpce_checks.terraform.syntax.ast import Call, ObjectCons

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance


def _called(instance: Instance, function: str, *arguments: str) -> Value:
    """Return what ``function`` makes of arguments of the data source; an argument that is not set is empty."""
    attributes = instance.block.body.attributes
    given = [
        attributes[name].expr if name in attributes else ObjectCons((), instance.block.header) for name in arguments
    ]
    return evaluate(Call(function, tuple(given), instance.block.header, expand=False), instance.scope)


def _content(instance: Instance) -> Value:
    return _called(instance, "file", "filename")


def _base64(instance: Instance) -> Value:
    return _called(instance, "filebase64", "filename")


def _secret(read: Callable[[Instance], Value]) -> Callable[[Instance], Value]:
    def marked(instance: Instance) -> Value:
        withhold_texts()
        value = read(instance)
        instance.scope.session.note_mark(SENSITIVE)
        return value

    return marked


LOCAL_DATA: dict[tuple[str, str], Callable[[Instance], Value]] = {
    ("local_file", "content"): _content,
    ("local_file", "content_base64"): _base64,
    ("local_sensitive_file", "content"): _secret(_content),
    ("local_sensitive_file", "content_base64"): _secret(_base64),
    ("null_data_source", "outputs"): lambda instance: instance.get("inputs"),
    ("template_file", "rendered"): lambda instance: _called(instance, "templatestring", "template", "vars"),
}
"""Type and attribute -> what computes it."""

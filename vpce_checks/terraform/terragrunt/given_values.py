"""The values given to the variables of a unit's module, each in the words of its origin: environment, file, command line."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    PartialString,
    Unknown,
    Value,
    choose,
    is_known,
    merge_causes,
)
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.config.variables import from_text, no_names, takes_text
from vpce_checks.terraform.lang.functions.jsontext import to_json
from vpce_checks.terraform.lang.scope import Scope, Session
from vpce_checks.terraform.syntax.ast import Name
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.syntax.structure import ModuleSource
from vpce_checks.terraform.syntax.tfvars import Variables, load_tfvars, parse_tfvars
from vpce_checks.terraform.terragrunt.generate import Generated

if TYPE_CHECKING:
    from vpce_checks.terraform.lang.marks import Mark

_ESCAPED = re.compile(r"(?<!\$)\$\{")  # what Terragrunt escapes in text that Terraform will read as an expression

_INPUT = "input"  # the name under which a value stands in the scope of its expression


class GivenValues:
    """The values given so far to the variables of a module."""

    def __init__(self, source: ModuleSource, session: Session) -> None:
        self.found: dict[str, Given] = {}
        self.source = source
        self._session = session
        self._scope = Scope(session, no_names, {})
        self.places = session.places

    def value(self, name: str, value: Value, span: Span, mark: Mark = None) -> None:
        """A value as it is."""
        self.found[name] = Given(Name(_INPUT, span), span, self._scope.bind({_INPUT: value}), mark)

    def input(self, name: str, value: Value, span: Span, mark: Mark = None) -> None:
        """A value on its way through the environment: a variable whose type is not primitive reads text as an expression."""
        block = self.source.variables[name]
        if isinstance(value, str) and not takes_text(block):
            text = _ESCAPED.sub(r"$${", value)
            self.found[name] = Given(parse_expression(text, span.file, span.line), span, self._scope, mark)
            return
        self.value(name, passed(value, as_text=takes_text(block)), span, mark)

    def environment(self, key: str, value: Value, span: Span) -> None:
        """What the environment variable ``key`` (``TF_VAR_...``) is set to."""
        name = key.removeprefix("TF_VAR_")
        if isinstance(value, str):
            self.text(name, value, f"environment variable {key}")
        elif name in self.source.variables:
            self.value(name, passed(value, as_text=takes_text(self.source.variables[name])), span)

    def text(self, name: str, text: str, origin: str) -> None:
        """A value as text, of the environment or the command line."""
        block = self.source.variables.get(name)
        if block is not None:
            self.found[name] = from_text(block, text, origin, self._scope)

    def file(self, path: str, places: Places) -> None:
        """The values in a ``.tfvars`` file. What of it cannot be read may set any variable that has a value."""
        self._take(path, *load_tfvars(path, places))

    def generated(self, name: str, file: Generated) -> None:
        """The values in a file that the unit writes."""
        if file.origin is not None:
            self.file(file.origin, self.places)
            return
        if file.text is None or file.values:
            self.hide(file.causes or (Cause(f"{name} is not known", file.span),), file.span)
            return
        values, diagnostics = parse_tfvars(file.text.encode(), name)
        placed = {key: (expr, file.span) for key, (expr, _) in values.items()}
        there = tuple(item._replace(file=file.span.file, line=file.span.line) for item in diagnostics)
        self._take(name, placed, there)

    def _take(self, path: str, values: Variables, diagnostics: tuple[Diagnostic, ...]) -> None:
        self._session.add(diagnostics)
        broken = next((item for item in diagnostics if item.severity == "error"), None)
        if broken is not None:
            where = Span(broken.file, broken.line)
            cause = Cause(f"{os.path.basename(path)} cannot be read, and may set it", where)
            for name, block in self.source.variables.items():
                if name in self.found or "default" in block.body.attributes:
                    self.value(name, Unknown((cause,)), where)
        for name, (expr, span) in values.items():
            self.found[name] = Given(expr, span, self._scope)

    def hide(self, causes: tuple[Cause, ...], span: Span) -> None:
        """From here on every variable may have been given another value."""
        for name in self.source.variables:
            self.value(name, Unknown(causes), span)

    def option(self, option: str, value: Value, span: Span) -> None:
        """What an option of the command line gives (see ``options_in``)."""
        if option == "-var-file":
            self.var_file(value, span, is_optional=False)
        elif option == "-var" and isinstance(value, str):
            name, _, text = value.partition("=")
            self.text(name.strip(), text, f"-var {name.strip()}")
        elif option in ("-var", "?"):
            self.hide(merge_causes([value]) or (Cause("an argument that is not known", span),), span)

    def var_file(self, path: Value, span: Span, *, is_optional: bool) -> None:
        """What is in a file that an option names. A relative path starts from the module's directory."""
        if not isinstance(path, str):
            self.hide(merge_causes([path]) or (Cause("a file of variables that is not known", span),), span)
            return
        full = os.path.normpath(os.path.join(self.source.directory, path))
        if tracked.is_file(full, self.places):
            self.file(full, self.places)
        elif not is_optional:
            shown = os.path.basename(full)
            self.hide((Cause(f"{shown}, a file of variables, is not in the repository", span),), span)


def passed(value: Value, *, as_text: bool) -> Value:
    """What comes of a value that is no text on its way through the environment. A variable that takes text gets the
    value as JSON; any other reads text as an expression, so that it may become anything."""
    if isinstance(value, Unknown) and value.one_of:
        return choose([passed(each, as_text=as_text) for each in value.one_of], value.causes)
    if not as_text:
        is_text = isinstance(value, PartialString) or (isinstance(value, Unknown) and value.type == "string")
        return Unknown(merge_causes([value])) if is_text else value
    if isinstance(value, Unknown) and value.type not in (None, "string"):
        return Unknown(value.causes, "string")
    if isinstance(value, bool | int | Decimal):
        return to_json(value)
    if isinstance(value, ListValue | MapValue):
        return to_json(value) if is_known(value) else Unknown(merge_causes([value]), "string")
    return value

"""Every module call of a root, whether or not it is ever carried out, and how its code was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.config.module import MAX_DEPTH, Module, Position
from vpce_checks.terraform.config.variables import root_values
from vpce_checks.terraform.lang.scope import Session, TerraformOptions
from vpce_checks.terraform.sources.locate import CALL_META, Located, locate, version_of
from vpce_checks.terraform.syntax.module_source import ModuleLoader

MAX_CALLS = 20_000
"""How many calls of one root are listed."""


class ModuleCall(NamedTuple):
    """A module call: ``address`` has no instance keys, as the instances are not counted here."""

    address: str
    located: Located
    version: str | None
    span: Span


def module_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The calls of the root in ``directory`` and of all the modules it reaches, with what could not be read."""
    session = Session(directory, options, loader)
    source = loader.load(directory)
    calls = calls_of(Module(session, source, root_values(source, session)))
    return calls, session.diagnostics


def calls_of(root: Module) -> tuple[ModuleCall, ...]:
    """The calls in the code of a root and in all that it reaches."""
    calls: list[ModuleCall] = []
    for call in _calls(root, (), ()):
        if len(calls) >= MAX_CALLS:
            root.session.warn(f"only the first {MAX_CALLS:,} module calls are listed", call.span)
            break
        calls.append(call)
    return tuple(calls)


def _calls(module: Module, path: tuple[str, ...], above: tuple[str, ...]) -> Iterator[ModuleCall]:
    session, source = module.session, module.source
    session.add(source.diagnostics)
    for name, block in source.modules.items():
        here = (*path, name)
        located = locate(source, block, ".".join(here), module.scope)
        if located.directory is not None and located.directory in (*above, source.directory):
            located = Located(None, located.source, "it calls itself")
        elif len(here) > MAX_DEPTH:
            located = Located(None, located.source, f"calls nest deeper than {MAX_DEPTH}")
        address = ".".join(f"module.{step}" for step in here)
        yield ModuleCall(address, located, version_of(block), block.span)
        if located.directory is not None and not located.stub:
            code = located.load(block.span, session)
            arguments = {key: each for key, each in block.body.attributes.items() if key not in CALL_META}
            given = {key: Given(each.expr, each.span, module.scope) for key, each in arguments.items()}
            child = Module(session, code, given, Position(address, parent=module, call=name))
            yield from _calls(child, here, (*above, source.directory))

"""Files of variable values that nobody chose, and what they would add to a network.

Terraform reads ``prod.tfvars`` only if ``-var-file`` names it. We do not know whether a deployment does. So each such file is
tried, and one that adds a VPC, an endpoint or a route stands for code that was not read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from vpce_checks.base.record import replace
from vpce_checks.model.network import (
    Declaration,
    Endpoint,
    EndpointAssociation,
    NetworkObject,
    OpaqueModule,
    Route,
    RouteTable,
    Vpc,
)
from vpce_checks.model.spans import Span
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.config.unselected_tfvars import MAX_DIRECTORIES, MAX_FILES, variable_files
from vpce_checks.terraform.config.variables import root_values
from vpce_checks.terraform.lang.scope import Session

MAX_TRIED = 20
"""How many files are tried for one root. Each takes as long as the root itself."""

SOURCE = "files of variables that nobody chose"
_KINDS = (Vpc, Endpoint, EndpointAssociation, RouteTable, Route)

Objects = Callable[[Module], Iterable[NetworkObject]]
"""Returns the network objects of a root module."""


def unchosen_files(root: Module, own: Iterable[NetworkObject], objects: Objects) -> list[OpaqueModule]:
    """Return what stands for the files that would add something to ``own``, the objects of ``root``.

    Where the user names a file, that is the choice, and none is tried.
    """
    session = root.session
    if session.options.var_files or session.cut is not None:
        return []
    asked = root.variables_asked_for
    looked_at = variable_files(root.source.directory, session.places)
    if not looked_at.is_complete:
        bounds = f"{MAX_FILES} files and {MAX_DIRECTORIES} directories"
        message = f"only the first {bounds} below this root were searched for files of variables; pass --var-file"
        session.warn(message, Span(root.source.directory, 1))
    found = []
    files = []
    for path in looked_at.files:
        from vpce_checks.terraform.syntax.tfvars import load_tfvars

        values, problems = load_tfvars(path, session.places)
        if any(item.severity == "error" for item in problems):
            found.append(_unread(session, path, problems[0].message, ()))
        elif not asked.isdisjoint(values):
            files.append(path)
    before = _addresses(own)
    for path in files[:MAX_TRIED]:
        added = [address for address in _added(root, path, objects) if address not in before]
        if added:
            reason = (
                "nothing says whether a deployment uses this file; pass --var-file, or name it in roots of the policy"
            )
            found.append(_unread(session, path, reason, tuple(added)))
    if len(files) > MAX_TRIED:
        path = files[MAX_TRIED]
        reason = f"only {MAX_TRIED} of {len(files)} files of variables were tried; pass --var-file"
        found.append(_unread(session, path, reason, ()))
    return found


def _added(root: Module, path: str, objects: Objects) -> list[str]:
    """Return the addresses of what ``root`` deploys with the values in the file ``path``."""
    session = Session(
        root.session.root, replace(root.session.options, var_files=(path,), files_before=()), root.session.loader
    )
    module = Module(session, root.source, root_values(root.source, session))
    span = Span(path, 1)
    if all(root.variable(name, span) == module.variable(name, span) for name in root.variables_asked_for):
        return []
    return list(_addresses(objects(module)))


def _addresses(objects: Iterable[NetworkObject]) -> dict[str, None]:
    return {each.declared.address: None for each in objects if isinstance(each, _KINDS)}


def _unread(session: Session, path: str, reason: str, holds: tuple[str, ...]) -> OpaqueModule:
    name = os.path.relpath(path, session.root).replace(os.sep, "/")
    return OpaqueModule(Declaration(name, "variables", Span(path, 1)), SOURCE, reason, holds=holds)

"""Links of policy files that lead nowhere: they name a root or an input that there is not."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.model.spans import Diagnostic

if TYPE_CHECKING:
    from vpce_checks.model.links import Link
    from vpce_checks.model.roots import Root


def broken_links(
    links: Iterable[Link], roots: Iterable[Root], inputs: Callable[[Root], Collection[str]]
) -> Iterator[Diagnostic]:
    """Yield an error for each mistake. ``inputs`` returns what a link may set in a root."""
    by_path: dict[str, list[Root]] = {}
    for root in roots:
        by_path.setdefault(root.path, []).append(root)
    for link in links:
        problems = [_no_root(link, path, by_path) for path in (link.root, *(to.root for to in link.targets))]
        for to in link.targets:
            names = [root.deployment.name for root in by_path.get(to.root, ())]
            if names and to.deployment not in names:
                known = f"it has {_listed(names)}" if names != [""] else "it has only one, which has no name"
                where = f"write {_shown(link, to.root)} (NAME):{to.address}" if names != [""] else "leave the name out"
                problems.append(f"{_shown(link, to.root)} has no deployment {to.deployment!r}: {known}; {where}")
        for root in by_path.get(link.root, ())[:1]:
            problems.append(_no_input(link, inputs(root)))
        for message in dict.fromkeys(filter(None, problems)):
            yield Diagnostic("error", message, link.span.file, link.span.line)


def _no_root(link: Link, path: str, roots: Collection[str]) -> str:
    if path in roots:
        return ""
    near = did_you_mean(_shown(link, path), [_shown(link, root) for root in roots])
    return f"this link names the root {_shown(link, path)}, which is not deployed on its own, or is not there{near}"


def _no_input(link: Link, inputs: Collection[str]) -> str:
    if any(link.input == each or (each.startswith("data.") and link.input.startswith(f"{each}.")) for each in inputs):
        return ""
    near = did_you_mean(link.input, inputs)
    return f"{_shown(link, link.root)} has no input {link.input} that a link can set{near}"


def _shown(link: Link, path: str) -> str:
    return os.path.relpath(path, os.path.dirname(link.span.file)).replace(os.sep, "/")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))

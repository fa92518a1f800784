"""Which templates a change has an effect on: those that have changed, that nest one, or that share values with one.

When in doubt, it has.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from vpce_checks.cloudformation.sniff import NO_TEMPLATES, TEMPLATE_SUFFIXES

_BESIDE = ("samconfig.toml", "manifest.json")


def affected_templates(changed: frozenset[str], templates: Mapping[str, Callable[[], bytes]]) -> set[str]:
    """Those of ``templates`` (functions that read them) that the ``changed`` files, some of them gone, have an effect on."""
    contents = {path: read() for path, read in templates.items()} if changed else {}
    beside = {path for path in contents for file in changed if _is_beside(file, path)}
    affected = beside | (changed & contents.keys()) | naming(changed, contents)
    if any(_may_share(path, contents) for path in affected | (changed - contents.keys())):
        sharing = {path for path, content in contents.items() if shares_values(content)}
        affected |= sharing | naming(sharing, contents)
    return affected


def naming(files: Iterable[str], contents: Mapping[str, bytes]) -> set[str]:
    """The templates that name one of ``files``, as one that nests another does, or that name such a template."""
    found: set[str] = set()
    pending = list(files)
    while pending:
        file = pending.pop()
        name = os.path.basename(file).encode("utf-8", "surrogateescape")
        for path, content in contents.items():
            if path != file and path not in found and name in content:
                found.add(path)
                pending.append(path)
    return found


def shares_values(template: bytes) -> bool:
    """Whether a template shares values with others: then the verdicts of each may depend on the other."""
    return any(mark in template for mark in (b"Export", b"ImportValue", b"AWS::SSM::Parameter", b"resolve:ssm:"))


def _is_beside(file: str, template: str) -> bool:
    return os.path.dirname(file) == os.path.dirname(template) and file.endswith(_BESIDE)


def _may_share(file: str, contents: Mapping[str, bytes]) -> bool:
    """Whether a changed file is a template that exports or imports, or is gone and may have been one."""
    if file.endswith(NO_TEMPLATES) or not file.endswith(TEMPLATE_SUFFIXES):
        return False
    return not os.path.lexists(file) or shares_values(contents.get(file, b""))

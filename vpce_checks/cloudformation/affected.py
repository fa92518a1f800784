"""Find the templates that a change affects: those that have changed, that nest one, or that share values with one.

In doubt, a template is affected.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from vpce_checks.cloudformation.sniff import NO_TEMPLATES, SAM_FILES, has_template_suffix, shares_values, spelled_out
from vpce_checks.files.content import may_go_on

_BESIDE = (*SAM_FILES, "manifest.json")


def affected_templates(changed: frozenset[str], templates: Mapping[str, Callable[[], bytes]]) -> set[str]:
    """Return the templates that the ``changed`` files affect. Changed files may be deleted. ``templates`` maps each
    path to a function that reads it."""
    read = {path: look() for path, look in templates.items()} if changed else {}
    contents = {path: spelled_out(content) for path, content in read.items()}
    beside = {path for path in contents for file in changed if _is_beside(file, path)}
    affected = beside | (changed & contents.keys()) | naming(changed, contents)
    affected |= {path for path, content in read.items() if may_go_on(content)}
    if any(_may_share(path, contents) for path in affected | (changed - contents.keys())):
        sharing = {path for path, content in contents.items() if shares_values(content)}
        affected |= sharing | naming(sharing, contents)
    return affected


def naming(files: Iterable[str], contents: Mapping[str, bytes]) -> set[str]:
    """Return the templates that contain the name of one of ``files``, or of another template that does."""
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


def _is_beside(file: str, template: str) -> bool:
    return os.path.dirname(file) == os.path.dirname(template) and file.endswith(_BESIDE)


def _may_share(file: str, contents: Mapping[str, bytes]) -> bool:
    """Return whether a changed file is a template that exports or imports. A deleted file may have been one."""
    if file.endswith(NO_TEMPLATES) or not has_template_suffix(file):
        return False
    return not os.path.lexists(file) or shares_values(contents.get(file, b""))

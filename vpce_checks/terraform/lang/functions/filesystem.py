"""Filesystem functions: https://developer.hashicorp.com/terraform/language/functions#filesystem-functions

Nothing outside the repository is read. What the repository holds is taken as it is; what it does not hold is unknown,
not absent, for a build step may make it before Terraform runs.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from vpce_checks.files import tracked
from vpce_checks.model.values import ListValue, MapValue, PartialString, Unknown, Value, join_strings, unknown
from vpce_checks.terraform.lang.functions.contract import MAX_ITEMS, Environment, Function, NotComputed
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.files import locate, read_bytes, run_directory, seen_from_root
from vpce_checks.terraform.lang.functions.identifiers import arn_text, is_id
from vpce_checks.terraform.lang.functions.partly_known import opaque_from
from vpce_checks.terraform.lang.functions.string import render_template
from vpce_checks.terraform.lang.functions.text import normal, parts_of
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.sets import make_set
from vpce_checks.terraform.types.type_of import describe_value

if TYPE_CHECKING:
    from vpce_checks.terraform.lang.functions.glob import Glob

MAX_VISITED = 20_000
"""Directory entries that one fileset() looks at."""


def _path_unknown(environment: Environment, path: Value, returns: str) -> Unknown:
    # whether the file can be read depends on which it is
    opaque = opaque_from((path,), returns)
    environment.doubt(opaque)
    return opaque


def _content(environment: Environment, path: Value, function: str) -> bytes | Unknown:
    path = seen_from_root(path)
    if not isinstance(path, str):
        return _path_unknown(environment, path, "string")
    data = read_bytes(environment, path, function)
    if isinstance(data, Unknown):
        environment.doubt(data)
    return data


def _file(environment: Environment, path: Value) -> Value:
    data = _content(environment, path, "file")
    if isinstance(data, Unknown):
        return data
    return _decode(data, "file", path)


def _decode(data: bytes, function: str, path: Value) -> str:
    try:
        return normal(data.decode())
    except UnicodeDecodeError:
        raise EvalError(f'{function}("{path}"): the content is not valid UTF-8') from None


def _filebase64(environment: Environment, path: Value) -> Value:
    import base64

    data = _content(environment, path, "filebase64")
    return data if isinstance(data, Unknown) else base64.b64encode(data).decode("ascii")


def _fileexists(environment: Environment, path: Value) -> Value:
    path = seen_from_root(path)
    if not isinstance(path, str):
        return _path_unknown(environment, path, "bool")
    real = locate(environment, path, "fileexists", "bool")
    if isinstance(real, Unknown):
        environment.doubt(real)
        return real
    if tracked.is_file(real, environment.places):
        return True
    raise EvalError(f'fileexists("{path}") is a directory or another thing, not a regular file')


def _templatefile(environment: Environment, path: Value, variables: Value) -> Value:
    if isinstance(variables, (bool, int, str, PartialString, ListValue)):
        raise EvalError(f"templatefile(): the variables must be a map, not {describe_value(variables)}")
    data = _content(environment, path, "templatefile")
    if isinstance(data, Unknown):
        return data
    if not isinstance(variables, MapValue):
        return opaque_from((variables,))
    return render_template(environment, _decode(data, "templatefile", path), variables, environment.shown(str(path)))


def _fileset(environment: Environment, directory: Value, pattern: Value) -> Value:
    """Return the files that the repository holds. If it holds none that match, they are taken to be made before the run."""
    directory = seen_from_root(directory)
    if not (isinstance(directory, str) and isinstance(pattern, str)):
        return _path_unknown(environment, ListValue((directory, pattern)), "set")
    call = f'fileset("{environment.shown(directory)}", "{environment.shown(pattern)}")'
    root = locate(environment, directory, "fileset", "set")
    if isinstance(root, Unknown):
        return root
    nothing = unknown(f"{call}: no such file", environment.span, "set")
    if not tracked.is_directory(root, environment.places):
        return nothing
    if ".." in pattern.split("/"):
        return unknown(f"{call} leaves its directory", environment.span, "set")
    from vpce_checks.terraform.lang.functions.glob import Glob

    matcher = Glob(posixpath.normpath(posixpath.join("/", pattern)).lstrip("/"))
    found: list[Value] = []
    place = tracked.place_of(os.path.join(environment.base_directory, directory), environment.places) or root
    for name, doubt in environment.written_in(place).items():
        if doubt is None and matcher.matches(name):
            found.append(normal(name))
        elif doubt is not None and (name == "." or matcher.matches(name) or matcher.may_descend(name)):
            return Unknown(doubt.causes, "set")
    found += _matching(environment, matcher, _directories(environment, place, root), root)
    if len(found) > MAX_ITEMS:
        raise NotComputed(f"has more than {MAX_ITEMS} elements")
    return make_set(found) if found else nothing


def _matching(environment: Environment, matcher: Glob, directories: list[str], root: str) -> Iterator[str]:
    """Yield the paths of the files below ``directories`` that the pattern matches, each from its directory.

    A directory other than ``root`` is copied over it, without what begins with a dot. Raises NotComputed if there is
    too much to look at.
    """
    visited = 0
    stack = [(each, "") for each in directories]
    while stack:
        top, relative = stack.pop()
        try:
            entries = _entries(os.path.join(top, relative), environment.places)
        except OSError:
            continue
        for entry, is_link, is_directory, is_file in entries:
            visited += 1
            if visited > MAX_VISITED:
                raise NotComputed(f"needs more than {MAX_VISITED} directory entries")
            if (top != root and entry.startswith(".")) or not _is_text(entry):
                continue
            name = f"{relative}/{entry}" if relative else entry
            if is_link:
                full = os.path.join(top, name)
                is_directory = tracked.is_directory(full, environment.places)
                is_file = tracked.is_file(full, environment.places)
            # ** does not follow links to directories, a written-out path does
            if is_directory and matcher.may_descend(name) and not (is_link and matcher.has_double_star):
                stack.append((top, name))
            elif is_file and matcher.matches(name):
                yield normal(name)


def _is_text(name: str) -> bool:
    """Return whether the bytes of a file name are UTF-8. A name that is not would be no string of Terraform."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _directories(environment: Environment, place: str, root: str) -> list[str]:
    """Return the directories that together are ``place``: ``root``, and one that is copied over it before the run."""
    copied = environment.laid_over(place)
    return [root, copied] if isinstance(copied, str) and copied != root else [root]


@tracked.contained
def _entries(directory: str) -> list[tuple[str, bool, bool, bool]]:
    """Return what is in a directory, by name: whether each is a link, a directory, a file."""
    found = []
    with os.scandir(directory) as listing:
        for entry in listing:
            with suppress(OSError):
                folder, file = entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)
                found.append((entry.name, entry.is_symlink(), folder, file))
    return sorted(found)


def _basename(environment: Environment, path: Value) -> Value:
    if isinstance(path, str):
        return _last(path)
    if isinstance(path, PartialString) and isinstance(path.parts[-1], str):
        literal = path.parts[-1].rstrip("/")
        if "/" in literal:
            return literal.rpartition("/")[2]
    before, last = ("", *(parts_of(arn_text(path)) or ("",)))[-2:]
    if is_id(last) and isinstance(before, str) and "/" in before:
        return join_strings((before.rpartition("/")[2], last))
    return opaque_from((path,), "string")


def _last(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _dirname(environment: Environment, path: Value) -> Value:
    if isinstance(path, str):
        return clean(path.rpartition("/")[0] + "/" if "/" in path else "")
    return opaque_from((path,), "string")


def clean(path: str) -> str:
    """The shortest form of a path, as Go's filepath.Clean gives it."""
    if not path:
        return "."
    cleaned = posixpath.normpath(path)
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def _abspath(environment: Environment, path: Value) -> Value:
    if isinstance(path, str) and path.startswith("/"):
        return clean(path)
    seen = seen_from_root(path)
    if not isinstance(seen, str):
        return unknown("abspath() depends on the directory of the run", environment.span, "string")
    steps = [step for step in clean(seen).split("/") if step != "."]
    above = steps.count("..")  # they come first
    return join_strings((run_directory(above), "".join(f"/{step}" for step in steps[above:])))


def _pathexpand(environment: Environment, path: Value) -> Value:
    if isinstance(path, str):
        if not path.startswith("~"):
            return path
        if len(path) > 1 and path[1] not in "/\\":
            raise EvalError("pathexpand(): cannot expand user-specific home directory")
        return unknown("pathexpand() depends on who runs", environment.span, "string")
    if isinstance(path, PartialString) and isinstance(path.parts[0], str) and not path.parts[0].startswith("~"):
        return path
    return _path_unknown(environment, path, "string")


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("abspath", _abspath, "string", returns="string", partial=True),
        declare("basename", _basename, "string", returns="string", partial=True),
        declare("dirname", _dirname, "string", returns="string", partial=True),
        declare("file", _file, "string", returns="string", partial=True),
        declare("filebase64", _filebase64, "string", returns="string", partial=True),
        declare("fileexists", _fileexists, "string", returns="bool", partial=True),
        declare("fileset", _fileset, "string string", returns="set", partial=True),
        declare("pathexpand", _pathexpand, "string", returns="string", partial=True),
        declare("templatefile", _templatefile, "string any", partial=True),
    )
}

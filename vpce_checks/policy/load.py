"""Finding the policy that holds for a scan path, with everything that it extends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.files.containment import ANYWHERE, boundary_of, place_within, where_given
from vpce_checks.files.regular import NotRegularError, read_regular
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy.layer import Layer, combine
from vpce_checks.policy.model import BASELINE, ModuleEntry, Policy, PolicyError, Requirement, Source, error_at
from vpce_checks.policy.packs import pack_layer, pack_names

if TYPE_CHECKING:
    from vpce_checks.policy.scan_keys import InventoryEntry, RootEntry, RulesDir

POLICY_FILE = ".vpce-checks.yaml"
POLICY_FILES = (POLICY_FILE, ".vpce-checks.yml")
MAX_FILES = 50
"""How many policy files may extend each other."""

KnownRules = Callable[[], Iterable[str]]

RulesInPython = Callable[[Policy], "Iterable[str] | None"]
"""Returns the ids of the rules in Python that hold with a policy; None if they are not known."""


def _none(policy: Policy) -> tuple[str, ...]:
    return ()


def not_known(policy: Policy) -> None:
    """Say that the rules in Python are not known: a policy may name any."""


def load_policy(
    start: str = ".",
    explicit: str | None = None,
    *,
    boundary: str | None = None,
    known_rules: KnownRules | None = None,
    require: Iterable[str] = (),
    in_python: RulesInPython = _none,
) -> Policy:
    """The policy for the root ``start``: the file ``explicit``, else the nearest ``.vpce-checks.yaml`` (or ``.yml``) from
    ``start`` upwards to the repository's root (``boundary``), else the pack ``aws-baseline``.

    ``known_rules`` gives the ids of the rules that exist, and is called only if the policy names some. ``require`` are
    further interface services. ``in_python`` says which further rules the policy can name. It is called
    only if it names some. Raises PolicyError.
    """
    within = _ceiling(os.path.realpath(start), boundary)
    if explicit is None:
        file = find_policy_file(start, boundary)
    else:
        file = os.path.abspath(explicit)
        if where_given(file, (within,)) == ANYWHERE:
            file = os.path.realpath(file)
            within = boundary_of(file)
    if file is None:
        return with_required(combine([pack_layer(BASELINE)]), require)
    policy = combine(_Loader(within, known_rules).load(file))
    from vpce_checks.policy.own_rules import own_mistakes, undeclared

    mistakes = tuple(own_mistakes(policy, in_python(policy) if undeclared(policy) else ()))
    if mistakes:
        raise PolicyError(mistakes)
    return with_required(policy, require)


def find_policy_file(start: str, boundary: str | None = None) -> str | None:
    """The nearest ``.vpce-checks.yaml`` (or ``.yml``) from ``start`` upwards to ``boundary``, by default the one of
    :func:`vpce_checks.files.containment.boundary_of`: an absolute path. Raises PolicyError."""
    return next(iter(policy_files(start, boundary)), None)


def policy_files(start: str, boundary: str | None = None) -> tuple[str, ...]:
    """All policy files from ``start`` upwards to ``boundary``, the nearest first. Raises PolicyError."""
    place = os.path.realpath(start)
    return files_above(place, _ceiling(place, boundary), {})


def files_above(place: str, ceiling: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All policy files from ``place`` upwards to the directory ``ceiling``, the nearest first. Both are real paths.

    ``known`` has the answers for paths, and takes in more: for many paths below one ceiling. Raises PolicyError.
    """
    directory = place
    way: list[str] = []
    while directory not in known:
        way.append(directory)
        parent = os.path.dirname(directory)
        if directory == ceiling or parent == directory:
            break
        directory = parent
    found = known.get(directory, ())
    for each in reversed(way):
        found = known[each] = (*_files_in(each), *found)
    return found


def _files_in(directory: str) -> tuple[str, ...]:
    files = [os.path.join(directory, name) for name in POLICY_FILES]
    found = tuple(file for file in files if os.path.lexists(file))
    if len(found) > 1:
        raise error_at(found[1], 1, f"there is also {POLICY_FILE} in this directory; remove one of the two files")
    return found


def _ceiling(place: str, boundary: str | None) -> str:
    return os.path.realpath(boundary) if boundary is not None else boundary_of(place)


def with_required(policy: Policy, services: Iterable[str]) -> Policy:
    """``policy`` with further interface services, as ``--require`` gives them. Raises PolicyError for unknown ones."""
    asked = tuple(dict.fromkeys(services))
    if not asked:
        return policy
    from vpce_checks.policy.services import service_problem

    problems = [message for name in asked if (message := service_problem(name, "interface"))]
    if problems:
        raise PolicyError(Diagnostic("error", message, "--require", 1) for message in problems)
    present = {item.service for item in policy.interface}
    source = Source("--require")
    added = tuple(Requirement(name, source) for name in asked if name not in present)
    return replace(policy, interface=policy.interface + added)


class _Loader:
    """Reads policy files and what they extend, each once, none from outside of ``boundary``."""

    def __init__(self, boundary: str, known_rules: KnownRules | None) -> None:
        self._places = (boundary,)
        self._known_rules = known_rules
        self._layers: dict[str, Layer] = {}  # by path or pack name, extended ones first

    def load(self, file: str) -> list[Layer]:
        self._add_file(file, (), None)
        return list(self._layers.values())

    def _add_file(self, file: str, above: tuple[str, ...], asked_at: tuple[str, int] | None) -> None:
        from vpce_checks.policy.parse import parse_policy  # brings YAML

        at_file, at_line = asked_at or (file, 1)
        real = place_within(file, self._places)
        if real is None:
            name = os.path.basename(file)
            raise error_at(at_file, at_line, f"{name} is outside of the repository, so it is not read")
        if real in above:
            chain = " extends ".join(os.path.basename(path) for path in (*above[above.index(real) :], real))
            raise error_at(at_file, at_line, f"policies extend each other in a circle: {chain}")
        if real in self._layers:
            return
        if len(above) + len(self._layers) >= MAX_FILES:
            raise error_at(at_file, at_line, f"more than {MAX_FILES} policy files extend each other")
        layer = parse_policy(self._read(file, real, at_file, at_line), file, known_rules=self._known_rules)
        if layer.extends is None and layer.gateway is None:
            self._add_pack(BASELINE, file, 1)
        for each in layer.extends or ():
            if _is_path(each.name):
                self._add_file(os.path.join(os.path.dirname(file), each.name), (*above, real), (file, each.line))
            else:
                self._add_pack(each.name, file, each.line)
        modules = tuple(replace(entry, directory=self._module_directory(entry)) for entry in layer.modules)
        roots = tuple(self._with_files(entry, os.path.dirname(file)) for entry in layer.roots)
        inventory = tuple(self._with_place(entry) for entry in layer.inventory)
        rules_dirs = tuple(map(self._rules_dir, layer.rules_dirs))
        self._layers[real] = replace(layer, modules=modules, roots=roots, inventory=inventory, rules_dirs=rules_dirs)

    def _with_place(self, entry: InventoryEntry) -> InventoryEntry:
        """``entry`` with the real path of its file."""
        file, line = (entry.span.file, entry.span.line) if entry.span is not None else (entry.file, 1)
        name = os.path.relpath(entry.file, os.path.dirname(file))
        place = place_within(entry.file, self._places)
        if place is None:
            where = "is outside of the repository; pass it with --inventory instead"
            raise error_at(file, line, f"the inventory {name} {where}")
        if not os.path.isfile(place):
            raise error_at(file, line, f"there is no file {name!r} for this inventory")
        return replace(entry, file=place, places=self._places)

    def _with_files(self, entry: RootEntry, directory: str) -> RootEntry:
        """``entry`` with the real paths of the files that it names: relative to the root, else to the policy file."""

        def find(name: str) -> str:
            for home in (entry.path, os.path.dirname(entry.path), directory):
                place = place_within(os.path.join(home, name), self._places)
                if place is not None and os.path.isfile(place):
                    return place
            where = f"in {os.path.relpath(entry.path, directory)} or beside this policy file"
            raise error_at(entry.span.file, entry.span.line, f"there is no file {name!r} {where}")

        return replace(
            entry,
            deployments=tuple(
                replace(each, var_files=tuple(map(find, each.var_files)), parameters=tuple(map(find, each.parameters)))
                for each in entry.deployments
            ),
        )

    def _module_directory(self, entry: ModuleEntry) -> str | None:
        """The real path of the directory that the policy names for a module; None for a module without endpoints."""
        if entry.directory is None:
            return None
        name = os.path.basename(entry.directory)
        place = place_within(entry.directory, self._places)
        if place is None:
            where = "is outside of the repository; pass it with --module-source instead"
            raise error_at(entry.span.file, entry.span.line, f"the module directory {name} {where}")
        if not os.path.isdir(place):
            or_none = "write none for a module that creates no VPC, endpoint or route"
            raise error_at(entry.span.file, entry.span.line, f"there is no directory {name} for this module; {or_none}")
        return place

    def _rules_dir(self, entry: RulesDir) -> RulesDir:
        """``entry`` with the real path of its directory."""
        file, line = entry.span.file, entry.span.line
        name = os.path.relpath(entry.written, os.path.dirname(file))
        place = place_within(entry.written, self._places)
        if place is None:
            raise error_at(file, line, f"the rules directory {name} is outside of the repository of this file")
        if not os.path.isdir(place):
            raise error_at(file, line, f"there is no directory {name} with rules")
        return replace(entry, directory=place)

    def _add_pack(self, name: str, file: str, line: int) -> None:
        try:
            layer = pack_layer(name)
        except KeyError:
            raise error_at(file, line, _no_pack(name)) from None
        self._layers.setdefault(name, layer)

    def _read(self, file: str, real: str, at_file: str, at_line: int) -> bytes:
        from vpce_checks.policy.yaml_nodes import MAX_BYTES

        try:
            return read_regular(real, MAX_BYTES + 1)
        except NotRegularError:
            raise error_at(at_file, at_line, f"{os.path.basename(file)} is not a file") from None
        except OSError as error:
            why = error.strerror or str(error)
            raise error_at(at_file, at_line, f"{os.path.basename(file)} cannot be read: {why}") from None


def _is_path(name: str) -> bool:
    return "/" in name or name.endswith((".yaml", ".yml"))


def _no_pack(name: str) -> str:
    hint = did_you_mean(name, pack_names()) or f"; there are {', '.join(pack_names())}"
    return f"there is no pack {name[:60]!r}{hint}"

"""Our findings, brought to the blocks that Checkov has loaded.

Checkov does not load everything: modules that were not downloaded, whatever lies behind a condition that is false by
default, files that its parser rejects. A failure there is reported on the block nearest to it, and names its resource.
What has no such block is ``homeless``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from vpce_checks.base.pattern import pattern
from vpce_checks.files.containment import boundary_of, is_within
from vpce_checks.files.content import read_start
from vpce_checks.model.addresses import leaf, terraform_place, terraform_steps
from vpce_checks.model.network import without_keys
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.results import Report, RootReport
from vpce_checks.rules.finding import Finding

VPC_TYPES = ("aws_vpc", "aws_default_vpc", "awscc_ec2_vpc", "AWS::EC2::VPC")
ENDPOINT_TYPES = ("aws_vpc_endpoint", "awscc_ec2_vpc_endpoint", "AWS::EC2::VPCEndpoint")
JUDGED_TYPES = frozenset({*VPC_TYPES, *ENDPOINT_TYPES})
MODULE = "module"
SERVERLESS_FILES = ("serverless.yml", "serverless.yaml")
_INTERPOLATION = pattern(r"\$\{[^{}]*\}")
UNTOLD = ("", "*]")
"""An index that is left out, by Checkov, or not known, by us."""


class Entity(NamedTuple):
    """A block that Checkov checks: ``file`` is absolute, ``name`` without an index, ``address`` empty if not known."""

    file: str
    type: str
    name: str
    address: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same over all instances of a block."""
        return self.file, self.type, self.name


class Loading(NamedTuple):
    """What Checkov has loaded at once: the verdicts are for that part of the report.

    ``directory``: given several directories, Checkov loads one after the other. ``framework`` is what Checkov calls the
    language. ``files`` are those that it was given instead of directories: what is in others is not asked for.
    ``is_left_out`` says of a path whether Checkov was told to skip it.
    """

    directory: str | None = None
    framework: str = ""
    files: frozenset[str] | None = None
    is_left_out: Callable[[str], bool] = lambda path: False


class Verdicts:
    """What there is to say about each of the ``loaded`` blocks.

    ``problems`` are engine errors, in words, that concern everything (then there is no report).
    """

    def __init__(
        self,
        report: Report | None,
        loaded: Iterable[Entity],
        problems: Iterable[str] = (),
        loading: Loading = Loading(),  # noqa: B008 (it cannot be changed)
    ) -> None:
        self._framework = loading.framework
        self._files = loading.files
        self._scope = report.scope if report is not None else None
        self._loaded: dict[tuple[str, str, str], list[Entity]] = {}
        for entity in loaded:
            self._loaded.setdefault(entity.key, []).append(entity)
        roots = report.roots if report is not None else ()
        self._is_left_out = loading.is_left_out
        self._roots = [
            root
            for root in roots
            if not loading.is_left_out(root.path)
            and (loading.directory is None or self._concerns(root, loading.directory))
        ]
        self._covered = {*(report.files if report is not None else ()), *(root.path for root in self._roots)}
        self._opaque: dict[str, set[str]] = {}
        for root in self._roots:
            for network in root.networks:
                self._opaque.setdefault(root.path, set()).update(m.declared.address for m in network.opaque_modules)
        self._root_paths = {root.path for root in self._roots}
        self._findings: dict[tuple[str, str, str], list[Finding]] = {}
        self._carried: dict[tuple[str, str, str], list[tuple[str, Finding]]] = {}
        self._errors: dict[tuple[str, str, str], list[str]] = {}
        self._homes: dict[tuple[tuple[str, str, str], str], frozenset[str]] = {}
        self.homeless: list[Finding] = []
        self.homeless_errors: list[str] = []
        not_run = report.not_run if report is not None else ()
        self._spread_errors([*problems, *map(_error_text, not_run)])
        strays = [item for root in self._roots for item in self._place(root)]
        for finding, root in strays:  # after all others, as it depends on what these say
            self._carry(finding, root)

    def findings(self, entity: Entity) -> list[Finding]:
        """The findings to report on ``entity``."""
        own = self._findings.get(entity.key, [])
        if entity.address and not self._is_out_of_context(entity):
            own = [finding for finding in own if entity.address in self._instances(entity.key, finding.resource)]
        carried = self._carried.get(entity.key, [])
        return [*own, *(finding for address, finding in carried if _same_key(entity.address, address))]

    def _instances(self, key: tuple[str, str, str], resource: str) -> frozenset[str]:
        """The addresses, as Checkov has them, of the instances of a block that a finding on ``resource`` is reported on.

        Checkov may spell the key of an instance otherwise, or have made another instance alone. Then the first will do:
        no finding gets lost.
        """
        known = self._homes.get((key, resource))
        if known is None:
            addresses = [entity.address for entity in self._loaded.get(key, ()) if entity.address]
            same = _same_key if key[1] == MODULE else same_instance  # Checkov names a call by its last step alone
            found = [each for each in addresses if each == resource]
            found = found or [each for each in addresses if same(each, resource)]
            found = found or [each for each in addresses if _spelled_otherwise(each, resource)]
            found = found or [each for each in sorted(addresses) if _same_block(each, resource)][:1]
            known = self._homes[key, resource] = frozenset(found)
        return known

    def _has_home(self, key: tuple[str, str, str], finding: Finding) -> bool:
        """Whether there is a block to report ``finding`` on that is its own."""
        entities = self._loaded.get(key, [])
        if any(not entity.address or self._is_out_of_context(entity) for entity in entities):
            return True
        return bool(entities) and bool(self._instances(key, finding.resource))

    def errors(self, entity: Entity) -> list[str]:
        """Return what went wrong at ``entity``."""
        return self._errors.get(entity.key, [])

    def is_covered(self, entity: Entity) -> bool:
        """Whether ``entity`` was part of the scan: its file was read, or the call that leads there was followed.

        Templates always are: one that was not read is one that is not deployed, such as what CDK left behind. So it is
        with what ``terraform test`` creates and destroys.
        """
        if self._scope is not None and self._scope.is_excluded(entity.file):
            return True  # its owner wants no verdict
        if entity.file in self._covered or "::" in entity.type or _is_test_setup(os.path.dirname(entity.file)):
            return True
        steps = terraform_steps(entity.address)
        if steps[0] != MODULE or len(steps) < 2:
            return False
        call = (MODULE, steps[1].partition("[")[0])
        return any(
            not any(self._is_opaque(steps, terraform_steps(address)) for address in self._opaque.get(root, ()))
            for root in {os.path.dirname(key[0]) for key in self._loaded if key[0] in self._covered and key[1:] == call}
        )

    def _is_opaque(self, steps: list[str], opaque: list[str]) -> bool:
        """Return whether a module that could not be read is on the way that ``steps`` go."""
        return len(opaque) <= len(steps) and all(map(_same_step, steps[: len(opaque)], opaque))

    @property
    def has_errors(self) -> bool:
        """Whether anything went wrong."""
        return bool(self._errors)

    def _is_out_of_context(self, entity: Entity) -> bool:
        """Whether Checkov looks at a module by itself that we know from its callers: all its instances count then."""
        stands = {entity.file, os.path.dirname(entity.file)}
        return not entity.address.startswith("module.") and stands.isdisjoint(self._root_paths)

    def _concerns(self, root: RootReport, directory: str) -> bool:
        """Return whether ``root`` is in ``directory`` or reaches into it."""
        if is_within(root.path, directory) or root.kind == "cloudformation":
            return is_within(root.path, directory)
        loaded = {key[0] for key in self._loaded}
        return not loaded.isdisjoint(root.inventory.files)

    def _is_ours(self, file: str, root: RootReport) -> bool:
        """Whether Checkov reads ``file`` with the framework at hand, not with another one that has checks of ours."""
        if self._framework in ("terraform", "terraform_json"):
            return root.kind == "terraform" and file.endswith(".json") == (self._framework == "terraform_json")
        if self._framework == "terraform_plan":
            return root.kind == "terraform-plan"
        if self._framework not in ("cloudformation", "serverless"):
            return True
        if not _is_service(root.path):
            return self._framework == "cloudformation"
        own = _is_service(file) or not _is_template(file)
        if self._framework == "serverless":
            return own
        # Where Checkov checks nothing of the service, better twice (some other service is checked) than not at all.
        return not own or (not _is_service(file) and not _declares(root.path))

    # --- findings ----------------------------------------------------------------------------------------------

    def _place(self, root: RootReport) -> Iterator[tuple[Finding, RootReport]]:
        """Put every finding on its block; return findings without a block, which must still be reported."""
        for finding in root.findings:
            key = _key_of(finding, root)
            if self._has_home(key, finding):
                self._findings.setdefault(key, []).append(finding)
                continue
            file = finding.about.span.file
            if finding.status in ("fail", "unknown") and self._is_ours(file, root) and not self._is_left_out(file):
                yield finding, root

    def _carry(self, finding: Finding, root: RootReport) -> None:
        """Put a finding on another block: never on one that the rule has judged by itself."""
        for key, address in self._carriers(finding, root):
            if all(own.rule != finding.rule for own in self._findings.get(key, ())):
                self._carried.setdefault(key, []).append((address, finding))
                return
        if self._files is None or finding.about.span.file in self._files:
            self.homeless.append(finding)

    def _carriers(self, finding: Finding, root: RootReport) -> Iterator[tuple[tuple[str, str, str], str]]:
        """The blocks to report a finding on whose own block is not loaded, best first, and their addresses."""
        for entities in self._loaded.values():  # a copy of the module that Checkov fetched by itself
            for entity in entities:
                if entity.file not in self._covered and same_instance(entity.address, finding.resource):
                    yield entity.key, entity.address
        for call in reversed(finding.about.calls):
            key = (call.span.file, MODULE, terraform_place(call.address).name)
            if key in self._loaded:
                yield key, call.address
        if self._files is not None and finding.about.span.file not in self._files:
            return
        near = [key for key in self._loaded if key[1] in JUDGED_TYPES and self._belongs(key[0], root)]
        if finding.vpc is not None:
            name = leaf(finding.vpc) if root.kind == "cloudformation" else terraform_place(finding.vpc).name
            yield from ((key, "") for key in near if key[1] in VPC_TYPES and key[2] == name)
        same_file = [key for key in near if key[0] == finding.about.span.file]
        yield from ((key, "") for key in sorted(same_file or near))

    # --- errors ------------------------------------------------------------------------------------------------

    def _spread_errors(self, problems: list[str]) -> None:
        """Put errors on every judged block where they happened; if there is none, on the nearest block."""
        if not self._loaded:
            # What concerns everything is an error of each framework. One that has no blocks at all is enough.
            self.homeless_errors = [*(problems if self._framework == "terraform" else ()), *self._read_errors()]
            return
        judged = [key for key in self._loaded if key[1] in JUDGED_TYPES or key[1] == MODULE]
        for problem in problems:
            for key in judged or [min(self._loaded)]:
                self._errors.setdefault(key, []).append(problem)
        for root in self._roots:
            for item in root.diagnostics:
                if item.severity == "error" and self._is_ours(item.file, root):
                    concerned = [key for key in judged if self._belongs(key[0], root)]
                    for key in concerned or [self._nearest(item.file)]:
                        self._errors.setdefault(key, []).append(_error_text(item))

    def _read_errors(self) -> Iterator[str]:
        for root in self._roots:
            for item in root.diagnostics:
                if item.severity == "error" and self._is_ours(item.file, root):
                    yield _error_text(item)

    def _belongs(self, file: str, root: RootReport) -> bool:
        if file == root.path or os.path.dirname(file) == root.path:
            return True
        return file in root.inventory.files

    def _nearest(self, file: str) -> tuple[str, str, str]:
        """The loaded block whose file shares most of its path with ``file``."""
        return max(sorted(self._loaded), key=lambda key: len(os.path.commonpath([key[0], file])))


@lru_cache(maxsize=256)
def _is_test_setup(directory: str) -> bool:
    """Whether a module above sets up the one in ``directory`` for its tests: then a scan does not take it for a root."""
    from vpce_checks.terraform.roots import set_up_by_tests
    from vpce_checks.terraform.syntax.module_source import ModuleLoader

    boundary = boundary_of(directory)
    loader = ModuleLoader(boundary)
    above = directory
    while above != boundary and is_within(above, boundary):
        above = os.path.dirname(above)
        if directory in set_up_by_tests(above, loader):
            return True
    return False


def _error_text(item: Diagnostic) -> str:
    return f"{os.path.relpath(item.file)}:{item.line}: {item.message}"


def _is_service(file: str) -> bool:
    return os.path.basename(file) in SERVERLESS_FILES


@lru_cache(maxsize=256)
def _declares(service: str) -> bool:
    """Whether a service has resources in its own file: only then does Checkov check any of it."""
    return re.search(rb"\bType\W+AWS::", read_start(service, (boundary_of(service),))) is not None


@lru_cache(maxsize=256)
def _is_template(file: str) -> bool:
    """Whether Checkov reads a file that a service includes as a template, too."""
    return b"Resources" in read_start(file, (boundary_of(file),))


def _key_of(finding: Finding, root: RootReport) -> tuple[str, str, str]:
    name = leaf(finding.resource) if root.kind == "cloudformation" else terraform_place(finding.resource).name
    # What a plan says may be shown in the code beside it, but Checkov has it from the plan.
    file = root.path if root.kind == "terraform-plan" else finding.about.span.file
    return file, finding.about.type, name


def same_instance(seen: str, address: str) -> bool:
    """Whether ``address`` can be the instance that Checkov calls ``seen``. It leaves out indexes that it does not know."""
    left, right = terraform_steps(seen), terraform_steps(address)
    return len(left) == len(right) and all(map(_same_step, left, right))


def _spelled_otherwise(seen: str, address: str) -> bool:
    """Whether ``address`` can be the instance that Checkov calls ``seen``, in whose keys it left interpolations."""
    first, *others = _INTERPOLATION.split(seen)
    if not others or not address.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = address.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return address.endswith(others[-1]) and len(address) - len(others[-1]) >= at


def _same_block(seen: str, address: str) -> bool:
    """Whether both are instances of one block, in instances of one module call."""
    return without_keys(seen) == without_keys(address)


def _same_key(seen: str, address: str) -> bool:
    """The same for a module call, of which Checkov names only the last step."""
    if not seen or not address:
        return True
    return _same_step(terraform_steps(seen)[-1], terraform_steps(address)[-1])


def _same_step(left: str, right: str) -> bool:
    name, _, index = left.partition("[")
    other, _, key = right.partition("[")
    return name == other and (index == key or not {index, key}.isdisjoint(UNTOLD))

"""Which directories hold examples and test data: roots that nobody deploys, by the names of the directories alone.

Names prove little, so a directory is left out for certain only if nothing speaks against it. Everything else is a question to
the user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import record

if TYPE_CHECKING:
    from vpce_checks.cli.proposal.seen import SeenRoot

EXAMPLES = frozenset({"_examples", "example", "examples", "fixtures", "test-fixtures", "test_fixtures", "testdata"})
"""Names of directories with code that only shows or tests something."""

TESTS = frozenset({"demo", "demos", "e2e", "playground", "sample", "samples", "test", "tests"})
"""Names that may mean the same, or an environment that is deployed."""

ENVIRONMENTS = frozenset(
    {"dev", "development", "live", "prd", "prod", "production", "qa", "stage", "staging", "stg", "uat"}
)
"""Names of environments. A directory ``test`` beside one of them is an environment, too."""

MAX_TRIED = 20
"""How many directories are tried one by one. For each, the tree is walked and its roots are found anew."""

Adds = Callable[[Sequence[str]], bool]
"""Whether a scan without these directories has roots that it did not have before."""


@record
class Excluded:
    """A directory (relative) with ``roots`` that nobody seems to deploy. ``doubt`` says why that is not certain; "" if it is."""

    directory: str
    roots: tuple[SeenRoot, ...]
    doubt: str


def find_examples(roots: Sequence[SeenRoot], adds: Adds) -> list[Excluded]:
    """Return the directories that may be left out, in order."""
    names = {root.name for root in roots}
    inside: dict[str, list[SeenRoot]] = {}
    for root in roots:
        directory = _directory(root.name, names)
        if directory:
            inside.setdefault(directory, []).append(root)
    found = [Excluded(each, tuple(those), _doubt(each, those, roots, inside)) for each, those in sorted(inside.items())]
    found = [each for each in found if any(root.is_proposed for root in each.roots)]
    return _settled(found, roots, adds)


def _directory(name: str, names: set[str]) -> str:
    """Return the directory around a root that is called like examples or tests; "" if none is."""
    steps = name.split("/")
    for known in (EXAMPLES, TESTS):
        at = next((at for at, step in enumerate(steps) if step in known), None)
        if at is not None:
            is_plural = steps[at].endswith("s")  # nobody calls an environment so
            is_deployed = known is TESTS and not is_plural and _is_environment(steps[:at], names)
            return "" if is_deployed else "/".join(steps[: at + 1])
    return ""


def _is_environment(above: Sequence[str], names: set[str]) -> bool:
    """Return whether a directory in ``above`` stands beside environments."""
    depth = len(above)
    for name in names:
        steps = name.split("/")
        if steps[:depth] == list(above) and len(steps) > depth and steps[depth].lower() in ENVIRONMENTS:
            return True
    return False


def _doubt(
    directory: str, those: Sequence[SeenRoot], roots: Sequence[SeenRoot], inside: dict[str, list[SeenRoot]]
) -> str:
    if directory.split("/")[-1] not in EXAMPLES:
        return "its name may also mean an environment"
    if "*" in directory or "?" in directory or not directory.isprintable():
        return "its name cannot be written as a glob"
    judged = next((root for root in those if not root.is_proposed), None)
    if judged is not None:
        return f"{judged.policy} says what is required in it"
    deployed = next((root for root in those if root.is_deployed), None)
    if deployed is not None:
        return f"{deployed.name} has a backend or is a unit of Terragrunt, so somebody deploys it"
    chosen = next((root for root in those if root.deployments is not None), None)
    if chosen is not None:
        return f"{chosen.name} has files of variables, so somebody may deploy it"
    own = {root.name for root in those}
    for root in roots:
        if root.name not in own and root.joined & own:
            return f"{root.name} shares values with it"
    examples = {root.name for each in inside.values() for root in each}
    if not any(root.addresses for root in roots if root.name not in examples):
        return "no other root has a VPC"
    return ""


def _settled(found: list[Excluded], roots: Sequence[SeenRoot], adds: Adds) -> list[Excluded]:
    """Return ``found``, in doubt about directories with the only callers of a module: without them it would be a root."""
    certain = [each.directory for each in found if not each.doubt]
    if not certain or not adds(certain):
        return found
    alone = [each for each in certain if not adds([each])] if len(certain) <= MAX_TRIED else []
    kept = alone if alone and not adds(alone) else []
    doubt = "nothing else calls a module that it calls, so without it that module would be judged by itself"
    return [
        Excluded(each.directory, each.roots, each.doubt or ("" if each.directory in kept else doubt)) for each in found
    ]

"""Look at a directory and propose a policy file for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import record, replace
from vpce_checks.cli.proposal.examples import find_examples
from vpce_checks.cli.proposal.needs import find_needs
from vpce_checks.cli.proposal.seen import look
from vpce_checks.cli.proposal.text import Proposal, policy_text
from vpce_checks.policy import POLICY_FILE
from vpce_checks.policy.parse import parse_policy
from vpce_checks.policy.scan_keys import Exclusion
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project

if TYPE_CHECKING:
    from vpce_checks.model.spans import Diagnostic


@record
class Proposed:
    """The text of a policy file for ``roots`` roots with ``vpcs`` VPCs, and what could not be read."""

    text: str
    roots: int
    vpcs: int
    errors: tuple[Diagnostic, ...]


def propose(options: ScanOptions, directory: str) -> Proposed:
    """Return the proposal for what is below ``directory`` (a real path), the only path of ``options``.

    Raises OSError, PolicyError for a mistake in a policy file that is there, CacheError.
    """
    project = Project(options)
    roots, errors = look(project, directory)
    before = {root.name for root in roots}

    def adds(directories: Sequence[str]) -> bool:
        exclude = (*options.exclude, *(Exclusion(each, directory) for each in directories))
        other = Project(replace(options, exclude=exclude))
        found = {root.path for batch in other.batches() for root in batch.roots()}
        return not {os.path.relpath(path, directory).replace(os.sep, "/") for path in found} <= before

    excluded = find_examples(roots, adds)
    left_out = {root.name for each in excluded if not each.doubt for root in each.roots}
    kept = [root for root in roots if root.is_proposed and root.name not in left_out]
    vpcs = [vpc for root in kept for vpc in root.vpcs]
    judged = tuple(vpc for vpc in vpcs if not vpc.tidied)
    tidied = tuple(vpc for vpc in vpcs if vpc.tidied)
    are_all_tidied = not any(vpc.vpc.default for vpc in judged)
    proposal = Proposal(tuple(roots), judged, tidied, are_all_tidied, find_needs(judged, directory), tuple(excluded))
    text = policy_text(proposal)
    parse_policy(
        text.encode("utf-8"), os.path.join(directory, POLICY_FILE)
    )  # what we propose is valid, or this is a defect
    return Proposed(text, len(roots), len(vpcs), tuple(errors))

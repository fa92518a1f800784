"""Write a proposal as a policy file. What is not certain is a comment that the user can take away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.policy.model import BASELINE
from vpce_checks.report.text.wrap import plural, wrap

if TYPE_CHECKING:
    from vpce_checks.cli.proposal.examples import Excluded
    from vpce_checks.cli.proposal.needs import Needs, ProposedPack, ProposedService, ProposedVpc
    from vpce_checks.cli.proposal.seen import SeenRoot, SeenVpc
    from vpce_checks.cli.proposal.variables import Proposed
    from vpce_checks.project.listing import UnreadRow

WIDTH = 120
"""Columns of comments that have a line of their own."""

_PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", ".", "..", "---", "..."})
"""Texts that YAML, or a policy file, takes for something else unless they are quoted."""


@record
class Proposal:
    """Everything that a policy file may say about ``roots``. ``judged`` are the VPCs that it is for, ``tidied`` default VPCs that
    the code adopts and does not use."""

    roots: tuple[SeenRoot, ...]
    judged: tuple[SeenVpc, ...]
    tidied: tuple[SeenVpc, ...]
    are_all_tidied: bool
    needs: Needs
    excluded: tuple[Excluded, ...]

    @property
    def kept(self) -> list[SeenRoot]:
        """The roots that are not certainly left out."""
        left_out = {root.name for each in self.excluded for root in each.roots if not each.doubt}
        return [root for root in self.roots if root.name not in left_out]


def policy_text(proposal: Proposal) -> str:
    """Return the text of the policy file."""
    return "".join(f"{line}\n" for line in _lines(proposal))


def scalar(text: str) -> str:
    """Return a text as YAML, in quotes if it needs some."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_printable(escaped)}"'


def comment(text: str) -> str:
    """Return a text as it can stand in a comment: on one line, whatever is in it."""
    return _printable(text)


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _can_be_written(text: str) -> bool:
    """Return whether YAML can say a text: the name of a file need not be valid Unicode."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _lines(proposal: Proposal) -> Iterator[str]:
    count = sum(len(root.vpcs) for root in proposal.roots)
    roots = plural(len(proposal.roots), "root")
    yield from _said(
        f"Proposed by vpce-checks init, which looked at {roots} with {plural(count, 'VPC')}. Change it as you like: docs/policy.md of vpce-checks "
        "describes every key, and vpce-checks settings shows what holds where. Keys and entries behind '# ' are further proposals, which "
        "the code alone does not prove: take the '# ' away from those that are right."
    )
    yield "version: 1"
    for section in (_extends, _required, _vpcs, _exclude, _roots, _modules):
        lines = list(section(proposal))
        if lines:
            yield ""
            yield from lines
    yield from _own_policies(proposal.roots)


def _said(text: str) -> Iterator[str]:
    return (f"# {line}" for line in wrap(comment(text), WIDTH - 2))


def _section(key: str, about: str, items: Sequence[tuple[bool, Sequence[str]]]) -> Iterator[str]:
    """Yield the lines of a key: its items, which are comments unless they are certain."""
    if not items:
        return
    yield from _said(about)
    yield key if any(certain for certain, _ in items) else f"# {key}"
    for certain, lines in items:
        yield from lines if certain else (line if line.startswith("#") else f"# {line}" for line in lines)


def _extends(proposal: Proposal) -> Iterator[str]:
    items = [(True, [f"- {BASELINE} # gateway endpoints for S3 and DynamoDB in every VPC: they cost nothing"])]
    items += [_pack(pack) for pack in proposal.needs.packs]
    about = "The packs that every VPC has to satisfy. vpce-checks packs NAME shows what is in one."
    return _section("extends:", about, items)


def _pack(pack: ProposedPack) -> tuple[bool, list[str]]:
    doubt = f"; {pack.doubt}" if pack.doubt else ""
    return not pack.doubt, [f"- {pack.name} # {comment(pack.why + doubt)}"]


def _required(proposal: Proposal) -> Iterator[str]:
    needs = proposal.needs
    if needs.required:
        certain = any(not service.doubt for service in needs.required)
        yield from _said(
            "The interface endpoints that every VPC has to have beside them. vpce-checks services --used shows who calls what."
        )
        yield from ["required:", "  interface:"] if certain else ["# required:", "#   interface:"]
        yield from (line for service in needs.required for line in _service(service, "  "))
    if needs.likely:
        yield from _said(
            f"Roles show that workloads likely call {', '.join(needs.likely)}. This reports them as unknown:"
        )
        yield "# workloads: require"


def _service(service: ProposedService, indent: str) -> Iterator[str]:
    mark = f"# {indent}" if service.doubt else indent
    doubt = f"; {service.doubt}, and an endpoint costs money" if service.doubt else ""
    yield f"{mark}- {service.service} # called by {comment(service.why + doubt)}"


def _vpcs(proposal: Proposal) -> Iterator[str]:
    entries = proposal.needs.vpcs
    if not proposal.tidied and not entries:
        return
    yield from _said("What differs for some VPCs. The first entry that matches a VPC counts, and it alone.")
    yield "vpcs:"
    if proposal.tidied:
        yield from _said(
            "Default VPCs that the code adopts and does not use need no endpoint, so nothing is asked of them:"
        )
        yield from (f"#   {comment(f'{vpc.address} in {vpc.root}')}" for vpc in proposal.tidied)
        if proposal.are_all_tidied:
            yield from ["- match: {default: true}", "  gateway: []", "  interface: []"]
        else:
            for vpc in proposal.tidied:
                yield f"- match: {{default: true, address: {scalar(vpc.address)}{_path(_prefix(vpc.root))}}}"
                yield from ["  gateway: []", "  interface: []"]
    for entry in entries:
        yield from _vpc(entry)


def _prefix(root: str) -> str:
    return "" if root == "." else root


def _path(path: str) -> str:
    return f", path: {scalar(path)}" if path and _can_be_written(path) else ""


def _vpc(entry: ProposedVpc) -> Iterator[str]:
    yield f"- match: {{address: {scalar(entry.address)}{_path(entry.path)}}} # what its workloads call, beyond that"
    yield from ["  add:", "    interface:"]
    yield from (line for service in entry.services for line in _service(service, "    "))


def _exclude(proposal: Proposal) -> Iterator[str]:
    items = [(not each.doubt, list(_excluded(each))) for each in proposal.excluded]
    about = (
        "Examples and test data, which nobody seems to deploy. What is in a directory of this list is not judged. Below each are "
        "its VPCs, and its roots without a VPC."
    )
    return _section("exclude:", about, items)


def _excluded(each: Excluded) -> Iterator[str]:
    vpcs = sum(len(root.addresses) for root in each.roots)
    count = f"{plural(len(each.roots), 'root')} with {plural(vpcs, 'VPC')}"
    why = f"{count}; but {each.doubt}" if each.doubt else count
    yield f"- {scalar(each.directory)} # {comment(why)}"
    for root in each.roots:
        state = ", and could not be read whole" if root.is_broken else ""
        if not root.addresses:
            yield f"#   {comment(f'{root.name}: no VPC{state}')}"
        yield from (f"#   {comment(f'{address} in {root.name}{state}')}" for address in root.addresses)


def _roots(proposal: Proposal) -> Iterator[str]:
    items = [
        (
            not root.deployments.doubt and _can_be_listed(root.name, root.deployments),
            list(_root(root, root.deployments)),
        )
        for root in proposal.kept
        if root.deployments is not None and root.is_proposed
    ]
    about = "How roots are deployed: with which files of variables, which Terraform does not read by itself."
    return _section("roots:", about, items)


def _can_be_listed(root: str, proposed: Proposed) -> bool:
    names = (each.name for each in proposed.deployments)
    return all(map(_can_be_written, (root, *names, *(file for files in proposed.files for file in files))))


def _root(root: SeenRoot, proposed: Proposed) -> Iterator[str]:
    why = proposed.doubt or "each of these files sets the same variables for another deployment"
    if len(proposed.deployments) == 1:
        yield f"  {scalar(root.name)}: {{var_files: {_listed(proposed.files[0])}}} # {comment(why)}"
        return
    yield f"  {scalar(root.name)}: # {comment(why)}"
    if proposed.settled and not proposed.doubt:
        yield "#   With these files, these findings no longer fail:"
        yield from (f"#   {comment(each)}" for each in proposed.settled)
    for deployment, files in zip(proposed.deployments, proposed.files, strict=True):
        yield f"  - {{name: {scalar(deployment.name)}, var_files: {_listed(files)}}}"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(scalar, texts))}]"


def _modules(proposal: Proposal) -> Iterator[str]:
    found: dict[str, UnreadRow] = {}
    for root in proposal.kept:
        for row in (row for row in root.unread if row.is_call):
            known = found.setdefault(row.source, row)
            if row.is_network and not known.is_network:
                found[row.source] = row
    items = [(False, list(_module(source, row))) for source, row in sorted(found.items())]
    about = (
        "Modules that were not read. Write the directory with their code, relative to this file, or none for a module that creates no "
        "VPC, endpoint or route. vpce-checks modules says why each was not read."
    )
    return _section("modules:", about, items)


def _module(source: str, row: UnreadRow) -> Iterator[str]:
    value = "path/to/its/code" if row.is_network else "none"
    by_name = "by its name it is a network" if row.is_network else "if that is so"
    yield f"  {scalar(source)}: {value} # {comment(f'{row.address}; {by_name}')}"


def _own_policies(roots: Sequence[SeenRoot]) -> Iterator[str]:
    files = list(dict.fromkeys(root.policy for root in roots if root.policy))
    if files:
        yield ""
        yield from _said(f"Roots below these policy files have those policies, and not this one: {', '.join(files)}")

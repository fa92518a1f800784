"""What a policy file says about the scan itself: what is left out, with which settings a root is deployed, and what is
deployed elsewhere.

These keys hold for everything below the file that has them, whichever file is nearest to a root.
"""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.files.containment import ANYWHERE, Places
from vpce_checks.model.roots import Deployment
from vpce_checks.model.spans import Span
from vpce_checks.policy.paths import covers


@record
class Exclusion:
    """Files and directories that are not scanned: a glob as in ``match.path``, relative to ``directory`` (absolute).

    ``span`` is its place in a policy file; None for one of the command line.
    """

    glob: str
    directory: str
    span: Span | None = None

    def covers(self, path: str) -> bool:
        """Whether it leaves out the file or directory ``path`` (absolute)."""
        return covers(self.glob, self.directory, path)


@record
class RootEntry:
    """The settings of the root at ``path`` (absolute): one deployment of it, or several with names.

    As a file has them, the files of its deployments are as written; :mod:`vpce_checks.policy.load` makes them absolute.
    """

    path: str
    deployments: tuple[Deployment, ...]
    span: Span


@record
class InventoryEntry:
    """A file that says what is deployed: an output of the AWS CLI. ``file`` is absolute, and read only in ``places``.

    The other texts are empty where nobody says them: ``zone`` and ``vpc`` are the ids of what the output is about,
    ``account`` and ``region`` are where the command was run, ``as_of`` is when. ``span`` is its place in a policy file;
    None for one of the command line.
    """

    file: str
    zone: str = ""
    vpc: str = ""
    account: str = ""
    region: str = ""
    as_of: str = ""
    places: Places = ANYWHERE
    span: Span | None = None


@record
class RulesDir:
    """A directory with rules in Python. ``written`` is its absolute path as the policy file has it, ``directory`` where that
    leads. ``span`` is its place in a policy file."""

    written: str
    directory: str
    span: Span

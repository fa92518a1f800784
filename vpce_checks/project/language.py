"""The one face of a language: what a scan asks of Terraform, Terragrunt, plans and CloudFormation alike.

A new language is a folder with such a class, and a line in :mod:`vpce_checks.project.languages`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vpce_checks.model.ignores import IgnoreComment
    from vpce_checks.model.network import Network
    from vpce_checks.model.outside import Outside, Sharing
    from vpce_checks.model.roots import Batch, Called, Fetched, Marks, Place, Root, Sniffed
    from vpce_checks.model.verdict import RootKind


class Language(Protocol):
    """How roots in one language are found and read.

    It is made anew for each scan and may keep what it has read. It can be pickled, to read roots in another process:
    what was read so far does not go along, what :meth:`prepare` has brought does.
    """

    name: str
    kind: RootKind
    """Of its roots in a report. Several languages may share one."""

    suffixes: tuple[str, ...]
    """Endings of the names of its files."""

    hidden: tuple[str, ...]
    """Names of hidden directories that are walked for it."""

    def sniff(self, directory: str, names: Sequence[str], boundary: str) -> Sniffed:
        """What may be a root among the files ``names`` of a directory. Cheap, and never wrong about a real one."""

    def named(self, path: str, boundary: str) -> str | None:
        """The candidate that a user means who names ``path``; None where it is nothing of this language."""

    def complete(self, place: Place) -> Place:
        """``place``, walked by now, with the candidates that a walk does not find."""

    def fetched(self, place: Place) -> Iterator[Fetched]:
        """What tools have fetched for the candidates in ``place``: code that is under no version control."""

    def prepare(
        self,
        places: Sequence[Place],
        environment: Mapping[str, str],
        affected: Callable[[Sequence[Root]], Sequence[Root]],
    ) -> None:
        """Get ready to read what is in ``places``, before any process is started; languages before it are ready.

        ``affected`` returns which of its roots will be read. Raises CacheError.
        """

    def find(self, places: Sequence[Place], called: Called | None = None) -> Iterator[Batch]:
        """The roots: candidates that the user named, or that nothing else of the scan calls.

        ``called`` answers in the place of :meth:`calls`.
        """

    def calls(self, directory: str, scope: Hashable) -> set[str]:
        """The candidates that the one at ``directory`` calls or nests; for a template, itself as well if it is to be judged.
        ``scope``, which :meth:`find` made, can be pickled."""

    def marks(self, place: Place) -> Mapping[str, Marks]:
        """What the text of the candidates in ``place`` shows of values that roots share. Cheap, and never wrong about a
        candidate that is left out: it shares nothing."""

    def sharing(self, root: Root, place: Place, outside: Outside) -> Sharing:
        """What a root shares with others. References in it begin with the label of the root."""

    def inputs(self, root: Root, place: Place) -> Collection[str]:
        """What a link of a policy may set in a root: variables, parameters and data sources, as a policy writes them."""

    def read(self, root: Root, place: Place, outside: Outside | None = None) -> list[Network]:
        """What a root deploys, one network a scenario. Never raises for bad input: see ``Network.diagnostics``.

        ``outside`` has the values of other roots. References to their objects begin with the labels of those roots.
        """

    def ignores(self, file: str, data: bytes) -> tuple[IgnoreComment, ...]:
        """The requests in a file of this language, with the content ``data``, to ignore something."""

    def affected(self, roots: Mapping[Root, Place], changed: frozenset[str]) -> Collection[Root]:
        """Those of the roots that files have an effect on which were ``changed``, or are gone. When in doubt, all."""

"""Read ``match``, which selects VPCs, and the rules that a policy file names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.policy.model import VpcMatch
from vpce_checks.policy.node_reader import NodeReader, shown
from vpce_checks.policy.own_rules import is_own_id
from vpce_checks.policy.yaml_nodes import Node

_MATCH = ("address", "name", "tags", "path", "default")
_RULE_ID = re.compile(r"VPCE[0-9]{3}")


class MatchReader(NodeReader):
    """Reads the parts of a file that say what an entry is for. ``known_rules`` as for
    :func:`vpce_checks.policy.parse.parse_policy`."""

    def __init__(self, file: str, pack: str | None, known_rules: Callable[[], Iterable[str]] | None) -> None:
        super().__init__(file, pack)
        self.known_rules = known_rules

    def _match(self, node: Node | None) -> VpcMatch:
        match = self._map(node, _MATCH, "'match'")
        if node is not None and (node.is_null or (node.kind == "map" and not node.pairs)):
            self._wrong(
                node,
                "'match' needs at least one of address, name, tags, path, default; write address: \"*\" for every VPC",
            )
        tags = self._map(match.get("tags"), None, "'tags'")
        if "tags" in match and not tags:  # else it would match every VPC
            self._wrong(match["tags"], "'tags' must be a mapping with at least one tag")
        return VpcMatch(
            address=self._glob(match.get("address"), "'address'"),
            name=self._glob(match.get("name"), "'name'"),
            path=self._glob(match.get("path"), "'path'"),
            tags=tuple((key, self._glob(value, f"the tag {key!r}") or "") for key, value in tags.items()),
            directory=os.path.dirname(self.file),
            default=self._switch(match.get("default"), "'default'"),
        )

    def _rule(self, node: Node, text: str) -> bool:
        """Whether there may be a rule ``text``. Whether the policy declares one of its own shows when it is complete."""
        if is_own_id(text):
            return True
        known = tuple(self.known_rules()) if self.known_rules is not None else ()
        if known and text in known:
            return True
        if not known and _RULE_ID.fullmatch(text):
            return True
        guess = did_you_mean(text, known) or "; vpce-checks rules lists the ids"
        self._wrong(node, f"there is no rule {shown(text)}{guess}")
        return False

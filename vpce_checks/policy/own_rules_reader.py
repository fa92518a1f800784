"""Read ``own_rules`` of a policy file."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import replace
from vpce_checks.catalog import find_service
from vpce_checks.model.verdict import SEVERITIES
from vpce_checks.policy.glob import has_wildcard
from vpce_checks.policy.match_reader import MatchReader
from vpce_checks.policy.model import Asks, Described, OwnRule
from vpce_checks.policy.node_reader import shown
from vpce_checks.policy.own_rules import TYPES, WITHOUT_PRIVATE_DNS, id_problem
from vpce_checks.policy.services import glob_problem
from vpce_checks.policy.yaml_nodes import Node

MAX_SENTENCE = 1000

_URL = pattern(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]{1,500}")
_KEYS = ("id", "title", "severity", "match", "must_have", "must_not_have", "why", "fix", "url")
_ENDPOINT = ("service", "type", "private_dns")
_HAVE = (*_ENDPOINT, "elsewhere")


class OwnRulesReader(MatchReader):
    """Reads the rules that a file declares."""

    def _own_rules(self, node: Node | None) -> Iterator[OwnRule]:
        seen: set[str] = set()
        for item in self._list(node, "'own_rules'"):
            rule = self._own_rule(item)
            if rule is not None and rule.id in seen:
                self._wrong(item, f"the rule {rule.id} is declared twice")
            elif rule is not None:
                seen.add(rule.id)
                yield rule

    def _own_rule(self, node: Node) -> OwnRule | None:
        given = self._map(node, _KEYS, "an entry of 'own_rules'")
        if node.is_null:
            self._wrong(node, "an entry of 'own_rules' must be a mapping")
        if node.kind != "map":
            return None
        for key in ("id", "title"):
            if key not in given:
                self._wrong(node, f"an entry of 'own_rules' needs {key!r}")
        asked: list[Asks] = [key for key in ("must_have", "must_not_have") if key in given]
        if len(asked) != 1:
            self._wrong(node, "an entry of 'own_rules' needs either 'must_have' or 'must_not_have'")
            return None
        id = self._text(given.get("id"), "'id'")
        problem = id_problem(id) if id else ""
        if problem:
            self._wrong(given["id"], problem)
        wanted = self._map(given[asked[0]], _HAVE if asked[0] == "must_have" else _ENDPOINT, f"{asked[0]!r}")
        endpoint, elsewhere = self._described(given[asked[0]], wanted, asked[0]), self._elsewhere(wanted)
        if elsewhere:  # what is elsewhere is an interface endpoint, so one of the VPC's own has to be one as well
            endpoint = replace(endpoint, type="Interface")
        return OwnRule(
            id=id,
            title=self._sentence(given.get("title"), "'title'"),
            severity=self._word(given.get("severity"), "'severity'", SEVERITIES) or "medium",
            asks=asked[0],
            endpoint=endpoint,
            source=self._source(node),
            match=self._match(given["match"]) if "match" in given else None,
            elsewhere=elsewhere,
            why=self._sentence(given.get("why"), "'why'"),
            fix=self._sentence(given.get("fix"), "'fix'"),
            url=self._url(given.get("url")),
        )

    def _described(self, node: Node, wanted: dict[str, Node], asked: Asks) -> Described:
        if not any(key in wanted for key in _ENDPOINT) and (node.kind == "map" or node.is_null):
            self._wrong(node, f"{asked!r} needs at least one of {', '.join(_ENDPOINT)}")
        service = self._glob(wanted.get("service"), "'service'")
        problem = glob_problem(service) if service else ""
        if problem:
            self._wrong(wanted["service"], problem)
        type = self._word(wanted.get("type"), "'type'", tuple(TYPES))
        private_dns = self._switch(wanted.get("private_dns"), "'private_dns'")
        if private_dns is not None and type in WITHOUT_PRIVATE_DNS:
            self._wrong(wanted["private_dns"], f"endpoints of type {type} have no private DNS")
        known = find_service(service) if service and not has_wildcard(service) else None
        if known is not None and type is not None and TYPES[type] not in known.types:
            self._wrong(wanted["type"], f"there is no {type} endpoint for {service}")
        return Described(service, TYPES[type] if type is not None else None, private_dns)

    def _elsewhere(self, wanted: dict[str, Node]) -> bool:
        node = wanted.get("elsewhere")
        if not self._switch(node, "'elsewhere'") or node is None:
            return False
        service = wanted["service"].text if "service" in wanted else ""
        known = find_service(service)
        type = wanted["type"].text if "type" in wanted else "interface"
        if known is None or "Interface" not in known.types or type != "interface":
            self._wrong(node, "'elsewhere' is for the interface endpoint of one service")
        return True

    def _sentence(self, node: Node | None, what: str) -> str:
        text = " ".join(self._text(node, what).split())
        if node is not None and len(text) > MAX_SENTENCE:
            self._wrong(node, f"{what} is longer than {MAX_SENTENCE} characters")
        return text

    def _url(self, node: Node | None) -> str:
        text = self._text(node, "'url'")
        if node is not None and text and not _URL.fullmatch(text):
            self._wrong(node, f"'url' must be an address that begins with https://, not {shown(text)}")
        return text

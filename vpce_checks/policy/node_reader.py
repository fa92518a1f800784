"""Read the nodes of a policy file as what they must be: a mapping, a list, text. Each mistake is a diagnostic."""

from __future__ import annotations

from typing import TypeVar

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.policy.model import PolicyError, Source
from vpce_checks.policy.yaml_nodes import Node

MAX_PROBLEMS = 50
MAX_GLOB = 500

TRUE = frozenset(("on", "On", "ON", "true", "True", "TRUE", "yes", "Yes", "YES"))
FALSE = frozenset(("off", "Off", "OFF", "false", "False", "FALSE", "no", "No", "NO"))  # all one in YAML 1.1

Word = TypeVar("Word", bound=str)

_KINDS = {"map": "a mapping", "list": "a list", "scalar": "a single value"}
"""The kinds of nodes, in words."""


class NodeReader:
    """Reads the file ``file``, or the shipped pack ``pack``, and collects its mistakes in ``problems``."""

    def __init__(self, file: str, pack: str | None = None) -> None:
        self.file = file
        self.pack = pack
        self.problems: list[Diagnostic] = []

    def _wrong(self, node: Node, message: str) -> None:
        self.problems.append(Diagnostic("error", message, self.file, node.line))
        if len(self.problems) >= MAX_PROBLEMS:
            raise PolicyError(self.problems)

    def _source(self, node: Node) -> Source:
        if self.pack is not None:
            return Source(f"the pack {self.pack}")
        return Source("the policy", Span(self.file, node.line))

    def _map(self, node: Node | None, keys: tuple[str, ...] | None, what: str) -> dict[str, Node]:
        """The values by key; ``keys`` are those that may be there (None: any)."""
        found: dict[str, Node] = {}
        if node is None or node.is_null:
            return found
        if node.kind != "map":
            self._wrong(node, f"{what} must be a mapping (KEY: VALUE), not {_KINDS[node.kind]}")
            return found
        for key, value in node.pairs:
            if key.kind != "scalar":
                self._wrong(key, f"a key of {what} must be a word, not {_KINDS[key.kind]}")
            elif key.text in found:
                self._wrong(key, f"{key.text!r} is given twice in {what}")
            elif keys is not None and key.text not in keys:
                self._wrong(key, f"{what} has no key {shown(key.text)}{did_you_mean(key.text, keys)}")
            else:
                found[key.text] = value
        return found

    def _list(self, node: Node | None, what: str) -> list[Node]:
        if node is None or node.is_null:
            return []
        if node.kind != "list":
            such = f", such as [{shown(node.text)[1:-1]}]" if node.kind == "scalar" else f", not {_KINDS[node.kind]}"
            self._wrong(node, f"{what} must be a list{such}")
            return []
        return node.items

    def _text(self, node: Node | None, what: str) -> str:
        if node is None:
            return ""
        if node.kind != "scalar" or node.is_null or not node.text.strip() or "\0" in node.text:
            self._wrong(node, f"{what} must be text")
            return ""
        return node.text

    def _glob(self, node: Node | None, what: str) -> str | None:
        if node is None:
            return None
        text = self._text(node, what)
        if len(text) > MAX_GLOB:
            self._wrong(node, f"{what} is longer than {MAX_GLOB} characters")
        return text

    def _switch(self, node: Node | None, what: str) -> bool | None:
        if node is None:
            return None
        if node.kind == "scalar" and node.plain and node.text in (*TRUE, *FALSE):
            return node.text in TRUE
        self._wrong(node, f"{what} must be true or false")
        return None

    def _word(self, node: Node | None, what: str, words: tuple[Word, ...]) -> Word | None:
        """Return one of ``words``. In YAML, ``off`` may be a word or false."""
        if node is None or node.is_null:
            return None
        is_off = node.kind == "scalar" and node.plain and node.text in FALSE
        found = next((word for word in words if word == ("off" if is_off else node.text)), None)
        if found is None or node.kind != "scalar":
            self._wrong(node, f"{what} must be {', '.join(words[:-1])} or {words[-1]}")
        return found


def shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")

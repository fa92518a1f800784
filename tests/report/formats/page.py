"""A page of HTML, read strictly: what a browser would mend is an error."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

VOID = {"meta", "input", "br", "hr", "link", "img"}
PHRASING = {"p", "h1", "h2", "h3", "h4", "summary", "a", "span", "code", "b", "strong", "label", "option", "caption"}
"""Elements that hold words alone."""
BLOCKS = {"p", "div", "ul", "ol", "dl", "table", "pre", "section", "article", "details", "h1", "h2", "h3", "h4", "form"}
PARENTS = {"li": {"ul"}, "tr": {"thead", "tbody"}, "td": {"tr"}, "th": {"tr"}, "dt": {"dl"}, "dd": {"dl"}}


class Element(NamedTuple):
    """An element and where it is: the names of those around it."""

    name: str
    attributes: dict[str, str]
    around: tuple[str, ...]


class Page(HTMLParser):
    """``elements`` in order, ``text`` of all of them but style and script, ``raw`` of these by name."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.raw: dict[str, list[str]] = {}
        self._text: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        """What a reader sees, as one line."""
        return " ".join("".join(self._text).split())

    def named(self, name: str) -> list[Element]:
        """The elements of one name."""
        return [each for each in self.elements if each.name == name]

    @property
    def ids(self) -> list[str]:
        """All ids, in order."""
        return [each.attributes["id"] for each in self.elements if "id" in each.attributes]

    @property
    def links(self) -> list[str]:
        """Where links lead."""
        return [each.attributes["href"] for each in self.named("a")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        if self._open:
            parent = self._open[-1]
            assert parent in PARENTS.get(tag, {parent}), f"<{tag}> in <{parent}>"
            assert not (tag in BLOCKS and PHRASING.intersection(self._open)), f"<{tag}> in {self._open}"
            assert not (tag == "a" and "a" in self._open)
        if tag in ("td", "th", "option"):
            self._text.append(" ")
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, f"</{tag}> in {self._open}"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "script"):
            self.raw.setdefault(self._open[-1], []).append(data)
        else:
            self._text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

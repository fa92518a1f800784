"""Escape text for HTML. Strangers write names, messages and code: they must not become markup, nor turn the text around."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as escape_markup

from vpce_checks.model.spans import Span
from vpce_checks.report import Style, relative
from vpce_checks.report.text.escape import escape, escape_source


def text(words: str) -> str:
    """Return ``words`` as text on one line, for the content of an element or a quoted attribute."""
    return escape_markup(escape(words))


def code(words: str) -> str:
    """Return a name or a path as an element."""
    return f"<code>{text(words)}</code>"


def source(lines: Iterable[str]) -> str:
    """Return lines of source code as a block that keeps its blanks."""
    return f"<pre><code>{source_lines(lines)}</code></pre>"


def source_lines(lines: Iterable[str]) -> str:
    """Return the escaped lines of source code."""
    return "\n".join(escape_markup(escape_source(line)) for line in lines)


def place(span: Span, style: Style) -> str:
    """Return "FILE:LINE" as an element."""
    return code(f"{relative(span.file, style.cwd)}:{span.line}")


def link(anchor: str, inner: str) -> str:
    """Return a link to an element of the page. ``inner`` is markup."""
    return f'<a href="#{anchor}">{inner}</a>'


def section(anchor: str, title: str, parts: Iterable[str]) -> list[str]:
    """Return a section of the page with its heading; nothing if it has no parts."""
    inner = list(parts)
    if not inner:
        return []
    return [
        f'<section id="{anchor}" aria-labelledby="{anchor}-title" tabindex="-1">',
        f'<h2 id="{anchor}-title">{text(title)}</h2>',
        *inner,
        "</section>",
    ]


def folded(summary: str, parts: Iterable[str], classes: str = "", *, is_open: bool = False) -> list[str]:
    """Return parts that a click on ``summary`` (markup) shows. They are there without a script, and in print."""
    attributes = (f' class="{classes}"' if classes else "") + (" open" if is_open else "")
    return [f"<details{attributes}>", f"<summary>{summary}</summary>", *parts, "</details>"]


def table(caption: str, heads: Iterable[str], rows: Iterable[str]) -> list[str]:
    """Return a table. ``rows`` are elements; everything is markup."""
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return [
        "<table>",
        f"<caption>{caption}</caption>",
        f"<thead><tr>{columns}</tr></thead>",
        "<tbody>",
        *rows,
        "</tbody>",
        "</table>",
    ]


def row(head: str, cells: Iterable[str]) -> str:
    """Return a row of a table, given as markup. ``head`` says what it is about."""
    return f'<tr><th scope="row">{head}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def scrollable(label: str, parts: Iterable[str]) -> list[str]:
    """Return parts that may be wider than the page. The keyboard can scroll them."""
    return [f'<div class="scroll" role="group" aria-label="{text(label)}" tabindex="0">', *parts, "</div>"]

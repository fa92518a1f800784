"""The sessions in which the files of one unit are evaluated, and objects whose items are evaluated on demand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest

from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import Value
from vpce_checks.terraform.lang.marks import Mark, both
from vpce_checks.terraform.lang.scope import Session, TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader


class Sessions:
    """One session a file. What is sensitive in one file is so in each that uses it: a mark counts in all of them."""

    def __init__(self, options: TerraformOptions, loader: ModuleLoader) -> None:
        self._options = options
        self._loader = loader
        self._sessions: list[Session] = []

    def open(self, path: str) -> Session:
        """A session for the file at ``path``: functions that read files start from its directory."""
        session = Session(os.path.dirname(path), self._options, self._loader)
        self._sessions.append(session)
        return session

    def note_mark(self, mark: Mark) -> None:
        """Note that something with this mark takes part in what is evaluated, in whichever of the files."""
        if mark is not None:
            for session in self._sessions:
                session.note_mark(mark)

    def marked(self, compute: Callable[[], Value]) -> tuple[Value, Mark]:
        """Return what ``compute`` gives, and its mark, apart from that of whoever asks for it."""
        outside = [session.mark for session in self._sessions]
        for session in self._sessions:
            session.mark = None
        mark: Mark = None
        try:
            value = compute()
        finally:
            for session, before in zip_longest(self._sessions, outside):
                mark = both(mark, session.mark)
                session.mark = before
        return value, mark

    @property
    def diagnostics(self) -> Iterator[Diagnostic]:
        """Everything that was reported in them."""
        return (item for session in self._sessions for item in session.diagnostics)


class LazyItems(Mapping[str, Value]):
    """The items of an object, each evaluated when it is asked for."""

    def __init__(self, sessions: Sessions, names: Iterable[str], compute: Callable[[str], Value]) -> None:
        self._sessions = sessions
        self._names = dict.fromkeys(names)
        self._compute = compute
        self._computed: dict[str, Value] = {}
        self._marks: dict[str, Mark] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._computed:
            self._computed[name], mark = self._sessions.marked(lambda: self._compute(name))
            if mark is not None:
                self._marks[name] = mark
        if self._marks:
            self._sessions.note_mark(self._marks.get(name))
        return self._computed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return dict, (dict(self),)

"""Values that come from other stacks, each found once in one build.

The value of an export may come from an import whose name is only partly known (``${Parent}-VPC``), so it may come back to
itself: ``Parent`` may be another deployment of the same template. A value that is still being found adds nothing to itself.
What is found meanwhile lacks some of its candidates, so it is kept only until the outermost of these values is found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable

from vpce_checks.base.record import field, mutable
from vpce_checks.model.values import Value

NOWHERE = sys.maxsize
"""The place of a value that comes back to none that is still being found."""


@mutable
class Followed:
    """The values that were found, each with whether it is sensitive.

    ``back`` is the outermost place that a value came back to since it was last set.
    """

    back: int = NOWHERE
    _found: dict[Hashable, tuple[Value, bool]] = field(default_factory=dict)
    _lacking: dict[Hashable, tuple[tuple[Value, bool], int]] = field(default_factory=dict)
    _places: dict[Hashable, int] = field(default_factory=dict)  # of the values that are being found

    def comes_back(self, key: Hashable) -> bool:
        """Return whether the value of ``key`` is still being found."""
        place = self._places.get(key)
        if place is None:
            return False
        self.back = min(self.back, place)
        return True

    def value(self, key: Hashable, find: Callable[[], tuple[Value, bool]]) -> tuple[Value, bool]:
        """Return the value of ``key``. ``find`` finds it if it is not known yet."""
        if key in self._found:
            return self._found[key]
        if key in self._lacking:
            found, back = self._lacking[key]
            self.back = min(self.back, back)
            return found
        place = len(self._places)
        self._places[key] = place
        outer, self.back = self.back, NOWHERE
        is_whole = True
        try:
            found = find()
            is_whole = self.back >= place
        finally:
            back = NOWHERE if is_whole else self.back
            self.back = min(outer, back)
            del self._places[key]
            self._settle(place, back)
        if is_whole:
            self._found[key] = found
        else:
            self._lacking[key] = found, back
        return found

    def _settle(self, place: int, back: int) -> None:
        """Let go of what came back to the value at ``place``. If that comes ``back`` itself, they come back there."""
        later = [key for key, (_, each) in self._lacking.items() if each >= place]
        for key in later:
            found, _ = self._lacking.pop(key)
            if back != NOWHERE:
                self._lacking[key] = found, back

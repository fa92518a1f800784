"""Lists that are files: of rules, formats and commands. Whoever adds a file has added it to the list."""

from __future__ import annotations

import os


def module_names(directory: str) -> list[str]:
    """Return the names of the modules in ``directory``, without those that begin with ``_``. ``pkgutil`` would take
    longer to import than a small scan takes."""
    files = (os.path.splitext(file) for file in os.listdir(directory))
    return sorted({name for name, extension in files if extension in (".py", ".pyc") and not name.startswith("_")})

"""The options that say where the code of Terraform modules is."""

from __future__ import annotations

import os
from argparse import Namespace, _ActionsContainer
from collections.abc import Sequence

from vpce_checks.cli.errors import UsageError


def add_module_options(parser: _ActionsContainer) -> None:
    """Add ``--module-source`` and ``--download-modules``."""
    parser.add_argument(
        "--module-source",
        action="append",
        default=[],
        metavar="SOURCE=DIR",
        help="the code of the modules with this source is in DIR (repeatable)",
    )
    parser.add_argument(
        "--download-modules",
        action="store_true",
        help="download modules that are not installed from registries, git and archives, into "
        "$VPCE_CHECKS_MODULE_CACHE (default: vpce-checks/modules among the user's caches)",
    )


def module_sources(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return each ``SOURCE=DIR`` as a source and an absolute directory. Raises UsageError."""
    pairs = []
    for text in texts:
        source, equals, directory = text.rpartition("=")  # a git source has "=" in it as well
        if not equals or not source or not directory:
            raise UsageError("--module-source takes SOURCE=DIR")
        if not os.path.isdir(directory):
            raise UsageError(f"no such directory: {directory}")
        pairs.append((source, os.path.realpath(directory)))
    return tuple(pairs)


def download_directory(given: Namespace) -> str | None:
    """Return the directory to download modules to; None if the user does not want that."""
    if not given.download_modules:
        return None
    from vpce_checks.terraform.sources.download.store import default_directory

    return default_directory(os.environ)

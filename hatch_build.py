"""Build hook: the metadata that depends on where a release is published.

This repository has no fixed address: teams keep copies of it. A release names its own in ``VPCE_CHECKS_REPOSITORY``
(``https://github.com/ORG/vpce-checks``). It becomes the project's URLs, and links of the README that are relative to the
repository lead there: a package index shows the README alone. Without it, there are no URLs, and links stay relative.
"""

from __future__ import annotations

import os
import re
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

ADDRESS = "VPCE_CHECKS_REPOSITORY"
RELATIVE_LINK = re.compile(r"\]\((?!https?:|#)([^)\s]+)\)")
PAGES = {
    "Documentation": "README.md",
    "Changelog": "CHANGELOG.md",
    "Security": "SECURITY.md",
}
"""By the label of a project URL: the page that it leads to."""


class PublishedMetadata(MetadataHookInterface):
    """Fill in the README and the project URLs."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set ``readme`` and, if the address is known, ``urls``. Raises ValueError for what is no https address."""
        with open(os.path.join(self.root, "README.md"), encoding="utf-8") as file:
            readme = file.read()
        address = os.environ.get(ADDRESS, "").rstrip("/")
        if address:
            if not address.startswith("https://"):
                raise ValueError(f"{ADDRESS} must start with https://, it is {address!r}")
            pages = f"{address}/blob/v{metadata['version']}"
            readme = RELATIVE_LINK.sub(rf"]({pages}/\1)", readme)
            metadata["urls"] = {
                "Repository": address,
                "Issues": f"{address}/issues",
                **{label: f"{pages}/{page}" for label, page in PAGES.items()},
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": readme}

"""What ``vpce-checks --version --verbose`` says: the version, and how old the facts are that it judges with."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.version import VERSION
from vpce_checks.catalog.prices import listed_prices
from vpce_checks.catalog.services import AS_OF, short_names
from vpce_checks.terraform.sources.stubs import releases_of, stubbed_modules
from vpce_checks.terraform.sources.versions import newest


def version_lines() -> Iterator[str]:
    """Yield the lines, without line feeds."""
    yield f"vpce-checks {VERSION}"
    yield f"endpoint services and host names: {AS_OF} ({len(short_names())} services)"
    yield "module stubs, up to the release:"
    for module in stubbed_modules():
        yield f"  {module} {newest(releases_of(module), ())}"
    yield f"prices: {', '.join(f'{each.region} {each.as_of}' for each in listed_prices())}"

"""What Serverless Compose passes from one service of the Serverless Framework to another: ``${net.VpcId}``.

https://www.serverless.com/framework/docs/guides/compose
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.base.pattern import pattern
from vpce_checks.cloudformation.template.nodes import Mapping, Node, entry, text_of
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template.templates import Templates

_FILES = ("serverless-compose.yml", "serverless-compose.yaml")
_SERVICES = ("serverless.yml", "serverless.yaml", "serverless.json")

_OUTPUT = pattern(r"\$\{([\w-]{1,100})\.([\w-]{1,255})\}")
"""The output of the stack of another service."""

MAX_ABOVE = 6
"""How many directories above a service are searched for the file of Compose."""


class Passed(NamedTuple):
    """An output of the stack of another service; ``service`` is the file of that."""

    service: str
    output: str


def passed_parameter(service: str, name: str, templates: Templates) -> Passed | None:
    """Return what Compose passes to the service in the file ``service`` as the parameter ``name``. None: no output of a service
    that is there."""
    directory = os.path.dirname(service)
    above = directory
    for _ in range(MAX_ABOVE):
        above = os.path.dirname(above)
        for file in (os.path.join(above, each) for each in _FILES):
            if tracked.is_file(file, templates.places):
                return _passed(templates.values_in(file), above, directory, name, templates.places)
    return None


def _passed(root: Node | None, home: str, directory: str, name: str, places: Places) -> Passed | None:
    services = entry(root, "services") if isinstance(root, Mapping) else None
    if not isinstance(services, Mapping):
        return None

    def home_of(service: str) -> str:
        return os.path.normpath(os.path.join(home, text_of(entry(services, service, "path")) or "."))

    for service in services.entries:
        written = text_of(entry(services, service, "params", name)) if home_of(service) == directory else None
        found = _OUTPUT.fullmatch(written) if written is not None else None
        if found is not None and found[1] in services.entries:
            files = (os.path.join(home_of(found[1]), each) for each in _SERVICES)
            file = next((each for each in files if tracked.is_file(each, places)), None)
            return Passed(file, found[2]) if file is not None else None
    return None

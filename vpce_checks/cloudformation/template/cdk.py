"""Read CDK's cloud assembly (``cdk.out``): where each template is deployed, and which construct made which resource.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from vpce_checks.files import tracked

_HASH = re.compile(r"[0-9a-f]{64}")

STORED_DUMMY = "dummy-value-for-"
"""What CDK writes in front of the name of a stored parameter that it did not look up yet."""


def templates_in(directory: str) -> frozenset[str] | None:
    """Return the templates that the manifest in ``directory`` lists to deploy. None if there is no cloud assembly."""
    artifacts = _artifacts(directory)
    if artifacts is None:
        return None
    return frozenset(os.path.join(directory, file) for file, _ in _stacks(artifacts))


def environment_of(template: str) -> tuple[str | None, str | None]:
    """Return the account and the region that a listed template was synthesised for. None: any, or it is not listed."""
    artifact = _artifact(template)
    environment = str(artifact.get("environment", "")) if artifact is not None else ""
    account, _, region = (
        environment.removeprefix("aws://").rpartition("/") if environment.startswith("aws://") else ("", "", "")
    )
    return account if account not in ("", "unknown-account") else None, region if region not in (
        "",
        "unknown-region",
    ) else None


def stack_name_of(template: str) -> str | None:
    """Return the name of the stack that a listed template is deployed as. None if it is not listed."""
    artifact = _artifact(template)
    properties = artifact.get("properties") if artifact is not None else None
    name = properties.get("stackName") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def lacks_look_ups(template: str) -> bool:
    """Return whether the assembly of a template was synthesised without the results of its look-ups, which are then dummies.

    https://docs.aws.amazon.com/cdk/v2/guide/context.html
    """
    manifest = _manifest(os.path.dirname(template))
    missing = manifest.get("missing") if isinstance(manifest, dict) else None
    return isinstance(missing, list) and bool(missing)


def nested_template(template: str, url: str) -> str | None:
    """Return the file of a nested stack. The template refers to it by the address of an uploaded asset."""
    directory = os.path.dirname(template)
    files = _assets(directory)
    found = [files[match] for match in _HASH.findall(url) if match in files]
    return os.path.join(directory, found[0]) if len(found) == 1 else None


def construct_path(template: str, logical_id: str) -> str | None:
    """Return the path of the construct that made a resource, for a template that does not contain it."""
    paths = _constructs(template).get(logical_id, ())
    return paths[0] if len(paths) == 1 else None


def _stacks(artifacts: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for artifact in artifacts.values():
        if isinstance(artifact, dict) and artifact.get("type") == "aws:cloudformation:stack":
            properties = artifact.get("properties")
            file = properties.get("templateFile") if isinstance(properties, dict) else None
            if isinstance(file, str):
                yield file, artifact


def _artifact(template: str) -> Mapping[str, object] | None:
    directory, name = os.path.split(template)
    artifacts = _artifacts(directory)
    return dict(_stacks(artifacts)).get(name) if artifacts is not None else None


def _manifest(directory: str) -> object:
    return _manifests(directory)


def _artifacts(directory: str) -> Mapping[str, object] | None:
    manifest = _manifest(directory)
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    return artifacts if isinstance(artifacts, dict) else None


@lru_cache(maxsize=64)
def _assets(directory: str) -> Mapping[str, str]:
    """Return the files that the assembly uploads, by the hash in their address."""
    found: dict[str, str] = {}
    for name in _names(directory):
        listing = _json(os.path.join(directory, name)) if name.endswith(".assets.json") else None
        files = listing.get("files") if isinstance(listing, dict) else None
        for hash, file in files.items() if isinstance(files, dict) else ():
            source = file.get("source") if isinstance(file, dict) else None
            path = source.get("path") if isinstance(source, dict) else None
            if isinstance(path, str):
                found[hash] = path
    return found


@lru_cache(maxsize=64)
def _constructs(template: str) -> Mapping[str, tuple[str, ...]]:
    """Return construct paths by logical ID. There are several if a nested stack uses the same ID."""
    artifact = _artifact(template)
    if artifact is None:
        return {}
    tables = [artifact.get("metadata")]
    file = artifact.get("additionalMetadataFile")
    if isinstance(file, str) and os.path.basename(file) == file:
        tables.append(_json(os.path.join(os.path.dirname(template), file)))
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for path, entries in table.items() if isinstance(table, dict) else ():
            for entry in entries if isinstance(entries, list) else ():
                if isinstance(entry, dict) and entry.get("type") == "aws:cdk:logicalId":
                    id = str(entry.get("data"))
                    found[id] = (*found.get(id, ()), str(path).lstrip("/"))
    return found


@tracked.tracked
def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def forget() -> None:
    """Forget what was read. An assembly may have been synthesised again since the last scan of this process."""
    global _manifests
    _manifests = tracked.Remembered(_read_manifest)
    for remembered in (_assets, _constructs):
        remembered.cache_clear()


def _json(path: str) -> object:
    """Return the content of a file of the assembly. A link out of its directory is not followed."""
    try:
        data = tracked.contents(path, (os.path.dirname(path),))
        if len(data) > tracked.MAX_BYTES:
            return None
        loaded: object = json.loads(data.decode("utf-8"))
        return loaded
    except (OSError, ValueError, RecursionError):
        return None


def _read_manifest(directory: str) -> object:
    return _json(os.path.join(directory, "manifest.json"))


_manifests: tracked.Remembered[str, object] = tracked.Remembered(_read_manifest)
"""The manifest of each directory: what a template nests is kept for itself, so each notes the look."""

"""The module registry protocol: which versions a module has, and where one of them is.

https://developer.hashicorp.com/terraform/internals/module-registry-protocol
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from vpce_checks.terraform.sources.download.errors import DownloadError
from vpce_checks.terraform.sources.download.permits import Permits
from vpce_checks.terraform.sources.download.web import Answer, Web
from vpce_checks.terraform.sources.versions import (
    Constraint,
    Version,
    newest,
    parse_constraints,
    parse_version,
)

MAX_VERSIONS = 20_000


class Selected(NamedTuple):
    """A version of a module, as its registry writes it."""

    version: Version
    written: str


class Registry:
    """The registry at one host (with its port)."""

    def __init__(self, host: str, web: Web, permits: Permits, deadline: Callable[[], float]) -> None:
        self.host = host
        self._web = web
        self._permits = permits
        self._deadline = deadline
        self._base: str | None = None

    def select(self, path: str, constraints: tuple[Constraint, ...], asked: str | None) -> Selected:
        """The newest version of ``path`` that meets all constraints. Raises DownloadError."""
        answer = self._ask(f"{path}/versions", path)
        versions: dict[Version, str] = {}
        try:
            for entry in json.loads(answer.body)["modules"][0]["versions"][:MAX_VERSIONS]:
                version = parse_version(entry["version"])
                if version is not None:
                    versions[version] = entry["version"]
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise DownloadError(f"{self.host} does not answer as a module registry does") from error
        chosen = newest(versions, constraints)
        if chosen is None:
            known = f"it has {min(versions)} to {max(versions)}" if versions else "it has no versions"
            raise DownloadError(f"no version of {path} on {self.host} meets {(asked or 'any')[:80]!r}: {known}")
        return Selected(chosen, versions[chosen])

    def location(self, path: str, written: str) -> str:
        """The source that the version is to be fetched from. Raises DownloadError."""
        answer = self._ask(f"{path}/{quote(written, safe='')}/download", path)
        location = ""
        if answer.status == 200 and answer.body:
            try:
                location = str(json.loads(answer.body).get("location") or "")
            except (ValueError, AttributeError, RecursionError):
                location = ""
        location = location or answer.headers.get("X-Terraform-Get") or ""
        if not location:
            raise DownloadError(f"{self.host} does not say where {path} {written} is")
        if location.startswith(("/", "./", "../")):
            location = urljoin(answer.url, location)
        scheme = location.rpartition("::")[2].partition("://")
        if scheme[1] and scheme[0].lower() in ("file", "http") and not self._permits.serves_plainly(self.host):
            raise DownloadError(f"{self.host} sends on to {scheme[0].lower()}:, which is not followed")
        return location

    def _ask(self, path: str, module: str) -> Answer:
        answer = self._web.get(f"{self._modules()}{path}", deadline=self._deadline(), token_of=self.host)
        if answer.status in (200, 204):
            return answer
        if answer.status == 404:
            raise DownloadError(f"{self.host} has no module {module}{self._perhaps_token()}")
        raise DownloadError(f"{self.host} answers {answer.status}{self._token_advice(answer.status)}")

    def _modules(self) -> str:
        """The URL below which the registry answers for modules.

        https://developer.hashicorp.com/terraform/internals/remote-service-discovery
        """
        if self._base is None:
            scheme = "http" if self._permits.serves_plainly(self.host) else "https"
            url = f"{scheme}://{self.host}/.well-known/terraform.json"
            answer = self._web.get(url, deadline=self._deadline(), token_of=self.host)
            try:
                if answer.status != 200:
                    raise ValueError(answer.status)
                base = json.loads(answer.body)["modules.v1"]
                if not isinstance(base, str) or not base:
                    raise ValueError("modules.v1")
            except (ValueError, LookupError, TypeError, RecursionError) as error:
                advice = self._token_advice(answer.status)
                raise DownloadError(
                    f"{self.host} is not a module registry (it answers {answer.status}){advice}"
                ) from error
            base = urljoin(answer.url, base)
            if urlsplit(base).scheme != "https" and urlsplit(base).scheme != scheme:
                raise DownloadError(f"{self.host} has its modules at {urlsplit(base).scheme}:, which is not followed")
            self._base = base if base.endswith("/") else f"{base}/"
        return self._base

    def _perhaps_token(self) -> str:
        return "" if self._web.token_for(self.host) is not None else f", or needs a token ({self._variable()})"

    def _token_advice(self, status: int) -> str:
        if status not in (401, 403):
            return ""
        if self._web.token_for(self.host) is not None:
            return f"; is the token in {self._variable()} right?"
        return f"; give its token in {self._variable()}"

    def _variable(self) -> str:
        return f"TF_TOKEN_{self.host.replace('-', '__').replace('.', '_')}"


def wanted_versions(text: str | None) -> tuple[Constraint, ...]:
    """The conditions of a version argument. Raises DownloadError."""
    if text is None or not text.strip():
        return ()
    constraints = parse_constraints(text)
    if constraints is None:
        raise DownloadError(f"its version {text[:80]!r} is not a version constraint")
    return constraints


def exact_version(constraints: tuple[Constraint, ...]) -> Version | None:
    """The version that is asked for, where that can be only one."""
    exact = {constraint.version for constraint in constraints if constraint.operator == "="}
    return newest(exact, constraints) if len(exact) == 1 else None

"""Asking servers: over TLS, with bounded answers, and with tokens for none but the host that they are for."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.message import Message
from functools import cached_property, partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Timer
from time import monotonic
from typing import IO, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from vpce_checks.base.version import VERSION
from vpce_checks.terraform.sources.download.errors import DownloadError
from vpce_checks.terraform.sources.download.permits import Permits, refusal

SECONDS = 30
"""How long a server may be silent."""

MAX_ANSWER = 8 * 1024 * 1024
MAX_REDIRECTS = 5
PIECE = 256 * 1024


class Answer(NamedTuple):
    """What a server said. ``url`` is where it was in the end."""

    status: int
    headers: Message
    body: bytes
    url: str


class Web:
    """The servers that may be asked."""

    def __init__(self, permits: Permits, environment: Mapping[str, str]) -> None:
        self._permits = permits
        self._tokens = registry_tokens(environment)
        self._opener = urllib.request.OpenerDirector()  # build_opener() would add ftp: and file: as well
        for handler in (urllib.request.ProxyHandler(), urllib.request.UnknownHandler(), _Http(), _Https()):
            self._opener.add_handler(handler)  # none for redirects and errors: every answer is looked at here

    def get(self, url: str, *, deadline: float, token_of: str = "") -> Answer:
        """Ask for ``url``. The token for the host ``token_of`` goes to that host only. Raises DownloadError."""
        with _Asked(self, url, deadline, token_of) as (response, where):
            body = b"".join(_pieces(response, MAX_ANSWER, deadline))
            return Answer(response.status, response.headers, body, where)

    def save(self, url: str, file: IO[bytes], most: int, *, deadline: float) -> Answer:
        """Write what is at ``url``, up to ``most`` bytes, into ``file``. Raises DownloadError."""
        with _Asked(self, url, deadline, "") as (response, where):
            if response.status == 200:
                for piece in _pieces(response, most, deadline):
                    file.write(piece)
            return Answer(response.status, response.headers, b"", where)

    def token_for(self, host: str) -> str | None:
        """The token that the environment holds for a host (with its port)."""
        return self._tokens.get(host.lower())

    def ask(self, url: str, deadline: float, token_of: str) -> tuple[HTTPResponse, str]:
        """The answer to a request, redirects followed, and where it came from. Raises DownloadError."""
        for _ in range(MAX_REDIRECTS + 1):
            if not self._permits.allow(url) or urlsplit(url).scheme not in ("https", "http"):
                raise DownloadError(f"{_where(url)}: {refusal(url)}")
            bare, user = _without_user(url)
            request = _Request(bare, headers={"User-Agent": f"vpce-checks/{VERSION}"})
            if user:
                request.add_unredirected_header("Authorization", f"Basic {user}")
            token = self.token_for(token_of) if token_of and host_of(url) == token_of.lower() else None
            if token is not None:
                request.add_unredirected_header("Authorization", f"Bearer {token}")
            response = self._open(request, deadline)
            target = response.headers.get("Location")
            if response.status not in (301, 302, 303, 307, 308) or target is None:
                return response, url
            response.close()
            where = urljoin(url, target)
            if urlsplit(where).scheme != "https" and urlsplit(where).scheme != urlsplit(url).scheme:
                raise DownloadError(f"{_where(url)} redirects to {urlsplit(where).scheme[:20]}:, which is not followed")
            url = where
        raise DownloadError(f"{_where(url)} redirects too often")

    def _open(self, request: _Request, deadline: float) -> HTTPResponse:
        left = deadline - monotonic()
        if left <= 0:
            raise DownloadError("it took too long")
        watch = Timer(left, request.close)
        watch.daemon = True
        watch.start()
        try:
            response = self._opener.open(request, timeout=min(SECONDS, left))
        except (OSError, HTTPException, ValueError) as error:
            if monotonic() >= deadline:
                raise DownloadError("it took too long") from error
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise DownloadError(f"{_where(request.full_url)} cannot be reached: {reason}") from error
        finally:
            watch.cancel()
        assert isinstance(response, HTTPResponse)
        if monotonic() >= deadline:  # then these may be half of the headers
            response.close()
            raise DownloadError("it took too long")
        return response


class _Request(urllib.request.Request):
    """A request that can be given up: a server that sends a byte now and then is never silent for long."""

    connections: tuple[HTTPConnection, ...] = ()

    def connect(self, kind: type[HTTPConnection], *arguments: Any, **named: Any) -> HTTPConnection:
        """A connection of a kind that is closed with the request."""
        made = kind(*arguments, **named)
        self.connections += (made,)
        return made

    def close(self) -> None:
        """End whatever is under way."""
        for connection in self.connections:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        assert isinstance(req, _Request)
        return self.do_open(partial(req.connect, HTTPConnection), req)


class _Https(urllib.request.HTTPSHandler):
    @cached_property
    def _verifying(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        assert isinstance(req, _Request)
        connect = partial(req.connect, HTTPSConnection)
        return self.do_open(connect, req, context=self._verifying)


class _Asked:
    """An open answer, and closed in the end."""

    def __init__(self, web: Web, url: str, deadline: float, token_of: str) -> None:
        self._response, self._where = web.ask(url, deadline, token_of)

    def __enter__(self) -> tuple[HTTPResponse, str]:
        return self._response, self._where

    def __exit__(self, *_: object) -> None:
        self._response.close()


def _pieces(response: HTTPResponse, most: int, deadline: float) -> Iterator[bytes]:
    size = 0
    while True:
        try:
            piece = response.read1(PIECE)
        except (OSError, HTTPException) as error:
            raise DownloadError(f"the connection broke: {error or type(error).__name__}") from error
        if not piece:
            break
        size += len(piece)
        if size > most:
            raise DownloadError(f"it is larger than {most // 1024**2} MiB")
        if monotonic() > deadline:
            raise DownloadError("it took too long")
        yield piece
    missing = response.length
    if missing:
        raise DownloadError("the connection broke before all of it had come")


def _without_user(url: str) -> tuple[str, str]:
    """A URL without the user and password in it, and these as the server takes them; nothing where there are none.

    https://developer.hashicorp.com/terraform/language/modules/sources#http-urls
    """
    parts = urlsplit(url)
    user, at, server = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    name, _, password = user.partition(":")
    said = b64encode(f"{unquote(name)}:{unquote(password)}".encode("utf-8", "surrogatepass")).decode()
    return urlunsplit(parts._replace(netloc=server)), said


def host_of(url: str) -> str:
    """The host of a URL, with its port where that is not the usual one."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def registry_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The tokens by host, from variables ``TF_TOKEN_app_terraform_io``: a dot is written ``_``, a dash ``__``.

    https://developer.hashicorp.com/terraform/cli/config/config-file#environment-variable-credentials
    """
    found = {}
    for name, value in environment.items():
        if name.startswith("TF_TOKEN_") and value:
            host = name.removeprefix("TF_TOKEN_").replace("__", "-").replace("_", ".").lower()
            found[host] = value
    return found


def _where(url: str) -> str:
    """A URL as far as it is fit to be shown: where it leads, not what it carries."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]

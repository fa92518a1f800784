"""Servers that are slow, or are not who they say."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.terraform.sources.download.fetching import fetch, text_of
from tests.terraform.sources.download.servers import Reply, Server, tar_of


@contextmanager
def _dripping(start: bytes, drop: bytes) -> Iterator[str]:
    """A server that says ``start``, and then ``drop`` again and again."""
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(start)
                while not over.wait(0.02):
                    connection.sendall(drop)

    thread = Thread(target=drip)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"x"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
def test_a_server_that_drips(monkeypatch: pytest.MonkeyPatch, start: bytes, drop: bytes) -> None:
    with _dripping(start, drop) as url:
        monkeypatch.setenv("VPCE_CHECKS_LOCAL_MODULES", url)
        monkeypatch.setattr("vpce_checks.terraform.sources.download.fetch.SECONDS", 0.4)
        assert fetch(f"{url}/m.tgz").failure == "it took too long"


def test_certificates_are_verified(server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.encrypt(context)
    server.serve_registry()
    server.publish("acme/net/aws", "1.0.0", "/m.tgz")
    server.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": "# net\n"}))
    monkeypatch.delenv("VPCE_CHECKS_LOCAL_MODULES")
    source = f"{server.host}/acme/net/aws"
    assert "certificate verify failed" in fetch(source).failure
    assert not server.asked
    assert "git ls-remote failed" in fetch(f"git::https://{server.host}/net.git").failure
    assert not server.asked
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert text_of(fetch(source)) == "# net\n"


def test_from_https_to_http(server: Server, second: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.encrypt(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    second.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": "#"}))
    server.replies["/m.tgz"] = Reply(302, headers={"Location": f"{second.url}/m.tgz"})
    assert "redirects to http:, which is not followed" in fetch(f"https://{server.host}/m.tgz").failure
    assert server.asked and not second.asked


def test_user_and_password_in_an_address(server: Server) -> None:
    server.replies["/m.tgz"] = Reply(body=tar_of({"main.tf": "# net\n"}))
    at = server.url.replace("://", "://us%20er:p%40w:x@")
    assert text_of(fetch(f"{at}/m.tgz")) == "# net\n"
    assert server.asked[-1].token == "Basic " + b64encode(b"us er:p@w:x").decode()


@pytest.mark.parametrize("place", ["127.0.0.1:1", "127.0.0.1"])
def test_a_password_is_in_no_reason(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VPCE_CHECKS_LOCAL_MODULES")
    failure = fetch(f"https://user:secret-word@{place}/m.zip").failure
    assert "cannot be reached" in failure
    assert "secret-word" not in failure

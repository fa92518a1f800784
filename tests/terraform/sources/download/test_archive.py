"""Archives, as they should be and as an attacker makes them."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.terraform.sources.download.fetching import fetch, text_of
from tests.terraform.sources.download.servers import Reply, Server, tar_of, zip_of
from vpce_checks.terraform.sources.download import archive as archive_module
from vpce_checks.terraform.sources.download import tree as tree_module

FILES = {"main.tf": "# main\n", "a/b/deep.tf": "# deep\n"}


def _serve(server: Server, name: str, body: bytes) -> str:
    server.replies[f"/{name}"] = Reply(body=body)
    return f"{server.url}/{name}"


def _tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for entry, content in entries:
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _entry(name: str, type: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = type, target
    return entry


@pytest.mark.parametrize(
    ("name", "packing"),
    [("m.tar.gz", "gz"), ("m.tgz", "gz"), ("m.tar.bz2", "bz2"), ("m.tar.xz", "xz"), ("m.tar", ""), ("m.TGZ", "gz")],
)
def test_tar(server: Server, name: str, packing: str) -> None:
    url = _serve(server, name, tar_of(FILES, packing))
    assert text_of(fetch(url)) == "# main\n"
    assert text_of(fetch(f"{url}//a/b"), "deep.tf") == "# deep\n"


def test_zip(server: Server) -> None:
    url = _serve(server, "m.zip", zip_of(FILES))
    assert text_of(fetch(url)) == "# main\n"
    assert text_of(fetch(f"{url}//a/b"), "deep.tf") == "# deep\n"


def test_packing_by_parameter_and_by_type(server: Server) -> None:
    url = _serve(server, "download", tar_of(FILES))
    assert text_of(fetch(f"{url}?archive=tar.gz&v=1")) == "# main\n"
    assert server.asked[-1].path == "/download?v=1"
    server.replies["/download"] = server.replies["/download"]._replace(headers={"Content-Type": "application/gzip"})
    assert text_of(fetch(url)) == "# main\n"
    server.replies["/download"] = Reply(body=b"<html>", headers={"Content-Type": "text/html"})
    assert "unknown archive type" in fetch(url).failure


def test_checksum(server: Server) -> None:
    body = zip_of(FILES)
    url = _serve(server, "m.zip", body)
    for kind in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(kind, body).hexdigest()
        assert text_of(fetch(f"{url}?checksum={kind}:{digest}")) == "# main\n"
        assert text_of(fetch(f"{url}?checksum={digest}")) == "# main\n"
    assert "its checksum is not the one in its source" in fetch(f"{url}?checksum=sha256:{'0' * 64}").failure
    assert "unknown checksum type" in fetch(f"{url}?checksum=file:{url}.sums").failure


def test_what_lies_at_a_url_may_change(server: Server) -> None:
    url = _serve(server, "m.zip", zip_of({"main.tf": "# one\n"}))
    before = fetch(url)
    _serve(server, "m.zip", zip_of({"main.tf": "# two\n"}))
    after = fetch(url)
    assert (text_of(before), text_of(after)) == ("# one\n", "# two\n")


@pytest.mark.parametrize("name", ["../out.tf", "a/../../out.tf", "/tmp/out.tf", "a/b/../../../out.tf", "..", "x\0y"])
def test_names_that_lead_out(server: Server, environment: Path, name: str) -> None:
    leading = _serve(server, "m.tgz", _tar((_entry("main.tf"), b"#"), (_entry(name.replace("\0", "/../../")), b"#")))
    assert "leads out of it" in fetch(leading).failure
    if "\0" not in name:
        assert "leads out of it" in fetch(_serve(server, "m.zip", zip_of({"main.tf": "#", name: "#"}))).failure
    assert not list(environment.parent.rglob("out.tf"))


def test_a_file_is_not_written_through_a_link(server: Server, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    body = _tar((_entry("d", tarfile.SYMTYPE, str(victim)), b""), (_entry("d/out.tf"), b"#"))
    assert fetch(_serve(server, "m.tgz", body)).failure
    assert not list(victim.iterdir())


def test_links_stay_inside(server: Server) -> None:
    body = _tar(
        (_entry("common.tf"), b"# common\n"),
        (_entry("net/in.tf", tarfile.SYMTYPE, "../common.tf"), b""),
        (_entry("net/out.tf", tarfile.SYMTYPE, "../../../../../../../../../etc/hostname"), b""),
        (_entry("net/abs.tf", tarfile.SYMTYPE, "/etc/hostname"), b""),
    )
    download = fetch(_serve(server, "m.tgz", body) + "//net")
    assert text_of(download, "in.tf") == "# common\n"
    for name in ("out.tf", "abs.tf"):
        assert os.readlink(os.path.join(download.directory, name)) == tree_module.NOWHERE


def test_links_of_a_zip(server: Server) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("common.tf", "# common\n")
        for name, target in (("in.tf", "common.tf"), ("out.tf", "/etc/hostname")):
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
    download = fetch(_serve(server, "m.zip", buffer.getvalue()))
    assert text_of(download, "in.tf") == "# common\n"
    assert os.readlink(os.path.join(download.directory, "out.tf")) == tree_module.NOWHERE


@pytest.mark.parametrize("type", [tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_other_kinds_of_files(server: Server, type: bytes) -> None:
    body = _tar((_entry("main.tf"), b"#"), (_entry("x", type, "main.tf"), b""))
    assert "neither a file nor a symbolic link" in fetch(_serve(server, "m.tgz", body)).failure


def test_the_same_name_twice(server: Server) -> None:
    assert "twice" in fetch(_serve(server, "a.tgz", _tar((_entry("a.tf"), b"#"), (_entry("./a.tf"), b"#")))).failure
    assert "twice" in fetch(_serve(server, "b.tgz", _tar((_entry("a"), b"#"), (_entry("a/b.tf"), b"#")))).failure


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test can reach."""
    for module in (archive_module, tree_module):
        monkeypatch.setattr(module, "MAX_BYTES", 3_000_000)
        monkeypatch.setattr(module, "MAX_FILES", 20)
    monkeypatch.setattr(archive_module, "MAX_TAR", 3_100_000)


@pytest.mark.usefixtures("small")
def test_bombs(server: Server) -> None:
    for packing in ("gz", "bz2", "xz"):
        body = tar_of({"main.tf": " " * 4_000_000}, packing)
        assert len(body) < 10_000
        assert "holds more than 2 MiB" in fetch(_serve(server, f"m.tar.{packing}", body)).failure
    assert "holds more than 2 MiB" in fetch(_serve(server, "m.zip", zip_of({"main.tf": " " * 4_000_000}))).failure
    many = {f"{number}.tf": "" for number in range(30)}
    assert "holds more than 20 files" in fetch(_serve(server, "m.tgz", tar_of(many))).failure
    assert "holds more than 20 files" in fetch(_serve(server, "m.zip", zip_of(many))).failure


@pytest.mark.usefixtures("small")
def test_a_zip_that_lies_about_sizes(server: Server) -> None:
    body = bytearray(zip_of({"main.tf": " " * 4_000_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = body.index(mark) + offset
        body[at : at + 4] = struct.pack("<I", 10)
    assert fetch(_serve(server, "m.zip", bytes(body))).failure


def test_a_header_that_would_fill_the_memory(server: Server) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 40_000_000
    body = gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 40_000_000)
    assert "header that is too long" in fetch(_serve(server, "m.tgz", body)).failure


def test_an_xz_file_that_asks_for_much_memory(server: Server) -> None:
    body = bytearray(lzma.compress(tar_of(FILES, ""), filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}]))
    # The size of the dictionary is a byte of the block header, which ends in a checksum of its own.
    start = 12
    length = (body[start] + 1) * 4
    at = body.index(b"\x21\x01", start) + 2
    body[at] = 39
    body[start + length - 4 : start + length] = struct.pack("<I", zlib.crc32(bytes(body[start : start + length - 4])))
    assert "cannot be read" in fetch(_serve(server, "m.tar.xz", bytes(body))).failure


@pytest.mark.parametrize("name", ["m.tgz", "m.zip", "m.tar.xz", "m.tar.bz2", "m.tar"])
@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\xff" * 18, b"\x1f\x8b\x08" + b"\0" * 20])
def test_broken(server: Server, name: str, content: bytes) -> None:
    assert fetch(_serve(server, name, content)).failure


@pytest.mark.parametrize("name", ["m.tar.gz", "m.zip", "m.tar.xz"])
def test_cut_off(server: Server, name: str) -> None:
    files = {f"{number}.tf": os.urandom(500).hex() for number in range(5)}
    body = zip_of(files) if name == "m.zip" else tar_of(files, name.rpartition(".")[2])
    assert fetch(_serve(server, name, body[: len(body) // 2])).failure


def test_cut_off_on_the_way(server: Server) -> None:
    body = tar_of(FILES)
    url = _serve(server, "m.tgz", body)
    server.replies["/m.tgz"] = Reply(body=body[:-20], headers={"Content-Length": str(len(body))})
    assert fetch(url).failure


def test_an_encrypted_zip(server: Server) -> None:
    body = bytearray(zip_of({"main.tf": "#"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + offset] |= 1
    assert "encrypted" in fetch(_serve(server, "m.zip", bytes(body))).failure


def test_a_download_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpce_checks.terraform.sources.download.fetch.MAX_ARCHIVE", 1024)
    assert "it is larger than" in fetch(_serve(server, "m.tar", tar_of(FILES, ""))).failure


def test_nothing_is_left_behind(server: Server, environment: Path) -> None:
    fetch(_serve(server, "m.zip", zip_of({"main.tf": "#", "../x": "#"})))
    assert not list((environment / "packages").iterdir()) and not list((environment / "work").iterdir())

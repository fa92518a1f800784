"""Unpacking tar and zip archives of strangers: nothing lands outside, and nothing grows without bound."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from vpce_checks.terraform.sources.download.errors import DownloadError
from vpce_checks.terraform.sources.download.tree import MAX_BYTES, MAX_FILES, Tree

if TYPE_CHECKING:
    from bz2 import BZ2File
    from gzip import GzipFile
    from zipfile import ZipFile, ZipInfo

PIECE = 1024 * 1024
MAX_LINK = 4096
MAX_XZ_MEMORY = 128 * 1024 * 1024
MAX_TAR = MAX_BYTES + MAX_FILES * 2048
"""Bytes of a tar file once it is unpacked: what its files may hold, and their headers."""


def unpack(file: IO[bytes], packing: str, tree: Tree) -> None:
    """Unpack the archive in ``file`` (packed as in ``sources.ARCHIVES``). Raises DownloadError."""
    try:
        if packing == "zip":
            _unpack_zip(file, tree)
        else:
            _unpack_tar(file, packing, tree)
    except DownloadError:
        raise
    except Exception as error:  # whatever the readers of the standard library make of a broken archive
        raise DownloadError(f"the archive cannot be read: {type(error).__name__}: {error}") from error
    tree.close()


# --- tar -----------------------------------------------------------------------------------------------------------


def _unpack_tar(file: IO[bytes], packing: str, tree: Tree) -> None:
    with tempfile.TemporaryFile() as plain:
        size = 0
        for piece in _decompressed(file, packing):
            size += len(piece)
            if size > MAX_TAR:
                raise DownloadError(f"it holds more than {MAX_BYTES // 1024**2} MiB")
            plain.write(piece)
        plain.seek(0)
        _read_tar(plain, tree)


def _decompressed(file: IO[bytes], packing: str) -> Iterator[bytes]:
    if packing == "xz":
        return _decompressed_xz(file)
    if packing == "gz":
        import gzip

        return _chunks(gzip.GzipFile(fileobj=file, mode="rb"))
    if packing == "bz2":
        import bz2

        return _chunks(bz2.BZ2File(file))
    return _chunks(file)


def _decompressed_xz(file: IO[bytes]) -> Iterator[bytes]:
    import lzma

    # The header says how much memory it takes, up to gigabytes.
    decompressor = lzma.LZMADecompressor(memlimit=MAX_XZ_MEMORY)
    while not decompressor.eof:
        data = file.read(PIECE) if decompressor.needs_input else b""
        if not data and decompressor.needs_input:
            raise DownloadError("the archive ends too early")
        yield decompressor.decompress(data, PIECE)


def _chunks(content: IO[bytes] | GzipFile | BZ2File) -> Iterator[bytes]:
    while piece := content.read(PIECE // 2):
        yield piece


class _Sipping:
    """A file of which little is read at a time: headers of any length need not be held in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= PIECE:
            raise DownloadError("the archive has a header that is too long")
        return self._file.read(size)


def _read_tar(plain: IO[bytes], tree: Tree) -> None:
    import tarfile

    with tarfile.open(fileobj=_Sipping(plain), mode="r:") as archive:  # type: ignore[call-overload]
        for entries, member in enumerate(archive):
            if entries > MAX_FILES:
                raise DownloadError(f"it holds more than {MAX_FILES:,} files")
            if member.isdir():
                continue
            if member.issym():
                tree.add_link(member.name, member.linkname)
            elif member.isreg() and not member.issparse():
                content = archive.extractfile(member)
                assert content is not None
                tree.add_file(member.name, _chunks(content))
            elif not member.isreg():
                raise DownloadError("it holds something that is neither a file nor a symbolic link")
            else:
                raise DownloadError("it holds a file with holes in it")


# --- zip -----------------------------------------------------------------------------------------------------------


def _unpack_zip(file: IO[bytes], tree: Tree) -> None:
    import zipfile

    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            mode = member.external_attr >> 16
            if member.is_dir():
                continue
            if stat.S_ISLNK(mode):
                target = next(_pieces(archive, member), b"")
                tree.add_link(member.filename, target[:MAX_LINK].decode("utf-8"))
            elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise DownloadError("it holds something that is neither a file nor a symbolic link")
            else:
                tree.add_file(member.filename, _pieces(archive, member))


def _pieces(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    if member.flag_bits & 1:
        raise DownloadError("the archive is encrypted")
    with archive.open(member) as content:
        yield from _chunks(content)


def _check_directory(file: IO[bytes]) -> None:
    """The directory of a zip file is read whole, so it has to be small."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at >= 0:
        length = int.from_bytes(end[at + 12 : at + 16], "little")
        if length > MAX_FILES * 300 or end[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
            raise DownloadError(f"it holds more than {MAX_FILES:,} files")
    file.seek(0)

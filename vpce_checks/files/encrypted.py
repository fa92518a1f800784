"""Tell encrypted files by how they begin: whoever scans a repository without its keys cannot read these."""

from __future__ import annotations

HEADS = {
    b"\0GITCRYPT\0": "git-crypt",
    b"$ANSIBLE_VAULT;": "ansible-vault",
    b"age-encryption.org/": "age",
    b"-----BEGIN AGE ENCRYPTED FILE-----": "age",
    b"-----BEGIN PGP MESSAGE-----": "PGP",
    b"# STRONGBOX ENCRYPTED RESOURCE": "strongbox",
    b"Salted__": "openssl",
    b"U2FsdGVkX1": "transcrypt",
}
"""The tool that encrypts a file, by the first bytes of that file."""


class EncryptedError(OSError):
    """The file is encrypted."""


def encrypted_with(data: bytes) -> str | None:
    """Return the tool that encrypted ``data``, the content of a file; None if it is not encrypted."""
    tool = next((tool for head, tool in HEADS.items() if data.startswith(head)), None)
    if tool is None and b"ENC[AES256_GCM," in data and b"sops" in data:  # https://getsops.io/docs/
        return "sops"
    return tool


def refuse_encrypted(data: bytes) -> None:
    """Raise EncryptedError if ``data``, the content of a file, is encrypted."""
    tool = encrypted_with(data)
    if tool is not None:
        raise EncryptedError(f"it is encrypted; decrypt it with {tool} first")

"""A file that the configuration names: a certificate, a key, the password; what it holds, or in words why not."""

from pathlib import Path

from device.settings.document import LARGEST_FILE, beginning_of
from device.settings.keys import WrongError


def content_of(file: Path | None, *, private: bool) -> bytes:
    """Read a small file; a private one may not be open to everybody. Raises WrongError."""
    if file is None:
        return b""
    try:
        content, mode = beginning_of(file)
    except FileNotFoundError:
        raise WrongError("is not there", "write its whole path, or one from this file's folder") from None
    except PermissionError:
        remedy = "call this with sudo; the service's user is to own it"
        raise WrongError("may not be read by this user", remedy) from None
    except OSError as error:
        raise WrongError(f"cannot be read ({error.strerror})", "name a file") from None
    if private and mode & 0o007:
        raise WrongError("is open to every user of this machine", "chmod 600 it")
    if not content or len(content) > LARGEST_FILE:
        raise WrongError("is empty" if not content else "is larger than 1 MiB", "name the right file")
    return content


def secret_in(file: Path, *, private: bool) -> str:
    """The one line in a file, a password. Raises WrongError, which never shows it."""
    content = content_of(file, private=private)
    try:
        secret = content.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise WrongError("is not UTF-8", "write the password alone into it") from None
    if not secret.strip() or len(secret.encode()) > 65535 or any(c in secret for c in "\r\n\0"):
        raise WrongError("is not one line with a password", "write the password alone into it")
    return secret

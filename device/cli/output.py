"""A new file that a command was asked to write: its owner's alone, whole or not there."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click


@contextlib.contextmanager
def output_file(path: Path, record: Path) -> Iterator[TextIO]:
    """A file that was not there before, its owner's alone; nothing is left of it where it could not be finished."""
    from device.store.copies import refuse_beside
    from device.store.file import StoreError, real

    try:
        refuse_beside(real(record), path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except StoreError as error:
        raise click.UsageError(str(error)) from None
    except FileExistsError:
        raise click.UsageError(f"{path} is there already; name a file that is new") from None
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}; name a file in a folder that you may write") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


@contextlib.contextmanager
def filling(file: TextIO, path: Path) -> Iterator[None]:
    """Say of a write that finds no room what to do."""
    try:
        yield
        file.flush()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}; name a file on a disk that has room") from error

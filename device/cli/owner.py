"""Root becomes the owner of the record's folder, for good, before anything in it is touched.

Whoever owns that folder may lay a link in it: followed by root, it would lead to anybody's file.
"""

import contextlib
import grp
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import click

DEVICE_GROUPS = ("gpio", "i2c", "spi", "dialout")
"""What the service has by its unit: pins, buses and ports are not root's alone to open."""

LINKS = 40
"""How many links the kernel follows, at most."""


def become_owner(file: Path) -> None:
    """Be from now on whoever owns the folder of `file`, where this is root; what only root may read is read before.

    A folder that root itself owns leaves root what it is, unless the way there leads over somebody's link, who could
    lead it elsewhere. Raises ClickException where the system does not let root become somebody.
    """
    if os.geteuid() != 0:
        return
    found = owner(file)
    if found is None:
        return
    user, group = found
    groups = [group]
    with contextlib.suppress(KeyError):
        known = pwd.getpwuid(user)
        group, groups = known.pw_gid, os.getgrouplist(known.pw_name, known.pw_gid)
    for name in DEVICE_GROUPS:
        with contextlib.suppress(KeyError):
            groups.append(grp.getgrnam(name).gr_gid)
    try:
        os.setgroups(groups)
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
    except OSError as error:
        raise click.ClickException(
            f"{file}: its folder belongs to user {user}, and root may not become that user here ({error.strerror}); "
            "call this as that user"
        ) from error
    for part in (os.__file__, click.__file__, __file__):
        if not os.access(part, os.R_OK):
            raise click.ClickException(
                f"{part}: may not be read by user {user}, to whom the record's folder belongs; "
                "install the program where everybody may read it"
            )


def owner(file: Path) -> tuple[int, int] | None:
    """Who is to be become: (user, group); None where that is root, or where there is no such folder."""
    try:
        folders = (file.parent, Path(os.path.realpath(file)).parent)
        there = [*(folder.stat() for folder in folders), *(link.lstat() for link in links(file))]
    except OSError:
        return None
    return next(((status.st_uid, status.st_gid) for status in there if status.st_uid != 0), None)


def links(file: Path) -> Iterator[Path]:
    """Every link on the way to the file, also where one leads to the next."""
    for step in (file, *file.parents):
        for _ in range(LINKS):
            if not step.is_symlink():
                break
            yield step
            step = step.parent / step.readlink()  # noqa: PLW2901 - the next one of this chain

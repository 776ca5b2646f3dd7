"""`doctor`: what was looked at, how it is, and the one thing to do where something is wrong."""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
import msgspec

from .configured import configured, secret, with_config, with_json
from .owner import become_owner
from .saying import in_one_line, print_json, say

if TYPE_CHECKING:
    from device.doctor.case import Case
    from device.doctor.finding import Finding

SHOWN = {"ok": "ok", "bad": "BAD", "unknown": "?", "not_here": "-"}


@click.command("doctor")
@with_config
@click.option("--bundle", "bundle", type=click.Path(path_type=Path), help="Write all that helps, without names, there.")
@with_json
def doctor_command(config_file: Path | None, bundle: Path | None, *, as_json: bool) -> int:
    """Look at everything live, also beside a running daemon, and say what to do.

    A bundle is one new file for whoever helps from afar: versions, settings, what was found, the journal's and the
    kernel's last lines, all without names, addresses, secrets and the record.

    Exit status 0: nothing is bad; 1: something is; 2: the configuration is wrong, or it was asked wrongly.
    """
    config = configured(config_file, watching=True)
    password = secret(config)
    from device.doctor.case import Case
    from device.doctor.surroundings import Surroundings

    logging.getLogger("drivers").addHandler(logging.NullHandler())  # what they would say is said as a finding
    seen = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    case = Case(config, password, Surroundings(), click.confirm if seen else None)
    _ = case.journal, case.kernel, case.service, case.daemons, case.port_holders  # only root may see all of them
    with contextlib.ExitStack() as at_last:
        file = None if bundle is None else at_last.enter_context(bundle_file(bundle, config.store.path))
        become_owner(config.store.path)
        findings = examined(case, as_json=as_json)
        if file is not None:
            from device.doctor.bundle import bundled

            json.dump(bundled(case, findings), file, ensure_ascii=False, indent=2)
            file.write("\n")
    if bundle is not None and not as_json:
        say(f"{bundle}: for whoever helps; it holds no names, but read it before you give it to anybody")
    return int(any(finding.state == "bad" for finding in findings))


def examined(case: "Case", *, as_json: bool) -> "list[Finding]":
    """Say each finding as soon as it is there; as JSON all of them at once."""
    from device.doctor.examination import examine

    findings = []
    for finding in examine(case):
        findings.append(finding)
        if not as_json:
            say(in_one_line(f"{SHOWN[finding.state]:<4}{finding.name}: {finding.detail}"))
            if finding.remedy:
                say(in_one_line(f"      → {finding.remedy}"))
    if as_json:
        print_json({"checks": [msgspec.to_builtins(finding) for finding in findings]})
    return findings


@contextlib.contextmanager
def bundle_file(path: Path, record: Path) -> Iterator[TextIO]:
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
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        try:
            yield file
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise

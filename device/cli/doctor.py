"""`doctor`: what was looked at, how it is, and the one thing to do where something is wrong."""

import contextlib
import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from .configured import loaded, secret, with_config, with_json
from .output import filling, output_file
from .owner import become_owner
from .saying import in_one_line, print_json, say, somebody_answers

if TYPE_CHECKING:
    from device.doctor.case import Case
    from device.doctor.examination import Look
    from device.doctor.finding import Finding

SHOWN = {"ok": "ok", "bad": "BAD", "unknown": "?", "not_here": "-"}


@click.command("doctor")
@with_config
@click.option("--bundle", type=click.Path(path_type=Path), help="Write all that helps, without names, there.")
@click.option(
    "--with-recording",
    "recording_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Put what `run --record` wrote into the bundle too: it holds the record, which is health data.",
)
@with_json
def doctor_command(config_file: Path | None, bundle: Path | None, recording_file: Path | None, *, as_json: bool) -> int:
    """Look at everything live, also beside a running daemon, and say what to do.

    A bundle is one new file for whoever helps from afar: versions, settings, what was found, the journal's and the
    kernel's last lines, all without names, addresses, secrets and the record. A recording is in it only where it is
    named by --with-recording; then the bundle holds the whole record, notes and all.

    Exit status 0: nothing is bad; 1: something is; 2: the configuration is wrong, or it was asked wrongly.
    """
    from device.doctor.case import Case
    from device.doctor.examination import LOOKS, WITHOUT_CONFIGURATION
    from device.doctor.surroundings import Surroundings
    from device.settings.loading import DEFAULT_PATH, defaults

    if recording_file is not None and bundle is None:
        raise click.UsageError("--with-recording goes into a bundle; name it by --bundle FILE")
    config, faults = loaded(config_file, watching=True)
    serious = [fault for fault in faults if not fault.warning]
    for fault in serious:
        say(str(fault), err=True)
    if config is None and bundle is None:
        return 2
    recording = None if recording_file is None else recorded_text(recording_file)
    logging.getLogger("drivers").addHandler(logging.NullHandler())  # what they would say is said as a finding
    seen = not as_json and somebody_answers() and sys.stdout.isatty()
    known = config or defaults((config_file or DEFAULT_PATH).absolute())
    case = Case(known, secret(known) if config else None, Surroundings(), click.confirm if seen else None)
    _ = case.journal, case.kernel, case.service, case.daemons, case.port_holders  # only root may see all of them
    with contextlib.ExitStack() as at_last:
        file = None if bundle is None else at_last.enter_context(output_file(bundle, known.store.path))
        become_owner(known.store.path)
        findings = examined(case, LOOKS if config else WITHOUT_CONFIGURATION, as_json=as_json)
        if file is not None and bundle is not None:
            from device.doctor.bundle import bundled

            told = bundled(case, findings, faults=() if config else serious, recording=recording)
            with filling(file, bundle):
                json.dump(told, file, ensure_ascii=False, indent=2)
                file.write("\n")
    if bundle is not None and not as_json:
        holds = "it holds no names, but read it" if recording is None else "it HOLDS THE RECORD, health data: think"
        say(f"{bundle}: for whoever helps; {holds} before you give it to anybody")
    return 2 if config is None else int(any(finding.state == "bad" for finding in findings))


def recorded_text(path: Path) -> str:
    """What a recording says. Raises UsageError for a file that is none, or can't be read."""
    from device.wire.recording import LARGEST, RecordingError, read_lines

    from .replay import open_recording

    with open_recording(path) as file:
        try:
            next(read_lines(file))
        except RecordingError as error:
            raise click.UsageError(f"{path}: {error}; name a file that `run --record` wrote") from None
        file.seek(0)
        return file.read(LARGEST).decode("utf-8", "replace")


def examined(case: "Case", looks: "dict[str, Look]", *, as_json: bool) -> "list[Finding]":
    """Say each finding as soon as it is there; as JSON all of them at once."""
    from device.doctor.examination import examine

    findings = []
    for finding in examine(case, looks):
        findings.append(finding)
        if not as_json:
            say(in_one_line(f"{SHOWN[finding.state]:<4}{finding.name}: {finding.detail}"))
            if finding.remedy:
                say(in_one_line(f"      → {finding.remedy}"))
    if as_json:
        print_json({"checks": [msgspec.to_builtins(finding) for finding in findings]})
    return findings

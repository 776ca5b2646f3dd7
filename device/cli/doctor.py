"""`doctor`: what was looked at, how it is, and the one thing to do where something is wrong."""

import sys
from pathlib import Path

import click
import msgspec

from .configured import configured, secret, with_config, with_json
from .owner import become_owner
from .saying import in_one_line, print_json, say

SHOWN = {"ok": "ok", "bad": "BAD", "unknown": "?", "not_here": "-"}


@click.command("doctor")
@with_config
@with_json
def doctor_command(config_file: Path | None, *, as_json: bool) -> int:
    """Look at everything live, also beside a running daemon, and say what to do.

    Exit status 0: nothing is bad; 1: something is; 2: the configuration is wrong, or it was asked wrongly.
    """
    config = configured(config_file, watching=True)
    password = secret(config)
    from device.doctor.case import Case
    from device.doctor.examination import examine
    from device.doctor.surroundings import Surroundings

    seen = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    case = Case(config, password, Surroundings(), asked if seen else None)
    _ = case.journal, case.service, case.daemons  # only root may see all of them
    become_owner(config.store.path)
    findings = []
    for finding in examine(case):
        findings.append(finding)
        if not as_json:
            say(in_one_line(f"{SHOWN[finding.state]:<4}{finding.name}: {finding.detail}"))
            if finding.remedy:
                say(in_one_line(f"      → {finding.remedy}"))
    if as_json:
        print_json({"checks": [msgspec.to_builtins(finding) for finding in findings]})
    return int(any(finding.state == "bad" for finding in findings))


def asked(question: str) -> bool:
    return click.confirm(question)

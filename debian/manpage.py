"""The man page, from the command line's own help: `manpage.py VERSION SECONDS >pump-companion.1`.

So that a new option is in `--help` and here, or in neither.
"""

import sys
import time

import click

from device.cli import cli

FILES = (
    ("/etc/pump-companion/config.toml", "The configuration. An example that names every key is among the examples."),
    ("/usr/share/doc/pump-companion/examples/", "The example, the schemas, examples for the broker and for the unit."),
    ("/var/lib/pump-companion/pump.db", "The record."),
    ("/etc/credstore/password_file", "The broker's password, where the service gets it as a credential."),
)
STATUS = (("0", "Done."), ("1", "It could not be done."), ("2", "Asked or configured wrongly."))


def roff(text: str) -> str:
    """Escape a text; a line that begins with a point or a quote would be a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in {".", "'"} else line for line in escaped.split("\n"))


def paragraphs(text: str) -> list[str]:
    blocks = [" ".join(block.split()) for block in text.replace("\b", "").split("\n\n")]
    lines = [part for block in blocks if block for part in (".PP", roff(block))]
    return lines[1:]


def options(command: click.Command, context: click.Context) -> list[str]:
    """A command's options; the help of a command of ours would only say again that it is there."""
    lines: list[str] = []
    for parameter in command.get_params(context):
        said = parameter.get_help_record(context)
        if said is not None and (context.parent is None or parameter.name != "help"):
            lines += [".TP", f"\\fB{roff(said[0])}\\fR", roff(" ".join(said[1].split())) or "\\&"]
    return lines


def page(version: str, at: int) -> str:
    """The whole page as roff; `at` (seconds since 1970) is its date."""
    day = time.strftime("%Y-%m-%d", time.gmtime(at))
    top = click.Context(cli, info_name="pump-companion", **cli.context_settings)
    lines = [
        f'.TH PUMP\\-COMPANION 1 "{day}" "pump\\-companion {version}" "User Commands"',
        ".SH NAME",
        "pump\\-companion \\- ask why you are pumping, and tell the home's dashboards",
        ".SH SYNOPSIS",
        "\\fBpump\\-companion\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]",
        ".SH DESCRIPTION",
        *paragraphs(cli.help or ""),
        ".SH OPTIONS",
        *options(cli, top),
        ".SH COMMANDS",
    ]
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        if command is None:
            raise LookupError(name)
        context = click.Context(command, info_name=name, parent=top)
        usage = " ".join(command.collect_usage_pieces(context))
        lines += [f'.SS "{name} {roff(usage)}"', *paragraphs(command.help or ""), *options(command, context)]
    for heading, rows in (("FILES", FILES), ("EXIT STATUS", STATUS)):
        lines.append(f".SH {heading}")
        for name, meaning in rows:
            lines += [".TP", f"\\fB{roff(name)}\\fR", roff(meaning)]
    return "\n".join([*lines, ".SH SEE ALSO", ".BR systemctl (1),", ".BR mosquitto (8)", ""])


if __name__ == "__main__":
    print(page(sys.argv[1], int(sys.argv[2])), end="")

"""The command line: a file a command, imported only when it is asked for."""

import contextlib
import errno
import importlib
import os
import sys
from collections.abc import Sequence

import click

from device import OneLineError

from .saying import in_one_line, say

COMMANDS = {
    "run": "The daemon.",
    "demo": "The whole thing on any computer: broker, pump, buttons, screen and page.",
    "learn": "Watch the pump's signal, say what it is, and propose the settings.",
    "setup": "Ask what is wired and where the broker is, and write the configuration.",
    "check": "Check the configuration: one line a fault.",
    "doctor": "Look at every wire, link and file, and say what to do.",
    "sessions": "A table of the record.",
    "report": "Two pages to print for a consultant, as one HTML file.",
    "suggest": "What the guidance says now.",
    "export": "Write the record to stdout.",
    "import": "Take records from a file.",
    "announce": "Tell Home Assistant of this device.",
    "unannounce": "Take this device out of Home Assistant, until announce.",
    "page": "Serve our own dashboard.",
    "backup": "Copy the whole record to a file, also while the daemon runs.",
    "restore": "Put a copy in the record's place.",
    "forget": "Remove the whole record, here and at the broker.",
    "clock": "Tell the device this machine's time, where its own clock is not set.",
    "simulate": "Days of a made-up household with faults, from one seed.",
    "replay": "Run what `run --record` wrote down through the core again.",
    "version": "Which version this is.",
}
"""Name → what `--help` says, so that help imports nothing."""
UNTIL_CTRL_C = {"run", "demo", "page"}
"""Commands that Ctrl-C ends as it should."""
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE, errno.EBADF, None}
"""What a write to stdout may fail with; None where nothing may be written there at all."""
FILES = {"import": "import_", "export": "export", "announce": "announce", "unannounce": "announce"}


class Lazy(click.Group):
    """A group whose commands are found by name."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f".{FILES.get(name, name)}", __name__)
        command: click.Command = getattr(module, f"{name}_command")
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Lazy, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Asks why you are pumping, keeps the answer, and tells your home dashboard.

    It is no medical device. Each command has its own --help.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; errors are one line on stderr. Exit status: 0, 1 (could not be done), 2 (asked wrongly)."""
    words = sys.argv[1:] if arguments is None else arguments
    if sys.stdout is None:  # it was closed; a command that says nothing does without
        sys.stdout = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - may be read only: writing is an error
    if sys.stdin is None:  # nobody is there to be asked, and nothing to be read
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process
    try:
        status = cli.main(words, prog_name="pump-companion", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        named = " ".join(word for word in words[:1] if word in COMMANDS)  # click's parser forgets whose option it was
        path = error.ctx.command_path if error.ctx else f"pump-companion {named}".rstrip()
        fail(f"{path}: {error.format_message().removesuffix('.')}. See {path} --help.", 2)
    except OneLineError as error:
        fail(str(error), error.status)
    except click.ClickException as error:
        fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        if words[0] in UNTIL_CTRL_C and not isinstance(error.__context__, EOFError):
            sys.exit(0)
        fail(f"pump-companion {words[0]}: it was stopped; call it again to have it done", 1)
    except KeyError as error:
        if type(error).__name__ != "ZoneInfoNotFoundError":
            raise
        fail("the system has no database of timezones; install the package tzdata", 1)
    except OSError as error:
        if error.filename is None and error.errno == errno.ENOENT:  # os.getcwd's; every other names what is not there
            fail(f"pump-companion {words[0]}: the folder in which it was called is gone; cd to one that is there", 1)
        if error.filename is not None or error.errno not in UNWRITABLE:
            raise
        let_go_of_stdout()
        fail(f"stdout: {error.strerror or error}; let it go where there is room, and somebody who reads it", 1)
    sys.exit(status if isinstance(status, int) else 0)


def let_go_of_stdout() -> None:
    """What could not be written there is not tried again at the end, which would be a second error."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(text: str, status: int) -> None:
    say(in_one_line(" ".join(text.split())), err=True)
    sys.exit(status)

"""A person at a terminal who talks with a process: a real pty, an answer to each thing that is said, as it comes."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
WAIT_S = 60
UNSPOKEN = {"LC_ALL": "C.UTF-8"}
"""The system's language, whatever it is on the machine that runs the tests."""
KEYS = {"\x03", "\x04"}
"""Ctrl-C and Ctrl-D, which act without Enter."""
ENDS = ("it was stopped", "The rest is left out")
AGAIN_S, OFTEN = 1.0, 20
"""A last Ctrl-C is pressed again where nothing follows: Python's `input` hears none in the moment before it waits."""
Reply = str | Callable[[], object] | None
"""What is typed, what is done instead, or nothing."""


def talk_to(
    words: Sequence[str], *talk: tuple[str, Reply], environment: Mapping[str, str] | None = None, columns: int = 80
) -> tuple[int, str]:
    """Run `python -m` these words until its end; the status and all that was on the screen."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    screen, seen, waiting, leave, pressed = "", 0, list(talk), talk[-1][1] in KEYS, 0
    here = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with subprocess.Popen(
        ["/usr/bin/setsid", "--ctty", sys.executable, "-m", *words], stdin=slave, stdout=slave, stderr=slave, cwd=ROOT,
        env=here | UNSPOKEN | dict(environment or {}),
    ) as process:  # fmt: skip
        os.close(slave)
        try:
            while True:
                leaving = leave and not waiting and pressed < OFTEN and not any(map(screen.__contains__, ENDS))
                if not select.select([master], [], [], AGAIN_S if leaving else WAIT_S)[0]:
                    if not leaving:
                        break
                    pressed += os.write(master, str(talk[-1][1]).encode())
                    continue
                screen += os.read(master, 4096).decode(errors="replace")
                while waiting and (at := screen.find(waiting[0][0], seen)) >= 0:
                    seen = at + len(waiting[0][0])
                    reply = waiting.pop(0)[1]
                    if isinstance(reply, str):
                        os.write(master, (reply if reply in KEYS else f"{reply}\n").encode())
                    elif reply is not None:
                        reply()
            process.kill()  # it waits for an answer that nobody expected
        except OSError:  # its end is gone
            process.wait(WAIT_S)
    os.close(master)
    assert not waiting, f"never said: {waiting[0][0]}; {screen}"
    return process.returncode, screen

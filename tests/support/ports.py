"""Ports for servers that the tests start, stop, and start again at the same place."""

import os
import socket
from itertools import count

FIRST, BLOCKS, BLOCK = 12_000, 100, 200
"""Below 32,768, where Linux begins to give ports to connections: nobody gets one of these while its server is down."""
MINE = FIRST + os.getpid() * 37 % BLOCKS * BLOCK
"""Each process has a block of its own, whatever runs beside it."""

_given = count()


def free_port() -> int:
    """A port of this host that nobody listens on, and that this process gave to nobody for long."""
    while True:
        port = MINE + next(_given) % BLOCK
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port

"""The pump's serial line, as the settings and the driver both know it: how long its lines are, which ports are pins."""

LONGEST_LINE = 128
"""Bytes of a line, its ending not counted; a longer one is dropped to its end."""
HEADER_PORTS = ("/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0")
"""Ports that are (or on most boards may be) GPIO14 and GPIO15 on the header."""

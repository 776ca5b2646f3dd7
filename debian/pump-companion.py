#!/usr/bin/python3 -I
"""The command line, from the package's private folder."""

import sys

sys.path.insert(0, "/usr/share/pump-companion")

from device.cli import main

main()

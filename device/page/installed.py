"""Where the files lie that are no Python: the page, the schemas, the example configuration.

A checkout has them beside the package, pipx beneath its prefix, a Debian package in /usr/share.
"""

import sys
from pathlib import Path

from device import OneLineError

NAME = "pump-companion"
CHECKOUT = Path(__file__).resolve().parents[2]
IN_CHECKOUT = {"web": "dashboards/web", "schemas": "config/schemas", "config": "config"}
"""What it is called where it is installed → where it lies in the checkout."""
MARKS = {"web": "index.html", "schemas": "config.schema.json", "config": "pump-companion.toml"}
"""A file by which a place is known to be the right one."""


class NowhereError(OneLineError):
    """Files that should have come with the program are nowhere; it says where they were looked for."""


def installed_folder(what: str) -> Path:
    """Find the folder of `web`, `schemas` or `config` (its example). Raises NowhereError."""
    tried = [
        CHECKOUT / IN_CHECKOUT[what],
        *(Path(prefix) / "share" / NAME / what for prefix in (sys.prefix, "/usr")),
    ]
    for folder in tried:
        if (folder / MARKS[what]).is_file():
            return folder
    listed = ", ".join(dict.fromkeys(map(str, tried)))
    raise NowhereError(f"{what}: its files are in none of {listed}; install the program anew")

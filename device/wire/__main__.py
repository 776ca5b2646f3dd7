"""The columns of a record's table as a module of the page: `python -m device.wire dashboards/web/js`."""

import json
import sys
from pathlib import Path

from .csv_rows import COLUMNS, FORMULA, TEXTS, TIMES

MODULE = "columns.js"


def module() -> str:
    """Which columns a table has, and how their cells are written, as `csv_rows` has them."""
    head = "// Made by `python -m device.wire dashboards/web/js` from device/wire/csv_rows.py, the place for changes."
    names = {of: [*columns] for of, columns in COLUMNS.items()}
    tables = {"COLUMNS": names, "TIMES": sorted(TIMES), "TEXTS": sorted(TEXTS), "FORMULA": FORMULA}
    lines = [f"export const {name} = {json.dumps(table, indent=2)};" for name, table in tables.items()]
    return "\n\n".join([head, *lines]) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m device.wire FOLDER")
    (Path(sys.argv[1]) / MODULE).write_text(module(), encoding="utf-8")

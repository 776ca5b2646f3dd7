"""A wrong name or type in a change of state is mypy's fault to find (scripts/mypy_changes.py)."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

HEAD = """
from msgspec.structs import replace
from device.core.dialogue import flow
from device.core.model.record import Cause, Nursing, Record, Session
from device.core.model.view import ScreenName
from device.core.pump.witnesses import Run
from device.core.record import revisions
from device.core.state import State, Turn

def changes(turn: Turn, state: State, run: Run, session: Session, nursing: Nursing, record: Record) -> None:
"""

GOOD = """
turn.set(running=None, next_session=2)
turn.talk(screen=ScreenName.IDLE, about=session.id)
turn.tell_health(broker=True)
flow.go(turn, ScreenName.TIMER, about=session.id)
flow.go_on(turn, ScreenName.REASON)
revisions.revise(turn, session, Cause.VOLUME, volume_ml=85)
revisions.revise_nursing(turn, nursing, Cause.EDITED, effective=False)
replace(state, baseline=8)
replace(run, quiet=None)
replace(record, revision=2)
"""

SLIPS = """
turn.set(runing=None)
turn.set(running=5)
turn.talk(screen=42)
turn.talk(scren=ScreenName.IDLE)
turn.tell_health(broker="up")
flow.go(turn, ScreenName.TIMER, abuot=session.id)
flow.go(turn, ScreenName.TIMER, about=3.5)
flow.go_on(turn, ScreenName.REASON, index=None)
revisions.revise(turn, session, Cause.VOLUME, volume=85)
revisions.revise(turn, session, Cause.VOLUME, volume_ml="85")
revisions.revise_nursing(turn, nursing, Cause.EDITED, purpose=None)
replace(state, bseline=8)
replace(state.dialogue, screen="idle")
replace(run, quiet="now")
replace(record, started_at=5)
"""


def complaints(folder: Path, lines: str) -> dict[int, str]:
    """What mypy says of each of these lines, by its number among them."""
    body = lines.strip().splitlines()
    file = folder / "changes.py"
    file.write_text(HEAD + "".join(f"    {line}\n" for line in body))
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(file)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    first = HEAD.count("\n") + 1
    found = re.findall(r"^\S*changes\.py:(\d+): error: (.*)", said, re.MULTILINE)
    assert found or "Success" in said, said
    return {int(line) - first: what for line, what in found}


def test_a_wrong_name_or_type_in_a_change_of_state_is_found_by_mypy(tmp_path: Path) -> None:
    found = complaints(tmp_path, SLIPS)
    missed = [line for number, line in enumerate(SLIPS.strip().splitlines()) if number not in found]
    assert missed == []


def test_right_changes_of_state_are_right_for_mypy(tmp_path: Path) -> None:
    assert complaints(tmp_path, GOOD) == {}

"""The core under a recorder: whatever drives it, a life becomes a file, and the file's steps are replayed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from device import core
from device.cli.recorder import Recorder
from device.cli.replay import Step, replayed
from device.core.model.effects import Effect
from device.core.model.events import CoreEvent
from device.core.state import Settings, State
from device.wire.recording import Beginning, Seen


@contextmanager
def told(take: Callable[[Seen], object]) -> Iterator[None]:
    """Let `take` have what comes into the core, and what that asks for, as the daemon's `on_step` does."""
    begin, one_step = core.begin, core.step

    def begun(settings: Settings, **given: Any) -> tuple[State, list[Effect]]:
        take(Beginning(settings=settings, **given))
        state, effects = begin(settings, **given)
        take(effects)
        return state, effects

    def stepped(state: State, event: CoreEvent) -> tuple[State, list[Effect]]:
        take(event)
        state, effects = one_step(state, event)
        take(effects)
        return state, effects

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "begin", begun)
        patch.setattr(core, "step", stepped)
        yield


@contextmanager
def recorded(file: Path, **limits: int) -> Iterator[Recorder]:
    """Record to this new file whatever the core does meanwhile, from its `begin` on; at the end it is written."""
    recorder = Recorder(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL), str(file), "pump", **limits)
    try:
        with recorder, told(recorder.take):
            yield recorder
    finally:
        recorder._thread.join(60)


def steps(file: Path) -> list[Step]:
    """The recording's steps, as they come out now."""
    with file.open("rb") as opened:
        return [one for one in replayed(opened) if isinstance(one, Step)]

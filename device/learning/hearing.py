"""What the device would hear of a waveform with given settings: through the detector itself, so that nobody guesses."""

from typing import Literal

import msgspec

from device.core.model.events import MotorEdge, TimeCame
from device.core.pump import detector as d

from .waveform import Level, Waveform


class Reading(msgspec.Struct, frozen=True):
    """How a wire is read: the keys of `[motor]` that decide what is heard, named and measured like them."""

    signal: Literal["level", "pulses"]
    active: Level
    debounce_ms: int
    pulse_gap_s: int = 8


class HeardRun(msgspec.Struct, frozen=True):
    """The pump ran from `began` to `ended` (seconds), at so many strokes a minute on the whole, where it has a pace."""

    began: float
    ended: float
    cpm: int | None


def hear_as(seen: Waveform, reading: Reading) -> tuple[HeardRun, ...]:
    """Each time that the pump would be heard to run; what a session would call a pause parts two of them."""
    rules = d.Rules(
        pause_s=0.0,
        signal=reading.signal,
        debounce_s=reading.debounce_ms / 1000,
        pulse_gap_s=float(reading.pulse_gap_s),
    )
    active = reading.active == "high"
    detector = d.Detector()
    ended: list[HeardRun] = []

    def take(event: MotorEdge | TimeCame) -> None:
        nonlocal detector
        while (wake := d.wake_at(detector, rules)) < event.at:
            turn(TimeCame(wake))
        turn(event)

    def turn(event: MotorEdge | TimeCame) -> None:
        nonlocal detector
        detector, heard = d.hear(detector, event, rules)
        over = (said for said in heard if isinstance(said, d.Ended))
        ended.extend(HeardRun(said.run.began, said.at, d.cycles_per_minute(said.run)) for said in over)

    take(MotorEdge(seen.begins, active=seen.high == active))
    for at, high in seen.edges:
        take(MotorEdge(at, active=high == active))
    take(MotorEdge(seen.ends, active=False))  # what still runs has been seen until here
    take(TimeCame(seen.ends + rules.pulse_gap_s + 1))
    return tuple(ended)

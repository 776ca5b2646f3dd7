"""A detector with its alarm clock, and a script that plays on it.

A script is a line of steps, `SECOND WHAT`: `on`, `off` (edges), `START`, `RUN t=5` (the pump's lines), `start`, `stop`
(by hand), `lost`, `found` (the port), `strokes END EVERY`. Between steps every wake comes when it was asked for.
"""

from typing import Any

from device.core.model.events import LinkChanged, MotorEdge, PumpSaid, TimeCame, Verb
from device.core.model.record import Source
from device.core.pump import detector as d
from device.core.pump.detector import Detector, Rules, Run


class Bench:
    """A detector with its alarm clock; what it tells is kept with the instant at which it was told."""

    def __init__(self, rules: Rules | None = None, detector: Detector | None = None) -> None:
        self.rules = rules or Rules()
        self.detector = detector or Detector()
        self.told: list[tuple[float, d.Heard]] = []

    def take(self, answer: tuple[Detector, tuple[d.Heard, ...]]) -> None:
        self.detector, heard = answer
        self.told += [(self.detector.now, one) for one in heard]

    def wait(self, at: float) -> None:
        while (wake := d.wake_at(self.detector, self.rules)) is not None and wake <= at:
            self.take(d.hear(self.detector, TimeCame(wake), self.rules))

    def hear(self, event: MotorEdge | PumpSaid | LinkChanged | TimeCame) -> None:
        self.wait(event.at)
        self.take(d.hear(self.detector, event, self.rules))

    def step(self, at: float, what: str, *words: str) -> None:
        if what in {"on", "off"}:
            self.hear(MotorEdge(at, what == "on"))
        elif what == "strokes":
            end, every = map(float, words)
            for number in range(int((end - at) / every + 1e-9) + 1):
                self.hear(MotorEdge(at + number * every, active=True))
                self.hear(MotorEdge(at + number * every + every / 3, active=False))
        elif what in {"lost", "found"}:
            self.hear(LinkChanged(at, what == "found"))
        elif what == "start":
            self.wait(at)
            self.take(d.start_by_hand(self.detector, at, Source.BUTTON, self.rules))
        elif what == "stop":
            self.wait(at)
            self.take(d.stop_by_hand(self.detector, at, self.rules))
        else:
            numbers: dict[str, Any] = {key: float(value) for key, _, value in (word.partition("=") for word in words)}
            self.hear(PumpSaid(at, Verb(what), **numbers))

    def play(self, script: str) -> "Bench":
        for line in filter(None, map(str.strip, script.split(";"))):
            at, what, *words = line.split()
            self.step(float(at), what, *words)
        return self

    def rest(self) -> "Bench":
        self.wait(max(self.detector.now, 0) + 100_000)
        return self

    @property
    def ended(self) -> list[str]:
        return [line(one) for _, one in self.told if isinstance(one, d.Ended)]

    @property
    def names(self) -> list[str]:
        return [type(one).__name__ for _, one in self.told if not isinstance(one, d.Changed)]

    @property
    def run(self) -> Run:
        assert self.detector.run is not None
        return self.detector.run

    def when(self, kind: type) -> list[float]:
        return [round(at, 6) for at, one in self.told if isinstance(one, kind)]


def line(ended: d.Ended) -> str:
    run = ended.run
    words = [f"{run.began:g}..{ended.at:g}", f"pumped {d.pumping_s(run, ended.at):g}"]
    words += [f"pauses {run.pauses}"] if run.pauses else []
    words += [f"differ {run.disagreement_s}"] if run.disagreement_s is not None else []
    words += ["interrupted"] if ended.interrupted else []
    return " ".join([*words, *run.sources])

"""A pump, a person and dashboards who say anything at any time: lines and commands all the way through the core."""

from device.core.model.effects import Answer, ReadHistory, Refuse
from device.core.model.events import Ordered
from device.core.model.record import Nursing, Session
from device.wire.payloads import Refusal, parse_command
from drivers.pump_link import LineParser
from tests.support.drive import KEYS, Plain

from .parsers import comes_back, stored

LONGEST_WAIT_S, WAITED_S = 1300.0, 7200.0
MOST_LINES = 60


def talk(data: bytes) -> None:
    """Each line is one of the pump's, a command, seconds that pass, a key, `on` or `off` (the motor) or of the broker.

    Every command is answered once; every record that is kept can be exported, stored and read again.
    """
    device = Plain()
    parser = LineParser()
    left_s = WAITED_S
    for line in data.split(b"\n")[:MOST_LINES]:
        word = line.decode("latin-1")
        if line.startswith(b"{"):
            command(device, line)
        elif word.isascii() and word.isdecimal() and len(word) < 5:
            seconds = min(int(word) / 10, LONGEST_WAIT_S, left_s)
            left_s -= seconds
            device.wait(seconds)
        elif word in KEYS:
            device.hold(word, 0.1)
        elif word in {"on", "off"}:
            device.pump(word == "on", lasts=0.1)
        elif word in {"up", "down"}:
            device.broker(word == "up")
        else:
            for said in parser.feed(line + b"\n", device.at):
                device.send(said)
    device.wait(200)
    kept(device)


def command(device: Plain, payload: bytes) -> None:
    read = parse_command(payload, retained=False)
    if isinstance(read, Refusal):
        return
    before = len(device.effects)
    device.send(Ordered(device.at, read[1], read[0]))
    answers = [one for _, one in device.effects[before:] if isinstance(one, Answer | Refuse | ReadHistory)]
    assert len(answers) == 1, "a command is answered once"


def kept(device: Plain) -> None:
    for number, kind in ((device.state.next_session, Session), (device.state.next_nursing, Nursing)):
        records = [one for one in device.disk.records.values() if isinstance(one, kind)]
        assert sorted(one.number for one in records) == list(range(1, number))
        for record in records:
            stored(record)
            comes_back(record)

"""Every input at its fastest, all at once: the device goes on, its memory stays where it is, its log short."""

import math
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests.measure.flooding import HISTORY, answers_of, ask, chattering, press, publishing, writing
from tests.measure.stage import MIDDLE, Ear, Mosquitto, Pump, pump, rss_mib

MORE_MIB = 8.0
"""What all that may cost in memory, while it lasts and behind it."""
MOST_LINES = 20
"""Of the log, however long it lasts: its start, connections, its end, what was too much, each once or counted."""
PATIENCE_S = 300.0
"""Behind it: a broker that lost acknowledgements is given up after a minute or two, on a machine that is busy."""
SERIAL = b"".join(
    (b"\n" * 500, b"PUMP HELLO model=x\n" * 100, b"PUMP RUN t=x\n" * 50, bytes(range(256)) * 4, b"x" * 500)
)


def flood(seconds: int, _seed: int) -> list[str]:
    """Lines, noise, commands good and bad, births, a chattering wire and key, while a finger presses and one asks."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        broker = Mosquitto(folder, lines="allow_anonymous true\nset_tcp_nodelay true\n")
        stack.callback(broker.stop)
        with pump(folder, broker, "flooded") as one:
            ear = Ear(broker.port, answers_of(one))
            stack.callback(ear.close)
            said = lived(one, broker, ear, seconds)
        lines = (folder / "flooded" / "flooded.log").read_text().splitlines()
    print(*(f"  {line}" for line in lines), sep="\n")
    assert len(lines) <= MOST_LINES, f"{len(lines)} lines of the log"
    assert not any("Traceback" in line for line in lines)
    often = Counter(lines).most_common(1)
    return [*said, f"{len(lines)} lines of the log, none more than {often[0][1] if often else 0} times"]


def lived(one: Pump, broker: Mosquitto, ear: Ear, seconds: float) -> list[str]:
    soon(one, ear, "before")
    before_mib = highest_mib = rss_mib(one.device.pid)
    presses, answers = list[float](), list[float]()
    with ExitStack() as floods:
        floods.enter_context(writing(one, SERIAL))
        for said, qos in ((HISTORY % b"flood", 1), (b"x\n", 1), (HISTORY % b"lost", 0)):
            floods.enter_context(publishing(broker.port, f"{one.prefix}/command", said, qos))
        floods.enter_context(publishing(broker.port, "homeassistant/status", b"online\n", 0))
        floods.enter_context(chattering(one))
        one.device.ask(f"chatter {MIDDLE}")
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            presses.append(press(one))
            answers.append(ask(ear, one, f"{time.monotonic_ns()}"))
            highest_mib = max(highest_mib, rss_mib(one.device.pid))
    soon(one, ear, "behind")
    after_mib = rss_mib(one.device.pid)
    assert highest_mib - before_mib <= MORE_MIB, f"{before_mib:.1f} MiB before, {highest_mib:.1f} while it lasted"
    assert after_mib - before_mib <= MORE_MIB, f"{before_mib:.1f} MiB before, {after_mib:.1f} behind it"
    return [
        f"memory {before_mib:.1f} MiB before, at most {highest_mib:.1f}, {after_mib:.1f} behind it",
        f"a press drawn {told(presses)}",
        f"a command answered {told(answers)}, as far as the broker did not drop it",
    ]


def soon(one: Pump, ear: Ear, when: str) -> None:
    """A press is drawn and a command answered, within patience."""
    until = time.monotonic() + PATIENCE_S
    while math.isinf(press(one)):
        assert time.monotonic() < until, f"no press is drawn {when} the flood"
    while math.isinf(ask(ear, one, f"{when} {time.monotonic_ns()}")):
        assert time.monotonic() < until, f"no command is answered {when} the flood"


def told(waits_ms: list[float]) -> str:
    done = sorted(wait for wait in waits_ms if not math.isinf(wait))
    times = f"{len(done)} of {len(waits_ms)} times"
    return f"{times}, in {done[len(done) // 2]:.0f} ms (half of them), {done[-1]:.0f} ms at worst" if done else times

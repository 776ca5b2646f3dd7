"""The serial line: what counts as a line, what it says, what is rejected and under which name; and a port that goes."""

import errno
import grp
import itertools
import os
import socket
import termios
import threading
from collections.abc import Iterator
from functools import reduce
from operator import xor
from pathlib import Path
from typing import Any

import pytest
import serial
from hypothesis import example, given
from hypothesis import strategies as st

from device.core.model.events import LineRejected, LinkChanged, PumpSaid, Verb
from device.loop import Loop
from drivers import pump_link
from drivers.clock import SystemClock
from drivers.machine import ThisMachine
from drivers.pump_link import RANGES, LineParser, PumpLink
from drivers.runtime import Call
from drivers.virtual.pump import Pump


def read(line: bytes, **patterns: Any) -> Any:
    said = LineParser(patterns).feed(line + b"\n", 7.0)
    assert len(said) == 1
    return said[0]


def checked(body: bytes) -> bytes:
    return body + b"*%02X" % reduce(xor, body)


GOOD = {
    b"PUMP HELLO model=MX-1 fw=2.3": PumpSaid(7.0, Verb.HELLO, model="MX-1", fw="2.3"),
    b"PUMP HELLO model=a=b": PumpSaid(7.0, Verb.HELLO, model="a=b"),
    b"PUMP HELLO": PumpSaid(7.0, Verb.HELLO),
    b"PUMP START": PumpSaid(7.0, Verb.START),
    b"PUMP START\r": PumpSaid(7.0, Verb.START),
    b"PUMP START ": PumpSaid(7.0, Verb.START),
    b"PUMP RUN t=12 cpm=54 vac=180.5": PumpSaid(7.0, Verb.RUN, t=12, cpm=54, vac=180.5),
    b"PUMP RUN t=12 colour=blue": PumpSaid(7.0, Verb.RUN, t=12),
    b"PUMP RUN t=12 ml=9999": PumpSaid(7.0, Verb.RUN, t=12),
    b"PUMP PAUSE t=0": PumpSaid(7.0, Verb.PAUSE, t=0),
    b"PUMP STOP t=86400 ml=2000": PumpSaid(7.0, Verb.STOP, t=86400, ml=2000),
    b"PUMP STOP": PumpSaid(7.0, Verb.STOP),
    b"PUMP VOLUME ml=85.5": PumpSaid(7.0, Verb.VOLUME, ml=85.5),
    checked(b"PUMP STOP t=5"): PumpSaid(7.0, Verb.STOP, t=5),
    checked(b"PUMP STOP t=5 "): PumpSaid(7.0, Verb.STOP, t=5),
    checked(b"PUMP STOP t=5").lower().replace(b"pump stop", b"PUMP STOP"): PumpSaid(7.0, Verb.STOP, t=5),
    b"PUMP HELLO model=" + b"m" * 111: PumpSaid(7.0, Verb.HELLO, model="m" * 111),
}
BAD = {
    b"": "unknown",
    b"hello": "unknown",
    b"PUMP": "unknown",
    b"PUMP ": "unknown",
    b"PUMP JUMP": "unknown",
    b"PUMP start": "unknown",
    b"pump START": "unknown",
    b" PUMP START": "unknown",
    b"PUMPSTART": "unknown",
    b"PUMP START now": "syntax",
    b"PUMP RUN =5": "syntax",
    b"PUMP STOP t=5*00": "checksum",
    b"PUMP STOP t=5*": "checksum",
    b"PUMP STOP t=5*1": "checksum",
    b"PUMP STOP t=5*0x": "checksum",
    checked(b"PUMP STOP t=5") + b" ": "checksum",
    b"PUMP STOP t=1 t=1": "duplicate",
    b"PUMP STOP x=1 x=2": "duplicate",
    b"PUMP STOP t=": "number",
    b"PUMP STOP t=-1": "number",
    b"PUMP STOP t=+1": "number",
    b"PUMP STOP t=1.": "number",
    b"PUMP STOP t=.5": "number",
    b"PUMP STOP t=1.2.3": "number",
    b"PUMP STOP t=1e3": "number",
    b"PUMP STOP t=nan": "number",
    b"PUMP STOP t=1_0": "number",
    b"PUMP STOP t=86401": "range",
    b"PUMP RUN t=1 cpm=200.5": "range",
    b"PUMP RUN t=1 vac=401": "range",
    b"PUMP STOP ml=2001": "range",
    b"PUMP VOLUME": "missing",
    b"PUMP STOP t=\xd9\xa1": "not_ascii",
    b"PUMP START\x00": "not_ascii",
    b"PUMP\tSTART": "unknown",
    b"PUMP STOP\tt=1": "not_ascii",
    b"PUMP HELLO model=" + b"m" * 112: "too_long",
}


@pytest.mark.parametrize("line", GOOD)
def test_a_good_line_says_what_the_contract_says(line: bytes) -> None:
    assert read(line) == GOOD[line]


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_is_rejected_whole_under_its_name(line: bytes) -> None:
    assert read(line) == LineRejected(7.0, BAD[line])


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_128_bytes_are_a_line_and_129_are_not_whatever_ends_them(ending: bytes) -> None:
    longest = b"PUMP HELLO model=" + b"m" * 111
    for cut in range(len(longest) + 3):
        parser = LineParser()
        whole = longest + ending
        assert [type(s) for s in parser.feed(whole[:cut], 0) + parser.feed(whole[cut:], 0)] == [PumpSaid]
        whole = longest + b"m" + ending
        assert parser.feed(whole[:cut], 0) + parser.feed(whole[cut:], 0) == [LineRejected(0, "too_long")]


def test_an_endless_line_is_counted_once_held_nowhere_and_dropped_to_its_end() -> None:
    parser = LineParser()
    said = [event for _ in range(1000) for event in parser.feed(b"x" * 1000, 1.0)]
    assert said == [LineRejected(1.0, "too_long")]
    assert len(parser._line) == 0
    assert parser.feed(b"PUMP START\nPUMP START\n", 2.0) == [PumpSaid(2.0, Verb.START)]


def test_half_a_line_is_forgotten_with_the_port_it_came_from() -> None:
    parser = LineParser()
    parser.feed(b"PUMP ST", 1.0)
    parser.reset()
    assert parser.feed(b"PUMP START\n", 2.0) == [PumpSaid(2.0, Verb.START)]


PATTERNS = {
    "START": "^on$",
    "RUN": [r"^run (?P<t>\d+)$", r"^speed (?P<cpm>\S+) suck (?P<vac>\d+)"],
    "STOP": r"^off (?P<t>\d+)$",
    "VOLUME": r"(?P<ml>[\d.]+) ?ml",
    "HELLO": r"^I am (?P<model>.+)$",
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"on", PumpSaid(7.0, Verb.START)),
        (b"run 5", PumpSaid(7.0, Verb.RUN, t=5)),
        (b"speed 54 suck 200 mmHg", PumpSaid(7.0, Verb.RUN, cpm=54, vac=200)),
        (b"off 900", PumpSaid(7.0, Verb.STOP, t=900)),
        (b"got 85ml", PumpSaid(7.0, Verb.VOLUME, ml=85)),
        (b"I am a pump \xb0", PumpSaid(7.0, Verb.HELLO, model="a pump °")),
        (b"PUMP START", PumpSaid(7.0, Verb.START)),
        (b"off 86401", LineRejected(7.0, "range")),
        (b"speed fast suck 20", LineRejected(7.0, "number")),
        (b"nothing known", LineRejected(7.0, "unknown")),
        (b"PUMP off 5", LineRejected(7.0, "unknown")),
        (b"PUMP STOP t=1*00 85 ml", LineRejected(7.0, "checksum")),
    ],
)
def test_another_pumps_lines_are_read_by_its_patterns(line: bytes, expected: Any) -> None:
    assert read(line, **PATTERNS) == expected


@given(pieces=st.lists(st.binary(max_size=300), max_size=20), good=st.sampled_from(sorted(GOOD)))
def test_any_bytes_in_any_pieces_yield_only_good_values_and_never_stop_the_line(
    pieces: list[bytes], good: bytes
) -> None:
    parser = LineParser({"RUN": r"(?P<t>\d+)"})
    for piece in pieces:
        for said in parser.feed(piece, 1.0):
            if isinstance(said, PumpSaid):
                for key, (low, high) in RANGES.items():
                    value = getattr(said, key)
                    assert value is None or low <= value <= high
        assert len(parser._line) <= 129
    parser.feed(b"\n", 1.0)
    assert [type(said) for said in parser.feed(good + b"\n", 2.0)] == [PumpSaid]


@given(data=st.binary(max_size=600), cuts=st.lists(st.integers(0, 600), max_size=12))
@example(data=b"x" * 128 + b"\r\nPUMP START\r\n", cuts=[129])
def test_it_does_not_matter_how_the_bytes_are_cut(data: bytes, cuts: list[int]) -> None:
    whole = LineParser().feed(data, 1.0)
    parser, said = LineParser(), []
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        said += parser.feed(data[begin:end], 1.0)
    assert said == whole


@given(verb=st.sampled_from(Verb), t=st.integers(0, 99999), ml=st.decimals(0, 3000, places=2))
def test_with_a_checksum_or_without_a_line_says_the_same(verb: Verb, t: int, ml: object) -> None:
    body = f"PUMP {verb} t={t} ml={ml}".encode()
    assert read(body) == read(checked(body))


# -- the port ------------------------------------------------------------------------------------------------------


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setattr(pump_link, "FIRST_PAUSE_S", 0.02)
    made = Loop(SystemClock())
    yield made
    made.close()
    for thread in threading.enumerate():
        if thread.name.startswith("pump link "):
            thread.join(20)


def until(loop: Loop, last: Any, deadline_s: float = 20.0) -> list[Any]:
    """Run until `last` accepts an event; returns all that came."""
    events: list[Any] = []
    failed: list[bool] = []

    def give_up() -> None:
        failed.append(True)
        loop.stop()

    def step(event: Any) -> None:
        events.append(event)
        if last(event):
            loop.stop()

    timer = loop.call_after(deadline_s, give_up)
    loop.run(step)
    timer.cancel()
    assert not failed, events
    return events


def is_up(event: Any) -> bool:
    return event.__class__ is LinkChanged and event.up


def is_down(event: Any) -> bool:
    return event.__class__ is LinkChanged and not event.up


def says(verb: Verb) -> Any:
    return lambda event: isinstance(event, PumpSaid) and event.verb is verb


def test_a_real_terminal_brings_what_the_pump_says(loop: Loop) -> None:
    pump = Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_up)
    loop.call(pump.start)
    loop.call(lambda: pump.stop(ml=85))
    events = until(loop, says(Verb.STOP))
    assert [e.verb for e in events] == [Verb.START, Verb.RUN, Verb.STOP]
    assert events[-1].ml == 85
    assert "pump link" not in [thread.name for thread in threading.enumerate()]
    link.close()
    pump.close()


class Awaited(threading.Thread):
    """Runs once somebody waits for it."""

    def start(self) -> None:
        """Not yet."""

    def join(self, timeout: float | None = None) -> None:
        super().start()
        super().join()


class Sluggish(ThisMachine):
    def thread(self, name: str, run: Call) -> threading.Thread:
        return Awaited(target=run, name=name) if name == "pump link opens" else super().thread(name, run)


class Stuck(ThisMachine):
    """A port opens when it may."""

    may = threading.Event()

    def open_serial(self, port: str, baud: int) -> Any:
        assert self.may.wait(20)
        return super().open_serial(port, baud)


def test_no_dashboard_is_told_that_a_port_is_lost_which_soon_opens(loop: Loop) -> None:
    loop.machine, pump = Sluggish(), Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    loop.call(lambda: loop.post("what comes after it was made"))
    assert is_up(until(loop, lambda _: True)[0])
    link.close()
    pump.close()


def test_a_port_that_takes_long_to_open_holds_up_nobody(loop: Loop) -> None:
    loop.machine, pump = Stuck(), Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    Stuck.may.set()
    assert [is_up(event) for event in until(loop, is_up)] == [True]  # whoever was held up would see it fail first
    link.close()
    pump.close()


def test_a_cable_that_is_pulled_and_put_back_is_told_and_the_port_opened_again(loop: Loop) -> None:
    pump = Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_up)
    for _ in range(3):
        pump.send(b"PUMP STA")
        pump.unplug()
        assert is_down(until(loop, is_down)[-1])
        assert link.why == f"serial.port = {pump.port}: lost (it was pulled, or is read by two programs)"
        pump.plug()
        until(loop, is_up)
        pump.say("START")
        assert [e.__class__ for e in until(loop, says(Verb.START))] == [PumpSaid]
    assert link.reopened == 3
    assert link.why == ""
    link.close()
    pump.close()


def test_a_port_that_does_not_exist_yet_is_told_once_and_taken_when_it_comes(loop: Loop, tmp_path: Path) -> None:
    pump = Pump(loop)
    port = tmp_path / "ttyUSB0"
    link = PumpLink(str(port), post=loop.post, loop=loop)
    until(loop, is_down)
    assert link.why == f"serial.port = {port}: no such port; is the adapter plugged in?"
    loop.call_after(0.2, lambda: port.symlink_to(str(pump.port)))
    assert until(loop, is_up)[:-1] == []
    link.close()
    pump.close()


def test_a_port_that_another_program_has_says_so(loop: Loop) -> None:
    pump = Pump(loop)
    first = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_up)
    second = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_down)
    assert "another program has the port open" in second.why
    assert "do_serial_cons 1" in second.why
    second.close()
    first.close()
    pump.close()


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The kernel's list of consoles, played by a file."""
    monkeypatch.setattr(pump_link, "CONSOLES", tmp_path / "active")
    (tmp_path / "active").write_text("tty0 ttyAMA0\n")
    return tmp_path / "active"


def test_a_console_on_the_port_is_told_once_with_what_to_do(
    loop: Loop, console: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pump = Pump(loop)
    # a terminal's name as the kernel's list has it: what comes after /dev/
    console.write_text(f"tty0 {Path(str(pump.port)).resolve().name}\n")
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_up)
    pump.unplug()
    until(loop, is_down)
    pump.plug()
    until(loop, is_up)
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told[0].startswith(
        f"serial.port = {pump.port}: the console's login eats the pump's lines; sudo raspi-config"
    )
    assert len([line for line in told if "console" in line]) == 1
    link.close()
    pump.close()


@pytest.mark.parametrize(
    ("error", "mode", "name", "words"),
    [
        (errno.EACCES, 0o620, "ttyAMA0", "the console's login has it; sudo raspi-config"),
        (errno.EACCES, 0o660, "ttyAMA0", "no permission; add the user to the group GROUP"),
        (errno.EACCES, 0o660, "ttyUSB0", "no permission; add the user to the group GROUP"),
        (errno.EACCES, 0o600, "ttyUSB0", "no permission; call this with sudo"),
        (errno.EBUSY, 0o660, "ttyAMA0", "another program has the port open"),
    ],
)
def test_a_port_that_a_login_has_says_how_to_free_it_and_one_without_rights_which_group(
    loop: Loop, console: Path, monkeypatch: pytest.MonkeyPatch, error: int, mode: int, name: str, words: str
) -> None:
    port, group = console.with_name(name), grp.getgrgid(os.getgid() or 1)
    port.touch()
    os.chown(port, -1, group.gr_gid)
    port.chmod(mode)

    def refused(*_: object, **__: object) -> None:
        # pyserial's own words: the number stands in the text
        raise serial.SerialException(error, f"could not open port {port}: [Errno {error}] {os.strerror(error)}")

    monkeypatch.setattr("serial.serial_for_url", refused)
    link = PumpLink(str(port), post=loop.post, loop=loop)
    until(loop, is_down)
    assert link.why.startswith(f"serial.port = {port}: {words.replace('GROUP', group.gr_name)}")
    assert ("do_serial_cons 1" in link.why) is (error == errno.EBUSY or mode == 0o620)
    link.close()


def test_a_port_of_the_header_that_is_not_there_says_how_to_switch_it_on(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: False)
    link = PumpLink("/dev/serial0", post=loop.post, loop=loop)
    until(loop, is_down)
    assert (
        link.why
        == "serial.port = /dev/serial0: no such port; is it switched on (sudo raspi-config nonint do_serial_hw 0)?"
    )
    link.close()


def test_what_is_no_serial_port_is_said_in_one_line(loop: Loop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for port in (str(tmp_path / "file"), "nonsense://x"):
        link = PumpLink(port, post=loop.post, loop=loop)
        until(loop, is_down)
        assert link.why.startswith(f"serial.port = {port}: ")
        assert "\n" not in link.why
        link.close()


def test_binary_rubbish_is_counted_and_the_next_line_is_heard(loop: Loop) -> None:
    pump = Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_up)
    pump.send(bytes(range(256)) + b"\n" + b"\x00" * 500 + b"\n\xff\xfe\n")
    pump.say("START")
    events = until(loop, says(Verb.START))
    assert [e.why for e in events if isinstance(e, LineRejected)].count("too_long") == 2
    link.close()
    pump.close()


def test_a_network_port_is_read_like_any_other(loop: Loop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = PumpLink(f"socket://127.0.0.1:{server.getsockname()[1]}", post=loop.post, loop=loop)
        until(loop, is_up)
        pump, _ = server.accept()
        pump.sendall(b"PUMP START\n")
        until(loop, says(Verb.START))
        pump.close()
        until(loop, is_down)
        until(loop, is_up)
        link.close()


def test_a_port_without_a_descriptor_has_a_thread_that_reads_it(loop: Loop) -> None:
    link = PumpLink("loop://", post=loop.post, loop=loop)
    until(loop, is_up)
    port: Any = link._serial
    port.write(b"PUMP START\nPUMP STOP t=3\n")
    assert [e.verb for e in until(loop, says(Verb.STOP))] == [Verb.START, Verb.STOP]
    link.close()


def test_what_no_library_said_it_would_raise_in_opening_is_told_and_tried_again(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cable that is pulled while its port is being opened: pyserial hands on what is no OSError."""
    ports: Any = serial.Serial
    flush, pulled = ports._reset_input_buffer, [termios.error(5, "Input/output error"), RuntimeError("odd")]

    def flushed(port: Any) -> None:
        if pulled:
            raise pulled.pop()
        flush(port)

    monkeypatch.setattr(ports, "_reset_input_buffer", flushed)
    pump = Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_down)
    assert link.why.endswith(": odd")
    until(loop, is_up)
    assert not pulled
    link.close()
    pump.close()


def test_a_reading_thread_that_fails_in_whatever_way_is_a_port_that_was_lost(loop: Loop) -> None:
    link = PumpLink("loop://", post=loop.post, loop=loop)
    until(loop, is_up)
    port: Any = link._serial

    def broken(_size: int) -> bytes:
        raise RuntimeError("odd")

    port.read = broken
    port.write(b"\n")  # the thread still waits in the read before
    until(loop, is_down)
    assert link.why == "serial.port = loop://: lost (odd)"
    until(loop, is_up)
    link.close()


def test_an_idle_link_wakes_nobody(loop: Loop) -> None:
    pump = Pump(loop)
    link = PumpLink(str(pump.port), post=loop.post, loop=loop)
    until(loop, is_up)
    turns = loop.turns
    loop.call_after(0.3, loop.stop)
    loop.run(lambda event: None)
    print(f"turns of an idle link in 0.3 s: {loop.turns - turns}")
    assert loop.turns - turns <= 2
    link.close()
    pump.close()

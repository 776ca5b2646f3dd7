"""The demo as a visitor meets it: started from a shell, in a real browser, over its real broker, ended with Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from device.cli.demo import demo_command
from device.core.model.record import Nursing, Session
from device.demo import sample
from device.demo.panel import Fingers, Watched, deeds, do
from device.page.server import Asked
from tests.support.demo_process import ROOT, WAIT_S, Demo, Subscriber, bits
from tests.support.page_browsers import Browser
from tests.support.page_world import until

pytest_plugins = ("tests.support.page_fixtures",)


@pytest.fixture
def give(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    given: list[Demo] = []

    def giving(*options: str) -> Demo:
        given.append(Demo(tmp_path, *options))
        return given[-1]

    yield giving
    for one in given:
        try:
            if one.process.poll() is None:
                one.end()
        finally:
            one.process.kill()


# -- in the browser ---------------------------------------------------------------------------------------------


def shown(browser: Browser) -> list[int]:
    """The page's OLED, a byte for eight pixels."""
    bits: list[int] = browser.js("""
        const canvas = document.querySelector(".oled canvas");
        if (!canvas) return [];
        const { data } = canvas.getContext("2d").getImageData(0, 0, 128, 64);
        const bytes = new Array(1024).fill(0);
        for (let i = 0; i < 8192; i += 1) if (data[4 * i] > 127) bytes[i >> 3] |= 128 >> (i & 7);
        return bytes;""")
    return bits


MIDDLE = """
const place = document.querySelector(arguments[0]);
place.scrollIntoView({block: "center"});
const box = place.getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2];
"""


def click_on(demo: Demo, browser: Browser, button: str, shows: str) -> None:
    """Press a button of the device with the mouse; its screen, in words, then says so."""
    key = f".device-button[aria-label^={button}]"
    demo.settle()
    x, y = browser.js(MIDDLE, key)
    browser.mouse(x, y)
    words = "return document.querySelector('.oled canvas')?.ariaLabel ?? ''"
    until(f"“{shows}” after clicking {button}", lambda: shows in str(browser.js(words)), WAIT_S)


def test_a_visitor_presses_start_answers_protect_and_finds_it_on_the_dashboard(
    give: Callable[..., Demo], browser: Browser
) -> None:
    demo = give("--speed", "60")
    browser.size(1280, 900)
    browser.open(demo.address)
    browser.sees("ten days of a household that doesn’t exist", ".demo")
    demo.home()
    demo.says("pumped")
    before = until("a picture on the page", lambda: sum(shown(browser)) and shown(browser), WAIT_S)
    former = until("the sample's newest row", lambda: newest_row(browser), WAIT_S)

    click_on(demo, browser, "right", "Why pump?")
    until("another picture on the page", lambda: shown(browser) != before, WAIT_S)
    click_on(demo, browser, "left", "In place")
    until("what the bus carried, on the page", lambda: bits(demo.state) == shown(browser), WAIT_S)
    browser.sees("Protect", ".now")

    click_on(demo, browser, "right", "Feed, Fridge, Freezer")
    click_on(demo, browser, "middle", "Why, Milk for, Stop")
    demo.sees("a counted session", lambda state: re.search(r"\b([1-9]|\d\d):\d\d\b", state["words"]))
    click_on(demo, browser, "right", "Save")
    row = until("the session's row", lambda: newest_row(browser, other_than=former), WAIT_S)
    assert "Protect" in row
    browser.reload()
    until("the same row after a reload", lambda: newest_row(browser) == row, WAIT_S)


def newest_row(browser: Browser, other_than: str = "") -> str:
    """The newest of the last sessions, once it is purposeful and another."""
    first = "[aria-labelledby=sessions-title] .rows li"
    text = str(browser.js("return document.querySelector(arguments[0])?.innerText ?? ''", first))
    return text if "Protect" in text and text != other_than else ""


# -- its other wires --------------------------------------------------------------------------------------------


def test_the_motor_is_heard_by_its_wire_while_the_cable_is_out(give: Callable[..., Demo]) -> None:
    demo = give()
    subscriber = Subscriber(demo)
    subscriber.hears("diagnostics", lambda said: said["serial"]["state"] == "up")
    demo.do(serial=False)
    demo.sees("the cable out", lambda state: not state["serial"])
    demo.home()
    subscriber.hears("state", lambda said: said["screen"] == "idle")
    demo.do(motor=True)
    demo.sees("the motor", lambda state: state["motor"])
    assert subscriber.hears("session", lambda said: said["state"] == "running")["sources"] == ["gpio"]
    demo.do(serial=True)
    demo.do(cpm=72)
    demo.sees("cable and speed", lambda state: state["serial"] and state["cpm"] == 72)
    subscriber.hears("state", lambda said: (said["session"] or {}).get("cycles_per_minute") == 72)
    demo.do(motor=False)
    ended = subscriber.hears("session", lambda said: said["state"] == "ended" and "serial" in said["sources"])
    assert ended["sources"] == ["gpio", "serial"]
    subscriber.stop()


def test_a_broker_that_was_out_of_reach_gets_everything_once_it_is_back(give: Callable[..., Demo]) -> None:
    demo = give("--empty")
    first = Subscriber(demo)
    first.hears("availability", lambda said: said == "online")
    assert demo.do(broker=False) == 204
    demo.sees("no broker", lambda state: not state["broker"])
    demo.home()
    demo.press("left", "effective?")
    demo.press("left", "Undo")
    assert demo.do(broker=True) == 204
    demo.sees("the broker", lambda state: state["broker"])
    again = Subscriber(demo)
    again.hears("availability", lambda said: said == "online")
    again.hears("today", lambda said: said["last_24h"]["nursings"]["effective"] == 1)
    again.hears("diagnostics", lambda said: said["mqtt"]["protocol"] == "3.1.1")
    again.say({"command": "history", "request": "what was missed"})
    (nursing,) = again.hears("reply", lambda said: said["request"] == "what was missed")["nursings"]
    assert nursing["effective"] is True
    again.stop()
    first.stop()


def test_an_hour_passes_in_a_minute_where_asked_to_and_only_where_nobody_is_asked(give: Callable[..., Demo]) -> None:
    demo = give("--empty", "--speed", "60")
    subscriber = Subscriber(demo)
    demo.home()
    subscriber.hears("state", lambda said: said["screen"] == "idle" and said["speed"] == 60)
    first = clock(demo.sees("the time on Idle", lambda state: clock(state) is not None))
    assert first is not None
    demo.do(speed=600)
    subscriber.hears("state", lambda said: said["speed"] == 600)
    demo.sees("600", lambda state: state["speed"] == 600)
    # a quarter of an hour, for after an hour in which nobody does anything the display is dark
    demo.sees("later", lambda state: (now := clock(state)) is not None and 15 <= (now - first) % 1440 < 720)
    subscriber.say({"command": "start"})
    subscriber.hears("state", lambda said: said["screen"] == "purpose" and said["speed"] == 1)
    subscriber.stop()


def test_in_another_language_the_display_and_its_keys_speak_it(give: Callable[..., Demo]) -> None:
    demo = give("--empty", "--language", "de")
    subscriber = Subscriber(demo)
    idle = demo.sees("the clock", lambda state: "Tasten: Gestillt, Letzte, Start." in state["words"])
    assert "noch nichts notiert" in idle["words"]  # at night followed by “Gedimmt”
    assert subscriber.hears("state", lambda said: said["screen"] == "idle")["buttons"] == [
        "Gestillt",
        "Letzte",
        "Start",
    ]
    subscriber.stop()


def clock(state: dict[str, Any]) -> int | None:
    """The minute of the day that the panel shows; None on a screen without a time."""
    found = re.search(r"\b(\d\d?):(\d\d)\b", state["words"])
    return int(found[1]) * 60 + int(found[2]) if found else None


def test_what_a_visitor_keeps_is_there_the_next_time_and_no_sample_with_it(
    give: Callable[..., Demo], tmp_path: Path
) -> None:
    file = tmp_path / "mine.db"
    demo = give("--store", str(file))
    assert demo.described()["sample"] is False
    demo.home()
    demo.press("left", "effective?")
    demo.press("middle", "Undo")
    demo.end()
    again = give("--store", str(file))
    again.home()
    again.press("middle", "not effective")
    assert file.exists()


# -- the panel's own addresses ----------------------------------------------------------------------------------


def test_the_demo_says_where_its_broker_is_and_that_its_record_is_a_sample(give: Callable[..., Demo]) -> None:
    demo = give()
    said = demo.described()
    address = said.pop("websocket")
    assert said == {"prefix": "pump-companion", "device": "pump", "panel": True, "sample": True}
    assert f"WebSocket {address}\n" in demo.told
    assert "a sample" in demo.told
    state = demo.state
    assert set(state) == {"screen", "words", "lit", "motor", "cpm", "serial", "broker", "speed"}
    assert len(bits(state)) == 1024


def test_no_other_site_presses_a_button(give: Callable[..., Demo]) -> None:
    demo = give()
    here = demo.address.removeprefix("http://")
    assert demo.do(press="left", headers={"Origin": "http://elsewhere.example"}) == 403
    assert demo.do(press="left", headers={"Host": f"elsewhere.example:{here.rpartition(':')[2]}"}) == 403
    assert demo.ask("GET", "/demo/events", headers={"Host": "elsewhere.example"}) == 403
    assert demo.do(cpm=60, headers={"Origin": demo.address}) == 204
    assert demo.do(cpm=61, headers={"Origin": "null"}) == 403
    assert demo.sees("a minute", lambda state: state["cpm"] != 54)["cpm"] == 60


def handshake(websocket: str, *origins: str) -> bytes:
    """The status with which a WebSocket's beginning is answered."""
    where = urlsplit(websocket)
    assert where.hostname
    assert where.port
    lines = [
        "GET / HTTP/1.1", f"Host: {where.netloc}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: mqtt",
        *(f"Origin: {origin}" for origin in origins), "", "",
    ]  # fmt: skip
    with socket.create_connection((where.hostname, where.port), WAIT_S) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(12)[9:]


def test_no_other_sites_page_gets_into_the_broker_by_its_websocket(give: Callable[..., Demo]) -> None:
    demo = give()
    websocket = str(demo.described()["websocket"])
    port = urlsplit(demo.address).port
    for ours in (demo.address, f"http://localhost:{port}", websocket.replace("ws:", "http:")):
        assert handshake(websocket, ours) == b"101", ours
    assert handshake(websocket) == b"101"
    for other in (
        "http://elsewhere.example", "null", "", f"http://elsewhere.example:{port}", f"https://127.0.0.1:{port}",
        f"http://127.0.0.1:{port}.example", f"http://127.0.0.1:{port}0", "http://127.0.0.1", f"x http://127.0.0.1:{port}",
        f"http://elsewhere.example:{urlsplit(websocket).port}",
    ):  # fmt: skip
        assert handshake(websocket, other) == b"403", other
    assert handshake(websocket, demo.address, "http://elsewhere.example") == b"400"


def test_what_the_panel_does_not_understand_is_refused_and_changes_nothing(give: Callable[..., Demo]) -> None:
    demo = give()
    assert demo.ask("POST", "/demo/do", b"{") == 400
    assert demo.do(speed=7) == 400
    assert demo.ask("POST", "/demo/do", b"x" * 5000) == 413
    assert demo.ask("GET", "/demo/do") == 404
    assert demo.ask("GET", "/../pyproject.toml") == 404
    assert demo.state["speed"] == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff", "it is not JSON"),
        (b"[" * 4000, "it is not JSON"),
        (b"[]", "give one of press, release"),
        (b"{}", "give one of press, release"),
        (b'{"motor": true, "cpm": 20}', "give one of press, release"),
        (b'{"explode": true}', "give one of press, release"),
        (b'{"press": "up"}', "press: give one of left, middle, right"),
        (b'{"release": ["left"]}', "release: give one of left, middle, right"),
        (b'{"motor": 1}', "motor: give true or false"),
        (b'{"cpm": 9}', "cpm: give 10 to 120"),
        (b'{"cpm": 121}', "cpm: give 10 to 120"),
        (b'{"cpm": true}', "cpm: give 10 to 120"),
        (b'{"speed": 2}', "speed: give one of 1, 10, 60, 600"),
        (b'{"serial": null}', "serial: give true or false"),
        (b'{"broker": "on"}', "broker: give true or false"),
    ],
)
def test_a_deed_that_is_none_is_refused_in_one_line(body: bytes, words: str) -> None:
    done: list[object] = []
    names = ("press", "release", "motor", "cpm", "serial", "broker", "speed")
    reply = do(deeds(**dict.fromkeys(names, done.append)), Asked("localhost", body))
    assert reply.status == 400
    assert reply.body.decode().startswith(words)
    assert reply.body.count(b"\n") == 1
    assert not done


class Hand:
    """Keys that write down what was done to them, and a `later` that the test lets come."""

    def __init__(self) -> None:
        self.felt: list[str] = []
        self.waiting: list[tuple[float, Callable[[], object]]] = []
        self.fingers = Fingers(self, lambda real_s, fn: self.waiting.append((real_s, fn)))

    def press(self, name: str) -> None:
        self.felt.append(f"{name} down")

    def release(self, name: str) -> None:
        self.felt.append(f"{name} up")

    def wait(self) -> None:
        while self.waiting:
            self.waiting.pop(0)[1]()


def test_a_click_of_a_millisecond_is_held_long_enough_to_be_no_bounce() -> None:
    hand = Hand()
    hand.fingers.press("left")
    hand.fingers.release("left")
    assert hand.felt == ["left down"]
    assert 0 < hand.waiting[0][0] <= 0.06
    hand.wait()
    assert hand.felt == ["left down", "left up"]


def test_a_release_that_overtook_its_press_still_lets_go() -> None:
    hand = Hand()
    hand.fingers.release("right")
    hand.fingers.press("right")
    hand.wait()
    assert hand.felt == ["right down", "right up"]


def test_a_button_left_down_by_a_page_that_went_away_can_be_pressed_again() -> None:
    hand = Hand()
    hand.fingers.press("middle")
    hand.fingers.press("middle")
    hand.wait()
    assert hand.felt == ["middle down", "middle up", "middle down"]


def test_pages_see_the_state_at_once_then_every_change_and_are_let_go() -> None:
    seen = {"n": 0}
    watched = Watched(lambda: dict(seen))
    events = watched.events(Asked("localhost", b""))
    assert next(events) == b'data: {"n":0}\n\n'
    seen["n"] = 1
    watched.changed()
    assert next(events) == b'data: {"n":1}\n\n'
    watched.end()
    assert list(events) == []


# -- the sample -------------------------------------------------------------------------------------------------


def test_the_sample_is_ten_days_of_everything_that_ends_shortly_before_now() -> None:
    now = 1_772_334_000
    records = sample.records(now, 60)
    assert [one.id for one in records] == [""] * len(records)
    assert records == sample.records(now, 60)
    sessions = [one for one in records if isinstance(one, Session)]
    nursings = [one for one in records if isinstance(one, Nursing)]
    times = [one.started_at for one in sessions] + [one.at for one in nursings]
    assert now - 10 * 86400 < min(times) < now - 9 * 86400
    assert now - 7200 < max(one.ended_at or 0 for one in sessions) < now
    assert {one.purpose for one in sessions} == {None, "protect", "promote", "treat"}
    assert any(one.volume_ml is None and one.counted for one in sessions)
    assert {one.effective for one in nursings} == {True, False}
    assert {one.counted for one in sessions} == {True, False}


def test_the_sample_shows_what_the_dashboards_can_tell(give: Callable[..., Demo]) -> None:
    demo = give()
    subscriber = Subscriber(demo)
    today = subscriber.hears("today", lambda said: said)
    assert today["last_24h"]["stimulations"] == 6
    assert today["unclassified"] == 2
    assert today["outlook"] == {"label": "falling", "now": 1.06, "coming": 0.88, "stimulations": [6, 7, 8, 8, 9]}
    power = subscriber.hears("session", lambda said: said["sitting"] != said["id"] and said["purpose"] == "promote")
    assert power["sources"] == ["import"]
    subscriber.stop()


# -- beginning and ending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told_to_and_leaves_nothing_behind(
    give: Callable[..., Demo], tmp_path: Path, how: int, record_property: Callable[[str, object], None]
) -> None:
    demo = give()
    demo.do(press="right")
    demo.do(release="right")
    demo.do(motor=True)
    demo.sees("the motor", lambda state: state["motor"])
    assert list(tmp_path.iterdir())
    began = time.monotonic()
    rest = demo.end(how)
    took_s = time.monotonic() - began
    record_property("ended_in_s", round(took_s, 3))
    print(f"the demo ended {took_s:.2f} s after {signal.Signals(how).name}")
    assert demo.process.returncode == 0
    assert "Traceback" not in rest
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_is_left_nowhere_by_a_demo_stopped_while_it_begins(tmp_path: Path, how: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "device", "demo", "--port", "0"], cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    # by its name, since Python tries the place out with a file of its own
    until("its folder", lambda: any(tmp_path.glob("pump-demo-*")) or process.poll() is not None, WAIT_S)
    process.send_signal(how)
    said, _ = process.communicate(timeout=WAIT_S)
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir()), said


@pytest.mark.parametrize("option", ["--port", "--mqtt-port", "--ws-port"])
def test_a_port_in_use_is_one_line_that_names_it_and_its_option(option: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "device", "demo", "--port", "0", option, str(port)],
            cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, text=True, capture_output=True, timeout=WAIT_S,
            check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {port} on 127.0.0.1 can't be had" in done.stderr
    assert f"another with {option}" in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_a_store_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "device", "demo", "--port", "0", "--store", str(tmp_path / "file" / "pump.db")],
        cwd=ROOT, text=True, capture_output=True, timeout=WAIT_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("--store ")


def test_without_its_broker_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "amqtt" else object())
    done = CliRunner().invoke(demo_command, [])
    assert done.exit_code == 1
    assert "scripts/demo" in done.output
    assert done.output.count("\n") == 1

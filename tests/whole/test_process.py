"""The real process, as a user starts it: mosquitto, a pty as the pump's port, mock pins, the recording display."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.support.household import LEFT, MIDDLE, MOTOR, ROOT, household
from tests.support.portions import text


def ended(value: Any) -> bool:
    return bool(value["state"] == "ended")


def strokes(device: Any, stop: threading.Event) -> threading.Thread:
    """A motor that makes 120 strokes a minute until it is stopped."""

    def pull() -> None:
        while not stop.is_set():
            device.tell(f"high {MOTOR}")
            stop.wait(0.25)
            device.tell(f"low {MOTOR}")
            stop.wait(0.25)

    thread = threading.Thread(target=pull)
    thread.start()
    return thread


def test_a_session_by_pulses_is_classified_by_a_button_and_arrives_whole(tmp_path: Path) -> None:
    with household(tmp_path) as home:
        stop = threading.Event()
        thread = strokes(home.device, stop)
        home.wire.on("state", lambda state: state["screen"] == "purpose")
        before = home.device.picture()
        threading.Event().wait(0.6)  # the half second after a change that no press caused
        home.device.press(MIDDLE)
        record = home.wire.on("session", lambda one: one["purpose"] == "promote")
        assert record["classified_by"] == "button"
        assert home.device.picture() != before
        home.wire.on("state", lambda state: state["screen"] == "reason")
        home.device.press(LEFT)
        home.wire.on("session", lambda one: one["reason"] == "raise_low_supply")
        stop.set()
        thread.join()
        record = home.wire.on("session", ended)
        assert record["sources"] == ["gpio"]
        assert record["counted"] is True
        assert record["duration_s"] >= 3
        assert (record["cycles_per_minute"] or 0) <= 200  # strokes that a busy machine delays tell no pace
        assert home.wire.on("session/last", ended)["id"] == record["id"]
        assert home.wire.on("today", lambda today: today["last_24h"]["stimulations"] == 1)


def test_a_session_by_serial_arrives_whole_with_its_volume_and_a_response(tmp_path: Path) -> None:
    with household(tmp_path) as home:
        home.pump.say("HELLO model=M1 fw=2")
        home.pump.say("START")
        home.wire.on("state", lambda state: state["phase"] == "pumping")
        home.wire.say(
            {"command": "classify", "reason": "plugged_duct", "request": "x"},
            ResponseTopic="pump-companion/pump/reply",
            CorrelationData=b"42",
        )
        reply = home.wire.until("reply", lambda seen: next((one for one in seen if one.topic == "reply"), None))
        assert reply.correlation == b"42"
        assert reply.value["session"]["purpose"] == "treat"
        threading.Event().wait(1.1)  # a session counts after a second here
        home.pump.say("RUN t=1 cpm=54 vac=150")
        home.pump.say("STOP t=2 ml=85")
        record = home.wire.on("session", ended)
        assert (record["volume_ml"], record["purpose"], record["sources"]) == (85, "treat", ["serial"])
        assert record["counted"] is True


def test_rubbish_on_every_input_is_counted_and_loses_nothing(tmp_path: Path) -> None:
    with household(tmp_path) as home:
        home.wire.say(b"\xff\x00{{{")
        home.wire.say(b"[" * 3000)
        home.wire.say(b"{" + b'"a":' * 2000 + b"1" + b"}" * 2000)
        home.wire.say({"command": "classify", "purpose": "nap", "request": "p"})
        home.wire.say({"command": "start", "request": "kept"}, retain=True)
        refused = home.wire.on("reply", lambda reply: reply["request"] == "kept")
        assert (refused["ok"], refused["code"]) == (False, "not_here")
        unknown = home.wire.ask("volume", ml=5, session="no such session")
        assert (unknown["code"], unknown["field"]) == ("unknown_record", "session")
        assert home.wire.ask("stop")["code"] == "not_now"
        home.pump.say("RUN t=99999999")
        assert home.wire.ask("start")["session"]["sources"] == ["dashboard"]
        assert home.wire.ask("start")["code"] == "not_now"
        status, said = home.device.end()
        assert status == 0
        assert "Traceback" not in said
        assert home.wire.on("availability", lambda text: text == "offline")


def test_a_killed_process_goes_on_with_the_same_session(tmp_path: Path) -> None:
    with household(tmp_path, pause_s=3600) as home:
        started = home.wire.ask("start")["session"]
        home.wire.on("session", lambda one: one["id"] == started["id"])
        home.device.end(signal.SIGKILL)
        home.wire.on("availability", lambda text: text == "offline")
        home.wire.clear()
        home.device.start()
        again = home.wire.on("state", lambda state: state["phase"] == "pumping")
        assert again["session"]["id"] == started["id"]
        stopped = home.wire.ask("stop")["session"]
        assert stopped["id"] == started["id"]
        assert stopped["interrupted"] is False


def test_records_of_an_outage_arrive_afterwards_in_their_order(tmp_path: Path) -> None:
    with household(tmp_path) as home:
        home.broker.stop()
        for _ in range(3):
            home.pump.say("START")
            threading.Event().wait(1.2)
            home.pump.say("STOP t=1 ml=10")
            threading.Event().wait(0.2)
        # the dashboard listens before the device is back: a record is published once
        home.device.freeze(frozen=True)
        home.wire.listening.clear()
        home.broker.start()
        assert home.wire.listening.wait(90)
        home.device.freeze(frozen=False)
        home.wire.until(
            "three ends", lambda seen: sum(one.topic == "session" and ended(one.value) for one in seen) >= 3, 90
        )
        records = home.wire.all("session")
        assert [one["number"] for one in records if ended(one) and one["cause"] == "ended"] == [1, 2, 3]
        for number in (1, 2, 3):
            revisions = [one["revision"] for one in records if one["number"] == number]
            assert revisions == sorted(set(revisions))


def test_only_one_daemon_has_the_record_and_the_second_says_which(tmp_path: Path) -> None:
    with household(tmp_path) as home:
        command = [sys.executable, "-m", "device", "run", "--config", str(home.device.config)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert home.device.process is not None
        assert str(home.device.process.pid) in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1


def test_in_summary_mode_not_one_private_word_leaves(tmp_path: Path) -> None:
    with household(tmp_path, extra='publish = "summary"', topics=("homeassistant/#",)) as home:
        home.wire.say({"command": "start", "request": "s"})
        assert set(home.wire.on("reply")) == {"schema", "device", "request", "ok", "at"}
        home.wire.ask("classify", reason="mastitis")
        home.wire.ask("note", text="SECRET")
        home.wire.ask("stop")
        assert home.wire.ask("history")["code"] == "not_here"
        heard = [one for one in home.wire.seen if one.topic != "command"]
        assert not [one for one in heard if one.topic in {"session", "nursing", "screen"} and one.payload]
        said = b"\n".join(one.payload for one in heard if not one.topic.startswith("homeassistant"))
        for word in (b"mastitis", b"treat", b"SECRET", b"purpose", b"pumping_s"):
            assert word not in said, word
        assert set(home.wire.all("state")[-1]) == {"schema", "device", "at", "phase"}


def test_history_pages_over_mqtt_reach_every_record(tmp_path: Path) -> None:
    lines = [
        json.dumps({"session": {"started_at": f"2026-01-{1 + n // 20:02}T{n % 20:02}:00:00Z", "duration_s": 900}})
        for n in range(400)
    ]
    with household(tmp_path) as home:
        home.device.end()
        command = [sys.executable, "-m", "device", "import", "--config", str(home.device.config), "-"]
        done = subprocess.run(command, cwd=ROOT, input="\n".join(lines), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        home.wire.clear()
        home.device.start()
        home.wire.on("availability", lambda text: text == "online")
        numbers: list[int] = []
        cursor = None
        while True:
            page = home.wire.ask("history", limit=500, **({"cursor": cursor} if cursor else {}))
            numbers += [one["number"] for one in page["sessions"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert sorted(numbers) == list(range(1, 401))


def test_the_stock_of_milk_is_moved_told_and_paged_over_mqtt(tmp_path: Path) -> None:
    now = int(time.time())
    kept = [  # number, hours ago, intention, amount; in the room it keeps for 4 hours, and is listed for a day more
        (1, 6 * 24, "freezer", 90),
        (2, 5 * 24, "fridge", 40),  # past its time by 24 hours
        (3, 30, "feed", 50),  # and by 26
        (4, 20, "feed", 60),  # by 16: listed, in no sum
        (5, 10, "fridge", 85),
        (6, 8, "fridge", 70),
        (7, 6, "fridge", None),
        (8, 3, "donate", 30),
        (9, 1, None, 20),
    ]
    with household(tmp_path) as home:
        for number, hours, intention, ml in kept:
            at = text(now - hours * 3600 - 600)
            reply = home.wire.ask("add", started_at=at, duration_s=600, ml=ml, intention=intention)
            assert reply["session"]["number"] == number
        ids = {one["number"]: one["id"] for one in home.wire.all("session")}
        assert home.wire.ask("milk", session=ids[6], place="used")["session"]["milk"]["ml"] == 0
        reply = home.wire.ask("milk", session=ids[5], place="used", ml=25)
        assert reply["session"]["milk"] == {"place": "fridge", "ml": 60, "since": text(now - 10 * 3600)}
        home.wire.ask("nursing", effective=True)
        found: list[Any] = []
        page = home.wire.ask("history", milk=True, limit=2)
        while True:
            assert (page["nursings"], len(page["sessions"]) <= 2) == ([], True)
            found += page["sessions"]
            if page["next"] is None:
                break
            page = home.wire.ask("history", milk=True, limit=2, cursor=page["next"])
        assert [one["number"] for one in found] == [7, 5, 4, 1]
        newest = {one["id"]: one for one in home.wire.all("session")}
        assert found == [newest[one["id"]] for one in found]
        assert home.wire.ask("history", milk=False)["sessions"][0]["number"] == 9
        told = {"room_ml": 0, "fridge_ml": 60, "freezer_ml": 90, "thawed_ml": 0, "portions": 3}
        next_use_by = text(now - 10 * 3600 + 4 * 86400)
        home.wire.on("today", lambda today: today["milk"] == {**told, "next_use_by": next_use_by})

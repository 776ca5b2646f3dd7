"""The page's connection: lost, refused, slow, old, strange; what it shows then, and that nothing is sent twice."""

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from amqtt.broker import Broker as Embedded
from paho.mqtt import publish

from tests.support.page_device import ScriptedDevice
from tests.support.page_states import World, idle, pending, question
from tests.support.page_week import SUNDAY, a_week
from tests.support.page_world import Mosquitto, until
from tests.support.ports import free_port

pytest_plugins = ("tests.support.page_fixtures",)
DEVICE = ".card:has(#device-title)"
HELD_BACK = """
const Socket = WebSocket;
window.elsewhere = arguments[0];
window.WebSocket = class extends Socket { constructor(url, kinds) { super(window.elsewhere ?? url, kinds); } };
"""
"""The page looks for its broker elsewhere until it is let go."""


def test_a_reload_in_the_middle_shows_the_same_running_session(world: World) -> None:
    question(world)
    world.browser.reload()
    world.browser.sees("Why pump?", ".dock")
    world.browser.sees("since 03:12", ".now")


def test_a_broker_restart_is_survived_and_what_was_missed_comes_in_by_itself(world: World) -> None:
    device = idle(world)
    world.broker.stop()
    world.browser.sees("No connection since 09:42")
    world.browser.sees("as known at 09:42", ".now")
    world.browser.sees("All was well.", DEVICE)
    world.browser.sees("everything sent · as known at 09:42", DEVICE)
    device.leave()
    device.nursing(device.now() - timedelta(minutes=1))
    world.broker.start()
    device.connect()
    world.browser.sees("Nursed 09:4", ".now")
    world.browser.sees("online", ".top")
    world.browser.sees_no("No connection")
    world.browser.sees("All well.", DEVICE)
    world.browser.sees_no("as known at")


def test_offline_actions_say_so_and_are_never_queued(world: World) -> None:
    device = idle(world)
    world.broker.stop()
    world.browser.sees("No connection since")
    disabled = "return [...document.querySelectorAll('.dock .key')].map((e) => e.ariaDisabled)"
    until("dashed keys", lambda: world.browser.js(disabled) == ["true", "false", "true"])
    world.browser.js("[...document.querySelectorAll('.dock .key')].at(-1).click()")
    world.broker.start()
    device.leave()
    device.connect()
    world.browser.sees("online", ".top")
    world.browser.sees("Start", ".dock")
    assert [c["command"] for c in device.heard if c["command"] != "history"] == []


def test_a_device_that_went_away_is_named_with_when_it_was_heard_last(world: World) -> None:
    device = idle(world)
    device.disconnect()
    world.browser.sees("The device is offline; last heard at 09:42")
    device.connect()
    world.browser.sees_no("The device is offline")


def test_a_device_lost_before_the_page_came_is_dated_by_what_it_said(world: World) -> None:
    device = world.device()
    device.connect()
    device.disconnect()
    world.open("The device is offline; last heard at 09:42")
    world.browser.sees("as known at 09:42", ".now")


def test_a_reply_that_never_comes_is_said_after_ten_seconds_and_shown_when_it_comes(world: World) -> None:
    device = pending(world)
    world.browser.sees("No answer yet. It shows here as soon as it comes.", ".dock")
    command = device.heard[-1]
    device.send_reply(device.reply_topics[-1], command, device._answer(command))
    device.publish_live()
    world.browser.sees("Plugged duct, mastitis or nipple pain?", ".dock")


def under_way(world: World) -> ScriptedDevice:
    """A device that heard an answer and said nothing to it."""
    device = pending(world)
    until("the answer on its way", lambda: sent(device, "classify"))
    return device


def sent(device: ScriptedDevice, command: str) -> list[Any]:
    return [one for one in device.heard if one["command"] == command]


def went_twice_alike(device: ScriptedDevice) -> None:
    first, *again = sent(device, "classify")
    assert again == [first]


def test_an_answer_under_way_at_a_break_is_sent_again_with_the_same_bytes(world: World) -> None:
    device = under_way(world)
    world.broker.stop()
    world.browser.sees("No connection since")
    device.leave()
    world.broker.start()
    device.answering = True
    device.connect()
    device.publish_live()
    until("the answer", lambda: device.live["session"]["purpose"] == "treat")
    went_twice_alike(device)


@pytest.mark.parametrize("kept", ["", "online"])  # by a broker that forgot, by one that kept what was
def test_an_answer_sent_again_waits_for_the_device_not_for_the_broker_alone(world: World, kept: str) -> None:
    device = under_way(world)
    world.broker.stop()
    world.browser.sees("No connection since")
    device.leave()
    world.browser.js(HELD_BACK, f"ws://127.0.0.1:{free_port()}")
    world.broker.start()
    publish.single(f"{device.root}/availability", kept, retain=True, port=device.port)
    world.browser.js("window.elsewhere = null")
    world.browser.sees_no("No connection since")  # the page is back; the device is not, and subscribes anew
    device.answering = True
    device.connect()
    world.browser.sees("Plugged duct, mastitis or nipple pain?", ".dock")
    went_twice_alike(device)


def test_an_answer_under_way_as_the_device_restarts_is_sent_again_as_it_returns(world: World) -> None:
    device = under_way(world)
    device.disconnect()
    world.browser.sees("The device is offline")
    device.answering = True
    device.connect()
    world.browser.sees("Plugged duct, mastitis or nipple pain?", ".dock")
    went_twice_alike(device)


def test_a_start_under_way_as_the_device_restarts_is_never_sent_again(world: World) -> None:
    device = idle(world)
    device.answering = False
    world.browser.press("Start", ".dock")
    until("the start", lambda: any(c["command"] == "start" for c in device.heard))
    device.disconnect()
    world.browser.sees("The device is offline")
    device.answering = True
    device.connect()
    world.browser.sees("Not done: the connection broke before the answer", ".dock")
    assert len([c for c in device.heard if c["command"] == "start"]) == 1


def test_a_start_under_way_at_a_break_is_never_sent_again(world: World) -> None:
    device = idle(world)
    device.answering = False
    world.browser.press("Start", ".dock")
    until("the start", lambda: any(c["command"] == "start" for c in device.heard))
    world.broker.stop()
    world.browser.sees("No connection since")
    device.leave()
    world.broker.start()
    device.answering = True
    device.connect()
    world.browser.sees("Not done: the connection broke before the answer", ".dock")
    assert len([c for c in device.heard if c["command"] == "start"]) == 1


def test_a_wrong_password_is_named_and_a_right_one_connects(tmp_path: Path, world: World) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "partner", "right"], check=True)
    passwords.chmod(0o644)
    locked = Mosquitto(tmp_path, lines=f"allow_anonymous false\npassword_file {passwords}\n")
    try:
        world.browser.open(world.site.address)
        world.browser.type("input[autocomplete=url]", locked.address, enter=False)
        world.browser.type("input[type=password]", "wrong", enter=False)
        world.browser.type("input[autocomplete=username]", "partner", enter=False)
        world.browser.press("Connect")
        world.browser.sees("The broker refused the name or the password.")
        assert world.browser.js("return localStorage.getItem('pump-companion.password')") is None
        world.browser.press("Settings")
        world.browser.type("dialog input[type=password]", "right", enter=False)
        world.browser.press("Connect")
        world.browser.sees("Nothing is known of “pump” at this broker")
    finally:
        locked.stop()


def test_the_password_is_kept_only_when_asked(world: World) -> None:
    world.browser.open(world.site.address)
    world.browser.type("input[autocomplete=url]", world.broker.address, enter=False)
    world.browser.type("input[autocomplete=username]", "partner", enter=False)
    world.browser.type("input[type=password]", "secret", enter=False)
    world.browser.press("Keep the password")
    world.browser.press("Connect")
    world.browser.sees("Nothing is known of")
    assert world.browser.js("return localStorage.getItem('pump-companion.password')") == '"secret"'


def test_name_and_password_never_go_to_a_broker_named_in_a_link(world: World) -> None:
    world.browser.js("""
      localStorage.setItem("pump-companion.connection", JSON.stringify({broker: "ws://home:9001", user: "partner"}));
      localStorage.setItem("pump-companion.password", JSON.stringify("secret"));
    """)
    world.opened()
    world.browser.press("Settings")
    fields = world.browser.js("return [...document.querySelectorAll('dialog input.field')].map((e) => e.value)")
    assert "secret" not in fields
    assert "partner" not in fields


def test_no_websocket_listener_is_named(world: World) -> None:
    world.browser.open(world.site.address, broker=f"ws://127.0.0.1:{free_port()}")
    world.browser.sees("No answer from that address.")
    world.browser.sees("listens for WebSockets")


def test_a_broker_that_denies_the_topics_is_named(tmp_path: Path, world: World) -> None:
    rights = tmp_path / "rights"
    rights.write_text("topic read nothing/#\n")
    rights.chmod(0o600)
    locked = Mosquitto(tmp_path, lines=f"allow_anonymous true\nacl_file {rights}\n")
    try:
        world.browser.open(world.site.address, broker=locked.address)
        # mosquitto grants the subscription and sends nothing: all that a page can see is silence
        world.browser.sees("Nothing is known of “pump” at this broker")
    finally:
        locked.stop()


def test_unknown_fields_and_a_newer_schema_change_nothing(world: World) -> None:
    device = world.device()
    device.strange = True
    device.extra = {"schema": 9, "moods": ["fine"], "later": {"than": "this page"}}
    device.connect()
    world.open()
    world.browser.sees("Pumped 08:10", ".now")
    assert world.browser.complaints() == []


def test_strings_from_the_broker_are_text_and_never_markup(world: World) -> None:
    nasty = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
    device = world.device()
    device.strange = True
    for session in device.sessions.values():
        session.update(note=nasty, purpose=nasty, reason=nasty, intention=nasty)
    device.faults = {"version": nasty}
    device.outlook["label"] = nasty
    device.connect()
    world.open(nasty)
    world.browser.press("Last", ".dock")
    world.browser.sees("Note", "dialog")
    assert world.browser.js("return document.querySelectorAll('img, script:not([src])').length") == 0
    assert world.browser.js("return document.title") == "Pump"


def test_what_is_no_json_or_no_record_is_ignored(world: World) -> None:
    device = idle(world)
    device.strange = True
    for topic in ("state", "session", "nursing", "today"):
        for rubbish in (b"\xff\x00", b"[]", b"null", b"7", b'"text"'):
            device._send(topic, rubbish)
    device._send("session", b'{"id": 7, "number": "x"}')
    device.announce(device.nursing(device.now() - timedelta(minutes=2)))
    world.browser.sees("Nursed 09:4", ".now")


def test_a_gap_in_the_numbers_is_closed_through_history(world: World) -> None:
    device = idle(world)
    missed = device.session(device.now() - timedelta(minutes=40), 10, volume_ml=35)
    heard = device.session(device.now() - timedelta(minutes=10), 9)
    device.announce(heard)
    world.browser.sees("35 ml", ".card:has(#sessions-title)")
    asked = [c for c in device.heard if "revised_since" in c]
    assert len(asked) == 1
    assert missed["number"] == heard["number"] - 1


def test_a_forgotten_record_leaves_the_page_too(world: World) -> None:
    device = idle(world)
    device.sessions.clear()
    device.nursings.clear()
    device._send("session/last", b"", retain=True)
    device.publish_today()
    world.browser.sees("Nothing recorded yet")


def test_two_pages_agree(world: World) -> None:
    device = idle(world)
    with world.browser.another():
        world.open()
        world.browser.press("Protect", ".card:has(#waiting-title)")
        world.browser.sees("Sat 28, 18:20", ".card:has(#waiting-title)")
    world.browser.sees("Sat 28, 18:20", ".card:has(#waiting-title)")
    assert device.figures(SUNDAY - timedelta(days=1), device.now())["pumpings"]["unclassified"] == 1


def test_summary_only_shows_three_figures_and_says_why(world: World) -> None:
    device = world.device()
    device.summary = True
    device.connect()
    world.open("This device keeps its record to itself.")
    world.browser.sees("7 stimulations", ".now")
    assert "Last sessions" not in world.browser.text()


def test_the_device_may_run_faster_than_the_browser(world: World) -> None:
    device = world.device()
    device.live["speed"] = 3600
    device.connect()
    world.open()
    until("an hour", lambda: "2 h" in world.browser.text(".now") or "3 h" in world.browser.text(".now"))


def test_what_was_heard_stays_on_this_browser_only_when_asked(world: World) -> None:
    world.browser.open(world.site.address)
    world.browser.type("input[autocomplete=url]", world.broker.address, enter=False)
    world.browser.js("document.querySelector('.connection details').open = true")
    world.browser.type(".connection details input", world.prefix, enter=False)
    world.browser.press("Connect")
    device = world.device()
    device.connect()
    world.browser.sees("Pumped 08:10", ".now")
    world.browser.sees("Sat 21:40")
    kept = "return localStorage.getItem('pump-companion.heard')"
    assert world.browser.js(kept) is None
    world.browser.press("Settings")
    world.browser.press("Remember on this browser")
    until("what was heard", lambda: world.browser.js(kept))
    world.broker.stop()
    world.browser.reload()
    world.browser.sees("Pumped 08:10", ".now")
    world.browser.sees("No connection since")
    world.browser.press("Settings")
    world.browser.press("Remember on this browser")
    until("nothing kept", lambda: world.browser.js(kept) is None)


def test_a_page_left_open_for_a_day_still_tells_the_time_and_moves_its_day(world: World) -> None:
    device = world.opened()
    world.browser.sees("Sat 28", ".week")
    world.browser.sees("use by 12:26", ".card:has(#milk-title)")  # all that tells the page the device's time has come
    device.wall += timedelta(days=1)  # a busy machine may answer the page too late after its leap: it asks anew
    world.browser.js("const at = Date.now.bind(Date); Date.now = () => at() + 86_400_000; theme.apply()")
    world.browser.sees("Sun 1", ".week")
    world.browser.sees("25 h 3", ".now")
    world.browser.sees("until Sun 12:26", ".card:has(#milk-title)")


@pytest.fixture
def old_broker() -> Iterator[tuple[int, int]]:
    """The demo's embedded broker, which speaks 3.1.1 only: (its MQTT port, its WebSocket port)."""
    ports = free_port(), free_port()
    config = {
        "listeners": {
            "default": {"type": "tcp", "bind": f"127.0.0.1:{ports[0]}"},
            "ws": {"type": "ws", "bind": f"127.0.0.1:{ports[1]}"},
        },
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    loop = asyncio.new_event_loop()
    started, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        broker = Embedded(config)
        await broker.start()
        started.set()
        await stop.wait()
        await broker.shutdown()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert started.wait(30)
    yield ports
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    with contextlib.suppress(RuntimeError):
        loop.close()


def test_a_broker_that_speaks_only_3_1_1_is_spoken_to_in_it(world: World, old_broker: tuple[int, int]) -> None:
    device = ScriptedDevice(old_broker[0], SUNDAY)
    a_week(device)
    device.connect(mqtt.MQTTv311)
    try:
        world.browser.open(world.site.address, broker=f"ws://127.0.0.1:{old_broker[1]}")
        world.browser.sees("Sat 21:40")
        world.browser.press("Protect", ".card:has(#waiting-title)")
        world.browser.sees("Sat 28, 18:20", ".card:has(#waiting-title)")
    finally:
        device.disconnect()


def test_a_household_with_two_pumps_sees_both_and_one_at_a_time(world: World) -> None:
    first = world.opened()
    assert world.browser.js("return document.querySelectorAll('.pumps').length") == 0
    second = ScriptedDevice(world.broker.port, SUNDAY, root=f"{world.prefix}/night")
    world.devices.append(second)
    second.session(SUNDAY - timedelta(hours=1), 15, purpose="treat", volume_ml=31)
    second.connect()
    world.browser.press("night", ".pumps")
    world.browser.sees("31 ml", ".card:has(#sessions-title)")
    world.browser.sees_no("85 ml")
    world.browser.press("Start", ".dock")
    until("the start there", lambda: "start" in [heard["command"] for heard in second.heard])
    assert "start" not in [heard["command"] for heard in first.heard]
    world.browser.reload()
    world.browser.sees("31 ml", ".card:has(#sessions-title)")
    world.browser.press("pump", ".pumps")
    world.browser.sees("85 ml", ".card:has(#sessions-title)")
    second._send("availability", b"", retain=True)  # it went for good
    until("one pump", lambda: world.browser.js("return document.querySelectorAll('.pumps').length") == 0)


def test_what_stands_beside_the_devices_under_the_prefix_is_no_pump(world: World) -> None:
    device = world.opened()
    assert device.client is not None
    for name in ("<b>", "a" * 65, "x y", "kühl"):
        device.client.publish(f"{world.prefix}/{name}/availability", b"online", qos=1, retain=True).wait_for_publish(20)
    for number in range(40):
        device.client.publish(f"{world.prefix}/p{number}/availability", b"online", qos=1, retain=True)
    until("the first of them", lambda: "p0" in world.browser.text(".pumps"))
    device.publish_all()
    world.browser.sees("All well.")
    words = world.browser.text(".pumps").split()
    assert len(words) <= 9, "a broker may know of any number"
    assert all(word == "pump" or word.startswith("p") for word in words)
    for number in range(40):
        device.client.publish(f"{world.prefix}/p{number}/availability", b"", qos=1, retain=True).wait_for_publish(20)

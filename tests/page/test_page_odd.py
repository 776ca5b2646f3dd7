"""What a browser and a broker may do to the page: forbidden storage, links, payloads of odd types, a dead socket."""

import json
import random
import signal
from datetime import timedelta
from typing import Any

import pytest

from tests.page.test_page_record import run
from tests.support.page_device import ScriptedDevice, purpose_of
from tests.support.page_states import World, idle, question
from tests.support.page_world import Quiet, Site, until

pytest_plugins = ("tests.support.page_fixtures",)
DEVICE = ".card:has(#device-title)"


# --- storage that is forbidden, and odd things in it


class Forbidding(Quiet):
    """Serves the page to a browser in which looking at the storage raises, as where all cookies are blocked."""

    scripts = """
    const no = {get() { throw new DOMException("forbidden", "SecurityError"); }};
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, no);
    Object.defineProperty(navigator, "serviceWorker", no);
    """


def test_a_browser_that_forbids_storage_shows_the_page_and_connects_to_what_is_typed(world: World) -> None:
    world.device().connect()
    site = Site(Forbidding)
    try:
        world.browser.open(site.address)
        world.browser.type("input[autocomplete=url]", world.broker.address, enter=False)
        world.browser.js("document.querySelector('.connection details').open = true")
        world.browser.type(".connection details input", world.prefix, enter=False)
        world.browser.press("Connect")
        world.browser.sees("Pumped 08:10", ".now")
        world.browser.press("Night")
        world.browser.press("Settings")
        world.browser.press("Remember on this browser")
        world.browser.sees("Colours", "dialog")
        assert world.browser.js("return document.documentElement.dataset.theme") == "night"
        assert world.browser.complaints() == []
    finally:
        world.browser.get("about:blank")
        site.stop()


@pytest.mark.parametrize(
    "kept", ["null", "7", '"text"', "[]", "{", '{"broker": 7, "user": {}, "remember": "yes"}', '{"__proto__": 1}']
)
def test_odd_things_in_the_storage_are_as_good_as_none(world: World, kept: str) -> None:
    names = ("connection", "password", "heard", "theme")
    world.browser.js(
        "arguments[0].forEach((n) => localStorage.setItem(`pump-companion.${n}`, arguments[1]))", names, kept
    )
    world.browser.open(world.site.address)
    world.browser.sees("Where is your broker?")
    world.browser.press("Settings")
    world.browser.sees("Colours", "dialog")


# --- a broker named in a link

KEPT = {"broker": "ws://home:9001", "user": "partner", "prefix": "pump-companion", "device": "pump", "remember": False}


def kept(world: World) -> tuple[Any, Any]:
    store = "return ['connection', 'password'].map((n) => localStorage.getItem(`pump-companion.${n}`))"
    connection, password = world.browser.js(store)
    return json.loads(connection), json.loads(password or "null")


def linked(world: World) -> ScriptedDevice:
    world.browser.js(
        "localStorage.setItem('pump-companion.connection', arguments[0]);"
        "localStorage.setItem('pump-companion.password', '\"secret\"');",
        json.dumps(KEPT),
    )
    return idle(world)


def test_a_links_broker_is_named_and_what_was_kept_stays_whatever_is_touched(world: World) -> None:
    linked(world)
    world.browser.sees(f"A link named {world.broker.address}", DEVICE)
    world.browser.press("Settings")
    world.browser.sees(f"A link named {world.broker.address}", "dialog")
    for _ in range(2):
        world.browser.press("Remember on this browser")
    world.browser.press("Connect")
    world.browser.sees("Pumped 08:10", ".now")
    assert kept(world) == (KEPT, "secret")
    heard = "return localStorage.getItem('pump-companion.heard')"
    assert world.browser.js(heard) is None
    world.browser.open(world.site.address)
    world.browser.press("Settings")
    fields = "return [...document.querySelectorAll('dialog input.field')].map((e) => e.value)"
    assert world.browser.js(fields)[:3] == ["ws://home:9001", "partner", "secret"]


def test_a_links_broker_is_kept_when_told_to(world: World) -> None:
    linked(world)
    world.browser.press("Settings")
    world.browser.press("Keep this broker", "dialog")
    world.browser.press("Connect")
    world.browser.sees("Pumped 08:10", ".now")
    world.browser.sees_no("A link named", DEVICE)
    assert kept(world) == ({**KEPT, "broker": world.broker.address, "prefix": world.prefix, "user": ""}, None)


def test_a_password_typed_for_a_links_broker_lasts_as_long_as_the_tab(world: World) -> None:
    linked(world)
    world.browser.press("Settings")
    world.browser.type("dialog input[autocomplete=username]", "guest", enter=False)
    world.browser.type("dialog input[type=password]", "once", enter=False)
    world.browser.press("Connect")
    world.browser.sees("Pumped 08:10", ".now")
    assert kept(world) == (KEPT, "secret")
    world.open()
    world.browser.press("Settings")
    fields = "return [...document.querySelectorAll('dialog input.field')].map((e) => e.value)"
    assert world.browser.js(fields)[1:3] == ["guest", "once"]


# --- payloads of odd types

ODD: list[Any] = [
    None, True, 0, -1, 1.5, 1e308, "", "toString", "__proto__", "constructor", "2026-13-45T99:99:99Z",
    [], [None], [7, "x", {}], {}, {"toString": 1, "state": "valueOf"},
]  # fmt: skip
TOPICS = ("state", "today", "diagnostics", "session", "nursing", "reply")


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else []
    return [before, *(path for key, held in inside for path in paths(held, (*before, key)))]


def changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], odd)
    return copy


def spoken(world: World, device: ScriptedDevice) -> dict[str, Any]:
    """One good message of every topic, as this broker retains or brings them."""
    session = device._newest()
    nursing = next(iter(device.nursings.values()))
    said = {
        "session": session,
        "nursing": nursing,
        "reply": {
            "ok": True,
            "request": "x",
            "at": session and session["started_at"],
            "session": session,
            "nursing": nursing,
            "sessions": [session],
            "nursings": [nursing],
            "next": None,
        },
    }
    sent: dict[str, Any] = {}
    device._send, real = (lambda topic, payload, **_: sent.update({topic: payload})), device._send  # type: ignore[method-assign]
    try:
        device.publish_all()
    finally:
        device._send = real  # type: ignore[method-assign]
    return said | {topic: json.loads(sent[topic]) for topic in ("state", "today", "diagnostics")}


FUZZ = """
(async (root, rounds, good, done) => {
const failures = [];
let now = "";
const failed = (event) => failures.push(`${now}: ${event.message ?? event.reason?.stack ?? event.reason}`);
addEventListener("error", failed);
addEventListener("unhandledrejection", failed);
const {default: {MqttClient}} = await import(new URL("vendor/mqtt.js", document.baseURI));
const {emit} = MqttClient.prototype;
const client = await new Promise((found) => { // the page's own, as soon as it asks whether the broker is there
  MqttClient.prototype.emit = function (...all) { found(this); return emit.apply(this, all); };
  dispatchEvent(new Event("focus"));
});
MqttClient.prototype.emit = emit;
const say = (topic, text) =>
  client.emit("message", `${root}/${topic}`, new TextEncoder().encode(text), {retain: false});
const drawn = () => new Promise((drawn) => setTimeout(() => requestAnimationFrame(() => setTimeout(drawn, 0)), 0));
const titles = () => [...document.querySelectorAll("h2")].map((e) => e.innerText);
const before = titles();
const strange = [];
for (const round of rounds) {
  now = JSON.stringify(round);
  for (const [topic, text] of round) say(topic, text);
  await drawn();
  const said = document.body.innerText.match(/native code|\\[object|undefined|NaN|Infinity|Invalid Date/);
  if (said) strange.push(`${said} after ${now}`);
}
now = "the good ones";
for (const [topic, text] of good) say(topic, text);
await drawn();
await drawn();
done({failures, strange, before, after: titles(), text: document.body.innerText});
})(...arguments);
"""
ROUNDS = 60


@pytest.mark.parametrize("shown", [idle, question], ids=["idle", "running"])
def test_payloads_of_odd_types_break_no_card_and_a_good_message_heals_all(world: World, shown: Any) -> None:
    device = shown(world)
    good = spoken(world, device)
    chance = random.Random(413)
    cases = {topic: [(path, odd) for path in paths(said) for odd in ODD] for topic, said in good.items()}
    for some in cases.values():
        chance.shuffle(some)
    rounds = [
        [[topic, json.dumps(changed(good[topic], *some[at % len(some)]))] for topic, some in cases.items()]
        for at in range(ROUNDS)
    ]
    found = world.browser.later(FUZZ, device.root, rounds, [[t, json.dumps(g)] for t, g in good.items()])
    assert found["failures"] == []
    assert found["strange"] == []
    assert found["after"] == found["before"]
    assert "can’t be read" not in found["text"]
    assert "All well." in found["text"]


# --- a dead socket


def test_a_page_that_comes_back_to_the_front_over_a_dead_socket_connects_anew(world: World) -> None:
    device = idle(world)
    assert world.broker.process
    world.broker.process.send_signal(signal.SIGSTOP)  # the socket stands, and nobody answers, as after a sleep
    try:
        world.browser.js("dispatchEvent(new Event('focus'))")
        world.browser.sees("No connection since")
    finally:
        world.broker.process.send_signal(signal.SIGCONT)
    world.browser.sees_no("No connection since")
    device.announce(device.nursing(device.now() - timedelta(minutes=2)))
    world.browser.sees("Nursed 09:4", ".now")


WATCHED = """
window.made = 0;
window.answers = [];
WebSocket = class extends WebSocket { constructor(...all) { super(...all); made += 1; } };
import(new URL("vendor/mqtt.js", document.baseURI)).then(({default: {MqttClient}}) => {
  const {emit} = MqttClient.prototype;
  MqttClient.prototype.emit = function (name, ...rest) {
    if (name === "packetreceive" && rest[0].cmd === "pingresp") answers.push(1);
    return emit.call(this, name, ...rest);
  };
  window.watched = true;
});"""


def test_a_page_that_comes_back_over_a_living_socket_keeps_it(world: World) -> None:
    idle(world)
    world.browser.js(WATCHED)
    until("the client watched", lambda: world.browser.js("return window.watched"))
    for event in ("focus", "pageshow", "online"):
        world.browser.js("dispatchEvent(new Event(arguments[0]))", event)
        until("the broker's answer", lambda: world.browser.js("return answers.splice(0).length"))
    assert world.browser.js("return made") == 0


# --- one rule for a sitting's purpose


def test_a_sittings_purpose_is_its_newest_answers_in_whatever_order_the_records_came(world: World) -> None:
    chance = random.Random(7)
    sittings = []
    for _ in range(200):
        sessions = []
        for number in range(1, chance.randint(2, 6)):
            session = {"id": f"s{number}", "sitting": "s1", "number": number, "revision": 1, "counted": True,
                       "started_at": f"2026-03-01T0{chance.randint(1, 4)}:00:00Z",
                       "purpose": chance.choice([None, "protect", "promote", "treat"])}  # fmt: skip
            if chance.random() < 0.7:
                session["classified_at"] = chance.choice([None, *(f"2026-03-01T1{n}:00:00Z" for n in range(4))])
            sessions.append(session)
        chance.shuffle(sessions)
        sittings.append(sessions)
    script = f"return {json.dumps(sittings)}.map((one) => m.sittings(one)[0].purpose)"
    known = [[{"classified_at": None, **session} for session in one] for one in sittings]  # absent in old records
    assert run(world, "js/record.js", script) == [purpose_of(one) for one in known]


def test_records_that_were_sent_are_no_longer_waiting(world: World) -> None:
    device = world.device()
    device.faults = {"outbox": 91}
    device.connect()
    world.open()
    world.browser.sees("91 records not yet sent", DEVICE)
    device.faults = {"outbox": 0}
    device.publish_all()
    world.browser.sees("everything sent", DEVICE)


BESIDE = """
return [...document.querySelectorAll(".key.beside")].map((key) => {
  const [shape, word] = ["svg", "span"].map((part) => key.querySelector(part).getBoundingClientRect());
  return [shape.right <= word.left + 0.5, Math.abs(shape.y + shape.height / 2 - word.y - word.height / 2) < 3];
}).flat()"""


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_each_shape_of_what_waits_stands_beside_its_word_in_any_font(world: World, width: int) -> None:
    idle(world)
    world.browser.size(width, 800)
    for spacing in ("0", "0.1em", "0.3em"):  # as wide as a font may be
        world.browser.js(
            "for (const e of document.querySelectorAll('.key.beside')) e.style.letterSpacing = arguments[0]", spacing
        )
        until("the shapes beside their words", lambda: world.browser.js(BESIDE) == [True] * 6)


THREE = """
const shown = [...document.querySelectorAll("dialog .choices")].slice(0, 3).map((choices) => {
  const right = choices.getBoundingClientRect().right;
  const boxes = [...choices.querySelectorAll(".choice")].map((choice) => choice.getBoundingClientRect());
  const first = boxes.filter((box) => box.y === boxes[0].y);
  return [first.length, Math.abs(first.at(-1).right - right) < 3];
});
return JSON.stringify(shown);"""


@pytest.mark.parametrize("width", [360, 500, 1280])
def test_what_is_chosen_of_three_and_of_five_stands_three_a_row_over_the_whole_width(world: World, width: int) -> None:
    idle(world)
    world.browser.size(width, 800)
    world.browser.press("03:12", ".card:has(#sessions-title)")
    world.browser.sees("Milk for", "dialog")
    until("three a row", lambda: world.browser.js(THREE) == "[[3,true],[2,true],[3,true]]")


def test_each_row_of_the_week_has_its_lines_from_the_first_hour_to_the_last(world: World) -> None:
    idle(world)
    lines = """return [...document.querySelectorAll(".week-row .timeline")].map((row) => {
      const box = row.getBoundingClientRect();
      const lines = [...row.querySelectorAll(".hour-line")].map((line) => line.getBoundingClientRect());
      return lines.length === 5 && lines.every((line) => line.left >= box.left && line.right <= box.right + 0.1);
    })"""
    assert world.browser.js(lines) == [True] * 7

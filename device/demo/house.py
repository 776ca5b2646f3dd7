"""The demo's house: the broker, the pump, the panel and a quick clock around the daemon that a Pi runs too.

It walks the real path: a configuration file is written and read, the record is imported, everything goes by its wire.
"""

import logging
import re
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from device import OneLineError
from device.core.model.view import Lit, View
from device.daemon import Daemon
from device.page.installed import installed_folder
from device.page.server import Asked, Reply, Site
from device.screens import words
from device.settings.loading import Config, load
from device.store.records import Store
from drivers.clock import timezone
from drivers.virtual.broker import BrokerError, EmbeddedBroker
from drivers.virtual.clock import PacedClock
from drivers.virtual.panel import VirtualKeys, VirtualPanel
from drivers.virtual.pump import Pump

from . import panel as page
from . import sample

MOTOR_PIN = 17
BUTTON_PINS = {"left": 5, "middle": 6, "right": 13}
ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1"}
"""Where to listen on every address → where to find oneself then."""
LOOPBACK = {"localhost", "127.0.0.1"}
HTTP = 80
"""The port that stands in no address."""
CONFIG = """\
# Written by the demo, for the demo.
[device]
language = "{language}"

[motor]
pin = {motor}

[buttons]
left = {left}
middle = {middle}
right = {right}

[serial]
port = "{folder}/serial"

[display]
# an hour, for at 600 times the real pace it is six seconds
off_after_s = 3600

[mqtt]
host = "{host}"
port = {port}

[store]
path = {store}
"""
log = logging.getLogger(__name__)


class DemoError(OneLineError):
    """The demo can't be given; it says the remedy."""


class Wishes(msgspec.Struct, frozen=True):
    """What the command line asks for; a port of 0 is any free one. `store` None: one that goes with the demo."""

    host: str
    port: int
    mqtt_port: int
    ws_port: int
    speed: int
    empty: bool
    store: Path | None
    language: str = "en"


def give(wishes: Wishes, say: Callable[[str], object]) -> int:
    """Give the demo until a signal ends it; `say` gets what people read. Raises OneLineError."""
    with ExitStack() as ends:
        try:
            house = DemoHouse(wishes, ends)
            house.daemon.heed_signals()
            say(house.greeting())
            return house.run()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave the folder behind


def names(host: str) -> str:
    """The names by which a page may call who listens on `host`, as a pattern.

    Another site's name that was made to lead here is none; an address is nobody's name.
    """
    known = [re.escape(name) for name in (*LOOPBACK, host.lower()) if name]
    if host in ANYWHERE:
        known += [r"\d{1,3}(?:\.\d{1,3}){3}", re.escape(socket.gethostname().lower()) + r"(?:\.local)?"]
    return "|".join(known)


def origins(host: str, page: int, websocket: int) -> str:
    """From where the broker's WebSocket may be opened, as a pattern: our page, or what names its own address."""
    ports = [f":{page}", f":{websocket}", *([""] if page == HTTP else [])]
    return f"http://(?:{names(host)})(?:{'|'.join(ports)})"


class DemoHouse:
    """Everything made and started, in the order in which it needs each other; `ends` undoes it backwards."""

    def __init__(self, wishes: Wishes, ends: ExitStack) -> None:
        self.wishes, self._ends = wishes, ends
        self.host = ANYWHERE.get(wishes.host, wishes.host)
        self.site = self._listen()
        self.broker = self._broker()
        folder = Path(tempfile.gettempdir(), f"pump-demo-{secrets.token_hex(4)}")
        ends.callback(shutil.rmtree, folder, ignore_errors=True)  # before there is one: a Ctrl-C comes at any moment
        folder.mkdir(mode=0o700)
        self.config = self._configure(folder)
        self.clock = PacedClock()
        self.is_sample = not wishes.empty and wishes.store is None
        if self.is_sample:
            self._take_sample_in()
        self.broker.start()
        ends.callback(self.broker.stop)
        self.view: View | None = None
        self.speed = wishes.speed
        self.watched = page.Watched(self.look)
        self.panel = VirtualPanel(self.config.display.controller, on_change=self.watched.changed)
        self.daemon = self._daemon()
        self._gate = threading.Lock()
        self._open = True
        self._switch = threading.Lock()
        self.daemon.at_stop(self._shut)
        self.pump = Pump(self.daemon.loop, pin=MOTOR_PIN)
        ends.callback(self.pump.close)
        (folder / "serial").symlink_to(str(self.pump.port))
        self._fingers = page.Fingers(VirtualKeys(BUTTON_PINS), self.daemon.loop.call_after)
        self.site.start(self._routes())
        ends.callback(self.site.stop)
        ends.callback(self.watched.end)

    def run(self) -> int:
        return self.daemon.run()

    def greeting(self) -> str:
        at, broker = f"http://{self.host}:{self.site.port}/", self.broker
        prefix = self.config.mqtt.prefix
        record = (
            "a sample: ten days of a household that doesn't exist, gone when the demo ends"
            if self.is_sample
            else f"kept in {self.wishes.store}"
            if self.wishes.store
            else "empty, gone when the demo ends"
        )
        return "\n".join(
            (
                f"page    {at}",
                f"broker  {self.host}:{broker.port}, WebSocket ws://{self.host}:{broker.websocket_port}",
                f"listen  mosquitto_sub -h {self.host} -p {broker.port} -v -t '{prefix}/#'",
                f"record  {record}",
                "Ctrl-C ends it.",
            )
        )

    # -- making it ---------------------------------------------------------------------------------------------

    def _listen(self) -> Site:
        wishes = self.wishes
        welcome = re.compile(names(wishes.host))
        site = Site(installed_folder("web"), wishes.host, wishes.port, cache="no-store", welcome=welcome)
        self._ends.callback(site.close)
        return site

    def _broker(self) -> EmbeddedBroker:
        wishes = self.wishes
        for port, option in ((wishes.mqtt_port, "--mqtt-port"), (wishes.ws_port, "--ws-port")):
            try:
                EmbeddedBroker(port, 0, host=wishes.host)
            except BrokerError as error:
                remedy = f"; stop who has it, or choose another with {option} (0: any)"
                raise DemoError(str(error).partition(";")[0] + remedy) from error
        broker = EmbeddedBroker(wishes.mqtt_port, wishes.ws_port, host=wishes.host)
        broker.origins = origins(wishes.host, self.site.port, broker.websocket_port)
        return broker

    def _configure(self, folder: Path) -> Config:
        file = folder / "config.toml"
        store = (self.wishes.store or folder / "pump.db").absolute()
        file.write_text(
            CONFIG.format(
                language=self.wishes.language,
                motor=MOTOR_PIN,
                **BUTTON_PINS,
                folder=folder,
                host=self.host,
                port=self.broker.port,
                store=msgspec.json.encode(str(store)).decode(),
            ),
            encoding="utf-8",
        )
        config, faults = load(file, {})
        for fault in faults:
            if fault.key == "store.path":
                raise DemoError(f"--store {fault.what}; {fault.remedy}")
            raise DemoError(str(fault))
        if config is None:
            raise DemoError(f"{file}: can't be read")
        return config

    def _take_sample_in(self) -> None:
        rules = self.config.session
        store = Store.open(self.config.store.path)
        try:
            done = sample.take_sample_in(
                store, int(self.clock.wall()), min_session_s=rules.min_session_s, sitting_s=rules.sitting_s
            )
        finally:
            store.close()
        log.info("%d records taken in", done.new)

    def _daemon(self) -> Daemon:
        from gpiozero import Device

        from drivers.virtual.pins import VirtualPins

        Device.pin_factory = VirtualPins(self.clock.now)
        return Daemon(
            self.config,
            self.clock,
            timezone=timezone,
            open_bus=self.panel.open_bus,
            pace=self._pace,
            on_show=self._shown,
        )

    def _pace(self, fast_allowed: bool) -> float:
        speed = float(self.speed) if fast_allowed else 1.0
        self.clock.set_speed(speed)
        return speed

    # -- the page's panel --------------------------------------------------------------------------------------

    def _shown(self, view: View) -> None:
        self.view = view
        self.watched.changed()

    def look(self) -> dict[str, Any]:
        """The panel's whole state; in whatever thread asks."""
        view = self.view
        return {
            "screen": page.screen(self.panel.picture().tobytes()),
            "words": "" if view is None else words(view),
            "lit": (Lit.DARK if view is None else view.lit).value,
            "motor": self.pump.running,
            "cpm": round(self.pump.cycles_per_minute),
            "serial": self.pump.plugged,
            "broker": self.broker.running,
            "speed": self.speed,
        }

    def _routes(self) -> dict[tuple[str, str], Callable[[Asked], Any]]:
        known = page.deeds(
            press=lambda button: self._call(lambda: self._fingers.press(button)),
            release=lambda button: self._call(lambda: self._fingers.release(button)),
            motor=lambda on: self._call(self.pump.start if on else self.pump.stop),
            cpm=lambda cpm: self._call(lambda: self.pump.set_speed(cpm)),
            serial=lambda on: self._call(self.pump.plug if on else self.pump.unplug),
            broker=self._switch_broker,
            speed=lambda speed: self._call(lambda: self._set_speed(speed)),
        )
        return {
            ("GET", "/demo"): self._described,
            ("GET", "/demo/events"): self.watched.events,
            ("POST", "/demo/do"): lambda asked: page.do(known, asked),
        }

    def _described(self, asked: Asked) -> Reply:
        # a page from another computer finds the broker where it found the page
        host = asked.host if self.wishes.host in ANYWHERE and asked.host not in LOOPBACK else self.host
        said = {
            "websocket": f"ws://{host}:{self.broker.websocket_port}",
            "prefix": self.config.mqtt.prefix,
            "device": self.config.device.id,
            "panel": True,
            "sample": self.is_sample,
        }
        return Reply(HTTPStatus.OK, msgspec.json.encode(said), "application/json")

    def _call(self, fn: Callable[[], object]) -> None:
        """Have the loop do something that may change the panel. Raises NotNowError once the device stops."""

        def done() -> None:
            fn()
            self.watched.changed()

        with self._gate:
            if not self._open:
                raise page.NotNowError("the demo is ending")
            self.daemon.loop.call(done)

    def _shut(self) -> None:
        with self._gate:
            self._open = False

    def _set_speed(self, speed: int) -> None:
        self.speed = speed
        self.daemon.keep_pace()

    def _switch_broker(self, on: bool) -> None:
        """In the page's own thread, since it takes the broker a moment."""
        with self._switch:
            try:
                if on:
                    self.broker.start()
                else:
                    self.broker.stop()
            except BrokerError as error:
                log.warning("%s", error)
                raise page.NotNowError(str(error)) from error
            finally:
                self.watched.changed()
        if on:
            self._call(self.daemon.hurry)

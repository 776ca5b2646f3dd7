"""The wiring: which driver feeds which event, which effect goes where. It decides nothing.

One loop, one state; the store, the display and connecting have threads of their own.
"""

import logging
import os
import signal
from collections.abc import Callable, Mapping
from typing import Any, assert_never, cast

from msgspec.structs import asdict, replace

from drivers import systemd
from drivers.broker import Broker
from drivers.broker_address import Address, Tls, Version
from drivers.machine import THIS_MACHINE
from drivers.runtime import DeviceClock, Machine

from . import core, version
from .core.model.effects import (
    Answer,
    Checkpoint,
    Effect,
    Fetch,
    KeepBaseline,
    KeepClock,
    Publish,
    ReadHistory,
    Refill,
    Refuse,
    Repeat,
    Save,
    Show,
    WakeAt,
)
from .core.model.events import CoreEvent, Event, RecordRead, StatusRead, StoreChanged, StoreState, TimeCame, ZoneRead
from .core.model.record import UNNUMBERED, Button, Since, Units
from .core.model.view import Lit, ScreenName, View
from .core.pump.detector import Rules
from .core.state import Settings, progress
from .loop import Loop, Timer
from .mqtt import homeassistant
from .mqtt.line import Line
from .mqtt.publisher import LIVE_TOPICS, Publisher
from .settings.loading import Config
from .store.opening import Kept, ready
from .store.records import Opened, Store
from .store.requests import FactsRead, HistoryRead, KeepFact, OutboxRead, ReadFailed, Request, Told
from .store.worker import StoreWorker
from .wire import payloads
from .wire.gate import Outgoing, Passed, lets_out, passed
from .wire.recording import Beginning, Seen
from .words import LANGUAGES

OPEN_S = 5.0
"""How long the start waits for the record; then the device watches, and takes it in when it is there."""
STOP_S = 1.0
"""For the broker and the display, half of it each."""
STORE_STOP_S = 8.0
"""For a slow card: systemd grants ten seconds in all (TimeoutStopSec)."""
STATUS_EVERY_S = 10.0
ZONE_EVERY_S = 3600.0
STARTED_S = 2.0
"""After READY: the broker has answered and the first pictures are drawn."""
FAST_SCREENS = {ScreenName.IDLE, ScreenName.TIMER}
log = logging.getLogger(__name__)


class Daemon:
    """The device from start to stop; `timezone` names the system's zone whenever it is asked.

    A demo gives `open_bus`, its own display's bus, and `pace`, its clock's speed. `on_step` gets what comes into
    the core, and after each what it asks for. Raises OneLineError.
    """

    def __init__(
        self,
        config: Config,
        clock: DeviceClock,
        *,
        timezone: Callable[[], str],
        password: str | None = None,
        open_bus: Callable[[], Any] | None = None,
        pace: Callable[[bool], float] | None = None,
        on_show: Callable[[View], object] | None = None,
        on_step: Callable[[Seen], object] = lambda _seen: None,
        environment: Mapping[str, str] = os.environ,
        machine: Machine = THIS_MACHINE,
        broker: Callable[..., Broker] = Broker,
    ) -> None:
        self.config, self.clock = config, clock
        self.loop = Loop(clock, machine)
        self._timezone = timezone
        self._pace, self._on_show, self._on_step, self._environment = pace, on_show, on_step, environment
        self._open_bus, self._speed = open_bus, 1.0
        self._timer: Timer | None = None
        self._status_at = float("-inf")
        self._closing: list[Callable[[], object]] = []
        self._oled: Any = None
        self._mirror: Any = None
        self._draw: Any = None
        self.house = house(config)
        self._kept = Kept()
        self._worker = StoreWorker(self._open_store, self.loop.post, clock, page=self._page, machine=machine)
        opened = self._worker.start(OPEN_S)
        self._publisher = Publisher(
            broker_line(config, self._kept, password),
            loop=self.loop,
            post=self.loop.post,
            ask=self._ask,
            wall=clock.wall,
            show_again=lambda: self._mirror and self._mirror.again(),
            broker=broker,
        )
        self._begin(opened)

    def _begin(self, read: RecordRead | None) -> None:
        """Begin with what the record holds; where it could not be read yet, the device watches all the same."""
        clock = self.clock
        seed = self.loop.machine.entropy(16)
        opened = read or RecordRead(clock.now(), next_session=UNNUMBERED, next_nursing=UNNUMBERED, seed=seed)
        start = Beginning(
            settings=settings(self.config, self._timezone(), clock.boot_id, paced=self._pace is not None),
            at=clock.now(),
            wall=clock.wall(),
            synced=clock.synced(),
            seed=opened.seed,
            sessions=opened.sessions,
            nursings=opened.nursings,
            portions=opened.portions,
            next_session=opened.next_session,
            next_nursing=opened.next_nursing,
            first_record_at=opened.first_record_at,
            progress=opened.progress,
            baseline=opened.baseline,
            told_clock=opened.told_clock,
            outbox=opened.outbox,
            known=read is not None,
        )
        self._on_step(start)
        self.state, effects = core.begin(**asdict(start))
        self._on_step(effects)
        self._watch_display()
        for effect in effects:
            self._carry_out(effect)
        if read is not None and (read.repaired_at or read.to_give_out):
            self._step(read)

    def _open_store(self, suspect: bool) -> tuple[Store, Opened]:
        store, opened, self._kept = ready(self.config, int(self.clock.wall()), suspect=suspect)
        return store, opened

    # -- running -----------------------------------------------------------------------------------------------

    def heed_signals(self) -> None:
        """From now on a signal ends `run`, also one that comes before it: Python may lose a KeyboardInterrupt."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.on_signal(number, self.loop.stop)

    def run(self) -> int:
        """Run until a signal or `loop.stop`; the exit status."""
        self.heed_signals()
        return self.live()

    def live(self) -> int:
        """Run until `loop.stop`, in whatever thread; the exit status."""
        self._watch_wires()
        if self._oled is not None:
            self._oled.answered()
        self._publisher.start()
        self._read_status()
        systemd.notify_ready(f"watching {self.config.watched('serial') or 'by hand'}")
        self._feed_watchdog()
        self.loop.call_after(STARTED_S, self.loop.machine.give_back)
        self.loop.call_after(ZONE_EVERY_S, self._look_at_zone)
        try:
            self.loop.run(self._step)
        finally:
            self.stop()
        return 0

    def _step(self, event: Event) -> None:
        if isinstance(event, Told):
            self._tell_publisher(event)
            return
        if isinstance(event, StoreChanged) and event.state is not StoreState.OK:
            log.error("store: %s", event.why)
        if isinstance(event, RecordRead):
            self._publisher.read_again(self._kept.withheld_until)
            if event.repaired_at not in {None, self.state.health.repaired_at} and not event.repair_seen:
                said = "store: %s: was damaged and is repaired; revisions that could not be read: %d; %s"
                path = self.config.store.path
                log.error(said, path, event.set_aside, f"see {path.name}.damaged-*.txt beside it")
        was_open = self.state.health.repair_open
        theirs = cast("CoreEvent", event)  # what is not ours is the core's
        self._on_step(theirs)
        self.state, effects = core.step(self.state, theirs)
        self._on_step(effects)
        for effect in effects:
            self._carry_out(effect)
        if was_open and not self.state.health.repair_open:
            self._ask(KeepFact("repair_seen", "yes"))
        self.keep_pace()

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Show():
                self._show(effect)
            case Save() | Checkpoint() | KeepBaseline() | KeepClock() | Fetch() | Refill() | ReadHistory():
                self._ask(effect)
            case Publish():
                self._publisher.publish(effect)
            case Answer():
                self._publisher.answer(effect)
            case Refuse():
                self._publisher.refuse(effect)
            case Repeat():
                self._publisher.repeat(effect.record)
            case WakeAt():
                self._wake_at(effect)
            case _:
                assert_never(effect)

    def _tell_publisher(self, told: Told) -> None:
        match told:
            case FactsRead():
                self._publisher.facts_read(told.facts)
            case OutboxRead():
                self._publisher.outbox_read(told)
            case HistoryRead():
                self._publisher.history_read(told)
            case ReadFailed():
                self._publisher.read_failed(told)
            case _:
                assert_never(told)

    def stop(self) -> None:
        """Leave cleanly: the running session's last moment kept, offline said, the wires let go."""
        systemd.stopping()
        for batch in self.state.unsaved:
            if not batch.sent:
                self._ask(batch.save)
        kept = progress(self.state, self.clock.now())
        if kept is not None:
            self._ask(Checkpoint(kept))
        for close in reversed(self._closing):
            close()
        self._publisher.stop(STOP_S / 2)
        left = self._worker.stop(STORE_STOP_S)
        if left:
            log.error("store: %d changes could not be written before the end", left)
        if self._oled is not None:
            self._oled.stop(STOP_S / 2)
        self.loop.close()

    def _ask(self, request: Request) -> None:
        """Hand a request to the store, in order; a question for which it has no room is told so."""
        if not self._worker.offer(request) and isinstance(request, ReadHistory | Fetch):
            said = "too many questions wait for the record; ask again"
            self._publisher.refuse(Refuse(request.order, int(self.clock.wall()), "busy", said))

    def _page(self, store: Store, asked: ReadHistory) -> Passed:
        """One page of the history as its reply; in the store's thread."""
        query, below = asked.command, payloads.read_cursor(asked.command.cursor)
        most = payloads.page_limit(query) + 1
        records = store.history(query, below.sessions, below.nursings, most, asked.kept_since)
        largest = self._publisher.largest_reply(asked.order)
        page = payloads.history_payload(asked, records, self.house, largest)
        return passed(Outgoing.ANSWER, page, self.house.publish)

    def _wake_at(self, effect: WakeAt) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if effect.at is None else self.loop.call_at(effect.at, self._time_came)

    def _time_came(self) -> None:
        self._step(TimeCame(self.clock.now()))

    def at_stop(self, close: Callable[[], object]) -> None:
        """Have `close` called when the device stops, while its loop still takes calls."""
        self._closing.append(close)

    def hurry(self) -> None:
        """The broker is back: connect at once; in the loop's thread."""
        self._publisher.hurry()

    def keep_pace(self) -> None:
        """A demo's clock runs fast on Idle and Timer only, and while no button is held."""
        if self._pace is None:
            return
        talk = self.state.dialogue
        speed = self._pace(talk.screen in FAST_SCREENS and talk.held is None)
        if speed != self._speed:
            self._speed = speed
            self._read_status()
            self._wake_at(WakeAt(self.state.wake_at))

    def _feed_watchdog(self) -> None:
        interval_s = systemd.watchdog_interval_s()
        if interval_s is not None:
            systemd.alive()
            self.loop.call_after(interval_s, self._feed_watchdog)

    def _look_at_zone(self) -> None:
        """Heed that the system's timezone was changed meanwhile."""
        name = self._timezone()
        if name != self.state.settings.timezone:
            self.loop.post(ZoneRead(self.clock.now(), name))
        self.loop.call_after(ZONE_EVERY_S, self._look_at_zone)

    # -- the display -------------------------------------------------------------------------------------------

    def _watch_display(self) -> None:
        config = self.config
        controller = config.display.controller
        if controller is None and not config.mqtt.mirror_screen:
            return
        from . import screens

        self._draw = screens.draw
        if config.mqtt.mirror_screen and lets_out(Outgoing.SCREEN, config.mqtt.publish):
            from .mqtt.mirror import Mirror

            self._mirror = Mirror(self.loop, screens.draw, self._publisher.screen)
        if controller is not None:
            from drivers.oled import Oled

            self._oled = Oled(
                controller,
                self._open_bus or display_bus(config),
                rotate=config.display.rotate,
                where=f"display on {config.display.bus}",
                post=self.loop.post,
                now=self.clock.now,
                machine=self.loop.machine,
            )

    def _show(self, effect: Show) -> None:
        view = effect.view
        if self._on_show is not None:
            self._on_show(view)
        if self._oled is not None:
            self._oled.show(self._draw(replace(view, shift=(0, 0))), view.lit.value, view.shift)
        if self._mirror is not None:
            self._mirror.show(view)
        if view.screen is ScreenName.STATUS and view.lit is not Lit.DARK:
            self._read_status()

    def _read_status(self) -> None:
        """What Status shows of the machine, read when it is looked at."""
        now = self.clock.now()
        if now < self._status_at + STATUS_EVERY_S and self.state.speed == self._speed:
            return
        self._status_at = now
        machine = self.loop.machine
        share = machine.free_share(self.config.store.path)
        say = LANGUAGES[self.config.device.language].screens.status
        storage = say.no_folder if share is None else say.free.format(percent=100 * share)
        self.loop.post(StatusRead(now, machine.address(), storage, self._speed))

    # -- the wires ---------------------------------------------------------------------------------------------

    def _watch_wires(self) -> None:
        config, loop = self.config, self.loop
        from drivers.clock import ClockWatch

        watch = ClockWatch(self.clock, self.clock.jumps(), post=loop.post, loop=loop)
        self._closing.append(watch.close)
        if config.motor or config.buttons:
            self._watch_pins()
        if config.serial:
            from drivers.pump_link import PumpLink

            link = PumpLink(
                config.serial.port,
                baud=config.serial.baud,
                patterns={verb: [line.pattern for line in lines] for verb, lines in config.serial.patterns.items()},
                post=loop.post,
                loop=loop,
            )
            self._closing.append(link.close)

    def _watch_pins(self) -> None:
        from drivers import gpiod_pins
        from drivers.buttons import ButtonWatch
        from drivers.motor import MotorWatch

        config, loop = self.config, self.loop
        factory = gpiod_pins.use(loop.watch, loop.unwatch, self._environment, later=loop.call_after, post=loop.post)
        if factory is not None:
            self._closing.append(factory.close)
        if config.motor:
            motor = MotorWatch(
                config.motor.pin,
                active=config.motor.active,
                pull=config.motor.pull,
                debounce_ms=config.motor.debounce_ms,
                post=loop.post,
                now=loop.now,
            )
            self._closing.append(motor.close)
        if config.buttons:
            pins = {button: getattr(config.buttons, button) for button in Button}
            buttons = ButtonWatch(
                pins, pull=config.buttons.pull, debounce_ms=config.buttons.debounce_ms, post=loop.post, loop=loop
            )
            self._closing.append(buttons.close)


# -- configuration → what each part needs ----------------------------------------------------------------------


def settings(config: Config, timezone: str, boot: str, *, paced: bool = False) -> Settings:
    motor, rules = config.motor, config.session
    night = config.display.night
    return Settings(
        rules=Rules(
            pause_s=rules.pause_s,
            max_session_s=rules.max_session_s,
            signal=motor.signal if motor else "level",
            debounce_s=motor.debounce_ms / 1000 if motor else 0.05,
            pulse_gap_s=motor.pulse_gap_s if motor else 8,
        ),
        sitting_s=rules.sitting_s,
        min_session_s=rules.min_session_s,
        ask_s=rules.ask_s,
        baseline=config.supply.baseline,
        units=Units(config.supply.units),
        language=config.device.language,
        since=Since(config.supply.since),
        timezone=timezone,
        night=(night.begins_min, night.ends_min),
        off_after_s=config.display.off_after_s,
        version=version(),
        boot=boot,
        pump=config.watched(LANGUAGES[config.device.language].screens.status.serial),
        display=config.display.controller is not None,
        serial=config.serial is not None,
        paced=paced,
    )


def house(config: Config) -> payloads.House:
    return payloads.House(config.device.id, config.mqtt.prefix, config.mqtt.publish)


def announced(config: Config) -> homeassistant.Announcing:
    return homeassistant.Announcing(
        device_id=config.device.id,
        name=config.device.name,
        prefix=config.mqtt.prefix,
        discovery_prefix=config.homeassistant.prefix,
        version=version(),
        units=config.supply.units,
        publish=config.mqtt.publish,
        mirror_screen=config.mqtt.mirror_screen,
        words=LANGUAGES[config.device.language],
    )


def own_topics(config: Config) -> list[str]:
    """All retained topics that this device leaves at a broker, its announcement first."""
    found = {message.topic: None for message in homeassistant.announcement(announced(config))}
    return [*found, *(house(config).topic(name) for name in (*LIVE_TOPICS, Outgoing.AVAILABILITY))]


def broker_at(config: Config, password: str | None, client_id: str) -> Address:
    mqtt = config.mqtt
    files = (None if file is None else str(file) for file in (mqtt.ca_file, mqtt.cert_file, mqtt.key_file))
    return Address(mqtt.host, mqtt.port, client_id, mqtt.username, password, Tls(*files) if mqtt.tls else None)


def broker_line(config: Config, kept: Kept, password: str | None) -> Line:
    mqtt, ha = config.mqtt, config.homeassistant
    hint: Version | None = {"5": "5", "3.1.1": "3.1.1"}.get(kept.protocol or "")  # type: ignore[assignment]
    return Line(
        address=broker_at(config, password, f"pump-companion-{config.device.id}"),
        protocol=mqtt.protocol,
        hint=hint,
        house=house(config),
        birth_topic=ha.birth_topic if ha.discovery else None,
        birth_payload=ha.birth_payload,
        announcement=tuple(homeassistant.announcement(announced(config))) if ha.discovery else (),
        retirement=tuple(homeassistant.retirement(announced(config))),
        announced_as="\n".join(own_topics(config)),
        language=config.device.language,
        withheld_until=kept.withheld_until,
    )


def display_bus(config: Config) -> Callable[[], Any]:
    from drivers.oled import i2c_bus, spi_bus

    display = config.display
    if display.bus == "i2c":
        return i2c_bus(display.i2c_port, display.i2c_address)
    from drivers.gpiod_pins import OutputLines

    return spi_bus(display.spi_device, display.dc_pin or 0, display.reset_pin, OutputLines())

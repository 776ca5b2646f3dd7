"""What goes wrong in a house: power, clocks, cards, brokers. Each fault comes by chance and goes away again."""

import math
from collections.abc import Callable
from functools import partial

from device.core.model.view import Lit
from drivers.oled import LONGEST_PAUSE_S

from .life import Life
from .pump import QUIET_S, STEADY_S
from .rules import SECONDS, panel_shows

DAY_S = 86400.0
YEAR_S = 366 * DAY_S
CALM_S = 900.0
"""After the last fault: the outbox is empty and every topic is as the book says."""

# what happens, how often a day
RATES: dict[str, float] = {
    "power_cut": 0.5,
    "cut_in_a_write": 0.4,
    "killed": 0.4,
    "restarted": 0.3,
    "broker_away": 0.8,
    "hung_up": 2.0,
    "hung_up_in_the_middle": 2.0,
    "acknowledges_late": 0.5,
    "acknowledges_nothing": 0.3,
    "forgets": 0.2,
    "refuses": 0.1,
    "card_full": 0.4,
    "card_read_only": 0.3,
    "card_slow": 0.4,
    "older_protocol": 0.1,
    "home_assistant": 0.7,
    "stuck": 0.4,
    "line_disturbed": 0.5,
    "cable_pulled": 0.8,
    "display_pulled": 2.0,
}
SOON_S = 120.0
WATCHDOG_S = 20.0
"""systemd/pump-companion.service: whoever is silent for so long is killed and started again."""


class Faults:
    """Has faults happen in `life` until `end_s`: how often which, and whether at all, is the seed's to say."""

    def __init__(self, life: Life, end_s: float) -> None:
        self.life, self.chance, self._end_s = life, life.chance, end_s
        self._refused_since = 0.0
        self._ends: list[Callable[[], object]] = []
        self.on_switched_on: Callable[[], object] = lambda: None
        harsh = self.chance.choice((0.0, 1.0, 3.0))
        for name, rate in RATES.items():
            self._next(name, rate * harsh * self.chance.choice((0.0, 0.5, 1.0, 2.0)))

    def calm(self) -> None:
        """All is well again."""
        life = self.life
        for end in list(self._ends):
            end()
        self._ends.clear()
        if life.panel is not None and life.panel_due == math.inf:
            life.panel.plug()
        life.card.cut_in, life.broker.hangs_up = None, None
        self.on_switched_on = lambda: None
        if life.daemon is None:
            self._switch_on()
        life.learn_time()
        life.broker.hang_up()  # what a broker refused waits for the next connection

    def _next(self, name: str, rate: float) -> None:
        if rate:
            at = self.life.now + self.chance.expovariate(rate) * DAY_S
            if at < self._end_s:
                self.life.at(at, partial(self._happen, name, rate))

    def _happen(self, name: str, rate: float) -> None:
        self.life.faults += 1
        getattr(self, f"_{name}")()
        self._next(name, rate)

    def _for(self, seconds: float, end: Callable[[], object], said: str) -> None:
        """A fault that lasts: `end` ends it, then or when all is well again."""
        self.life.say(f"fault: {said} for {seconds:.1f} s")
        self._ends.append(end)
        self.life.after(seconds, partial(self._over, end, said))

    def _over(self, end: Callable[[], object], said: str) -> None:
        if end in self._ends:
            self._ends.remove(end)
            self.life.say(f"over: {said}")
            end()

    def _long(self, least: float, most: float) -> float:
        """Any length between, short ones as likely as long ones."""
        return float(least * (most / least) ** self.chance.random())

    # -- power -------------------------------------------------------------------------------------------------

    def _doubt(self) -> None:
        """What happens now may be seen in part only; what waits for a card that refuses is lost, and said to be."""
        book, now, card = self.life.book, self.life.now, self.life.card
        unsure_s = 80.0 + self.life.pause_s + (now - self._refused_since if card.full or card.read_only else 0.0)
        for pumping in book.pumpings:
            if pumping.ended is None or now - pumping.ended < unsure_s:
                pumping.doubtful = True
            if (pumping.ended or now) > now - unsure_s - 500:
                pumping.purpose_doubtful = True

    def _power_cut(self) -> None:
        if self.life.daemon is not None:
            self.life.say("fault: the power fails")
            self._off(self._long(2, 6 * 3600))

    def _off(self, seconds: float) -> None:
        self._doubt()
        self.life.cut_power()
        self.life.after(seconds, self._switch_on)

    def _cut_in_a_write(self) -> None:
        life = self.life
        if life.daemon is not None and life.card.cut_in is None:
            life.card.cut_in = self.chance.randrange(1, 40)
            life.on_cut = partial(self._off_already, self._long(2, 3600))

    def _off_already(self, seconds: float) -> None:
        self._doubt()
        self.life.after(seconds, self._switch_on)

    def _switch_on(self) -> None:
        """The clock of a Pi without a battery begins where it was left, or long ago, and is set later or never."""
        life, chance = self.life, self.chance
        if life.daemon is not None:
            return
        off_s = chance.choice(
            (0.0, -chance.uniform(1, 7200), -chance.uniform(1, YEAR_S), -life.first_wall - life.now + 60)
        )
        life.switch_on(off_s=off_s, synced=False)
        clock = life.clock
        self.on_switched_on()
        if chance.random() < 0.9:
            set_after = self._long(1, 3600)

            def learn() -> None:
                if life.clock is clock:
                    life.learn_time()

            life.after(set_after, learn)

    def _killed(self) -> None:
        if self.life.daemon is not None:
            self._doubt()
            self.life.kill()
            self.life.after(self._long(0.2, 60), self._again)

    def _restarted(self) -> None:
        if self.life.daemon is not None:
            self._doubt()
            self.life.stop()
            self.life.after(self._long(0.2, 60), self._again)

    def _again(self) -> None:
        if self.life.daemon is None:
            self.life.switch_on(same_boot=True)

    def _stuck(self) -> None:
        """All of it stands still: for a while, or until the system's watchdog ends it."""
        life, seconds = self.life, self._long(0.05, 60)
        if life.daemon is None:
            return
        life.say(f"fault: the device is stuck for {min(seconds, WATCHDOG_S):.1f} s")
        life.hold_up(seconds)
        if seconds >= QUIET_S - life.pump.ties.beat_s:  # it may miss what kept the line from being quiet
            self._unheard()
        if life.pump.ties.line and seconds > SECONDS:  # a line is as old as its reading: its STOP comes late
            for pumping in life.book.pumpings[-1:]:
                pumping.doubtful |= pumping.ended is None
        if seconds >= WATCHDOG_S:
            daemon = life.daemon

            def bite() -> None:
                if life.daemon is daemon:
                    self._killed()

            life.after(WATCHDOG_S, bite)

    # -- the pump and the display ------------------------------------------------------------------------------

    def _unheard(self) -> None:
        """Where nothing but the line tells of the pump, what happens now is told in part."""
        ties = self.life.pump.ties
        if not ties.wire or ties.dialect:  # a garbled line without a checksum may say anything
            for pumping in self.life.book.pumpings[-3:]:
                if pumping.ended is None or self.life.now - pumping.ended < STEADY_S:
                    pumping.doubtful = True

    def _line_disturbed(self) -> None:
        pump = self.life.pump
        if pump.ties.line:
            self._unheard()
            pump.disturb(self._long(0.001, 0.2))
            self._for(self._long(1, 3600), self._line_good, "the serial line is disturbed")

    def _line_good(self) -> None:
        self._unheard()
        self.life.pump.disturb(0.0)

    def _cable_pulled(self) -> None:
        pump = self.life.pump
        if pump.path.exists():
            self._unheard()
            pump.unplug()
            self._for(self._long(1, 3600), self._cable_back, "the serial cable is out")

    def _cable_back(self) -> None:
        self._unheard()
        self.life.pump.plug()

    def _display_pulled(self) -> None:
        panel, view = self.life.panel, self.life.view
        if panel is None or self.life.panel_due == math.inf:
            return
        if view is None or view.lit is Lit.DARK:  # one that is dark is set up anyway before it is lit
            self.life.after(SOON_S, self._display_pulled)
        else:
            panel.unplug()
            self.life.panel_due = math.inf
            self._for(self._long(1, 7200), self._display_back, "the display is off its bus")

    def _display_back(self) -> None:
        panel, daemon = self.life.panel, self.life.daemon
        if daemon is not None and daemon.state.health.display:  # it was not drawn meanwhile: nobody can know
            self._for(SOON_S, self._display_back, "the display is off its bus, unnoticed")
        elif panel is not None:
            panel.plug()
            self.life.panel_due = self.life.now + LONGEST_PAUSE_S + 1
            self.life.after(LONGEST_PAUSE_S + 2, partial(panel_shows, self.life))

    # -- the broker --------------------------------------------------------------------------------------------

    def _broker_away(self) -> None:
        broker = self.life.broker
        if broker.up:
            broker.go()
            self._for(self._long(1, 2 * DAY_S), self._broker_back, "the broker is away")

    def _broker_back(self) -> None:
        self.life.broker.up = True

    def _hung_up(self) -> None:
        self.life.say("fault: the broker hangs up")
        self.life.broker.hang_up()

    def _hung_up_in_the_middle(self) -> None:
        self.life.broker.hangs_up = self.chance.choice(("before", "after"))

    def _forgets(self) -> None:
        broker = self.life.broker
        if broker.up:
            broker.go(forget=True)
            self._for(self._long(1, 600), self._broker_back, "the broker is restarted and forgets")

    def _acknowledges_late(self) -> None:
        self.life.broker.ack_s = self._long(0.1, 20)
        self._for(self._long(10, 7200), self._acknowledges, "the broker answers late")

    def _acknowledges_nothing(self) -> None:
        self.life.broker.ack_s = None
        self._for(self._long(10, 1800), self._acknowledges_again, "the broker acknowledges nothing")

    def _acknowledges(self) -> None:
        self.life.broker.ack_s = 0.001

    def _acknowledges_again(self) -> None:
        self._acknowledges()
        self.life.broker.hang_up()

    def _refuses(self) -> None:
        broker = self.life.broker
        broker.refuses = self.chance.choice(("/session", "/state", "/reply", "/nursing"))
        self._for(self._long(10, 7200), self._allows, f"the broker refuses {broker.refuses}")

    def _allows(self) -> None:
        self.life.broker.refuses = ""
        self.life.broker.hang_up()

    def _older_protocol(self) -> None:
        broker = self.life.broker
        broker.speaks = "3.1.1" if broker.speaks == "5" else "5"
        self.life.say(f"fault: the broker comes back with MQTT {broker.speaks}")
        broker.hang_up()

    def _home_assistant(self) -> None:
        self.life.say("Home Assistant starts")
        self.life.broker.born("homeassistant/status", b"online")

    # -- the card ----------------------------------------------------------------------------------------------

    def _refuses_from_now(self) -> None:
        if not (self.life.card.full or self.life.card.read_only):
            self._refused_since = self.life.now

    def _card_full(self) -> None:
        self._refuses_from_now()
        self.life.card.full = True
        self._for(self._long(10, 6 * 3600), partial(setattr, self.life.card, "full", False), "the card is full")

    def _card_read_only(self) -> None:
        self._refuses_from_now()
        self.life.card.read_only = True
        good = partial(setattr, self.life.card, "read_only", False)
        self._for(self._long(10, 3600), good, "the card is read-only")

    def _card_slow(self) -> None:
        self.life.card.commit_s = self._long(0.05, 3)
        good = partial(setattr, self.life.card, "commit_s", 0.005)
        self._for(self._long(10, 6 * 3600), good, "the card is slow")

"""Who lives with the device: a parent with a plan, at the buttons and at a dashboard; each act goes into the book."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from device.core.model.record import Purpose
from device.core.model.view import Lit, PurposeBody, ScreenName, VolumeBody

from .book import GOES, LEFT, MILK_FOR, PLACES, Awaited, Pumping
from .life import PREFIX, BrokenRuleError, Life
from .pump import QUIET_S
from .rules import panel_shows

DAY_S = 86400.0
PLANS: dict[str, dict[Purpose, float]] = {
    "protecting": {Purpose.PROTECT: 0.8, Purpose.PROMOTE: 0.15, Purpose.TREAT: 0.05},
    "low supply": {Purpose.PROTECT: 0.3, Purpose.PROMOTE: 0.68, Purpose.TREAT: 0.02},
    "oversupply": {Purpose.PROTECT: 0.9, Purpose.PROMOTE: 0.05, Purpose.TREAT: 0.05},
    "plugged duct": {Purpose.PROTECT: 0.3, Purpose.PROMOTE: 0.1, Purpose.TREAT: 0.6},
}
GIVES_UP_S = 1800.0
"""So long a dashboard asks again for an answer that does not come."""
ASKS_AGAIN_S = 30.0
GUARD_S = 0.6
DEBOUNCE_S = 0.02
"""A button that is down, or up again, is heard after this."""
EARLIER_S = 60
MOST_OFF_S = 60.0
"""A clock on the wall is off by a minute at most."""
RIGHT = 2
"""Its place: what it does it does once it is up, for held down it goes back."""


class Household:
    """Acts out its plan in `life`."""

    def __init__(self, life: Life) -> None:
        self.life, self.book, self.chance = life, life.book, life.chance
        self.plan = self.chance.choice(sorted(PLANS))
        self.pumping: Pumping | None = None
        self.requests = 0
        life.answered = self._answered  # type: ignore[method-assign]
        self._waiting: dict[str, Callable[[dict[str, Any]], object]] = {}
        """By request; called with the reply, `ok` None where none came, and `lost` where it may be done twice."""
        shown = "a display" if life.panel else "no display"
        kept = f"pause {life.pause_s} s, sitting {life.sitting_s} s"
        life.say(f"a household in {life.zone}: {self.plan}; {life.pump.ties}; {shown}; {kept}")
        self._apart_s = life.pause_s + 5

    def plan_day(self) -> None:
        """Have a day happen, and the next one planned at its end."""
        life, chance = self.life, self.chance
        at = chance.uniform(0, 3 * 3600)
        while at < DAY_S - 3600:
            self._plan_sitting(life.now + at)
            at += chance.uniform(2.2, 5.5) * 3600
        for _ in range(chance.randrange(4)):
            life.after(chance.uniform(0, DAY_S), self._nurse)
        for _ in range(chance.randrange(5)):
            life.after(
                chance.uniform(0, DAY_S),
                chance.choice((self._add_note, self._classify_later, self._give_volume, self._edit_end)),
            )
        for _ in range(life.milk_chance.randrange(5)):
            life.after(life.milk_chance.uniform(0, DAY_S), self._move_milk)
        if chance.random() < 0.8:
            life.after(chance.uniform(0, DAY_S), self._delete_and_restore)
        for _ in range(chance.randrange(3)):
            life.after(chance.uniform(0, DAY_S), life.pump.spike)
        life.after(DAY_S, self.plan_day)

    def give_up(self) -> None:
        """Nobody asks again, at the end of a life; a pump that is on then is switched off, whenever it began."""
        if self.pumping is not None:
            self.pumping.doubtful = True
        for done in list(self._waiting.values()):
            done({"ok": None, "lost": True})
        self._waiting.clear()

    # -- pumping -----------------------------------------------------------------------------------------------

    def _plan_sitting(self, at: float) -> None:
        life, chance = self.life, self.chance
        parts = chance.choices((1, 2, 3), (0.85, 0.12, 0.03))[0]
        for _ in range(parts):
            length = chance.choice((chance.uniform(8, 25) * 60, chance.uniform(6, 90)))
            mine: list[Pumping] = []
            life.at(at, partial(self._begin, mine))
            for part in (0.25, 0.5, 0.75)[: chance.choice((0, 0, 1, 3)) if length > 500 else 0]:
                rest_s = chance.uniform(life.pump.least_rest_s, min(110, life.pause_s - 10))
                life.at(at + length * part, partial(self._pause, mine, rest_s))
            life.at(at + length, partial(self._end, mine))
            at += length + chance.uniform(life.pause_s + 10, 700)

    def switched_on(self) -> None:
        """Somebody did that, mostly in order to pump, and may see that the device does not know the time."""
        if self.chance.random() < 0.6:
            self._plan_sitting(self.life.now + self.chance.uniform(5, 300))
        if self.chance.random() < 0.4:
            self.life.after(self.chance.uniform(5, 1800), self._tell_time)

    def _begin(self, mine: list[Pumping]) -> None:
        """Begin a pumping, unless one is on, or was until just now: then it would be the same session."""
        life = self.life
        if not self.rests:
            return
        self.pumping = Pumping(began=life.now, boot=life.boots)
        mine.append(self.pumping)
        self.book.pumpings.append(self.pumping)
        self.run_pump(self.pumping)
        life.after(self.chance.uniform(8, 25), self.read_warning)
        if self.chance.random() < 0.7:
            life.after(self.chance.uniform(6, 200), partial(self.answer, self.pumping))

    @property
    def rests(self) -> bool:
        """No pumping is on, nor was until just now."""
        last = self.book.pumpings[-1] if self.book.pumpings else None
        return last is None or (last.ended is not None and self.life.now >= last.ended + self._apart_s)

    @property
    def is_unsure(self) -> bool:
        """What begins now may be missed, or be taken for the session before a cut, as far as the clock can tell."""
        life, clock = self.life, self.life.clock
        just_on = clock is None or clock.now() < self._apart_s
        return life.daemon is None or just_on or life.is_stuck or life.pump.hangs

    def run_pump(self, pumping: Pumping) -> None:
        """Switch on the pump that is tied to the device."""
        life = self.life
        pumping.tied, pumping.by_line = True, life.pump.is_heard_by_line
        pumping.doubtful |= self.is_unsure or not life.pump.is_witnessed
        life.say("the pump begins")
        life.pump.begin()
        life.after(life.pump.seen_within_s, partial(self._look, pumping))

    def read_warning(self) -> None:
        if self.life.view is not None and self.life.view.screen is ScreenName.WARNING:
            self.press("OK")

    def _pause(self, mine: list[Pumping], seconds: float) -> None:
        life, pumping = self.life, self.pumping
        if pumping is None or pumping not in mine:
            return
        life.say("the pump pauses")
        life.pump.pause()
        pumping.doubtful |= life.pump.hangs or (life.pump.rests_unsaid and seconds < QUIET_S)
        pumping.rests.append((life.now, life.now + seconds))

        def go_on() -> None:
            if self.pumping is pumping:
                life.say("the pump goes on")
                life.pump.go_on()

        life.after(seconds, go_on)

    def _end(self, mine: list[Pumping]) -> None:
        life, pumping = self.life, self.pumping
        if pumping is None or pumping not in mine:
            return
        if pumping.record is None and life.daemon is not None:
            pumping.record = life.daemon.state.running
        pumping.ended = life.now
        pumping.warned = life.view is not None and life.view.screen is ScreenName.WARNING
        life.say("the pump stops")
        life.pump.end()
        pumping.doubtful |= life.pump.hangs
        self.pumping = None
        if self.chance.random() < 0.6:
            life.after(life.pause_s + self.chance.uniform(1, 170), partial(self.give_volume_at_device, pumping, 3))

    def _look(self, pumping: Pumping) -> None:
        """The session must stand on the screen by now."""
        daemon = self.life.daemon
        if daemon is None or self.life.is_stuck or not self.life.pump.is_witnessed:
            pumping.doubtful = True
        if daemon is None or pumping.doubtful or pumping.ended is not None:
            return
        pumping.record = daemon.state.running
        if pumping.record is None:
            raise BrokenRuleError("the pump runs, and no session is there")
        panel_shows(self.life)

    # -- at the buttons ----------------------------------------------------------------------------------------

    def press(self, label: str, then: Callable[[], object] | None = None) -> bool:
        """Press the key of that name, if it is there; `then` once the finger is off."""
        view = self.life.view
        if view is None or view.lit is Lit.DARK or label not in view.keys or self.life.is_stuck:
            return False
        if self.life.now < self.life.screen_since + GUARD_S:
            return False  # nobody presses what they have not read, and the device would not heed it
        held_s = self.chance.uniform(0.06, 0.25)  # from 0.3 s on the right one goes back
        place, now = view.keys.index(label), self.life.now
        under_it = (now, now + DEBOUNCE_S + (held_s if place == RIGHT else 0.0))
        self.life.say(f"presses {label}")
        self.life.press(place, held_s)
        self.life.after(held_s + 0.3, partial(self._pressed, view, label, under_it, then))
        return True

    def _pressed(
        self, before: object, label: str, under_it: tuple[float, float], then: Callable[[], object] | None
    ) -> None:
        """`under_it`: while the screen may change by itself, or go dark, before the finger does anything."""
        if self.life.view is None or self.life.is_stuck or under_it[0] <= self.life.screen_since < under_it[1]:
            return
        if self.life.view == before:
            raise BrokenRuleError(f"{label} was pressed, and the screen is as it was")
        if then is not None:
            then()

    def answer(self, pumping: Pumping) -> None:
        """Say why, where the screen asks."""
        life = self.life
        view = life.view
        if view is None or not isinstance(view.body, PurposeBody) or view.body.correcting is not None:
            return
        if not self._is_asked_about(pumping):
            return
        weights = PLANS[self.plan]
        purpose = self.chance.choices(list(weights), list(weights.values()))[0]
        pumping.purpose_doubtful = True

        def answered() -> None:
            pumping.purpose, pumping.purpose_doubtful = purpose, False

        self.press(purpose.capitalize(), answered)

    def _is_asked_about(self, pumping: Pumping) -> bool:
        """Whether the screen speaks of this one: a short one after it is not asked about, the former one still is."""
        daemon = self.life.daemon
        return daemon is not None and pumping.record is not None and daemon.state.dialogue.about == pumping.record

    def give_volume_at_device(self, pumping: Pumping, presses: int) -> None:
        view = self.life.view
        if view is None or not isinstance(view.body, VolumeBody) or not self._is_asked_about(pumping):
            return
        if presses:
            again = partial(self.give_volume_at_device, pumping, presses - 1)
            self.press("+", lambda: self.life.after(0.6, again))
            return
        amount = view.body.amount

        def saved() -> None:
            pumping.volume_ml = amount

        self.press("Save", saved)

    # -- at a dashboard ----------------------------------------------------------------------------------------

    def ask(
        self, command: dict[str, Any], done: Callable[[dict[str, Any]], object], *, again_s: float = GIVES_UP_S
    ) -> None:
        """Ask until an answer comes, for so long: the same request, so that it is done once."""
        self.requests += 1
        request = f"r{self.requests}"
        self._waiting[request] = done
        self.book.asked[request] = Awaited(str(command["command"]))
        payload = json.dumps({**command, "request": request}).encode()
        self._ask_again(request, payload, self.life.now + again_s)

    def _ask_again(self, request: str, payload: bytes, until: float) -> None:
        asked = self.book.asked[request]
        if asked.answered:
            return
        if self.life.now > until:
            self._waiting.pop(request)({"ok": None, "lost": True})
            return
        if self.life.broker.command(payload, PREFIX + "reply"):
            asked.heard += 1
            asked.at = self.life.now
        self.life.after(ASKS_AGAIN_S, partial(self._ask_again, request, payload, until))

    def _answered(self, asked: Awaited, reply: dict[str, Any]) -> None:
        done = self._waiting.pop(reply["request"], None)
        if done is not None:
            done({**reply, "lost": asked.lost})

    def _tell_time(self) -> None:
        """Say what the clock on the wall says, once: later it would be another time."""
        life, boot, now = self.life, self.life.boots, self.life.now
        if life.clock is None or life.clock.synced():
            return
        off_s = self.chance.choice((0.0, self.chance.uniform(-MOST_OFF_S, MOST_OFF_S)))
        said = datetime.fromtimestamp(life.first_wall + now + off_s, UTC)

        def done(reply: dict[str, Any]) -> None:
            if reply["ok"] or reply["lost"] or reply.get("code") in {None, "not_saved"}:
                self.book.told.setdefault(boot, []).append(abs(off_s) + life.now - now)

        life.say(f"somebody tells the time, {off_s:+.1f} s off")
        self.ask({"command": "clock", "at": f"{said:%Y-%m-%dT%H:%M:%SZ}"}, done, again_s=ASKS_AGAIN_S - 1)

    def _recent(self, chance: random.Random | None = None) -> Pumping | None:
        """A pumping that a dashboard knows, with its record."""
        lately = self.book.pumpings[-12:]
        known = [pumping for pumping in lately if pumping.ended and pumping.record in self.book.newest]
        return (chance or self.chance).choice(known) if known else None

    def _change(self, command: dict[str, Any], pumping: Pumping, change: Callable[[], object]) -> None:
        def done(reply: dict[str, Any]) -> None:
            if reply["ok"]:
                change()
            elif reply["lost"] or reply.get("code") in {None, "not_saved"}:
                pumping.doubtful = True  # unheard, yet to be written, or done by a device that was cut off

        self.life.say(f"a dashboard: {command['command']}")
        self.ask({**command, "session": pumping.record}, done)

    def _classify_later(self) -> None:
        pumping = self._recent()
        if pumping is None:
            return
        purpose = self.chance.choice(list(Purpose))

        def change() -> None:
            pumping.purpose, pumping.purpose_doubtful = purpose, False

        pumping.purpose_doubtful = True
        self._change({"command": "classify", "purpose": purpose}, pumping, change)

    def _give_volume(self) -> None:
        pumping = self._recent()
        if pumping is None:
            return
        ml = self.chance.randrange(200)

        def change() -> None:
            pumping.volume_ml = ml

        self._change({"command": "volume", "ml": ml}, pumping, change)

    def _add_note(self) -> None:
        pumping = self._recent()
        if pumping is None:
            return
        text = f"note {self.requests}"

        def change() -> None:
            pumping.note = text

        self._change({"command": "note", "text": text}, pumping, change)

    def _edit_end(self) -> None:
        """Somebody remembers that it ended a little earlier."""
        pumping = self._recent()
        record = self.book.newest[pumping.record or ""] if pumping is not None else {}
        if pumping is None or record["state"] != "ended" or record["duration_s"] < 2 * EARLIER_S:
            return
        end = datetime.fromisoformat(record["ended_at"]) - timedelta(seconds=EARLIER_S)
        told = f"{end:%Y-%m-%dT%H:%M:%SZ}"

        def change() -> None:
            pumping.edited_end = told

        self._change({"command": "edit", "ended_at": told}, pumping, change)

    def _move_milk(self) -> None:
        """Somebody says where milk went, now and then where none can go; or of other milk first what it is for."""
        chance = self.life.milk_chance
        placed = [pumping for pumping in self.book.pumpings[-12:] if pumping.place and not pumping.doubtful]
        pumping = chance.choice(placed) if placed and chance.random() < 0.7 else self._recent(chance)
        if pumping is None or pumping.doubtful:
            return
        was, place = pumping.place, chance.choice(PLACES)
        if was is None:
            intention = chance.choice(sorted(MILK_FOR))
            self._change(
                {"command": "classify", "intention": intention},
                pumping,
                partial(setattr, pumping, "place", MILK_FOR[intention]),
            )
            return
        may = place in GOES.get(was, ()) or (place in LEFT and place != was)

        def done(reply: dict[str, Any]) -> None:
            code = reply.get("code")
            if reply["lost"] or (not reply["ok"] and code in {None, "not_saved"}) or pumping.place != was:
                pumping.doubtful = True
            elif reply["ok"] != may and code != "not_now":  # it has no portion: it is deleted, or does not count
                raise BrokenRuleError(f"milk was said to go from {was} to {place}: {reply.get('error', 'it went')}")
            elif reply["ok"]:
                pumping.place = place

        self.life.say(f"milk goes from {was} to {place}")
        self.ask({"command": "milk", "place": place, "session": pumping.record}, done)

    def _delete_and_restore(self) -> None:
        pumping = self._recent()
        if pumping is None or pumping.deleted:
            return

        def deleted() -> None:
            pumping.deleted = True
            if self.chance.random() < 0.5:
                self.life.after(self.chance.uniform(5, 3600), restore)

        def restore() -> None:
            self._change({"command": "restore"}, pumping, restored)

        def restored() -> None:
            pumping.deleted = False

        self._change({"command": "delete"}, pumping, deleted)

    def _nurse(self) -> None:
        def done(reply: dict[str, Any]) -> None:
            if reply["ok"] and not reply["lost"]:
                self.book.nursings += 1
            elif reply.get("code") in {None, "not_saved"}:
                self.book.nursings_doubtful += 1

        self.ask({"command": "nursing", "effective": self.chance.random() < 0.8}, done)

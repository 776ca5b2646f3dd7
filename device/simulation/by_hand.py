"""A parent who tells of a pump at a dashboard: starts told late, pauses, starts put right; each act goes into the book.

The pump is mostly one that nothing is tied to; now and then it is the device's own, switched on after its start was
told.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from device.core.model.view import ScreenName

from .book import Pumping
from .household import ASKS_AGAIN_S, DAY_S, Household
from .life import BrokenRuleError
from .rules import SECONDS

LATE_S = 5.0
"""What is answered later than this may have been done at any time until then."""
CLEAR_S = 15.0
"""So far from the end before it an instant is told, to be on its one side or the other."""
MINUTE_S = 60.0
LONGEST_S = 7200.0
"""`max_session_s`, as it is by default."""
SOON_S = 0.5
UNCERTAIN = {None, "not_saved"}


class ToldStart(NamedTuple):
    """An instant that is told as a start; `may`: the device must take it, or must not; `edge`: it begins there then."""

    at: float
    may: bool
    edge: float | None = None


class ByHand:
    """Acts it out in the household's life, from chances of its own."""

    def __init__(self, household: Household, chance: random.Random) -> None:
        self.household, self.chance = household, chance
        self.life, self.book = household.life, household.book

    def plan_day(self) -> None:
        life, chance = self.life, self.chance
        for _ in range(chance.randrange(1, 6)):
            life.after(chance.uniform(0, DAY_S), self._start)
        for _ in range(chance.randrange(40)):
            life.after(chance.uniform(0, DAY_S), chance.choice((self._edit_start, self._edit_start, self._meddle)))
        life.after(DAY_S, self.plan_day)

    def give_up(self) -> None:
        """At the end of a life: what was told to run is told to stop."""
        if self.household.pumping is not None:
            self._ask_to_stop(self.household.pumping)

    # -- a start -----------------------------------------------------------------------------------------------

    def _start(self) -> None:
        house, life = self.household, self.life
        if not house.rests or life.daemon is None or life.broker.line is None:
            return
        before = self.book.pumpings[-1] if self.book.pumpings else None
        told = self._instant(before) if self.chance.random() < 0.75 else None
        pumping = Pumping(began=life.now, boot=life.boots, doubtful=house.is_unsure)
        house.pumping = pumping
        self.book.pumpings.append(pumping)
        sure = self._is_sure(before)
        if told is None:
            life.say("a dashboard: start")
            self._ask({"command": "start"}, partial(self._started, pumping, told, sure))
        else:
            life.say(f"a dashboard: start {life.now - told.at:.0f} s ago")
            self._ask({"command": "start", "at": self._written(told.at)}, partial(self._started, pumping, told, sure))

    def _instant(self, before: Pumping | None) -> ToldStart:
        """Some instant: after the pumping before, a little before its end, within it, too long ago, yet to come."""
        now, chance = self.life.now, self.chance
        ended = before.ended if before is not None and before.ended is not None else None
        length = 0.0 if ended is None or before is None else ended - before.began
        kinds = ["after", "after", "after", "future", "long ago"]
        if ended is not None and now - ended < LONGEST_S - 1000:
            kinds += ["edge"] * 3 if length > 2 * MINUTE_S else []
            kinds += ["within"] if length > 300 else []
        kind = chance.choice(kinds)
        if kind == "edge" and ended is not None:
            return ToldStart(ended - chance.uniform(CLEAR_S, MINUTE_S - CLEAR_S), True, ended)
        if kind == "within" and ended is not None:
            return ToldStart(ended - chance.uniform(MINUTE_S + CLEAR_S, length - CLEAR_S), False)
        if kind == "future":
            return ToldStart(now + chance.uniform(60, 6000), False)
        if kind == "long ago":
            return ToldStart(now - LONGEST_S - chance.uniform(20, 6000), False)
        earliest = now - 3000 if ended is None else max(ended + CLEAR_S, now - 3000)
        return ToldStart(chance.uniform(min(earliest, now - 2), now - 2), now - 2 > earliest)

    def _started(
        self, pumping: Pumping, told: ToldStart | None, sure: bool, reply: dict[str, Any], late_s: float
    ) -> None:
        sure = sure and not pumping.doubtful and self._is_known(pumping)
        if reply["ok"]:
            self._places(pumping, told, sure, reply)
            pumping.late_s += late_s
        elif reply["lost"] or reply.get("code") in UNCERTAIN:
            pumping.doubtful = True
        else:
            if sure and (told is None or told.may):
                raise BrokenRuleError(f"a start was refused: {reply['error']}")
            self.book.pumpings.remove(pumping)
            self.household.pumping = None
            return
        self._go_through(pumping)

    def _places(self, pumping: Pumping, told: ToldStart | None, sure: bool, reply: dict[str, Any]) -> None:
        """The session begins as was told, or at the edge of the one before."""
        record = reply["session"]
        pumping.record = record["id"]
        if told is None:
            return
        at = datetime.fromisoformat(record["started_at"]).timestamp() - self.life.first_wall
        if sure:
            off_s = abs(at - told.at) - 1 if told.edge is None else abs(at - told.edge) - self._edge_s
            if not told.may or off_s > 0:
                raise BrokenRuleError(f"told to begin {told}, it begins at {at:.1f}")
        pumping.told_start, pumping.began = record["started_at"], at

    def _go_through(self, pumping: Pumping) -> None:
        """What happens until it stops."""
        life, chance, house = self.life, self.chance, self.household
        life.after(chance.uniform(8, 25), house.read_warning)
        if chance.random() < 0.7:
            life.after(chance.uniform(6, 200), partial(house.answer, pumping))
        length = chance.uniform(20, 1500)
        if chance.random() < 0.25:
            at = chance.uniform(5, 100)
            life.after(at, partial(self._switch_on, pumping))
            life.after(at + length, partial(self._switch_off, pumping))
            length = at
        else:
            life.after(length, partial(self._stop, pumping))
        for part in (0.25, 0.5, 0.75)[: chance.choice((0, 1, 1, 3))]:
            life.after(length * part, partial(self._pause, pumping))

    def _switch_on(self, pumping: Pumping) -> None:
        """It was the device's own pump: a start that nobody gave is where that is heard; a pause is over."""
        if self.household.pumping is not pumping:
            return
        if pumping.rests_since is not None:
            over_for_s = self.life.now - pumping.rests_since - self.life.pause_s
            pumping.doubtful |= abs(over_for_s) < LATE_S
            if over_for_s > 0:
                self._over(pumping)
                return
        if pumping.told_start is None:
            pumping.began, pumping.rests, pumping.late_s = self.life.now, [], 0.0
        elif pumping.rests_since is not None:
            self._rested(pumping, self.life.now)
        pumping.rests_since = None
        self.household.run_pump(pumping)

    def _switch_off(self, pumping: Pumping) -> None:
        if self.household.pumping is pumping:
            self.life.say("the pump stops")
            self.life.pump.end()
            pumping.doubtful |= self.life.pump.hangs
            if pumping.doubtful:
                self._ask_to_stop(pumping)
            else:
                self._over(pumping)

    # -- pauses ------------------------------------------------------------------------------------------------

    def _pause(self, pumping: Pumping) -> None:
        life, chance = self.life, self.chance
        if self.household.pumping is not pumping or pumping.tied or pumping.rests_since is not None:
            return
        if life.pause_s < 2 * CLEAR_S:
            return
        now = life.now
        forgets = chance.random() < 0.1
        rest_s = life.pause_s + CLEAR_S if forgets else chance.uniform(2, life.pause_s - CLEAR_S)

        def done(reply: dict[str, Any], late_s: float) -> None:
            if not self._is_done("pause", pumping, reply, late_s):
                return
            pumping.rests_since = now
            life.after(rest_s, partial(self._go_on, pumping))

        life.say("a dashboard: pause")
        self._ask({"command": "pause"}, done)

    def _go_on(self, pumping: Pumping) -> None:
        """Go on, unless the pause was forgotten: then it ended it."""
        life = self.life
        if self.household.pumping is not pumping or pumping.tied or pumping.rests_since is None:
            return
        now, over = life.now, life.now > pumping.rests_since + life.pause_s

        def done(reply: dict[str, Any], late_s: float) -> None:
            if over and reply.get("code") == "not_now":
                self._over(pumping)
            elif over and not pumping.doubtful and reply["ok"]:
                raise BrokenRuleError("a pause that was over was gone on from")
            elif self._is_done("go_on", pumping, reply, late_s):
                self._rested(pumping, now)

        life.say("a dashboard: go on")
        self._ask({"command": "go_on"}, done)

    def _rested(self, pumping: Pumping, until: float) -> None:
        pumping.rests.append((until if pumping.rests_since is None else pumping.rests_since, until))
        pumping.rests_since = None

    def _is_done(self, name: str, pumping: Pumping, reply: dict[str, Any], late_s: float) -> bool:
        """Whether the device did it; what it may have done, and what came too late to be told apart, is doubtful."""
        if self.household.pumping is not pumping or pumping.tied:
            pumping.doubtful = True
        elif reply["ok"]:
            pumping.late_s += late_s
            if reply["session"]["id"] != pumping.record and not pumping.doubtful:
                raise BrokenRuleError(f"{name} is answered by another session")
            return True
        elif not reply["lost"] and reply.get("code") not in UNCERTAIN and not pumping.doubtful:
            raise BrokenRuleError(f"{name} was refused: {reply['error']}")
        else:
            pumping.doubtful = True
        return False

    def _meddle(self) -> None:
        """Somebody asks for a pause of what the device hears itself, or of nothing at all."""
        pumping, name = self.household.pumping, self.chance.choice(("pause", "go_on"))
        if self.life.broker.line is None or (pumping is not None and not pumping.tied):
            return
        heard = pumping is not None and not pumping.doubtful and pumping.record is not None
        if pumping is None and not self.household.rests:
            return
        nothing = pumping is None and not any(lately.doubtful for lately in self.book.pumpings[-2:])

        def done(reply: dict[str, Any], _late_s: float) -> None:
            if reply["ok"] and (nothing or (heard and pumping is not None and not pumping.doubtful)):
                raise BrokenRuleError(f"{name} was done where no hand alone witnesses a session")
            if pumping is not None and reply.get("code") != "not_now":
                pumping.doubtful = True

        self._ask({"command": name}, done)

    # -- its end -----------------------------------------------------------------------------------------------

    def _stop(self, pumping: Pumping) -> None:
        """By the device's button where it is there, else at a dashboard."""
        if self.household.pumping is not pumping:
            return
        now = self.life.now

        def stopped() -> None:
            if self.household.pumping is pumping:
                pumping.late_s += self.life.now - now
                self._over(pumping, now)

        if self.chance.random() < 0.5 and self.household.press("Stop", stopped):
            self.life.after(CLEAR_S, partial(self._ask_to_stop, pumping))
        else:
            self._ask_to_stop(pumping)

    def _ask_to_stop(self, pumping: Pumping) -> None:
        """Until the device says that it did, or that nothing runs."""
        life = self.life
        if self.household.pumping is not pumping:
            return
        now = life.now

        def done(reply: dict[str, Any], late_s: float) -> None:
            if reply["ok"] and not reply["lost"]:
                pumping.late_s += late_s
                pumping.doubtful |= late_s > LATE_S
            else:
                pumping.doubtful = True
            if reply["ok"] or reply.get("code") == "not_now":
                self._over(pumping, now)
            else:
                life.after(MINUTE_S, partial(self._ask_to_stop, pumping))

        life.say("a dashboard: stop")
        self._ask({"command": "stop"}, done)

    def _over(self, pumping: Pumping, at: float | None = None) -> None:
        """It ended then; in a pause where that began."""
        life, house = self.life, self.household
        if house.pumping is not pumping:
            return
        ended = life.now if at is None else at
        pumping.ended = ended if pumping.rests_since is None else pumping.rests_since
        pumping.warned = life.view is not None and life.view.screen is ScreenName.WARNING
        house.pumping = None
        if self.chance.random() < 0.6:
            later = life.pause_s if pumping.tied else 0.0
            life.after(later + self.chance.uniform(1, 170), partial(house.give_volume_at_device, pumping, 3))

    # -- its start is put right --------------------------------------------------------------------------------

    def _edit_start(self) -> None:
        """Of whatever runs, also where the pump is heard."""
        pumping, life = self.household.pumping, self.life
        if pumping is None or pumping.record is None or life.broker.line is None or pumping.rests_since is not None:
            return
        place = self.book.pumpings.index(pumping)
        before = self.book.pumpings[place - 1] if place else None
        told, sure = self._instant(before), self._is_sure(before) and pumping.pauses == 0
        if told.at > life.now - CLEAR_S and told.may:
            return
        if pumping.tied and told.may and life.now - told.at > LONGEST_S - 1000:
            return
        long_ago = told.at < life.now - LONGEST_S  # a heard one may have begun then, unless another was there

        def done(reply: dict[str, Any], _late_s: float) -> None:
            known = sure and not pumping.doubtful and self._is_known(pumping) and not long_ago
            if reply["ok"]:
                self._places(pumping, told, known, reply)
            elif reply["lost"] or reply.get("code") in UNCERTAIN:
                pumping.doubtful = True
            elif known and told.may:
                raise BrokenRuleError(f"an edited start was refused: {reply['error']}")

        life.say(f"a dashboard: it began {life.now - told.at:.0f} s ago")
        command = {"command": "edit", "session": pumping.record, "started_at": self._written(told.at)}
        self._ask(command, done)

    # -- what is certain ---------------------------------------------------------------------------------------

    @property
    def _edge_s(self) -> float:
        """How far off the recorded end of a pumping may be."""
        return SECONDS + 1 + self.life.pump.ties.cycle_s + LATE_S

    def _is_sure(self, before: Pumping | None) -> bool:
        """The device's clock is set, and the record is known to hold what was before."""
        boot = self.life.boots
        if boot not in self.book.learned or before is None or before.boot != boot:
            return False
        here = [pumping for pumping in self.book.pumpings[:-1] if pumping.boot == boot]
        return not (
            any(pumping.doubtful for pumping in here)
            or before.edited_end is not None
            or before.deleted
            or before.record is None
        )

    def _is_known(self, pumping: Pumping) -> bool:
        return pumping.boot == self.life.boots and self.life.daemon is not None

    def _written(self, at: float) -> str:
        return f"{datetime.fromtimestamp(round(self.life.first_wall + at), UTC):%Y-%m-%dT%H:%M:%SZ}"

    def _ask(self, command: dict[str, Any], done: Callable[[dict[str, Any], float], object]) -> None:
        """Ask once; `done` with the reply and how long it took."""
        asked, answered = self.life.now, list[dict[str, Any]]()

        def heard(reply: dict[str, Any]) -> None:
            answered.append(reply)
            done(reply, self.life.now - asked)

        self.household.ask(command, heard, again_s=ASKS_AGAIN_S - 1)
        self._wait_for(answered)

    def _wait_for(self, answered: list[dict[str, Any]]) -> None:
        """What a reply leads to is planned while the life waits for what was planned before: let that be soon."""
        if not answered:
            self.life.after(SOON_S, partial(self._wait_for, answered))

# A sensor on the pump, no wire into anything: this board (MicroPython, a Raspberry Pi Pico) listens to a vibration
# switch, a reed contact or a comparator behind a current sensor, and says over USB what the pump does, in the
# companion's own lines (docs/serial.md). Copy it there as main.py; on the Pi: [serial] port = "/dev/ttyACM0".

from time import sleep_ms, ticks_diff, ticks_ms

from machine import Pin

SENSOR, ACTIVE = Pin(16, Pin.IN, Pin.PULL_UP), 0  # GP16 (pin 21) to GND (pin 23) when the pump moves; 1: to 3V3
KNOCK_MS = 5  # a knock is a level that stays for as long
APART_MS = 150  # knocks with less between them are one stroke
CHATTER_MS = 1000  # a stroke of knocks that lasts longer is a motor that turns on and on: no pace
SURE_MS = 3000  # a pump that runs for so long runs
QUIET_MS = 8000  # slow expression is ten strokes a minute
GOES_ON_MS = 120000  # a rest of up to so long is a pause: two strokes are enough then
SAY_MS = 1000
FASTEST = 200


class Ear:
    """What is heard of one pump. All times are ticks in ms, which wrap: only their differences mean anything."""

    def __init__(self):
        self.active = self.raw = False
        self.changed = self.over = self.first = self.began = self.latest = self.told = None
        self.last_ran = None  # when a pump that was told of was heard last
        self.longest = 0
        self.strokes = []  # when the newest began, of those that make a pace

    def hear(self, now, active):
        """The line to say now that the sensor is (in)active, or None."""
        if active != self.raw:
            self.raw, self.changed = active, now
        if self.raw != self.active and ticks_diff(now, self.changed) >= KNOCK_MS:
            self.active = self.raw
            if self.active:
                self.knock(self.changed)
            else:
                self.longest = max(self.longest, ticks_diff(self.changed, self.knocked))
                self.over = self.changed
        if self.first is not None and ticks_diff(now, self.latest) > QUIET_MS and not self.active:
            if self.told is not None:
                self.last_ran = self.latest
            self.first = self.told = self.over = None
        return self.said(now)

    def knock(self, at):
        if self.first is None:
            self.first, self.strokes = at, []
        if self.over is None or ticks_diff(at, self.over) >= APART_MS:
            self.began, self.longest = at, 0
            self.strokes = self.strokes[-7:] + [at]
            self.latest = at
        elif ticks_diff(at, self.began) - self.longest > CHATTER_MS:
            self.strokes = []
            self.latest = at
        self.knocked = at

    def runs(self):
        lately = self.last_ran is not None and ticks_diff(self.latest, self.last_ran) <= GOES_ON_MS
        return ticks_diff(self.latest, self.first) >= (1 if lately else SURE_MS)

    def said(self, now):
        if self.first is None or not self.runs() or self.latest == self.told:
            return None
        if self.told is not None and ticks_diff(now, self.said_at) < SAY_MS:
            return None
        self.told, self.said_at = self.latest, now
        line = f"RUN t={ticks_diff(now, self.first) / 1000:.1f}"
        pace = self.pace()
        return line + (f" cpm={pace:.1f}" if pace else "")

    def pace(self):
        if len(self.strokes) < 2:
            return None
        pace = 60000 * (len(self.strokes) - 1) / ticks_diff(self.strokes[-1], self.strokes[0])
        return pace if pace <= FASTEST else None


def summed(words):
    total = 0
    for byte in f"PUMP {words}".encode():
        total ^= byte
    return f"PUMP {words}*{total:02X}"


def main():
    ear = Ear()
    print(summed("HELLO model=sensor-board fw=1"))
    while True:
        line = ear.hear(ticks_ms(), SENSOR.value() == ACTIVE)
        if line:
            print(summed(line))
        sleep_ms(1)


main()

"""What a picture costs on the display's wire: a tick, a whole new screen, a day, beside what luma and the pixels need.

luma's own driver draws the same pictures on the same recording bus.
"""

import statistics
from typing import NamedTuple

from msgspec.structs import replace

from device.core.model.effects import Show
from device.core.model.view import ScreenName, View
from device.screens import draw
from drivers import oled
from drivers.controllers import Controller
from drivers.oled import OledFrame
from drivers.virtual.panel import VirtualPanel
from tests.support.drive import ON, WALL, Device
from tests.support.lumas import display, luma_on

LUMAS = 100
"""Pictures that luma shows: each costs it the same."""
REDRAWS_A_DAY = 2 * 86400
"""As kvmd-oled has it, whether or not anything changed."""


def lived(night: tuple[int, int] | None = None) -> Device:
    """A day with eight sessions by the pump's wire, each answered, its amount given, then left."""
    device = Device(off_after_s=120, night=night)
    for _ in range(8):
        device.pump(True, lasts=20)
        device.press("left", "left", "middle")
        device.wait(15 * 60)
        device.pump(False, lasts=60)
        device.press("right")
        device.wait(2.5 * 3600)
    return device


def shown(device: Device) -> list[tuple[float, View]]:
    return [(at, effect.view) for at, effect in device.effects if isinstance(effect, Show)]


def day() -> list[View]:
    """Every picture of such a day."""
    return [view for _, view in shown(lived())]


def luma_bytes(controller: Controller, views: list[View]) -> float:
    """What luma's own `display` sends for one of these pictures; the whole glass, where it has no driver for it."""
    panel = VirtualPanel(controller)
    device = luma_on(panel)
    if device is None:
        return sum(window.size + controller.addressing.overhead - 2 for window in oled.whole_glass(controller))
    before = panel.written
    for view in views:
        display(device, draw(view))
    return (panel.written - before) / len(views)


def as_the_daemon_does(view: View) -> OledFrame:
    return OledFrame(draw(replace(view, shift=(0, 0))), view.lit.value, view.shift)


def measure(controller: Controller, views: list[View]) -> dict[str, float]:
    """Bytes: of a second on the Timer (median, most), of a new screen (most), of the day over its changed bytes.

    luma's: of one of these seconds' pictures, of the day's, and of the day where it draws again twice a second.
    """
    panel = VirtualPanel(controller)
    glass = oled.OledPanel(controller, panel.open_bus)
    changed, sent = 0, 0
    old: list[bytes] | None = None
    before: View | None = None
    ticks: list[int] = []
    ticked: list[View] = []
    screens: list[int] = []
    for view in views:
        base = panel.written
        glass.show(as_the_daemon_does(view))
        cost, new = panel.written - base, glass._shown
        if (
            old is not None
            and new is not None
            and before is not None
            and view.lit.value != "dark"
            and before.lit.value != "dark"
        ):
            changed += sum(a != b for p, q in zip(old, new, strict=True) for a, b in zip(p, q, strict=True))
            sent += cost
            timer = view.screen is before.screen is ScreenName.TIMER and view.keys == before.keys
            (ticks if timer else screens).append(cost)
            ticked += [view] if timer else []
        old, before = new, view
    base = panel.written
    glass.show(as_the_daemon_does(views[-1]))
    luma = luma_bytes(controller, ticked[:LUMAS])
    return {
        "tick": statistics.median(ticks), "most tick": max(ticks),
        "ticks over": 100 * sum(one > 120 for one in ticks) / len(ticks),
        "screen": max(screens), "day": sent,
        "changed": changed, "luma": luma, "luma day": luma * len(views), "redrawn day": luma * REDRAWS_A_DAY,
        "nothing": panel.written - base,
    }  # fmt: skip


class Stretches(NamedTuple):
    """Bytes on the wire in each five minutes of a day; in hours since it began, its sessions and its night."""

    ours: list[float]
    luma: list[float]
    """What its own `display` sends, drawn at each change."""
    redrawn: list[float]
    sessions: list[tuple[float, float]]
    night: list[tuple[float, float]]


NIGHT = (21 * 60, 7 * 60)
BEGAN_H = 3
"""When the day begins, by the clock on the wall (UTC)."""
STRETCH_S = 300
A_DAY = 86400 // STRETCH_S


def by_time(controller: Controller) -> Stretches:
    """The same day with a night in it, for which the display dims."""
    device, panel = lived(NIGHT), VirtualPanel(controller)
    glass = oled.OledPanel(controller, panel.open_bus)
    ours, pictures = [0] * A_DAY, [0] * A_DAY
    for at, view in shown(device):
        place, base = int(at - ON) // STRETCH_S, panel.written
        glass.show(as_the_daemon_does(view))
        ours[place] += panel.written - base
        pictures[place] += 1
    luma = luma_bytes(controller, [view for _, view in shown(device)][:LUMAS])
    sessions = [(one.started_at, one.started_at + one.duration_s) for one in device.disk.sessions()]
    dusk, dawn = (minutes / 60 - BEGAN_H for minutes in NIGHT)
    return Stretches(
        ours=[*map(float, ours)],
        luma=[count * luma for count in pictures],
        redrawn=[luma * REDRAWS_A_DAY / A_DAY] * A_DAY,
        sessions=[((since - WALL) / 3600, (until - WALL) / 3600) for since, until in sessions],
        night=[(0, dawn), (dusk, 24)],
    )

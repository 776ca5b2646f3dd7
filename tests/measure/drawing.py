"""What a picture costs on the display's wire: a tick, a whole new screen, a day, beside what luma and the pixels need.

luma's own driver draws the same pictures on the same recording bus.
"""

import statistics

from msgspec.structs import replace

from device.core.model.effects import Show
from device.core.model.view import ScreenName, View
from device.screens import draw
from drivers import oled
from drivers.controllers import Controller
from drivers.oled import OledFrame
from drivers.virtual.panel import VirtualPanel
from tests.support.drive import Device
from tests.support.lumas import display, luma_on

LUMAS = 100
"""Pictures that luma shows: each costs it the same."""
REDRAWS_A_DAY = 2 * 86400
"""As kvmd-oled has it, whether or not anything changed."""


def day() -> list[View]:
    """Every picture of a day with eight sessions by the pump's wire, each answered, its amount given, then left."""
    device = Device(off_after_s=120)
    for _ in range(8):
        device.pump(True, lasts=20)
        device.press("left", "left", "middle")
        device.wait(15 * 60)
        device.pump(False, lasts=60)
        device.press("right")
        device.wait(2.5 * 3600)
    return [effect.view for _, effect in device.effects if isinstance(effect, Show)]


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
    shown = oled.OledPanel(controller, panel.open_bus)
    changed, sent = 0, 0
    old: list[bytes] | None = None
    before: View | None = None
    ticks: list[int] = []
    ticked: list[View] = []
    screens: list[int] = []
    for view in views:
        base = panel.written
        shown.show(as_the_daemon_does(view))
        cost, new = panel.written - base, shown._shown
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
    shown.show(as_the_daemon_does(views[-1]))
    luma = luma_bytes(controller, ticked[:LUMAS])
    return {
        "tick": statistics.median(ticks), "most tick": max(ticks),
        "ticks over": 100 * sum(one > 120 for one in ticks) / len(ticks),
        "screen": max(screens), "day": sent,
        "changed": changed, "luma": luma, "luma day": luma * len(views), "redrawn day": luma * REDRAWS_A_DAY,
        "nothing": panel.written - base,
    }  # fmt: skip

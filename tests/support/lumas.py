"""luma.oled's own driver for a controller, on the same recording bus as ours: what ours is held against."""

import warnings
from typing import Any

from drivers.virtual.panel import VirtualPanel


def luma_on(panel: VirtualPanel) -> Any:
    """Set a panel up as luma does; None where luma has no driver for its controller."""
    import luma.oled.device

    made = getattr(luma.oled.device, panel.controller.name.lower(), None)
    if made is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        device = made(panel.open_bus())
    device.persist = True
    return device


def display(device: Any, image: Any) -> None:
    """Have luma show a picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        device.display(image)

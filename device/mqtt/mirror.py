"""The display's picture for dashboards: a PNG when its content changed, at most every two seconds.

A pixel shift, a running time or a clock that moves on is no new content.
"""

import io
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from PIL import Image

from device.core.model.view import Heading, IdleBody, IntentionBody, Lit, PurposeBody, ReasonBody, TimerBody, View
from drivers.runtime import EventLoop

EVERY_S = 2.0


class Mirror:
    """Gives `publish` the newest picture, once its content differs from the one before."""

    def __init__(
        self, loop: EventLoop, draw: Callable[[View], Image.Image], publish: Callable[[bytes], object]
    ) -> None:
        self._loop, self._draw, self._publish = loop, draw, publish
        self._shown: View | None = None
        self._newest: View | None = None
        self._waits: Any = None

    def show(self, view: View) -> None:
        self._newest = view
        if not self._waits and content(view) != self._shown:
            self._send()

    def again(self) -> None:
        """A new connection, or a birth: the broker may have forgotten the picture, so this one waits for nothing."""
        if self._waits:
            self._waits.cancel()
        self._send()

    def _send(self) -> None:
        if self._newest is None:
            return
        self._shown = content(self._newest)
        self._publish(png(self._draw(replace(self._newest, shift=(0, 0)))))
        self._waits = self._loop.call_after(EVERY_S, self._rested)

    def _rested(self) -> None:
        self._waits = None
        if self._newest is not None and content(self._newest) != self._shown:
            self._send()


def content(view: View) -> View:
    """The view without what moves on by itself, for comparing."""
    view = replace(view, shift=(0, 0))
    still = Heading(running_s=0)
    match view.body:
        case _ if view.lit is Lit.DARK:
            view = replace(view, keys=(None, None, None), suggested=None, pressed=None)
        case IdleBody() as body:
            view = replace(view, body=replace(body, local=None if body.local is None else body.local.min, last_ago_s=0))
        case TimerBody() as body:
            ends = None if body.ends_in_s is None else 0
            view = replace(view, body=replace(body, pumping_s=0, cycles_per_minute=None, ends_in_s=ends))
        case PurposeBody() | ReasonBody() | IntentionBody() as body if body.heading.running_s is not None:
            view = replace(view, body=replace(body, heading=still))
        case _:
            pass
    return view


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("1").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()

"""A bad line between device and broker: it cuts, freezes, delays, throttles and swallows acknowledgements.

It hands bytes on; only what the broker says is looked at by packets, so that an acknowledgement can be left out.
"""

import asyncio
import contextlib
import random
import threading
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

CHUNK = 4096
DROP_S, DROP = 0.05, 200
"""Throttled: so many bytes at a time."""
LATE_S = 0.3
PUBACK = 4


class Mood(StrEnum):
    """What the line does to what goes over it."""

    GOOD = "good"
    CUT = "cut"
    """After some bytes more, wherever that is in a packet, it hangs up."""
    FROZEN = "frozen"
    LATE = "delayed"
    SLOW = "throttled"
    DEAF = "swallowing"
    """The broker's acknowledgements are lost; then it hangs up, for nobody says them twice on one connection."""
    SHUT = "shut"
    """It hangs up and takes no connection."""


class Proxy:
    """One port of its own in front of the broker's; `moods` counts how often it was in each."""

    def __init__(self, to: int, dice: random.Random) -> None:
        self.moods: Counter[str] = Counter()
        self._to, self._dice = to, dice
        self._mood, self._left = Mood.GOOD, 0
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._changed = asyncio.Event()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad line", daemon=True)
        self._thread.start()

    def be(self, mood: Mood) -> None:
        """From now on; from any thread, and it is so when this returns."""
        asyncio.run_coroutine_threadsafe(self._be(mood), self._loop).result()

    async def _be(self, mood: Mood) -> None:
        if mood is Mood.SHUT or self._mood is Mood.DEAF:
            self._hang_up()
        self._mood, self._left = mood, self._dice.randrange(2000)
        self.moods[mood] += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        async def leave() -> None:
            self._server.close()
            self._hang_up()
            carrying = asyncio.all_tasks() - {asyncio.current_task()}
            for task in carrying:
                task.cancel()
            await asyncio.gather(*carrying, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(leave(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _hang_up(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def _meet(self, device: asyncio.StreamReader, to_device: asyncio.StreamWriter) -> None:
        self._ends.add(to_device)
        with contextlib.suppress(OSError):
            if self._mood is not Mood.SHUT:
                await self._join(device, to_device)
        self._ends.remove(to_device)
        to_device.transport.abort()

    async def _join(self, device: asyncio.StreamReader, to_device: asyncio.StreamWriter) -> None:
        broker, to_broker = await asyncio.open_connection("127.0.0.1", self._to)
        ways = [
            asyncio.ensure_future(self._carry(device, to_broker, by_packets=False)),
            asyncio.ensure_future(self._carry(broker, to_device, by_packets=True)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        to_broker.transport.abort()

    async def _carry(self, come: asyncio.StreamReader, go: asyncio.StreamWriter, *, by_packets: bool) -> None:
        """One way, to its end."""
        held = bytearray()
        while data := await come.read(CHUNK):
            held += data
            pieces = list(whole_packets(held)) if by_packets else [bytes(held)]
            for piece in pieces:
                if not await self._send(go, piece):
                    return
            if not by_packets:
                held.clear()

    async def _send(self, go: asyncio.StreamWriter, piece: bytes) -> bool:
        """Hand a piece on as the mood has it; False: hang up."""
        while self._mood is Mood.FROZEN:
            await self._changed.wait()
        match self._mood:
            case Mood.LATE:
                await asyncio.sleep(self._dice.random() * LATE_S)
            case Mood.SLOW:
                while len(piece) > DROP and self._mood is Mood.SLOW:
                    go.write(piece[:DROP])
                    piece = piece[DROP:]
                    await asyncio.sleep(DROP_S)
            case Mood.CUT:
                self._left -= len(piece)
                if self._left < 0:
                    go.write(piece[: self._left])
                    await go.drain()
                    return False
            case Mood.DEAF if piece[0] >> 4 == PUBACK:
                return True
        go.write(piece)
        await go.drain()
        return True


def whole_packets(held: bytearray) -> Iterator[bytes]:
    """MQTT's packets that stand whole in what came; they are taken out of it."""
    while len(held) > 1:
        size, end = 0, 1
        while end < len(held) and end < 5:
            size |= (held[end] & 127) << 7 * (end - 1)
            end += 1
            if held[end - 1] < 128:
                break
        else:
            return
        if len(held) < end + size:
            return
        yield bytes(held[: end + size])
        del held[: end + size]

"""What drivers run on, as they see it: the one loop, and the clock. Whatever has these methods will do."""

from collections.abc import Callable
from typing import Protocol

Call = Callable[[], object]


class TimeSource(Protocol):
    """A monotonic clock, in seconds."""

    def now(self) -> float: ...


class WaitedClock(TimeSource, Protocol):
    """One that a loop can sleep by: `real_s` is how long to really wait until it reads `at`."""

    def real_s(self, at: float) -> float: ...


class WallClock(TimeSource, Protocol):
    """One that knows people's time too, and whether the system calls it synchronised."""

    def wall(self) -> float: ...
    def synced(self) -> bool: ...


class DeviceClock(WaitedClock, WallClock, Protocol):
    """What a device lives by; `boot_id` names the boot whose monotonic time it tells."""

    boot_id: str


class TimerHandle(Protocol):
    """A call that is still to come."""

    def cancel(self) -> object: ...


class EventLoop(Protocol):
    """The loop whose thread alone touches the state; `call` alone may come from another one."""

    def now(self) -> float: ...
    def call(self, fn: Call) -> object: ...
    def call_at(self, at: float, fn: Call) -> TimerHandle: ...
    def call_after(self, real_s: float, fn: Call) -> TimerHandle: ...
    def watch(self, fd: int, on_readable: Call | None, on_writable: Call | None = None) -> object: ...
    def unwatch(self, fd: int) -> object: ...

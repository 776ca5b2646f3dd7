"""The system's clock: monotonic and wall time, this boot, whether the time is set, the timezone's name.

A Pi has no battery clock: whether its time can be trusted is what the system says, never a guess from the year.
"""

import ctypes
import errno
import os
import struct
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from device.core.model.events import ClockRead
from drivers.runtime import EventLoop, SetClock, TimerHandle, WallClock

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
MARKS = (Path("/run/systemd/timesync/synchronized"), Path("/run/pump-companion/synchronized"))
"""systemd-timesyncd's own mark, and the one that our oneshot leaves after systemd-time-wait-sync (chrony)."""
STA_UNSYNC = 0x40
"""linux/timex.h: the kernel's clock is not disciplined."""
LOOK_EVERY_S = 30.0
"""How often an unset clock is looked at: timesyncd leaves its mark without a jump where it need not step."""
UTC = "UTC"
LINKS = 8
"""How many links /etc/localtime is followed by, at most."""
_CLOCK_REALTIME = 0
_TFD_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_TFD_ABSTIME_CANCEL_ON_SET = 1 | 2
_FAR = 2**31 - 1


class SystemClock:
    """Monotonic and wall seconds as the kernel has them."""

    def __init__(self, marks: tuple[Path, ...] = MARKS) -> None:
        self._marks = marks
        self.boot_id = boot_id()

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def real_s(self, at: float) -> float:
        """Real seconds until `now()` reads `at`."""
        return at - time.monotonic()

    def jumps(self) -> "Jumps":
        return Jumps()

    def synced(self) -> bool:
        """Say what the system says: a mark, or the kernel's flag where asking is permitted."""
        return any(mark.exists() for mark in self._marks) or kernel_says_synced() is True


def boot_id(environment: Mapping[str, str] = os.environ, file: Path = BOOT_ID) -> str:
    """Name this boot: the unit says it in PUMP_COMPANION_BOOT, since its sandbox (ProcSubset) hides the kernel's file.

    Where neither tells, every start counts as a boot of its own.
    """
    named = environment.get("PUMP_COMPANION_BOOT")
    try:
        return (named or file.read_text(encoding="ascii").strip()).replace("-", "")
    except OSError:
        return uuid.uuid4().hex


def kernel_says_synced() -> bool | None:
    """Ask adjtimex(2), reading only, for the kernel's own flag; None where that is not permitted (ProtectClock)."""
    timex = ctypes.create_string_buffer(512)
    if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
        return None
    return not status_of(timex.raw) & STA_UNSYNC


def status_of(timex: bytes) -> int:
    """`status` in a struct timex: after an int, its padding, and four longs."""
    return int(struct.unpack_from("@i4li", timex)[5])


def timezone(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> str:
    """Name a timezone of the database such as `Europe/Vienna`: the one that TZ names, else the system's own."""
    named = _zone_of_tz(environment)
    return named if named and is_zone(named) else system_zone(root)


def unknown_zone(environment: Mapping[str, str] = os.environ) -> str | None:
    """What TZ says where that names no timezone of the database (a rule such as `CET-1CEST`, a file): a warning."""
    named = _zone_of_tz(environment)
    return None if not named or is_zone(named) else environment["TZ"]


def _zone_of_tz(environment: Mapping[str, str]) -> str:
    """The name in TZ; "" where it means the system's own."""
    value = environment.get("TZ", "").removeprefix(":")
    if value.startswith("/"):
        value = os.path.normpath(value)
    name = _database_name(value)
    return "" if "localtime" in (name, value.removeprefix("/etc/")) else name


def _database_name(path: str) -> str:
    """A path's name in the database, without the folders that hold the same zones once more."""
    name = path.rpartition("zoneinfo/")[2]
    return name.removeprefix("posix/").removeprefix("right/")


def is_zone(name: str) -> bool:
    """Whether the database has it. Whatever is no name at all is none."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def system_zone(root: Path = Path("/")) -> str:
    """The system's own zone: where /etc/localtime leads, link by link, else what /etc/timezone says; else `UTC`."""
    link = root / "etc/localtime"
    for _ in range(LINKS):
        if not link.is_symlink():
            break
        target = link.readlink()
        name = _database_name(str(target))
        if "zoneinfo/" in str(target) and is_zone(name):
            return name
        link = link.parent / target
    try:
        name = (root / "etc/timezone").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return UTC
    return name if is_zone(name) else UTC


class Jumps:
    """A descriptor that becomes readable when somebody sets the system's clock (timerfd, TFD_TIMER_CANCEL_ON_SET)."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = int(self._libc.timerfd_create(_CLOCK_REALTIME, _TFD_FLAGS))
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._arm()

    def _arm(self) -> None:
        never = (ctypes.c_long * 4)(0, 0, _FAR, 0)
        if self._libc.timerfd_settime(self.fd, _TFD_ABSTIME_CANCEL_ON_SET, ctypes.byref(never), None) < 0:
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def jumped(self) -> bool:
        """Whether the clock was set since the last call; wait on `fd` again afterwards."""
        try:
            os.read(self.fd, 8)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno != errno.ECANCELED:
                raise
            self._arm()
            return True
        return True

    def close(self) -> None:
        os.close(self.fd)


class ClockWatch:
    """Posts `ClockRead` at the start, when the clock was set, and when the system first calls it synchronised."""

    def __init__(
        self, clock: WallClock, jumps: SetClock, *, post: Callable[[ClockRead], object], loop: EventLoop
    ) -> None:
        self._clock = clock
        self._post = post
        self._loop = loop
        self._jumps = jumps
        self._timer: TimerHandle | None = None
        loop.watch(self._jumps.fd, self._look_for_jump)
        self._read()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._loop.unwatch(self._jumps.fd)
        self._jumps.close()

    def _read(self) -> None:
        synced = self._clock.synced()
        self._post(ClockRead(self._clock.now(), wall=self._clock.wall(), synced=synced))
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if synced else self._loop.call_after(LOOK_EVERY_S, self._look_again)

    def _look_for_jump(self) -> None:
        if self._jumps.jumped():
            self._read()

    def _look_again(self) -> None:
        if self._clock.synced():
            self._read()
        else:
            self._timer = self._loop.call_after(LOOK_EVERY_S, self._look_again)

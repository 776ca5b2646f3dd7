"""What is fuzzed: for each target what it takes its inputs to, what that may raise, and what guides the inputs."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from device.core.model.record import REASONS, Button, Intention, Purpose
from device.settings.keys import KEYS
from device.store.importing import ImportRefusedError
from device.store.rows import RowError
from device.wire.commands import COMMANDS
from device.wire.csv_rows import COLUMNS
from device.wire.foreign_rows import GENERIC, HUCKLEBERRY
from device.wire.lines import SESSION, LineError
from device.wire.tables import BadRowError

from .broker import packets
from .parsers import bodies, commands, configuration, lines, pages, serial, tables
from .talk import talk


class Target(NamedTuple):
    """`share` of all inputs, `longest` of one in bytes, `most_s` of the processor's time that it may take."""

    run: Callable[[bytes], None]
    tokens: tuple[bytes, ...]
    share: float
    may_raise: tuple[type[Exception], ...] = ()
    most_s: float = 0.5
    longest: int = 5000

    def try_one(self, data: bytes) -> None:
        said = ""
        try:
            self.run(data)
        except self.may_raise as error:
            said = str(error)
        assert len(said) < 1000
        assert "\n" not in said, "an error is one line"


def _quoted(*words: str) -> tuple[bytes, ...]:
    return tuple(f'"{word}"'.encode() for word in words)


PUMP = (
    *(b"PUMP ", b"HELLO", b"START", b"RUN", b"PAUSE", b"STOP", b"VOLUME", b" t=", b" cpm=", b" vac=", b" ml="),
    *(b" model=", b" fw=", b"*@@", b"*00", b"\n", b"\r\n", b"\r", b"=", b" ", b"86400", b"86401", b"2000", b"2001"),
    *(b"1.5", b".", b"-1", b"1e3", b"inf", b"nan", b"\0", b"\xff", b"\xd9\xa3", b"x" * 127, b"x" * 128, b"x" * 129),
)
PATTERNED = (b"motor on", b"resume", b"54 cpm, 150 mmHg", b"off 12 s", b" 85.5 ml", b"I am ", b"scale 5 g")
WORDS = _quoted(
    *("command", "request", *COMMANDS, *(name for shape in COMMANDS.values() for name in shape.fields)),
    *(*Purpose, *Intention, *(reason for group in REASONS.values() for reason in group), *Button),
    *("2026-03-01T03:12:08Z", "2026-03-01T04:12:08+01:00", "1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"),
    *("0001-01-01T00:00:00Z", "20260301T031208.5Z", "2026-03-01T24:00:00Z", "1.2-3.4", "9007199254740992.0-0.0"),
)
JSON = (
    *(b"{", b"}", b"[", b"]", b":", b",", b"null", b"true", b"false", b"0", b"-0.0", b"1e999", b"-1e-999", b"0.5"),
    *(b"2000.49", b"2000.5", b"9" * 30, b"9007199254740993", b"NaN", b"\\ud800", b"\\u0000", b"\\n", b"\xe2\x80\xa8"),
    *(b"\xef\xbb\xbf", b"\xf0\x9f\x8d\xbc", b"[" * 500, b'{"a":' * 300, b"x" * 501),
)
RECORD = _quoted(*SESSION, "session", "nursing", "at", "effective", "source", "schema", "facts", "context", "because")
TOML = (
    *(f"[{key.section}]\n".encode() for key in KEYS),
    *(f"{key.name} = ".encode() for key in KEYS),
    *(b'"', b"'", b"'''", b"\n", b"= 0\n", b"= -1\n", b'= ""\n', b"= true\n", b"= [1]\n", b"= {a = 1}\n", b"= inf\n"),
    *(b"\\u0000", b"\\n", b"1979-05-27T07:32:00Z", b"9" * 30, b"(a+)+$", b"(?P<t>\\d+)", b"(?P<t>", b"[a-", b"{9999}"),
    *(b".", b"/", b"../", b"~", b"#", b"\xef\xbb\xbf", b"\xff", b"[[", b"0x", b"'^(?P<ml>\\d+) g$'\n", b"\xe2\x80\xae"),
)
MQTT = (
    b"\x30", b"\x31", b"\x32", b"\x40\x02\0\1", b"\x90\x04\0\1\0\1", b"\x90\x05\0\1\0\1\1", b"\xd0\0", b"\0\0",
    b"\0\x1cpump-companion/pump/command", b"\0\x14homeassistant/status", b"online", b"\x08\0\3a/b", b"\x09\0\1x",
    b'{"command": "start"}', b'{"command": "history", "request": "r"}', b"\x20\x03\0\0\0", b"\xff\xff\xff\x7f",
    b"\xc0\x80", b"\x20\x06\0\0\3\x21\0\2", b"\x20\x08\0\0\5\x27\0\0\0\x40", b"\x80\x80\1",
    b"\xef\xbb\xbf", b"\xe0\x01\x8e",
)  # fmt: skip
TABLE = (
    *(word.encode() for word in (*GENERIC, *HUCKLEBERRY, *COLUMNS["session"], *COLUMNS["nursing"])),
    *(b"Pump", b"Feed", b"Breast", b"Bottle", b"left breast", b"method", b"amount", b"tags", b"notes", b"no amount"),
    *(b",", b";", b"\t", b"\n", b"\r", b"\r\n", b'"', b'""', b"'", b"2026-03-01 04:12", b"01.03.26 4:12 pm", b"30ml"),
    *(
        b"2026-10-25 02:30",
        b"2026-03-29 02:30:00",
        b"2026-03-01T04:12:08Z",
        b"2,75oz",
        b"00:14R",
        b"0:15:00",
        b"15 min",
    ),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\xfc", b"PK\x03\x04", b"9" * 30, b"x" * 70_000, b"\xd9\xa3", b"\\n"),
)
STEPS = tuple(f"\n{word}\n".encode() for word in ("on", "off", "40", "1300", "7300", *Button, "down", "up"))

TARGETS: dict[str, Target] = {
    "serial": Target(serial, (*PUMP, *PATTERNED), 0.44, longest=400),
    "commands": Target(commands, (*WORDS, *JSON), 0.35),
    "lines": Target(lines, (*RECORD, *WORDS, *JSON, b"\n"), 0.07, (LineError, ImportRefusedError)),
    "tables": Target(tables, TABLE, 0.01, (BadRowError,), longest=100_000),
    "bodies": Target(bodies, (*RECORD, *WORDS, *JSON), 0.05, (RowError, msgspec.MsgspecError)),
    "packets": Target(packets, MQTT, 0.05, most_s=2.0),
    "configuration": Target(configuration, TOML, 0.02, most_s=10.0),
    "pages": Target(pages, (b"f", b"w", b";", b".", b"\0", b"\xff", b"\x0d", b"\4\0", b"{", b'"'), 0.008, most_s=2.0),
    "talk": Target(talk, (*PUMP, *WORDS, *STEPS), 0.002, most_s=30.0),
}
"""Most inputs to the serial line and the commands; a pattern that nearly hangs is tried to the bound of `check`."""

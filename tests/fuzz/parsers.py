"""What each parser promises of any bytes: what comes out is within the contract, and printed again it is the same.

Each function takes one input; what is wrong is an AssertionError, or whatever else it raises.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial, reduce
from io import BytesIO
from itertools import pairwise
from operator import xor
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict, fields, replace

from device.core.model.events import AnyCommand, PumpSaid, Verb
from device.core.model.record import (
    IN_THE_HOUSE,
    LONGEST_TYPED_S,
    Nursing,
    Record,
    Session,
    Units,
    begun,
    finished,
)
from device.settings.loading import load
from device.store import salvage
from device.store.importing import Known, plan, seat_planned
from device.store.records import Store
from device.store.rows import KINDS, body_of, checksum, columns, of_log, of_records
from device.wire import csv_rows
from device.wire.babybuddy_rows import PUMPING, babybuddy_reader, to_babybuddy
from device.wire.commands import COMMANDS, LARGEST_COMMAND, Refusal
from device.wire.foreign_rows import GENERIC, RowReader, Ways, generic_reader, huckleberry_reader
from device.wire.lines import LineError, complete, from_line, to_line
from device.wire.local_times import Dates
from device.wire.payloads import encode, instant, parse_command, refusal_payload
from device.wire.tables import buffered, refuse_no_text, table_of, text_of
from device.wire.values import decoded
from drivers.pump_link import KEYS, RANGES, LineParser
from drivers.serial_line import LONGEST_LINE
from tests.support.made import AT, FULL, session
from tests.support.wire import validate

# -- serial --------------------------------------------------------------------------------------------------------

PATTERNS = {
    "START": [r"^motor on$", r"^resume$"],
    "RUN": r"^(?P<cpm>\d+) cpm, (?P<vac>\d+) mmHg$",
    "STOP": r"^off(?: (?P<t>[^ ]+) s)?(?: (?P<ml>.+) ml)?$",
    "HELLO": r"^I am (?P<model>.*)$",
    "VOLUME": r"^scale (?P<ml>\S+) g$",
}
REJECTED = {"checksum", "range", "number", "duplicate", "syntax", "missing", "unknown", "not_ascii", "too_long"}
"""The counters of docs/serial.md."""


PARSERS = {True: LineParser(), False: LineParser(PATTERNS)}


def serial(data: bytes) -> None:
    """Whole, cut anywhere and line by line, bytes say the same; what they say is in range and can be said again.

    `*@@` at a line's end stands for the right checksum, which no chance would hit.
    """
    data = b"\n".join(summed(line) if line.endswith(b"*@@") else line for line in data.split(b"\n"))
    own = zlib.crc32(data) % 4 != 0
    parser = PARSERS[own]
    parser.reset()
    whole = parser.feed(data, AT)
    parser.reset()
    said = [one for start, end in pairwise(cuts(data)) for one in parser.feed(data[start:end], AT)]
    assert said == whole, "cut into pieces it says otherwise"
    assert len(parser._line) <= LONGEST_LINE + 1, "half a line grows"
    ended = data.split(b"\n")[:-1]
    assert len(ended) <= len(whole) <= len(ended) + 1, "a line says one thing"
    for line, one in zip(ended, whole, strict=False):
        parser.reset()
        assert parser.feed(line + b"\n", AT) == [one], "a line says otherwise behind others"
        if own:
            wanted = as_the_contract_says(line.removesuffix(b"\r"))
            assert one == wanted if wanted else not isinstance(one, PumpSaid), "the contract says otherwise"
            assert wanted is None or parser.feed(said_again(wanted), AT) == [wanted], "printed again it is another"
        if isinstance(one, PumpSaid):
            in_range(one)
        else:
            assert one.why in REJECTED
            assert one.count == 1


def cuts(data: bytes) -> list[int]:
    """Places to cut at, the same ones for the same bytes: where a line may become too long above all."""
    sum_, at, found = zlib.crc32(data), 0, [0]
    while at < len(data):
        at += (1, 2, 5, 40, 127, 128, 129, 400)[sum_ & 7]
        sum_ = sum_ >> 3 | (sum_ & 7) << 29
        found.append(min(at, len(data)))
    return found


def summed(line: bytes) -> bytes:
    body = line[:-3]
    return body + b"*%02X" % reduce(xor, body, 0)


MOST = {"t": 86400, "cpm": 200, "vac": 400, "ml": 2000}
TAKEN: dict[str, tuple[str, ...]] = {"START": (), "RUN": ("t", "cpm", "vac"), "PAUSE": ("t",), "STOP": ("t", "ml")}
TAKEN |= {"HELLO": ("model", "fw"), "VOLUME": ("ml",)}
OWN = re.compile(rb"PUMP +([A-Z]+)((?: +[^ =]+=[^ ]*)*) *")


def as_the_contract_says(line: bytes) -> PumpSaid | None:
    """A line without its ending by docs/serial.md, read in another way than the driver's; None: it is rejected."""
    if len(line) > 128 or not all(32 <= byte < 127 for byte in line):
        return None
    if b"*" in line:
        line, digits = line[:-3], line[-3:]
        if not re.fullmatch(rb"\*[0-9A-Fa-f]{2}", digits) or int(digits[1:], 16) != reduce(xor, line, 0):
            return None
    found = OWN.fullmatch(line)
    if found is None or (verb := found[1].decode()) not in TAKEN:
        return None
    pairs = [word.split("=", 1) for word in found[2].decode().split()]
    values: dict[str, Any] = {key: value for key, value in pairs if key in TAKEN[verb]}
    if len(dict(pairs)) < len(pairs) or (verb == "VOLUME" and "ml" not in values):
        return None
    for key in values.keys() & MOST.keys():
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", values[key]) or Fraction(values[key]) > MOST[key]:
            return None
        values[key] = float(values[key])
    return PumpSaid(AT, Verb(verb), **values)


def in_range(said: PumpSaid) -> None:
    for key, value in asdict(said).items():
        assert key in {"at", "verb", *KEYS[said.verb]} or value is None
        low, high = RANGES.get(key, (0, 0))
        assert key not in RANGES or value is None or (isinstance(value, float) and low <= value <= high)


def said_again(said: PumpSaid) -> bytes:
    values = {key: value for key, value in asdict(said).items() if key in KEYS[said.verb] and value is not None}
    words = ["PUMP", said.verb, *(f"{key}={_printed(value)}" for key, value in values.items())]
    return " ".join(words).encode() + b"\n"


def _printed(value: float | str) -> str:
    """No exponent, for the pump's numbers have none."""
    return format(Decimal(repr(value)), "f").removesuffix(".0") if isinstance(value, float) else value


# -- commands ------------------------------------------------------------------------------------------------------

CODES = {"not_json", "too_large", "unknown_command", "missing", "wrong_type", "out_of_range"}
"""What a payload alone can be refused for."""
MOMENTS = {"at", "started_at", "ended_at", "since", "until", "revised_since"}
TYPES = get_args(AnyCommand)


def commands(data: bytes) -> None:
    """A command keeps to its schema and, printed again, is the same; a refusal is one line, a reply that keeps to its.

    Retained it is refused, whatever it says.
    """
    read = parse_command(data, retained=False)
    retained = parse_command(data, retained=True)
    assert isinstance(retained, Refusal)
    assert retained.code == "not_here"
    if isinstance(read, Refusal):
        assert read.code in CODES
        assert read.error.isprintable(), "an error is one line"
        assert len(read.error) < 500
        assert read.request == retained.request or read.field == "request"
        _look(read)
        return
    order, command = read
    assert order.request == retained.request == command.request
    assert order.key == data
    assert len(data) <= LARGEST_COMMAND
    assert isinstance(command, TYPES)
    if zlib.crc32(data) % 16 == 0:
        validate("command", msgspec.json.encode(decoded(data)))  # of a key said twice the last one counts
    again = parse_command(normal(command), retained=False)
    if not isinstance(again, Refusal):
        assert again[1] == command, "printed again it is another"
    else:
        assert again.code == "too_large", again


def _look(refusal: Refusal) -> None:
    payload = encode(refusal_payload(refusal.dated(AT), FULL))
    assert len(payload) < 2 * LARGEST_COMMAND * 6 + 1000
    if zlib.crc32(payload) % 64 == 0:
        validate("reply", payload)


def normal(command: AnyCommand) -> bytes:
    """The command as JSON with every field that says something."""
    said: dict[str, Any] = msgspec.to_builtins(command)
    known = COMMANDS[said["command"]].fields
    for name, value in list(said.items()):
        if value is None and not (name in known and known[name].clears):
            del said[name]
        elif name in MOMENTS:
            said[name] = instant(value)
    return msgspec.json.encode(said)


# -- lines of an import --------------------------------------------------------------------------------------------


def lines(data: bytes) -> None:
    """What an import takes of a file: each record comes back as it was from its export, and together they fit.

    Raises LineError and ImportRefusedError as `import` shows them: one line.
    """
    records: list[Record] = []
    full: set[int] = set()
    for line in data.split(b"\n"):
        if line.strip():
            imported = from_line(line)
            record = complete(imported, 60)
            if imported.full:
                full.add(len(records))
            records.append(record)
            comes_back(record)
    known = Known(find=lambda _id: None, is_taken=lambda _kind, number: number == 3, next_number=lambda _kind: 4,
                  seed=b"s" * 16)  # fmt: skip
    made = plan(records, known, AT, full=frozenset(full))
    moved = seat_planned(made, iter(()), AT, 720)
    assert moved == []
    planned = list(made.records.values())
    for kind in (Session, Nursing):
        numbers = [one.number for one in planned if isinstance(one, kind)]
        assert len(set(numbers)) == len(numbers), "a number is given twice"
        assert 3 not in numbers
        assert min(numbers, default=1) >= 1
    ids = {one.id for one in planned}
    assert all(one.sitting in ids for one in planned if isinstance(one, Session))
    for record in planned:
        stored(record)


def comes_back(record: Record) -> None:
    """From an export, without what no export carries; with an id and a number where a line gave none."""
    whole = replace(record, id=record.id or "x", number=max(record.number, 1), **AT_HOME[type(record)])
    if isinstance(whole, Session):
        whole = replace(whole, sitting=whole.sitting or "x")
    line = to_line(whole, "pump")
    assert from_line(line).record == whole, "exported and imported it is another"
    if zlib.crc32(line) % 64 == 0:
        validate("line", line)


AT_HOME: dict[type[Record], dict[str, Any]] = {
    kind: {field.name: field.default for field in fields(kind) if field.name in IN_THE_HOUSE} for kind in KINDS
}
"""The fields that no export carries, as they are then."""


def stored(record: Record) -> None:
    row = (1, record.id, record.revision, int(isinstance(record, Nursing)), body_of(record))
    log = (*row, checksum(*row))
    assert of_log(log) == record
    assert of_records((*log, record.id, row[3], record.id, *columns(record))) == record


# -- other apps' tables -------------------------------------------------------------------------------------------

WAYS = Ways(
    ZoneInfo("Europe/Vienna"),
    Units.OZ,
    Dates.DMY,
    {name: name for name in GENERIC if name != "ml"},
    {"3": "ineffective"},
)
READERS: tuple[Callable[[Sequence[str]], RowReader], ...] = (
    partial(huckleberry_reader, ways=WAYS), partial(babybuddy_reader, ways=WAYS), partial(generic_reader, ways=WAYS),
    csv_rows.row_reader,
)  # fmt: skip


def tables(data: bytes) -> None:
    """A file of any format (by its first byte): records that come back from an export, or faults of one line each.

    Raises BadRowError as `import` shows it.
    """
    file = buffered(BytesIO(data[1:]))
    refuse_no_text(file)
    names, rows = table_of(text_of(file), own=False)
    read = READERS[(data[0] if data else 0) % len(READERS)](names)
    for _, cells in rows:
        try:
            brought = read(cells)
        except LineError as error:
            said = [str(error)]
        else:
            said = [brought.left_out, *brought.remarks, *brought.asides]
            assert (brought.imported is None) == bool(brought.left_out)
            if brought.imported is not None:
                record = complete(brought.imported, 60)
                comes_back(record)
                goes_there(record)
        assert all(line.isprintable() and len(line) < 1000 for line in said), "what is said is one line"


def goes_there(record: Record) -> None:
    """To Baby Buddy and back it is as long as it was, of what it brought."""
    cells = to_babybuddy(record, WAYS.zone, Units.ML, 1, {})
    assert (cells is None) == (record.deleted or (isinstance(record, Session) and record.ended_at is None))
    if cells is not None and isinstance(record, Session) and 1 <= finished(record) - begun(record) <= LONGEST_TYPED_S:
        again = babybuddy_reader(PUMPING, Ways(WAYS.zone))(cells).imported
        assert again is not None
        assert isinstance(again.record, Session)
        assert again.record.volume_ml == record.volume_ml
        assert again.record.started_at in {record.started_at, record.started_at - 3600}


# -- the configuration ---------------------------------------------------------------------------------------------


@cache
def folder() -> Path:
    return Path(mkdtemp(prefix="fuzz-"))


def configuration(data: bytes) -> None:
    """A configuration, or faults that name themselves in one line each; the same whenever it is read."""
    file = folder() / "config.toml"
    file.write_bytes(data)
    config, faults = load(file, {})
    assert (config is None) == any(not fault.warning for fault in faults)
    for fault in faults:
        assert str(fault).isprintable(), "a fault is one line"
        assert str(fault).startswith(str(file))
    if config is not None:
        assert config.device.id
        assert 0 < config.mqtt.port < 65536
        assert config.session.min_session_s < config.session.max_session_s
        again, faults_again = load(file, {})
        assert (again, faults_again) == (config, faults)


# -- what is stored ------------------------------------------------------------------------------------------------

RECORDS = tuple(
    session(number, started_at=AT + number * 9000, ended_at=AT + number * 9000 + 1122,
            note="long " * 300 if number == 4 else None)
    for number in range(1, 9)
)  # fmt: skip


def bodies(data: bytes) -> None:
    """A row whose checksum is right, whatever it says: a record that is stored as it was, or what its readers expect.

    Raises RowError, MsgspecError.
    """
    kind, body = data[0] % 2 if data else 0, data[1:].decode("latin-1")
    row = (1, "x", 1, kind, body)
    record = of_log((*row, checksum(*row)))
    assert begun(record) == begun(of_log((*row, checksum(*row))))
    stored(record)


@cache
def files() -> dict[str, bytes]:
    """A record's file and its log, by what follows its name, as they stand while it is open."""
    with TemporaryDirectory() as name:
        path = Path(name) / "pump.db"
        with closing(Store.open(path)) as store:
            store.save(RECORDS[:5], None)
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.save(RECORDS[5:], None)
            return {end: path.with_name(path.name + end).read_bytes() for end in ("", "-wal")}


PATCH = re.compile(rb"(?s)([fw])(..)(.)(.{0,16}?);")


def pages(data: bytes) -> None:
    """A record's file and log with patches (`f` or `w`, place, `.` or how many bytes go, what is written there, `;`).

    What is salvaged is what was stored, to the byte.
    """
    patched = {end: bytearray(content) for end, content in files().items()}
    for where, place, size, said in PATCH.findall(data):
        content = patched["-wal" if where == b"w" else ""]
        at = int.from_bytes(place, "big") % (len(content) + 1)
        content[at : at + (len(said) if size == b"." else size[0])] = said
    path = folder() / "pump.db"
    for end, content in patched.items():
        path.with_name(path.name + end).write_bytes(content)
    found = salvage.scan(path)
    salvage.breaks_off(path)
    was = {record.id: body_of(record) for record in RECORDS}
    for (name, revision), (_, kind, body) in found.revisions.items():
        assert (revision, kind, body) == (1, 0, was[name]), "another record than was stored"

"""A second pump in the house: which service a configuration is, what it need not say, and what the others' say."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote

from device.settings.document import FileError, read_document
from device.settings.keys import DEFAULT_STORE, KEYS, PIN_KEYS, PIN_NAMES

AT_BROKER = ("device.id", "mqtt.prefix", "mqtt.host", "mqtt.port")
"""What two devices must not have all in common: a broker ends the connection of the one when the other comes."""


def instance(file: Path, default: Path) -> str | None:
    """The NAME of the service `pump-companion@NAME`, whose configuration is NAME.toml beside the one pump's, `default`.

    None: the file is `default`, or lies elsewhere.
    """
    is_one = file.parent == default.parent and file != default and file.suffix == ".toml"
    return file.stem if is_one else None


def service_of(file: Path, default: Path) -> str:
    """The systemd service that reads this configuration; a file that lies elsewhere is taken for the one pump's."""
    name = instance(file, default)
    return "pump-companion" if name is None else f"pump-companion@{name}"


def started_by(file: Path, default: Path) -> str | None:
    """The command that runs a configuration which no service reads, for it lies elsewhere; None where one does."""
    served = file == default or instance(file, default) is not None
    return None if served else f"sudo pump-companion run --config {quote(str(file))}"


def defaults_of(name: str | None) -> dict[str, str]:
    """What an instance's file need not say, and no other has: its id, and where its record lies."""
    if name is None:
        return {}
    return {"device.id": name, "store.path": str(Path(DEFAULT_STORE).parent / name / Path(DEFAULT_STORE).name)}


def others(file: Path, default: Path) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """The other services' files, each with what it says by `section.key`, unchecked; one that can't be read is none."""
    if file.parent != default.parent:
        return
    for other in sorted(file.parent.glob("*.toml")):
        try:
            document = {} if other == file else read_document(other)
        except FileError:
            continue
        if document:
            said: dict[str, object] = {key.full: key.default for key in KEYS}
            said |= defaults_of(instance(other, default))
            tables = {section: table for section, table in document.items() if isinstance(table, dict)}
            said |= {f"{section}.{key}": value for section, table in tables.items() for key, value in table.items()}
            yield other, said


def shared_wires(mine: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[str]:
    """The keys of a pin, as its number, or of a port that another pump's file names too, by whichever name or key."""
    pins = {PIN_NAMES.get(str(theirs[key]).upper()) for key in PIN_KEYS} - {None}
    yield from (key for key in PIN_KEYS if mine[key] in pins)
    if mine["serial.port"] is not None and mine["serial.port"] == theirs["serial.port"]:
        yield "serial.port"

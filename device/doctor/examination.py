"""All looks in their order, one after the other; one that fails unexpectedly is itself a finding."""

from collections.abc import Callable, Iterable, Iterator

from .broker import look_at_broker
from .case import Case
from .clock import look_at_clock
from .display import look_at_display
from .finding import Finding, quote, unclear
from .link import look_at_link
from .machine import look_at_machine
from .record import look_at_record
from .wires import look_at_wires

Look = Callable[[Case], Iterable[Finding]]
LOOKS: dict[str, Look] = {
    "display": look_at_display,
    "wires": look_at_wires,
    "link": look_at_link,
    "broker": look_at_broker,
    "record": look_at_record,
    "clock": look_at_clock,
    "machine": look_at_machine,
}
"""By what is looked at, in the order in which it is told."""
WITHOUT_CONFIGURATION = {name: LOOKS[name] for name in ("clock", "machine")}
"""What can be looked at where the configuration is wrong."""


def examine(case: Case, looks: dict[str, Look] | None = None) -> Iterator[Finding]:
    for name, look in (LOOKS if looks is None else looks).items():
        try:
            yield from look(case)
        except Exception as error:  # noqa: BLE001 - whatever the world does, the other looks are still taken
            why = " ".join(str(error).split()) or "no reason given"
            yield unclear(name, f"it could not be looked at ({type(error).__name__}: {quote(why)})", "please report it")

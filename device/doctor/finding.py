"""What one look found: a name, a state, how it is in words, and the one thing to do where something is wrong."""

from typing import Literal

import msgspec

Found = Literal["ok", "bad", "unknown", "not_here"]


class Finding(msgspec.Struct, frozen=True):
    """A row of `doctor`. `remedy` is None where there is nothing to be done."""

    name: str
    state: Found
    detail: str
    remedy: str | None = None


def fine(name: str, detail: str) -> Finding:
    return Finding(name, "ok", detail)


def wrong(name: str, detail: str, remedy: str) -> Finding:
    return Finding(name, "bad", detail, remedy)


def unclear(name: str, detail: str, remedy: str | None = None) -> Finding:
    """It could not be told; a remedy says how it could."""
    return Finding(name, "unknown", detail, remedy)


def absent(name: str, detail: str) -> Finding:
    """Not configured, or nothing that this machine has."""
    return Finding(name, "not_here", detail)


def wrong_as_said(name: str, line: str) -> Finding:
    """A fault as our drivers and the record say it: `what is wrong; what to do`."""
    what, _, remedy = line.partition("; ")
    return wrong(name, what, remedy or "see the section on it in docs/install.md")


def quote(said: str) -> str:
    """What somebody else said, in the quotes by which a bundle knows what to leave out."""
    return f"“{said.replace('“', '').replace('”', '')}”"

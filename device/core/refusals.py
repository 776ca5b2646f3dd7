"""What a command is refused for by the record: unknown records and moved ones, overlaps, the future, what runs.

Each look raises `Refused` with what a dashboard is told.
"""

from .model.events import Add, Delete, Edit, GoOn, Pause, Restore, Stop
from .model.record import LONGEST_TYPED_S, UNNUMBERED, Record, Session
from .record import corrections
from .state import Turn, find_nursing, find_session, is_running, last_session


class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """A command that changes nothing: the contract's code, words for people, the field, the session in the way."""

    def __init__(self, code: str, error: str, field: str | None = None, overlaps: str | None = None) -> None:
        super().__init__(error)
        self.code, self.error, self.field, self.overlaps = code, error, field, overlaps


def session_meant(turn: Turn, named: str | None) -> Session:
    """The session that a command names, else the running one, else the last."""
    session = (turn.running or last_session(turn.state)) if named is None else find_session(turn.state, named)
    if session is not None:
        return session
    name = "yet" if named is None else named or "with an empty id"
    raise Refused("unknown_record", f"There is no session {name}.", "session")


def record_meant(turn: Turn, command: Edit | Delete | Restore) -> Record:
    field, named = ("nursing", command.nursing) if command.session is None else ("session", command.session)
    record: Record | None = (find_session if field == "session" else find_nursing)(turn.state, named)
    if record is None:
        raise Refused("unknown_record", f"There is no {field} {named or 'with an empty id'}.", field)
    return record


def unmoved(record: Record, expected: int | None) -> None:
    if expected is not None and expected != record.revision:
        raise Refused("moved_on", f"The record has moved on to revision {record.revision}.", "if_revision")


def at_rest(record: Record) -> None:
    if isinstance(record, Session) and is_running(record):
        raise Refused("not_now", "The session is still running.", "session")


def past(turn: Turn, at: int, field: str) -> None:
    if at > turn.wall:
        raise Refused("out_of_range", "That lies in the future.", field)


def free(turn: Turn, command: Add | Edit, start: int, end: int, but: str | None = None) -> tuple[int, int]:
    """The session's times; an end that lies under a minute deep in a neighbour is put to its edge.

    Raises Refused, with a field that the command has, unless they are past and no other session has them.
    """
    names = ("ended_at", "duration_s", "started_at")
    fields = [name for name in names if getattr(command, name, None) is not None]
    past(turn, start, fields[-1])
    if end <= start:
        raise Refused("out_of_range", "A session ends after it starts.", fields[0])
    if end - start > LONGEST_TYPED_S:
        raise Refused("out_of_range", "A session lasts at most 24 hours.", fields[0])
    past(turn, end, fields[0])
    start, end = corrections.beside(turn.state.records, start, end, but)
    alone(turn, start, end, but, fields[-1])
    return start, end


def alone(turn: Turn, start: int, end: int, but: str | None, field: str) -> None:
    neighbour = corrections.overlapping(turn.state.records, start, end, but)
    if neighbour is not None:
        which = "a session" if neighbour.number >= UNNUMBERED else f"session number {neighbour.number}"
        raise Refused("out_of_range", f"It overlaps {which}.", field, neighbour.id)


def free_start(turn: Turn, start: int, field: str, but: str | None = None) -> int:
    """Where a session that runs begins; what lies under a minute deep in a neighbour is put to its end.

    Raises Refused unless it is past and no other session has been since.
    """
    past(turn, start, field)
    ahead = turn.wall + corrections.TYPED_S
    start, _ = corrections.beside(turn.state.records, start, ahead, but)
    alone(turn, start, max(turn.wall, start), but, field)
    return start


def known_running(turn: Turn, command: Stop | Pause | GoOn) -> Session:
    session = turn.running
    if session is None:
        raise Refused("not_now", "No session is running.")
    unmoved(session, command.if_revision)
    return session

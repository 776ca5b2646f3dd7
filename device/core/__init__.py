"""The behaviour, pure: events in, state and effects out; no clock, no thread, no I/O. The door: `begin` and `step`."""

from .restart import begin
from .step import step

__all__ = ["begin", "step"]

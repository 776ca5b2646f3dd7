"""The behaviour, pure: events in, state and effects out; no clock, no thread, no I/O."""

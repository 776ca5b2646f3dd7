"""The contract's words as values: records, events, effects, views, live topics."""

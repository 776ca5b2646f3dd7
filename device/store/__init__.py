"""SQLite: the record's file and its repair, the outbox, history, import, and the thread that owns it."""

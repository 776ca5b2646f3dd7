"""What may happen to a record: revisions, corrections, the clock put right, what is held of it."""

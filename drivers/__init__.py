"""One file a part: what turns the outside into events and effects into the outside."""

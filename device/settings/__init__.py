"""One table of keys; the configuration's file becomes a checked configuration, or all its faults."""

"""JSON in and out: values, commands, payloads, lines."""

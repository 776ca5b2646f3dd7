"""What goes over MQTT: live topics, the outbox, Home Assistant's announcement, the mirrored screen."""

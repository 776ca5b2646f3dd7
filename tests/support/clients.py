"""paho's clients, as tests and measures use them."""

from contextlib import suppress

import paho.mqtt.client as mqtt


def end_thread(client: mqtt.Client) -> None:
    """Wait for the thread of a client that has disconnected.

    `loop_stop` looks twice for a thread that may end by itself between (paho 2.1.0): then there is none to wait for.
    """
    with suppress(AttributeError):
        client.loop_stop()

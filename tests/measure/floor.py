"""What the libraries and the disk alone cost: the same imports, a plain publish, a plain commit, nothing decided.

Run as `python -m tests.measure.floor PORT FOLDER`. It says READY like a daemon, then takes `publish` (QoS 1, 1 KiB),
`commit` (SQLite, then publish) and `drain COUNT BYTES` on stdin.
"""

import os
import socket
import sqlite3
import sys
import time
from pathlib import Path

import click
import gpiozero
import luma.oled.device
import msgspec
import paho.mqtt.client as mqtt
import PIL.Image
import serial
from paho.mqtt.enums import CallbackAPIVersion

LIBRARIES = (click, gpiozero, luma.oled.device, msgspec, PIL.Image, serial, sqlite3)
TOPIC = "floor"


def ready() -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"READY=1", address)


def connected(port: int) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.max_inflight_messages_set(100)
    client.connect("127.0.0.1", port)
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.01)
    return client


def opened(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / "floor.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, body TEXT)")
    return db


def drain(client: mqtt.Client, count: int, size: int) -> float:
    """Publish so many messages with a window of 100; the seconds until all are acknowledged."""
    began, body = time.monotonic(), b"x" * size
    infos = [client.publish(TOPIC, body, qos=1) for _ in range(count)]
    infos[-1].wait_for_publish(60)
    return time.monotonic() - began


def obey(line: str, client: mqtt.Client, db: sqlite3.Connection) -> str:
    at = time.monotonic_ns()
    match line.split():
        case ["publish"]:
            client.publish(TOPIC, b"x" * 1024, qos=1)
        case ["commit"]:
            db.execute("INSERT INTO log (body) VALUES (?)", ("x" * 700,))
            client.publish(TOPIC, b"x" * 1024, qos=1)
        case ["drain", count, size]:
            return str(drain(client, int(count), int(size)))
    return str(at)


def main() -> None:
    ready()
    if len(sys.argv) < 3:
        return
    client, db = connected(int(sys.argv[1])), opened(Path(sys.argv[2]))
    print("up", flush=True)
    for line in sys.stdin:
        print(obey(line, client, db), flush=True)


if __name__ == "__main__":
    main()

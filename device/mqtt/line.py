"""What a connection needs to be told of the configuration."""

from typing import Literal

import msgspec

from device.wire.payloads import House
from drivers.broker_address import Address, Version

from .homeassistant import Announced


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """How this device meets its broker and Home Assistant; `withheld_until` is when `publish` last became full.

    `language` is that of the announcement, by its code.
    """

    address: Address
    protocol: Literal["auto", "5", "3.1.1"]
    hint: Version | None
    house: House
    birth_topic: str | None
    birth_payload: str
    announcement: tuple[Announced, ...]
    retirement: tuple[Announced, ...]
    announced_as: str
    language: str
    withheld_until: int

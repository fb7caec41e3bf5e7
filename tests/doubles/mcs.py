"""The frames Chromium and Google's push service exchange, as far as a push needs: mcs.proto and checkin.proto.

https://chromium.googlesource.com/chromium/src/+/main/google_apis/gcm/protocol/
"""

import asyncio
import struct
from collections.abc import Iterable

VERSION = 41
HEARTBEAT_PING, HEARTBEAT_ACK, LOGIN_REQUEST, LOGIN_RESPONSE, CLOSE, DATA_MESSAGE = 0, 1, 2, 3, 4, 8

Value = int | str | bytes


def message(*fields: tuple[int, Value]) -> bytes:
    """A protobuf message of these fields: whole numbers as varints, the rest with its length before it."""
    return b"".join(_field(number, value) for number, value in fields)


def fixed64(number: int, value: int) -> bytes:
    """A field of type fixed64."""
    return _varint(number << 3 | 1) + struct.pack("<Q", value)


def app_data(pairs: Iterable[tuple[str, str]]) -> list[tuple[int, Value]]:
    """DataMessageStanza.app_data, field 7."""
    return [(7, message((1, key), (2, value))) for key, value in pairs]


def frame(tag: int, body: bytes) -> bytes:
    """A message as it goes over the connection."""
    return bytes([tag]) + _varint(len(body)) + body


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The tag and the body of the next message. Raises IncompleteReadError at the end."""
    tag = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        (part,) = await reader.readexactly(1)
        length |= (part & 0x7F) << shift
        shift += 7
        if not part & 0x80:
            return tag, await reader.readexactly(length)


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])

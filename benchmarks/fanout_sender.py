"""One sender of the fan-out benchmark, in a process of its own: sends, and prints what it took as JSON.

`python -m benchmarks.fanout_sender ours 1000 127.0.0.1:8443`, with who vouches for the service in REQUESTS_CA_BUNDLE.
"""

import argparse
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pywebpush
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid

from push.model import Notification
from push.settings import PushSchema
from push.wire import encrypt, fanout, payload, vapid
from push.wire.answer import Verdict

BROWSERS = 1000
IN_FLIGHT = 256
SUBJECT = "mailto:push@example.com"
TTL = 3600
Info = dict[str, Any]


def notification() -> bytes:
    """What is sent: an ordinary message of some 700 bytes."""
    body = "Tonight between 22:00 and 23:00 UTC we move the mail servers to the new rack. " * 6
    url = "https://help.example.com/news/7?utm_source=push"
    said = Notification("t" * 43, "campaign-7", "Maintenance tonight", body, url, "en", url, "", url)
    return payload.build(said, encrypt.MOST)


BODY = notification()


def browsers(where: str) -> list[Info]:
    """Subscriptions with keys of their own, as browsers give them."""
    made = []
    for number in range(BROWSERS):
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": vapid.encoded(point), "auth": vapid.encoded(os.urandom(16))}
        made.append({"endpoint": f"https://{where}/wpush/v2/{number:0150x}", "keys": keys})
    return made


def naive(infos: Iterator[Info], private: str) -> int:
    """As pywebpush's README does it: a connection, a key and a signature for each message."""
    return sum(_webpush(info, private) for info in infos)


def session(infos: Iterator[Info], private: str) -> int:
    """pywebpush with what it has for speed: one session and one parsed key."""
    with requests.Session() as kept:
        key = Vapid.from_string(private)
        return sum(_webpush(info, key, requests_session=kept) for info in infos)


def ours(infos: Iterator[Info], private: str) -> int:
    """The fan-out of Deskside."""
    first = next(infos)
    given = {
        "vapid_private_key": private,
        "subject": SUBJECT,
        "endpoints": [first["endpoint"].split("/")[2]],
        "ca_file": os.environ["REQUESTS_CA_BUNDLE"],
        "in_flight": IN_FLIGHT,
    }
    settings = PushSchema().load(given)
    keys = vapid.Keys(settings)
    sender = fanout.Fanout(settings, keys)
    key_id = keys.current.id

    def parcels() -> Iterator[fanout.Parcel]:
        for number, info in enumerate(itertools.chain([first], infos)):
            p256dh, auth = vapid.decoded(info["keys"]["p256dh"]), vapid.decoded(info["keys"]["auth"])
            yield fanout.Parcel(number, info["endpoint"], p256dh, auth, key_id, BODY, TTL)

    sent = sum(outcome.verdict is Verdict.ACCEPTED for outcome in sender.deliver(parcels()))
    sender.close()
    return sent


def ours_with_their_encoder(infos: Iterator[Info], private: str) -> int:
    """The fan-out of Deskside with the bodies of pywebpush: what the own encoder is worth."""

    def encode(plaintext: bytes, p256dh: bytes, auth: bytes) -> bytes:
        keys = {"p256dh": vapid.encoded(p256dh), "auth": vapid.encoded(auth)}
        body: bytes = pywebpush.WebPusher({"endpoint": "https://x", "keys": keys}).encode(plaintext)["body"]
        return body

    fanout.encrypt = encode  # type: ignore[assignment]
    return ours(infos, private)


SENDERS: dict[str, Callable[[Iterator[Info], str], int]] = {
    "naive": naive,
    "session": session,
    "ours": ours,
    "ours with their encoder": ours_with_their_encoder,
}


def _webpush(info: Info, key: Any, **options: Any) -> int:
    answer = pywebpush.webpush(info, BODY, key, {"sub": SUBJECT}, ttl=TTL, timeout=30, **options)
    return int(answer.status_code == 201)


def main() -> None:
    """Send, and print messages a second, processor time and how many arrived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sender", choices=[*SENDERS])
    parser.add_argument("count", type=int)
    parser.add_argument("where")
    chosen = parser.parse_args()
    known = browsers(chosen.where)
    private = vapid.private_text(vapid.generate())
    started, used = time.perf_counter(), time.process_time()
    sent = SENDERS[chosen.sender]((known[number % BROWSERS] for number in range(chosen.count)), private)
    took, used = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({"rate": chosen.count / took, "microseconds": used / chosen.count * 1e6, "sent": sent}))


if __name__ == "__main__":
    main()

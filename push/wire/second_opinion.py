"""One message as pywebpush and py-vapid make it, posted as carefully as ours.

When a browser shows this one and not ours, our encryption or our signature is wrong; when it shows neither, look at the
key, the subscription and the worker instead. One at a time: it is the diagnosis, not the way to send.
"""

import time

import pywebpush
from py_vapid import Vapid, VapidException

from deskside.errors import Malformed
from deskside.guard import AddressGuard
from push.settings import PushSettings
from push.wire.addresses import Addresses
from push.wire.answer import Verdict, judge
from push.wire.endpoints import check
from push.wire.fanout import Outcome, Parcel
from push.wire.headers import headers
from push.wire.transport import Post, Transport
from push.wire.vapid import LIFE_SECONDS, Keys, encoded, private_text


def send(parcel: Parcel, settings: PushSettings, keys: Keys, guard: AddressGuard | None = None) -> Outcome:
    """Send one parcel; waits for the answer.

    Raises Malformed for an endpoint that is not allowed, a subject py-vapid refuses or a key that is not configured,
    and Transient when the service has no address that may be connected to.
    """
    endpoint = check(parcel.endpoint, settings)
    addresses = Addresses(guard or AddressGuard()).of(endpoint, time.monotonic())
    authorization = _signed(parcel.key_id, endpoint.origin, settings, keys)
    browser = {"p256dh": encoded(parcel.p256dh), "auth": encoded(parcel.auth)}
    pusher = pywebpush.WebPusher({"endpoint": parcel.endpoint, "keys": browser})
    body: bytes = pusher.encode(parcel.body, content_encoding="aes128gcm")["body"]
    lines = headers(endpoint.host, authorization, parcel.ttl, parcel.urgency, parcel.topic)
    ca_file = settings.ca_file if endpoint.exempt else None
    transport = Transport()
    try:
        transport.start(None, Post(parcel.endpoint, endpoint.host, endpoint.port, addresses, lines, body, ca_file))
        replies = transport.run(0.0)
        while not replies:
            replies = transport.run(1.0)
    finally:
        transport.close()
    ((_, reply),) = replies
    if reply.status is None:
        return Outcome(parcel.id, Verdict.UNKNOWN if reply.left else Verdict.NOT_SENT, reason=reply.error)
    judged = judge(reply.status, reply.headers, reply.body, endpoint.host, time.time())
    return Outcome(parcel.id, judged.verdict, reply.status, judged.reason, judged.retry_after, judged.strike)


def _signed(key_id: str, origin: str, settings: PushSettings, keys: Keys) -> str:
    key = keys.get(key_id)
    if key is None:
        raise Malformed(f"the key {key_id} is not configured")
    claims = {"sub": settings.subject, "aud": origin, "exp": int(time.time()) + LIFE_SECONDS}
    try:
        signed: str = Vapid.from_string(private_text(key)).sign(claims)["Authorization"]
    except VapidException as error:
        raise Malformed(f"py-vapid refuses to sign: {error}") from None
    return signed

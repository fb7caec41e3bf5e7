"""Links that say who opens them: a digest's page and a poll, for one person. Signed, and they do not expire."""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeSerializer

from push.subscribers import tokens

_LONGEST = 200
# The name of the parameter that carries the token.
PERSON = "p"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links below `base` (no slash at its end), signed with the web's secret key."""

    base: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Links({self.base!r})"

    def issue(self, token: str) -> str:
        """The page of a digest, as anybody may read it."""
        return f"{self.base}/push/digest/{quote(token)}"

    def digest(self, token: str, digest_id: int, subscriber_id: int) -> str:
        """One person's page of a digest."""
        return f"{self.issue(token)}?{PERSON}={self.person('digest', digest_id, subscriber_id)}"

    def item(self, token: str, digest_id: int, subscriber_id: int, candidate_id: int) -> str:
        """One thing in it, by way of the count."""
        person = self.person("digest", digest_id, subscriber_id)
        return f"{self.issue(token)}/{candidate_id}?{PERSON}={person}"

    def poll_page(self, token: str) -> str:
        """The page of a poll, as anybody may see it."""
        return f"{self.base}/push/poll/{quote(token)}"

    def poll(self, token: str, poll_id: int, subscriber_id: int, option: int | None = None) -> str:
        """One person's page of a poll; with the `option` (counted from 0) they pressed already chosen."""
        person = self.person("poll", poll_id, subscriber_id)
        chosen = "" if option is None else f"&o={option}"
        return f"{self.poll_page(token)}?{PERSON}={person}{chosen}"

    def preferences(self, subscriber_id: int) -> str:
        """Where one person says what they want to get."""
        return f"{self.base}/push/preferences/{tokens.preferences(self.secret_key, subscriber_id)}"

    def person(self, purpose: str, thing: int, subscriber_id: int) -> str:
        """The token of one person for one thing."""
        return str(self._serializer(purpose).dumps([thing, subscriber_id]))

    def read(self, purpose: str, thing: int, token: str) -> int | None:
        """Whose token this is; None unless we made it, for this very thing."""
        if not token or len(token) > _LONGEST:
            return None
        try:
            made_for, subscriber_id = self._serializer(purpose).loads(token)
        except (BadSignature, ValueError, TypeError):
            return None
        return int(subscriber_id) if made_for == thing else None

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self.secret_key, salt=f"deskside.push.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
        )

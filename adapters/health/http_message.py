"""A small strict reader of HTTP/1 answers (RFC 9112), with caps: enough for one GET on a closing connection."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: [^\r\n]*)?")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*?)[ \t]*")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?")


class NotHttpError(Exception):
    """The bytes are no HTTP answer; the text says which rule they break."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and header fields of an answer, names in lower case; repeated fields are joined with a comma."""

    status: int
    fields: Mapping[str, str]


def parse_head(block: bytes) -> Head:
    """Read the head without its empty last line. Raises `NotHttpError`."""
    lines = block.split(b"\r\n")
    status = _STATUS_LINE.fullmatch(lines[0])
    if status is None:
        raise NotHttpError("the first line is no HTTP status line")
    fields: dict[str, str] = {}
    for line in lines[1:]:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise NotHttpError("a header line is malformed")
        name, value = match[1].decode("ascii").lower(), match[2].decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return Head(int(status[1]), fields)


class Body:
    """Takes the bytes after the head until the body ends or `cap` bytes of it are there.

    How the end is told follows RFC 9112 section 6.3: no body for 1xx, 204 and 304, then chunked, then the length,
    then the end of the connection.
    """

    def __init__(self, head: Head, cap: int) -> None:
        self.content = b""
        self.done = head.status in (204, 304) or cap == 0
        self._cap = cap
        self._rest = b""
        self._chunked = "chunked" in head.fields.get("transfer-encoding", "").lower()
        self._left: int | None = 0 if self._chunked else None
        length = head.fields.get("content-length")
        if not self._chunked and length is not None:
            if not re.fullmatch(r"\d{1,15}", length):
                raise NotHttpError("the content length is malformed")
            self._left = int(length)
            self.done = self.done or self._left == 0

    @property
    def complete_at_end(self) -> bool:
        """Whether the end of the connection now would be the right end of the body."""
        return self.done or self._left is None

    def feed(self, data: bytes) -> None:
        """Take more bytes. Raises `NotHttpError` for bad chunks."""
        if self.done:
            return
        if not self._chunked:
            self._keep(data if self._left is None else data[: self._left])
            if self._left is not None:
                self._left -= min(self._left, len(data))
                self.done = self.done or self._left == 0
            return
        self._rest += data
        while not self.done and self._rest:
            if not self._next_piece():
                return

    def _next_piece(self) -> bool:
        """Take one chunk line or one piece of a chunk; False when more bytes are needed."""
        if self._left:
            piece, self._rest = self._rest[: self._left], self._rest[self._left :]
            self._left -= len(piece)
            self._keep(piece)
            return True
        line, end, rest = self._rest.partition(b"\r\n")
        if not end:
            if len(self._rest) > 256:
                raise NotHttpError("a chunk line is too long")
            return False
        self._rest = rest
        if not line:
            return True
        size = _CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise NotHttpError("a chunk size is malformed")
        self._left = int(size[1], 16)
        self.done = self._left == 0
        return True

    def _keep(self, piece: bytes) -> None:
        self.content += piece[: self._cap - len(self.content)]
        self.done = self.done or len(self.content) >= self._cap

"""What a digest or a poll asks of whoever runs campaigns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from push.model import Kind, Variant


@dataclass(frozen=True, slots=True)
class Wish:
    """A campaign to be made. `made_from` is `digest:<id>` or `poll:<id>`: each person's own words come from there.

    `variant` is what is shown where there is no person: in a list, in a preview. `topic` narrows whom it is for.
    """

    name: str
    kind: Kind
    variant: Variant
    made_from: str
    by: str
    topic: str | None = None


# Makes the campaign and has it go out, in the transaction given, and tells its id.
Launch = Callable[[sa.Connection, Wish, datetime], int]

"""Which tickets had no article, and which articles should be written."""

from flask.typing import ResponseReturnValue

from deskside.store.database import reading
from webhooks.context import current
from webhooks.pages.blueprint import pages
from webhooks.pages.knowledge import room


@pages.get("/kb/coverage")
def coverage_page() -> ResponseReturnValue:
    """How many tickets of the last days had an article, which had none, and the candidates."""
    with reading(current().database) as connection:
        return room.render(connection, "coverage.html")

"""RSS and Atom: candidates for digests from any public feed."""

import marshmallow

from adapters.feeds.settings import FeedSchema
from adapters.feeds.source import FeedSource
from deskside.fetching import Fetcher
from deskside.ports import Environment


class FeedPlugin:
    """Entry point `deskside.digest_sources: feed`."""

    name = "feed"
    schema: type[marshmallow.Schema] = FeedSchema

    def build(self, environment: Environment) -> FeedSource:
        """The source; nothing is fetched yet."""
        return FeedSource(Fetcher(environment.guard))


plugin = FeedPlugin()

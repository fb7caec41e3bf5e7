"""Mail by SMTP: the other way to a person when a push is not seen."""

from collections.abc import Mapping
from typing import Any

import marshmallow

from adapters.smtp.channel import SmtpChannel
from adapters.smtp.settings import NAME, Settings, SmtpSchema


class SmtpPlugin:
    """Entry point `deskside.channels: smtp`."""

    name = NAME
    schema: type[marshmallow.Schema] = SmtpSchema
    attribute = "email"

    def build(self, settings: Mapping[str, Any]) -> SmtpChannel:
        """The channel for a section that `schema` loaded; nothing is connected to yet."""
        return SmtpChannel(Settings(**settings))


plugin = SmtpPlugin()

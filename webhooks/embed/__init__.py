"""What a desk's own pages show of Deskside: fragments of HTML, and who is writing a reply.

A piece inside the desk (an addon, an app) asks for them with a signed request; see `docs/whmcs-addon.md`.
"""

from webhooks.embed.application import PATH, application, mount

__all__ = ["PATH", "application", "mount"]

"""What Deskside made or learned on the account and must remember: ids of fields, view and webhook, its own user."""

BAND_FIELD = "field:band"
KEY_FIELD = "field:key"
SERVICE_FIELD = "field:service"
VIEW = "view"
WEBHOOK = "webhook"
WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a binding
OWN_USER = "own_user"


def group_name(group_id: str) -> str:
    """The binding that holds the name by which a group was first seen."""
    return f"group:{group_id}"

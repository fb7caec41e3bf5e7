"""What Deskside must remember of a WHMCS: the addon's secret, and as whom it acts."""

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a binding
OWN_ADMIN = "own_admin"

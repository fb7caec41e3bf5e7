"""Errors as `includes/api.php` answers them.

Business errors come with status 200, refusals of the caller with 403, an empty action with 400.
"""

from deskside.demo.whmcs.state import Json


class ApiError(Exception):
    """An answer `{"result": "error", "message": …}` with an HTTP status."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.message = message
        self.status = status

    @property
    def payload(self) -> Json:
        """The body."""
        return {"result": "error", "message": self.message}


def empty_action() -> ApiError:
    """No action was named; a JSON body is no form, so it names none."""
    return ApiError("Empty action request", 400)


def authentication_failed() -> ApiError:
    """The secret is wrong or missing."""
    return ApiError("Authentication Failed", 403)


def unknown_credentials() -> ApiError:
    """The identifier is wrong."""
    return ApiError("Invalid or missing credentials", 403)


def invalid_ip(address: str, status: int) -> ApiError:
    """The caller's address is not on the list; sources disagree about the status."""
    return ApiError(f"Invalid IP {address}", status)


def not_permitted(action: str) -> ApiError:
    """No role of the credential lists the action."""
    return ApiError(f'Invalid Permissions: API action "{action.lower()}" is not allowed', 403)


def account_disabled() -> ApiError:
    """The administrator behind the credential is disabled."""
    return ApiError("Administrator Account Disabled", 403)


def access_denied() -> ApiError:
    """The administrator's role has no API access."""
    return ApiError("Access Denied", 403)

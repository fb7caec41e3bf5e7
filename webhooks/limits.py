"""Rate limits, counted in the memory of this process: real limits for a cluster belong in its proxy."""

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")


def by_name() -> str:
    """Count attempts on one person's password wherever they come from."""
    return "name:" + request.form.get("name", "")[:120].strip().lower()


def failed(response: Response) -> bool:
    """Count only attempts that did not lead on: a shift that signs in behind one address must not be stopped."""
    return response.status_code not in {302, 303}

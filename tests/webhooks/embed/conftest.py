"""The embed face beside the pages of a real app."""

import pytest
from flask import Flask

from tests.webhooks.embedding import Asking, SigningDesk
from webhooks import context, embed


@pytest.fixture
def asking(app: Flask) -> Asking:
    desk = SigningDesk()
    embed.mount(app, {desk.name: desk}, context.of(app))  # type: ignore[dict-item]
    return Asking(app, desk)

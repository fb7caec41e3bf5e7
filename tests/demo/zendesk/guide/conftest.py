import pytest

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.zendesk.guide.tools import Help
from tests.demo.zendesk.tools import Caller


@pytest.fixture
def category_id(zendesk: SimulatedZendesk) -> int:
    return zendesk.add_category("Knowledge")


@pytest.fixture
def section_id(zendesk: SimulatedZendesk, category_id: int) -> int:
    return zendesk.add_section(category_id, "Billing")


@pytest.fixture
def center(zendesk: SimulatedZendesk, api: Caller, section_id: int) -> Help:
    """The API of a help centre with one section."""
    return Help(zendesk, api, section_id)

"""Files go to the library by an address outside the API, and only to one that may be asked."""

import json
from collections.abc import Iterator

import pytest

from adapters.zendesk.client import Clients
from adapters.zendesk.guide.api import HelpCenter
from adapters.zendesk.guide.media import MOST_BYTES, Media, name_of
from adapters.zendesk.guide.storage import Storage
from adapters.zendesk.settings import Settings
from deskside.demo.zendesk import SimulatedZendesk
from deskside.errors import AddressForbidden, Permanent, Transient, UnknownOutcome
from deskside.guard import AddressGuard
from tests.adapters.zendesk.account import Account, Answer, Seen

PLACE = "/api/v2/guide/medias/upload_url"
MEDIAS = "/api/v2/guide/medias"


@pytest.fixture
def zendesk() -> Iterator[SimulatedZendesk]:
    with SimulatedZendesk() as zendesk:
        yield zendesk


def media(url: str, client_id: str = "deskside", secret: str = "s") -> Media:
    settings = Settings(url=url, client_id=client_id, client_secret=secret)
    return Media(HelpCenter(Clients(settings)), Storage(url, AddressGuard()))


def test_a_file_is_taken_with_the_headers_that_were_signed(zendesk: SimulatedZendesk) -> None:
    upload = media(zendesk.url, zendesk.client_id, zendesk.client_secret).upload("a.txt", "text/plain", b"one")
    (row,) = zendesk.guide.medias.values()
    assert (row.id, row.url, row.data, row.content_type) == (upload.reference, upload.url, b"one", "text/plain")


@pytest.mark.parametrize(("content", "what"), [(b"", "empty"), (b"x" * (MOST_BYTES + 1), str(MOST_BYTES))])
def test_a_file_that_guide_does_not_take_is_not_sent(account: Account, content: bytes, what: str) -> None:
    with pytest.raises(Permanent, match=what):
        media(account.url).upload("a.bin", "text/plain", content)
    assert not account.asked()


@pytest.mark.parametrize("inside", [False, True])
def test_the_signed_headers_may_stand_in_either_place(account: Account, inside: bool) -> None:
    headers = {"X-Signed": "yes", "Authorization": "never", "Host": "never"}
    place = {"url": f"{account.url}/store", "asset_upload_id": "01A"}
    answer = {"upload_url": {**place, "headers": json.dumps(headers)}} if inside else {"upload_url": place}
    account.on("POST", PLACE, Answer({**answer, **({} if inside else {"headers": headers})}))
    account.on("PUT", "/store", Answer(""))
    account.on("POST", MEDIAS, Answer({"media": {"id": "01B", "url": "/guide-media/01C"}}))
    # A body that the throw-away server can read.
    upload = media(account.url).upload("a.json", "application/json", b"{}")
    assert (upload.reference, upload.url) == ("01B", "/guide-media/01C")
    (sent,) = account.asked("PUT")
    assert sent.headers["x-signed"] == "yes" and "authorization" not in sent.headers
    assert sent.headers["host"] in account.url
    (made,) = account.asked("POST", MEDIAS)
    assert made.json == {"asset_upload_id": "01A", "filename": name_of("a.json", "application/json", b"{}")}


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("http://files.example/x", Permanent),
        ("https://169.254.169.254/x", AddressForbidden),
        ("https://127.0.0.1/x", AddressForbidden),
        ("file:///etc/passwd", Permanent),
    ],
)
def test_no_file_is_sent_to_an_address_that_must_not_be_asked(address: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Storage("https://acme.zendesk.com", AddressGuard()).put(address, {}, b"x")


def test_a_store_that_refuses_costs_another_try(account: Account) -> None:
    place = {"url": f"{account.url}/store", "asset_upload_id": "01A"}
    account.on("POST", PLACE, Answer({"upload_url": place, "headers": {}}))
    account.on("PUT", "/store", Answer("expired", 403))
    with pytest.raises(Transient) as raised:
        media(account.url).upload("a.json", "application/json", b"{}")
    assert not isinstance(raised.value, UnknownOutcome)
    account.on("POST", PLACE, Answer("<html>", 502))
    with pytest.raises(Transient) as raised:
        media(account.url).upload("a.json", "application/json", b"{}")
    assert not isinstance(raised.value, UnknownOutcome)


@pytest.mark.parametrize("answer", [Answer({"errors": [{"code": "Conflict"}]}, 409), Answer("<html>", 504)])
@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_may_be_there_is_looked_for_by_its_name(account: Account, answer: Answer, there: bool) -> None:
    name = name_of("a.json", "application/json", b"{}")

    def listing(seen: Seen) -> Answer:
        assert seen.query["filter[name_prefix]"] == name
        rows = [{"id": "01B", "name": name, "url": "/guide-media/01C"}] if there else []
        return Answer({"records": [{"id": "01X", "name": name + "x"}, *rows], "meta": {"has_more": False}})

    place = {"url": f"{account.url}/store", "asset_upload_id": "01A"}
    account.on("POST", PLACE, Answer({"upload_url": place, "headers": {}}))
    account.on("PUT", "/store", Answer(""))
    account.on("POST", MEDIAS, answer)
    account.on("GET", MEDIAS, listing)
    if there:
        assert media(account.url).upload("a.json", "application/json", b"{}").reference == "01B"
    else:
        with pytest.raises(UnknownOutcome):
            media(account.url).upload("a.json", "application/json", b"{}")


def test_names_say_what_a_file_is_called_and_what_is_in_it() -> None:
    assert name_of("Screen Shot 1.PNG", "image/png", b"a") == "screen-shot-1-ca978112ca1b.png"
    assert name_of("../../etc/스크린샷", "image/jpeg", b"a") == "file-ca978112ca1b.jpg"
    assert name_of("a.png", "image/png", b"a") != name_of("a.png", "image/png", b"b")

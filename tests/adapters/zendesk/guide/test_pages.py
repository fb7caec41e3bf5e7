"""What stands in a body is made independent of its help centre, and loses nothing on the way."""

import pytest

from adapters.zendesk.guide.pages import Page, convert

BASE = "https://acme.zendesk.com/hc/en-us/articles/7"
HOSTS = {"acme.zendesk.com", "help.acme.example"}


def page(html: str) -> Page:
    rows = {"99": {"id": 99, "file_name": "Invoice form.PDF", "content_type": "application/pdf"}}
    return convert(html, BASE, HOSTS, rows)


@pytest.mark.parametrize(
    ("address", "symbolic"),
    [
        ("https://acme.zendesk.com/hc/en-us/articles/12-Pay-it#h_01ABC", "doc:12#h_01ABC"),
        ("https://help.acme.example/hc/en-us/articles/12", "doc:12"),
        ("//acme.zendesk.com/hc/articles/12-x/", "doc:12"),
        ("/hc/pt-br/articles/12?source=search", "doc:12"),
        ("12-Other", "doc:12"),
        ("/hc/article_attachments/99", "asset:%2Fhc%2Farticle_attachments%2F99"),
        ("/hc/en-us/article_attachments/99/form.pdf", "asset:%2Fhc%2Farticle_attachments%2F99"),
        ("/hc/en-us/requests/new", "https://acme.zendesk.com/hc/en-us/requests/new"),
        ("/hc/en-us/articles", "https://acme.zendesk.com/hc/en-us/articles"),
        ("https://acme.zendesk.com.evil.example/hc/en-us/articles/12", None),
        ("https://other.zendesk.com/hc/en-us/articles/12", None),
        ("mailto:help@acme.example", None),
        ("#part", None),
    ],
)
def test_an_address_of_the_help_centre_becomes_what_it_means(address: str, symbolic: str | None) -> None:
    assert page(f'<p><a href="{address}">x</a></p>').html == f'<p><a href="{symbolic or address}">x</a></p>'


def test_files_are_told_once_with_their_names() -> None:
    key = "01E86XPM9459S78F83VH8CD69H"
    found = page(
        f'<p><img src="/guide-media/{key}"><img src="https://acme.zendesk.com/guide-media/{key}">'
        '<a href="/hc/article_attachments/99">form</a><img src="/hc/article_attachments/12/at%20home.png"></p>'
    )
    assert [(asset.ref, asset.filename, asset.content_type) for asset in found.assets] == [
        (f"/guide-media/{key}", f"media-{key.lower()}", "application/octet-stream"),
        ("/hc/article_attachments/99", "Invoice form.PDF", "application/pdf"),
        ("/hc/article_attachments/12", "at home.png", "image/png"),
    ]
    assert found.html.count("asset:") == 4


def test_an_address_that_cannot_be_read_stays_or_goes_but_breaks_nothing() -> None:
    assert "text" in page('<p><a href="http://[broken/">text</a></p>').html


def test_what_runs_is_taken_out_and_told() -> None:
    found = page('<p onclick="x()">a<script>alert(1)</script><a href="javascript:x()">b</a></p>')
    assert "script" not in found.html and "onclick" not in found.html
    assert found.lost

"""The media library and the files of articles."""

from typing import Any

import pytest
import requests

from deskside.demo.zendesk import SimulatedZendesk
from tests.demo.clock import SettableClock
from tests.demo.zendesk.guide.tools import Help

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def ask(center: Help, size: int = len(PNG), kind: str = "image/png") -> dict[str, Any]:
    answer = center.guide("POST", "/medias/upload_url", {"content_type": kind, "file_size": size})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def put(place: dict[str, Any], data: bytes = PNG, **changes: str | None) -> requests.Response:
    headers = {**place["headers"], **{key.replace("_", "-"): value for key, value in changes.items()}}
    return requests.put(place["upload_url"]["url"], data=data, headers=headers, timeout=10)


def finish(center: Help, place: dict[str, Any], filename: str = "hero.png") -> requests.Response:
    upload_id = place["upload_url"]["asset_upload_id"]
    return center.guide("POST", "/medias", {"asset_upload_id": upload_id, "filename": filename})


def media(center: Help, data: bytes = PNG) -> dict[str, Any]:
    place = ask(center, len(data))
    assert put(place, data).status_code == 200
    return dict(finish(center, place).json()["media"])


def test_a_file_takes_three_steps_into_the_library(center: Help) -> None:
    found = media(center)
    assert (found["name"], found["size"], found["version"]) == ("hero.png", len(PNG), 1)
    assert found["url"] == f"/guide-media/{found['access_key']}" != f"/guide-media/{found['id']}"
    assert [row["id"] for row in center.guide("GET", "/medias").json()["records"]] == [found["id"]]


@pytest.mark.parametrize(
    "changes", [{"Content_Type": "image/gif"}, {"Content_Disposition": None}, {"X_Amz_Server_Side_Encryption": "x"}]
)
def test_bytes_must_come_with_the_headers_that_were_given(center: Help, changes: dict[str, str | None]) -> None:
    assert put(ask(center), **changes).status_code == 403


def test_bytes_must_come_without_a_token(center: Help) -> None:
    answer = put(ask(center), Authorization="Bearer x")
    assert (answer.status_code, "<Code>InvalidArgument" in answer.text) == (400, True)


def test_an_address_is_good_for_an_hour_and_the_bytes_are_too(center: Help, clock: SettableClock) -> None:
    late, forgotten = ask(center), ask(center)
    put(forgotten)
    clock.forward(3600)
    center.api.headers["Authorization"] = f"Bearer {center.api.token().json()['access_token']}"
    assert put(late).status_code == 403
    assert finish(center, forgotten).status_code == 400


def test_an_upload_becomes_one_media_object(center: Help) -> None:
    place = ask(center)
    assert finish(center, place).status_code == 400
    put(place)
    assert [finish(center, place).status_code for _ in range(2)] == [200, 409]


def test_a_file_of_more_than_twenty_megabytes_is_refused(center: Help) -> None:
    given = {"content_type": "image/png", "file_size": 20 * 1024 * 1024 + 1}
    assert center.guide("POST", "/medias/upload_url", given).status_code == 400


def test_the_signature_of_an_address_is_not_kept(zendesk: SimulatedZendesk, center: Help) -> None:
    put(ask(center))
    assert [row.query["X-Amz-Signature"] for row in zendesk.requests if row.method == "PUT"] == ["***"]


def test_media_in_published_bodies_become_attachments_for_each_language(
    zendesk: SimulatedZendesk, center: Help
) -> None:
    zendesk.enable_locale("ru")
    body = f'<p><img src="{media(center)["url"]}"></p>'
    article_id = center.create(body=body, draft=True)
    path = f"/articles/{article_id}/attachments.json"
    assert center.call("GET", path).json()["article_attachments"] == []
    for _ in range(2):
        center.translate(article_id, draft=False)
        center.translate(article_id, title="Again")
    zendesk.translate("articles", article_id, "ru", "Как платить", body)
    found = center.call("GET", path).json()["article_attachments"]
    assert [(row["locale"], row["inline"], row["file_name"]) for row in found] == [
        ("en-us", True, "hero.png"),
        ("ru", True, "hero.png"),
    ]
    assert f'src="/hc/article_attachments/{found[0]["id"]}"' in zendesk.shown(article_id)
    assert center.article(article_id)["body"] == body


def test_media_are_replaced_renamed_and_deleted_under_one_address(center: Help) -> None:
    row = media(center)
    place = ask(center, 3)
    put(place, b"new")
    given = {"asset_upload_id": place["upload_url"]["asset_upload_id"], "filename": "hero.png"}
    replaced = center.guide("PUT", f"/medias/{row['id']}", given).json()["media"]
    assert (replaced["url"], replaced["version"], replaced["size"]) == (row["url"], 2, 3)
    renamed = center.guide("PATCH", f"/medias/{row['id']}", {"filename": "other.png"}).json()["media"]
    assert renamed["name"] == "other.png"
    assert center.guide("DELETE", f"/medias/{row['id']}").status_code == 204
    assert center.guide("GET", f"/medias/{row['id']}").status_code == 404


def test_loose_files_are_given_to_an_article_twenty_at_a_time(center: Help) -> None:
    article_id = center.create()
    keys = []
    for number in range(21):
        files = {"file": (f"{number}.png", PNG, "image/png")}
        answer = center.call("POST", "/articles/attachments.json", data={"inline": "true"}, files=files)
        assert answer.status_code == 201
        keys.append(answer.json()["article_attachment"]["id"])
    path = f"/articles/{article_id}/bulk_attachments.json"
    assert center.call("POST", path, {"attachment_ids": keys}).status_code == 400
    assert center.call("POST", path, {"attachment_ids": keys[:20]}).status_code == 200
    listed = center.call("GET", f"/articles/{article_id}/attachments/inline.json?page[size]=100").json()
    assert len(listed["article_attachments"]) == 20


def test_a_file_that_left_the_body_stays_with_the_article(zendesk: SimulatedZendesk, center: Help) -> None:
    article_id = center.create(body=f'<img src="{media(center)["url"]}">')
    center.translate(article_id, body="<p>no image</p>")
    assert len(center.call("GET", f"/articles/{article_id}/attachments.json").json()["article_attachments"]) == 1

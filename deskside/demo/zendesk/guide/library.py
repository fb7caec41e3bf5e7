"""The media library, its signed uploads, and the files of articles.

Sources: developer.zendesk.com, Help Center API: Guide Medias, Article Attachments.
"""

import hmac
import secrets
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from deskside.demo.zendesk import paging
from deskside.demo.zendesk.errors import not_found
from deskside.demo.zendesk.guide import shapes
from deskside.demo.zendesk.guide.articles import center
from deskside.demo.zendesk.guide.desk import invalid
from deskside.demo.zendesk.guide.routing import HelpApi, brand, broken, guide, listing, refused
from deskside.demo.zendesk.guide.state import Attachment, Media, Upload
from deskside.demo.zendesk.routing import body, world
from deskside.demo.zendesk.state import Json

PLACE = "/uploads"

api = HelpApi("guide_library")
store = Blueprint("guide_store", __name__)


@api.api("/guide/medias/upload_url", "POST")
def create_upload() -> Any:
    """A signed address for bytes, good for an hour, with the headers that must come with them."""
    given = body()
    kind, size = given.get("content_type"), given.get("file_size")
    if not isinstance(kind, str) or "/" not in kind or not isinstance(size, int):
        raise refused(400, "BadRequest", "Invalid property")
    if not 0 < size <= guide().limits.file_bytes:
        raise refused(400, "BadRequest", "Invalid property")
    now = world().state.clock()
    number = guide().new_ulid()
    headers = {
        "Content-Disposition": f'attachment; filename="{number}.{kind.partition("/")[2]}"',
        "Content-Type": kind,
        "X-Amz-Server-Side-Encryption": "AES256",
    }
    upload = Upload(number, kind, size, secrets.token_hex(32), headers, now)
    guide().uploads[number] = upload
    query = f"Content-Type={quote(kind, safe='')}&X-Amz-Expires=3600&X-Amz-Signature={upload.signature}"
    address = f"{world().base}{PLACE}/{number}?{query}"
    return {"headers": headers, "upload_url": {"url": address, "asset_upload_id": number}}


@store.put(f"{PLACE}/<upload_id>")
def take_bytes(upload_id: str) -> Any:
    """What the store of files does, which is not Zendesk: it knows signatures and headers, and no tokens."""
    if "Authorization" in request.headers:
        return denied(400, "InvalidArgument", "Only one auth mechanism allowed")
    with world().state.lock:
        upload = guide().uploads.get(upload_id)
        given = request.args.get("X-Amz-Signature", "").encode()
        if upload is None or not hmac.compare_digest(given, upload.signature.encode()):
            return denied(403, "SignatureDoesNotMatch", "The signature does not match")
        if is_old(upload):
            return denied(403, "AccessDenied", "Request has expired")
        if any(request.headers.get(name) != value for name, value in upload.headers.items()):
            return denied(403, "SignatureDoesNotMatch", "The signature does not match")
        upload.data = request.get_data()
    return "", 200


def denied(status: int, code: str, text: str) -> Response:
    """A refusal of the store, in XML."""
    said = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{text}</Message></Error>'
    return Response(said, status, mimetype="application/xml")


def is_old(upload: Upload) -> bool:
    """Whether its hour is over: bytes of which no media object was made are gone then."""
    return (world().state.clock() - upload.created_at).total_seconds() >= guide().limits.upload_seconds


def uploaded() -> tuple[Upload, bytes]:
    """The bytes that the request names by `asset_upload_id`. Raises ApiError 400 when there are none, 409 if used."""
    upload = guide().uploads.get(str(body().get("asset_upload_id")))
    if upload is None or upload.data is None or is_old(upload) or len(upload.data) > guide().limits.file_bytes:
        raise refused(400, "BadRequest", "Invalid property")
    if upload.used:
        raise refused(409, "Conflict", "The request causing a conflict")
    return upload, upload.data


def filename() -> str:
    """The file's name. Raises ApiError 400."""
    name = body().get("filename")
    if not isinstance(name, str) or not name.strip():
        raise refused(400, "BadRequest", "Invalid property")
    return name


def find(media_id: str) -> Media:
    """A media object. Raises ApiError 404."""
    if media_id not in guide().medias:
        raise refused(404, "NotFound", "The Resource could not be found")
    return guide().medias[media_id]


@api.api("/guide/medias", "POST")
def create_media() -> Any:
    """A media object of uploaded bytes."""
    name = filename()
    upload, data = uploaded()
    now = world().state.clock()
    row = Media(guide().new_ulid(), guide().new_ulid(), name, upload.content_type, data, now, now)
    upload.used = True
    guide().medias[row.id] = row
    return {"media": shapes.media(row)}


@api.api("/guide/medias")
def list_media() -> Any:
    """The library, by name if `filter[name_prefix]` says so. Cursor pages only."""
    prefix, sort = request.args.get("filter[name_prefix]", ""), request.args.get("sort", "created_at")
    rows = [row for row in guide().medias.values() if row.name.startswith(prefix)]
    name = "name" if sort.endswith("name") else "created_at"
    rows.sort(key=lambda row: (getattr(row, name), row.id), reverse=sort.startswith("-"))
    return broken(paging.cursor_page([shapes.media(row) for row in rows], "records"), "records")


@api.api("/guide/medias/<media_id>")
def show_media(media_id: str) -> Any:
    """One media object."""
    return {"media": shapes.media(find(media_id))}


@api.api("/guide/medias/<media_id>", "PUT")
def replace_media(media_id: str) -> Any:
    """Other bytes under the same address, for all bodies that show it."""
    row, name = find(media_id), filename()
    upload, row.data = uploaded()
    upload.used, row.name, row.content_type = True, name, upload.content_type
    row.version, row.updated_at = row.version + 1, world().state.clock()
    return {"media": shapes.media(row)}


@api.api("/guide/medias/<media_id>", "PATCH")
def rename_media(media_id: str) -> Any:
    """Another name."""
    row, name = find(media_id), filename()
    row.name, row.updated_at = name, world().state.clock()
    return {"media": shapes.media(row)}


@api.api("/guide/medias/<media_id>", "DELETE")
def delete_media(media_id: str) -> Any:
    """Delete it; bodies that show it show nothing there."""
    del guide().medias[find(media_id).id]
    return "", 204


def form_file() -> Attachment:
    """A file from a multipart form: bytes, or the id of a media object."""
    media_id = request.form.get("guide_media_id", "")
    given = request.files.get("file")
    inline = request.form.get("inline", "false") == "true"
    locale = request.form.get("locale", "").lower() or None
    if locale and (not inline or locale not in brand().locales):
        raise invalid("locale", "locale can only be set on inline attachments, and must be enabled")
    if media_id:
        media = find(media_id)
        file = center().attach(brand().id, media.name, media.content_type, media_id=media.id)
    elif given is not None:
        kind = given.mimetype or "application/octet-stream"
        file = center().attach(brand().id, given.filename or "file", kind, given.read())
    else:
        raise invalid("file", "file or guide_media_id is needed")
    file.inline, file.locale = inline, locale
    return file


def shape(row: Attachment) -> Json:
    """A file as this host shows it."""
    return shapes.attachment(center(), row)


@api.help("/articles/<int:article_id>/attachments", "POST")
def create_attachment(article_id: int, locale: str | None = None) -> Any:
    """A file of an article."""
    row = center().article(article_id, brand())
    file = form_file()
    center().associate(row, file)
    return {"article_attachment": shape(file)}, 201


@api.help("/articles/attachments", "POST")
def create_loose_attachment(locale: str | None = None) -> Any:
    """A file of no article yet: anonymous readers cannot see it."""
    return {"article_attachment": shape(form_file())}, 201


@api.help("/articles/<int:article_id>/bulk_attachments", "POST")
def associate_attachments(article_id: int, locale: str | None = None) -> Any:
    """Give up to twenty files to an article."""
    row = center().article(article_id, brand())
    keys = body().get("attachment_ids")
    if not isinstance(keys, list) or not keys or len(keys) > guide().limits.bulk:
        raise invalid("attachment_ids", f"between 1 and {guide().limits.bulk} attachment_ids are needed")
    files = [attachment(int(key)) for key in keys]
    for file in files:
        center().associate(row, file)
    return "", 200


def attachment(key: int) -> Attachment:
    """A file. Raises ApiError 404."""
    found = guide().attachments.get(key)
    if found is None or found.brand_id != brand().id:
        raise not_found()
    return found


@api.help("/articles/<int:article_id>/attachments")
def list_attachments(article_id: int, locale: str | None = None) -> Any:
    """The files of an article, also those its body no longer shows."""
    return listing(center().attached(center().article(article_id, brand())), "article_attachments", shape)


@api.help("/articles/<int:article_id>/attachments/<any(inline, block):kind>")
def list_attachments_of_kind(article_id: int, kind: str, locale: str | None = None) -> Any:
    """Only the inline ones, or only the others."""
    rows = center().attached(center().article(article_id, brand()))
    return listing([row for row in rows if row.inline is (kind == "inline")], "article_attachments", shape)


@api.help("/articles/attachments/<int:attachment_id>")
def show_attachment(attachment_id: int, locale: str | None = None) -> Any:
    """One file."""
    return {"article_attachment": shape(attachment(attachment_id))}


@api.help("/articles/attachments/<int:attachment_id>", "DELETE")
def delete_attachment(attachment_id: int, locale: str | None = None) -> Any:
    """Delete a file."""
    del guide().attachments[attachment(attachment_id).id]
    return "", 204

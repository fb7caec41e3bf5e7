"""Answers of the Help Center API in the shapes that were recorded of it."""

from collections.abc import Sequence
from typing import Any

from tests.adapters.zendesk.account import Account, Answer

ROOT = "/api/v2/help_center"
LABELS = f"{ROOT}/articles/labels.json"
ARTICLES = f"{ROOT}/articles.json"
GROUPS = "/api/v2/guide/permission_groups.json"
END = {"has_more": False, "after_cursor": "zzz"}


def translation_row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 500, "locale": "en-us", "title": "Pay an invoice", "body": "<p>Pay it.</p>", "draft": False,
        "outdated": False, "updated_at": "2026-11-20T10:00:00Z", "source_id": 7, "source_type": "Article",
    } | changes  # fmt: skip


def article_row(number: int = 7, *texts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "section_id": 31, "html_url": f"https://acme.zendesk.com/hc/en-us/articles/{number}-Pay",
        "user_segment_id": None, "user_segment_ids": [], "label_names": [], "position": 0, "content_tag_ids": [],
        "source_locale": "en-us", "locale": "en-us", "draft": False, "permission_group_id": 11,
        "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-21T10:00:00Z",
        "edited_at": "2026-11-20T10:00:00Z", "translations": list(texts) or [translation_row()],
    } | changes  # fmt: skip


def page(name: str, rows: Sequence[Any], *, more: str | None = None) -> Answer:
    """A page by cursor; `more` is the cursor of the next one."""
    meta = {"has_more": True, "after_cursor": more} if more else END
    return Answer({name: list(rows), "meta": meta, "links": {"next": "https://elsewhere.example/next"}})


def one(row: dict[str, Any]) -> Answer:
    return Answer({"article": row})


def furnish(account: Account, *, labels: Answer | None = None) -> None:
    """A help centre with a category, a section, a permission group, and a plan that has labels."""
    account.on("GET", GROUPS, page("permission_groups", [{"id": 11, "name": "Managers"}, {"id": 12, "name": "Admins"}]))
    account.on("GET", LABELS, labels or page("labels", [{"id": 1, "name": "billing"}]))
    account.on("GET", f"{ROOT}/categories.json", page("categories", [{"id": 20, "name": "Billing"}]))
    section = {"id": 31, "name": "Invoices", "category_id": 20, "parent_section_id": None}
    account.on("GET", f"{ROOT}/sections.json", page("sections", [section]))
    segments = [{"id": 41, "name": "Agents and admins"}, {"id": 42, "name": "Partners"}]
    account.on("GET", f"{ROOT}/user_segments.json", page("user_segments", segments))
    account.on("GET", f"{ROOT}/locales.json", Answer({"locales": ["en-us", "ru"], "default_locale": "en-us"}))

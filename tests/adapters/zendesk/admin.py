"""The admin's side of an account: fields, views and webhooks that can be made and are listed afterwards."""

from typing import Any

from tests.adapters.zendesk.account import Account, Answer, Seen

SIGNING_SECRET = "the-webhooks-own-signing-secret"
FIELDS, VIEWS, WEBHOOKS = "/api/v2/ticket_fields.json", "/api/v2/views.json", "/api/v2/webhooks"
INVOCATIONS = f"{WEBHOOKS}/W1/invocations"


class Admin:
    """What exists on the account; changes of the test and of Deskside meet here."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.fields: list[dict[str, Any]] = [{"id": 1, "title": "Subject", "type": "subject", "active": True}]
        self.views: list[dict[str, Any]] = []
        self.webhooks: list[dict[str, Any]] = []
        self.secret = SIGNING_SECRET
        self._next = 100
        account.on("GET", FIELDS, lambda _: Answer({"ticket_fields": self.fields, "next_page": None, "count": 1}))
        account.on("POST", FIELDS, self._make_field)
        account.on("GET", VIEWS, lambda _: Answer({"views": self.views, "meta": {"has_more": False}}))
        account.on("POST", VIEWS, self._make_view)
        account.on("GET", WEBHOOKS, lambda _: Answer({"webhooks": self.webhooks, "meta": {"has_more": False}}))
        account.on("POST", WEBHOOKS, self._make_webhook)

    def writes(self) -> list[Seen]:
        """Every request that changed something."""
        return [seen for seen in self.account.asked() if seen.method != "GET"]

    def add_field(self, **row: Any) -> dict[str, Any]:
        row = {"id": self._number(), "active": True, **row}
        self.fields.append(row)
        self.account.on("PUT", f"/api/v2/ticket_fields/{row['id']}.json", lambda seen: self._change(row, seen))
        return row

    def add_view(self, **row: Any) -> dict[str, Any]:
        row = {"id": self._number(), "active": True, "restriction": None, **row}
        self.views.append(row)
        self.account.on("PUT", f"/api/v2/views/{row['id']}.json", lambda seen: self._change_view(row, seen))
        return row

    def add_webhook(self, **row: Any) -> dict[str, Any]:
        row = {"id": f"W{len(self.webhooks) + 1}", "status": "active", **row}
        self.webhooks.append(row)
        path = f"{WEBHOOKS}/{row['id']}"
        self.account.on("PATCH", path, lambda seen: self._change_webhook(row, seen))
        secret = {"algorithm": "SHA256"}
        self.account.on(
            "GET", f"{path}/signing_secret", lambda _: Answer({"signing_secret": {**secret, "secret": self.secret}})
        )
        return row

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _make_field(self, seen: Seen) -> Answer:
        return Answer({"ticket_field": self.add_field(**seen.json["ticket_field"])}, 201)

    def _make_view(self, seen: Seen) -> Answer:
        return Answer({"view": self.add_view(**_view(seen.json["view"]))}, 201)

    def _make_webhook(self, seen: Seen) -> Answer:
        return Answer({"webhook": self.add_webhook(**seen.json["webhook"])}, 201)

    @staticmethod
    def _change(row: dict[str, Any], seen: Seen) -> Answer:
        row.update(seen.json["ticket_field"])
        return Answer({"ticket_field": row})

    @staticmethod
    def _change_view(row: dict[str, Any], seen: Seen) -> Answer:
        row.update(_view(seen.json["view"]))
        return Answer({"view": row})

    @staticmethod
    def _change_webhook(row: dict[str, Any], seen: Seen) -> Answer:
        row.update(seen.json["webhook"])
        return Answer(None, 204)


def _view(given: dict[str, Any]) -> dict[str, Any]:
    """A view is written with `all`, `any` and `output`, and read with `conditions` and `execution`."""
    output = given["output"]
    execution = {
        "columns": [{"id": column, "title": "x"} for column in output["columns"]],
        "sort_by": output["sort_by"],
        "sort_order": output["sort_order"],
    }
    conditions = {"all": given["all"], "any": given["any"]}
    return {"title": given["title"], "active": given["active"], "conditions": conditions, "execution": execution}

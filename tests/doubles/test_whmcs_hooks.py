"""When hooks are read, in which order they run, and what is done with what they give."""

import pytest

from tests.doubles.probe import plug, seen
from tests.doubles.whmcs_server import PROBE, SECRETS, Whmcs


def test_callbacks_run_by_priority_and_then_as_they_were_added(whmcs: Whmcs) -> None:
    whmcs.add_hook_file(
        "order.php",
        "foreach ([['last', 20], ['second', 5], ['third', 5], ['first', -1]] as $one) {"
        " add_hook('Ordered', $one[1], function () use ($one) { return $one[0]; }); }",
    )
    assert whmcs.fire("Ordered") == ["first", "second", "third", "last"]


def test_hooks_are_read_on_every_request_before_the_page_acts(whmcs: Whmcs) -> None:
    whmcs.add_hook_file("stop.php", "if (isset($_POST['postreply'])) { http_response_code(409); exit('stopped'); }")
    admin = whmcs.admin()
    answer = admin.post("/admin/supporttickets.php?action=viewticket&id=1", {"postreply": 1, "message": "Hello"})
    assert (answer.status_code, answer.text) == (409, "stopped")
    assert whmcs.table("tblticketreplies") == []


@pytest.mark.parametrize("late", [False, True])
def test_the_admin_may_or_may_not_be_known_when_hooks_are_read(whmcs: Whmcs, late: bool) -> None:
    whmcs.set(session_after_hooks=late)
    answer = whmcs.admin(2).get("/admin/index.php", probe_early=1)
    assert answer.headers["X-Probe-Admin"] == ("nobody" if late else "2")


@pytest.mark.parametrize(("encodes", "text"), [(True, "&lt;b&gt; &amp; &quot;"), (False, '<b> & "')])
def test_hooks_see_input_with_its_entities_encoded(whmcs: Whmcs, encodes: bool, text: str) -> None:
    whmcs.set(encodes_input=encodes)
    answer = whmcs.stranger().post("/index.php?probe_early=1", {"message": '<b> & "'})
    assert answer.headers["X-Probe-Text"] == text


def test_a_file_whose_name_begins_with_an_underscore_is_not_read(whmcs: Whmcs) -> None:
    whmcs.add_hook_file("_off.php", "add_hook('Off', 1, function () { return 1; });")
    assert whmcs.fire("Off") == []


def test_hooks_of_an_addon_that_is_not_active_are_not_read(whmcs: Whmcs) -> None:
    whmcs.deactivate("probe")
    assert whmcs.fire("AdminAreaViewTicketPage") == []


def test_a_hooks_file_added_later_is_not_seen_until_the_settings_are_saved_again(whmcs: Whmcs) -> None:
    whmcs.deactivate("probe")
    file = whmcs.root / "modules/addons/probe/hooks.php"
    file.unlink()
    whmcs.activate("probe")
    file.write_bytes((PROBE / "hooks.php").read_bytes())
    assert whmcs.fire("AdminAreaViewTicketPage") == []
    whmcs.save_settings("probe", {})
    assert whmcs.fire("AdminAreaViewTicketPage") == [plug("AdminAreaViewTicketPage")]


def test_html_of_the_admin_hooks_is_in_its_place(whmcs: Whmcs) -> None:
    page = whmcs.admin().get("/admin/supporttickets.php", action="view", id=1).text
    head, body = page.split("</head>")
    assert plug("AdminAreaHeadOutput") in head
    assert body.index(plug("AdminAreaHeaderOutput")) < body.index('id="menu"')
    assert plug("AdminAreaViewTicketPageSidebar") in body[body.index("<aside") : body.index("</aside>")]
    assert plug("AdminAreaViewTicketPage") in body[body.index("<main") : body.index("</main>")]
    assert body.endswith(plug("AdminAreaFooterOutput") + "</body></html>")
    assert seen(whmcs, "AdminAreaViewTicketPage") == [{"ticketid": 1}]
    assert (
        seen(whmcs, "AdminAreaHeadOutput")[0].items()
        >= {
            "adminid": 1,
            "admin_username": "ada",
            "filename": "supporttickets",
            "template": "blend",
        }.items()
    )


def test_the_queue_is_above_the_list_of_tickets(whmcs: Whmcs) -> None:
    page = whmcs.admin().get("/admin/supporttickets.php").text
    assert page.index(plug("AdminSupportTicketPagePreTickets")) < page.index("sortabletbl0")


def test_html_of_the_client_hooks_is_in_every_client_page(whmcs: Whmcs) -> None:
    head, body = whmcs.client().get("/clientarea.php").text.split("</head>")
    assert plug("ClientAreaHeadOutput") in head
    assert body.index(plug("ClientAreaHeaderOutput")) < body.index('id="menu"')
    assert body.endswith(plug("ClientAreaFooterOutput") + "</body></html>")
    assert (
        seen(whmcs, "ClientAreaHeadOutput")[0].items()
        >= {
            "companyname": "Example Hosting",
            "filename": "clientarea",
            "template": "twenty-one",
            "loggedin": True,
        }.items()
    )


def test_variables_for_templates_show_only_where_the_theme_prints_them(whmcs: Whmcs) -> None:
    ticket = whmcs.table("tbltickets")[0]

    def pages() -> str:
        client = whmcs.client().get("/viewticket.php", tid=ticket["tid"], c=ticket["c"]).text
        return client + whmcs.admin().get("/admin/index.php").text

    assert "third in line" not in pages()
    whmcs.set(theme_prints=["probe_place"])
    assert "third in line" in pages()
    assert "in the admin area" in pages()


def test_a_sidebar_hook_changes_a_menu_item(whmcs: Whmcs) -> None:
    page = whmcs.client().get("/clientarea.php").text
    assert page.index("Before &lt;it&gt;") < page.index('<a href="index.php?m=probe">Probe</a>')


def test_suggestions_of_a_hook_come_before_those_of_whmcs(whmcs: Whmcs) -> None:
    client = whmcs.client()
    answer = client.post("/submitticket.php", {"action": "getkbarticles", "text": "restart my server"}).text
    assert answer.index("How to order") < answer.index("How to restart a server")
    assert "invoice" not in answer
    assert seen(whmcs, "SubmitTicketAnswerSuggestions") == [{"text": "restart my server"}]


def test_invoice_hooks_run_in_order_and_the_paid_one_carries_a_model(whmcs: Whmcs) -> None:
    number = whmcs.local_api("CreateInvoice", userid=1, itemdescription1="Front", itemamount1=5)["invoiceid"]
    for state in ("Paid", "Refunded", "Unpaid", "Cancelled"):
        whmcs.invoice(number, state)
        assert whmcs.table("tblinvoices")[0]["status"] == state
    for hook in ("AddInvoicePayment", "InvoicePaidPreEmail", "InvoiceRefunded", "InvoiceUnpaid", "InvoiceCancelled"):
        assert seen(whmcs, hook) == [{"invoiceid": number}]
    paid = seen(whmcs, "InvoicePaid")[0]
    assert paid["invoiceid"] == number
    assert paid["invoice"]["status"] == "Paid"  # what a model becomes when it is serialised whole
    money = [(float(row["amountin"]), float(row["amountout"])) for row in whmcs.table("tblaccounts")]
    assert money == [(5.0, 0.0), (0.0, 5.0)]


def test_module_hooks_carry_passwords(whmcs: Whmcs) -> None:
    whmcs.module_command("Create", 1)
    params = seen(whmcs, "AfterModuleCreate")[0]["params"]
    assert params["password"] == SECRETS["service"]
    assert params["serverpassword"] == SECRETS["server"]
    assert params["serveraccesshash"] == SECRETS["access_hash"]
    stored = whmcs.table("tblhosting")[0]["password"]
    assert SECRETS["service"] not in stored


def test_a_failed_module_command_says_why_and_an_aborted_one_does_nothing(whmcs: Whmcs) -> None:
    whmcs.module_command("Create", 1, failure="no room")
    assert seen(whmcs, "AfterModuleCreateFailed")[0]["failureResponseMessage"] == "no room"
    whmcs.module_command("Terminate", 2)
    assert seen(whmcs, "AfterModuleTerminate") == []
    assert [row["domainstatus"] for row in whmcs.table("tblhosting")] == ["Active", "Active"]
    whmcs.module_command("Terminate", 1)
    assert whmcs.table("tblhosting")[0]["domainstatus"] == "Terminated"


def test_every_cron_run_ends_in_its_hook_and_the_daily_one_has_two_more(whmcs: Whmcs) -> None:
    assert whmcs.cron().status == 0
    assert (len(seen(whmcs, "AfterCronJob")), len(seen(whmcs, "DailyCronJob"))) == (1, 0)
    whmcs.cron(daily=True)
    assert [len(seen(whmcs, hook)) for hook in ("AfterCronJob", "PreCronJob", "DailyCronJob")] == [2, 1, 1]


def test_a_hook_that_throws_ends_the_cron_with_its_error(whmcs: Whmcs) -> None:
    whmcs.add_hook_file("fail.php", "add_hook('AfterCronJob', 9, function () { throw new Exception('no more'); });")
    run = whmcs.cron()
    assert run.status == 255
    assert "no more" in run.errors

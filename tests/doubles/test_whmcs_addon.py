"""The life of an addon module in the double."""

import json
import re

import pytest
import requests

from tests.doubles.probe import seen
from tests.doubles.whmcs_server import DoubleError, Whmcs, missing, running_whmcs, smarty_installed

SETTINGS = "/admin/configaddonmods.php"


def given(page: requests.Response) -> dict[str, object]:
    """The $vars the probe's output was called with."""
    found = re.search(r'<pre id="probe-vars">(.*?)</pre>', page.text, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


def test_activation_makes_its_tables_and_deactivation_drops_them(whmcs_on_each: Whmcs) -> None:
    whmcs = whmcs_on_each
    assert whmcs.has_table("mod_probe_seen")
    assert whmcs.deactivate("probe") == {"status": "success", "description": "The probe is out."}
    assert not whmcs.has_table("mod_probe_seen")
    assert whmcs.table("tbladdonmodules") == []


def test_the_owner_activates_and_saves_on_the_settings_page(whmcs: Whmcs) -> None:
    whmcs.deactivate("probe")
    owner = whmcs.admin(1)
    answer = owner.post(SETTINGS, {"module": "probe", "action": "activate"})
    assert "The probe is in." in answer.text
    owner.post(
        SETTINGS,
        {
            "module": "probe",
            "action": "save",
            "fields[address]": "http://desk.example/?a=1&b=2",
            "fields[secret]": 'it\'s "so" <secret>',
            "fields[loud]": "on",
            "fields[level]": "high",
            "access[]": ["2", "3"],
        },
    )
    stored = {row["setting"]: row["value"] for row in whmcs.table("tbladdonmodules")}
    assert stored == {
        "version": "1.0",
        "access": "2,3",
        "address": "http://desk.example/?a=1&b=2",
        "secret": 'it\'s "so" <secret>',
        "loud": "on",
        "level": "high",
    }


def test_a_password_is_shown_as_a_mask_and_kept_when_the_mask_comes_back(whmcs: Whmcs) -> None:
    whmcs.save_settings("probe", {"secret": "hunter2"})
    owner = whmcs.admin(1)
    assert "hunter2" not in owner.get(SETTINGS).text
    owner.post(SETTINGS, {"module": "probe", "action": "save", "fields[secret]": "********"})
    assert {"hunter2"} == {row["value"] for row in whmcs.table("tbladdonmodules") if row["setting"] == "secret"}


def test_an_activation_that_is_refused_leaves_it_off(whmcs: Whmcs) -> None:
    whmcs.deactivate("probe")
    (whmcs.root / "modules/addons/probe/refuse").touch()
    answer = whmcs.admin(1).post(SETTINGS, {"module": "probe", "action": "activate"})
    assert "Not here." in answer.text
    assert "Invalid module name" in whmcs.admin(1).get("/admin/addonmodules.php", module="probe").text


def test_output_is_given_its_link_its_language_and_its_settings(whmcs: Whmcs) -> None:
    whmcs.save_settings("probe", {"address": "http://desk.example"})
    page = whmcs.admin(1).get("/admin/addonmodules.php", module="probe")
    assert given(page) == {
        "modulelink": "addonmodules.php?module=probe",
        "_lang": {"hello": "Hello from the probe"},
        "version": "1.0",
        "access": "1,2",
        "address": "http://desk.example",
        "secret": "",
        "loud": "",
        "level": "",
    }
    assert '<p id="probe-sidebar">Hello from the probe</p>' in page.text


def test_settings_that_were_never_saved_are_not_there(whmcs: Whmcs) -> None:
    whmcs.deactivate("probe")
    whmcs.admin(1).post(SETTINGS, {"module": "probe", "action": "activate"})
    assert {row["setting"] for row in whmcs.table("tbladdonmodules")} == {"version"}


@pytest.mark.parametrize(("admin", "status"), [(1, 200), (2, 200), (4, 403)])
def test_only_the_roles_chosen_by_the_owner_may_open_it(whmcs: Whmcs, admin: int, status: int) -> None:
    assert whmcs.admin(admin).get("/admin/addonmodules.php", module="probe").status_code == status


def test_only_a_full_administrator_sees_the_settings_page(whmcs: Whmcs) -> None:
    assert whmcs.admin(2).get(SETTINGS).status_code == 403


def test_without_an_admin_there_is_only_the_login(whmcs: Whmcs) -> None:
    for visitor in (whmcs.stranger(), whmcs.client(1)):
        assert visitor.get("/admin/addonmodules.php", module="probe").url.endswith("/admin/login.php")
    whmcs.execute("UPDATE tbladmins SET disabled = 1 WHERE id = 3")
    assert whmcs.admin(3).get("/admin/index.php").url.endswith("/admin/login.php")


def test_an_upgrade_runs_once_on_the_first_access_after_the_version_changed(whmcs: Whmcs) -> None:
    owner = whmcs.admin(1)
    owner.get("/admin/addonmodules.php", module="probe")
    assert seen(whmcs, "upgrade") == []
    (whmcs.root / "modules/addons/probe/newer").touch()
    owner.get("/admin/addonmodules.php", module="probe")
    owner.get("/admin/addonmodules.php", module="probe")
    assert seen(whmcs, "upgrade") == [{"from": "1.0"}]


@pytest.mark.skipif(not smarty_installed(), reason="Smarty is not installed: apt-get install smarty4")
def test_its_client_page_goes_through_its_template(whmcs: Whmcs) -> None:
    page = whmcs.stranger().get("/index.php", m="probe").text
    assert '<p id="probe-page">Hello from the probe Example Hosting</p>' in page


def test_its_client_page_may_ask_for_a_login(whmcs: Whmcs) -> None:
    assert whmcs.stranger().get("/index.php", m="probe", private=1).url.endswith("/login.php")


def test_an_addon_that_is_off_has_no_client_page(whmcs: Whmcs) -> None:
    whmcs.deactivate("probe")
    assert whmcs.stranger().get("/index.php", m="probe").url.endswith("/index.php")


def test_a_form_without_the_token_of_its_session_is_refused(whmcs: Whmcs) -> None:
    owner = whmcs.admin(1)
    owner.token = whmcs.admin(1).token
    answer = owner.post(SETTINGS, {"module": "probe", "action": "deactivate"})
    assert (answer.status_code, "Invalid Token" in answer.text) == (403, True)
    assert whmcs.has_table("mod_probe_seen")


@pytest.mark.parametrize(
    ("admin", "client", "who"),
    [
        (None, 2, {"user": 102, "client": 2, "admin": None, "masquerade": False}),
        (1, 2, {"user": None, "client": 2, "admin": 1, "masquerade": True}),
    ],
)
def test_current_user_tells_a_client_from_an_admin_who_acts_as_one(
    whmcs: Whmcs, admin: int | None, client: int, who: dict[str, object]
) -> None:
    page = whmcs.login(admin=admin, client=client).get("/clientarea.php").text
    found = re.search(r'<pre id="probe-who">(.*?)</pre>', page)
    assert found is not None
    assert json.loads(found[1]) == who


def test_the_activity_log_keeps_what_is_logged(whmcs: Whmcs) -> None:
    whmcs.local_api("LogActivity", description="the probe was here")
    assert whmcs.activity()[-1] == "the probe was here"


def test_the_module_log_is_written_only_when_enabled_and_masks_secrets(whmcs: Whmcs) -> None:
    whmcs.add_hook_file(
        "call.php",
        "add_hook('Call', 1, function () { logModuleCall('probe', 'push', ['key' => 'hunter2'], 'ok hunter2', '',"
        " ['hunter2']); });",
    )
    whmcs.fire("Call")
    assert whmcs.module_log() == []
    whmcs.configure("ModuleDebugMode", "on")
    whmcs.fire("Call")
    row = whmcs.module_log()[0]
    assert (row["module"], row["action"], row["response"]) == ("probe", "push", "ok *******")
    assert "hunter2" not in str(row)


def test_an_insert_that_leaves_out_a_column_without_a_default_is_refused(whmcs_on_each: Whmcs) -> None:
    with pytest.raises(DoubleError, match="QueryException"):
        whmcs_on_each.insert("tblknowledgebase", {"title": "A", "article": "B"})
    assert len(whmcs_on_each.table("tblknowledgebase")) == 3


def test_mariadb_refuses_what_its_strict_mode_refuses(request: pytest.FixtureRequest) -> None:
    if missing(mysql=True):
        pytest.skip(missing(mysql=True))
    with running_whmcs(database=request.getfixturevalue("mariadb")) as whmcs:
        with pytest.raises(DoubleError, match="Data too long"):
            whmcs.insert("tbltickettags", {"ticketid": 1, "tag": "x" * 300})
        with pytest.raises(DoubleError, match="Incorrect integer value"):
            whmcs.insert("tbltickettags", {"ticketid": "one", "tag": "x"})

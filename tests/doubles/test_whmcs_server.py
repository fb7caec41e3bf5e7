"""The server around the double: its life, its settings, what it tells of a run."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.doubles.whmcs_server import PROBE, DoubleError, Whmcs, missing, running_whmcs


def refuses(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) != 0


def port_of(whmcs: Whmcs) -> int:
    return int(whmcs.base_url.rsplit(":", 1)[1])


def test_nothing_holds_the_port_after_a_stop_and_the_tables_outlive_it(whmcs: Whmcs) -> None:
    whmcs.stop()
    assert refuses(port_of(whmcs))
    whmcs.start()
    assert len(whmcs.table("tbltickets")) == 1


def test_four_requests_are_served_at_once(whmcs: Whmcs) -> None:
    whmcs.add_hook_file(
        "back.php",
        "if (isset($_GET['deep']) && (int) $_GET['deep'] > 0) {"
        f" echo file_get_contents('{whmcs.base_url}/index.php?deep=' . ((int) $_GET['deep'] - 1)); exit; }}",
    )
    # Each request waits for the one it made: the fourth only answers because three others may hang meanwhile.
    assert "Welcome" in whmcs.stranger().get("/index.php", deep=3).text


def test_the_insides_of_the_double_are_not_served(whmcs: Whmcs) -> None:
    assert whmcs.stranger().get("/double/Seed.php").status_code == 403
    assert whmcs.stranger().get("/crons/cron.php").status_code == 403


def test_an_addon_file_that_is_asked_for_directly_says_nothing_but_its_guard(whmcs: Whmcs) -> None:
    answer = whmcs.stranger().get("/modules/addons/probe/hooks.php")
    assert answer.text == "This file cannot be accessed directly"


def test_requests_are_counted_and_those_of_the_tests_are_not(whmcs: Whmcs) -> None:
    whmcs.table("tbltickets")
    before = len(whmcs.requests())
    whmcs.admin().get("/admin/index.php")
    assert [entry["path"] for entry in whmcs.requests()[before:]] == ["/admin/index.php"]


def test_an_exception_is_an_error_page_and_a_line_in_the_errors(whmcs: Whmcs) -> None:
    with pytest.raises(DoubleError, match="a hook threw"):
        whmcs.fire("ProbeThrow")
    answer = whmcs.admin().get("/admin/addonmodules.php", module="probe", throw=1)
    assert answer.status_code == 500
    assert 'id="double-error"' in answer.text
    assert "the probe was told to throw" in answer.text
    assert [error["message"] for error in whmcs.errors()] == ["a hook threw", "the probe was told to throw"]


def test_a_warning_does_not_stop_a_page_but_is_told(whmcs: Whmcs) -> None:
    whmcs.add_hook_file("careless.php", "add_hook('AdminAreaPage', 1, function ($vars) { return $vars['nothing']; });")
    assert whmcs.admin().get("/admin/index.php").status_code == 200
    assert [error["message"] for error in whmcs.errors()] == ['Undefined array key "nothing"']


def test_php_that_cannot_be_read_is_told_as_fatal(whmcs: Whmcs) -> None:
    whmcs.add_hook_file("broken.php", "function (")
    assert whmcs.admin().get("/admin/index.php").status_code == 500
    assert [error["kind"] for error in whmcs.errors()] == ["ParseError"]


def test_a_slow_table_slows_only_the_statements_that_name_it(whmcs: Whmcs) -> None:
    whmcs.disturb_database("mod_probe", delay=0.3)
    assert whmcs.admin().get("/admin/index.php").elapsed.total_seconds() > 0.3  # head, header and footer are recorded
    whmcs.disturb_database("mod_other", error="gone away")
    assert whmcs.admin().get("/admin/index.php").status_code == 200


def test_a_failing_table_fails_as_illuminate_fails(whmcs: Whmcs) -> None:
    whmcs.disturb_database("mod_probe", error="gone away")
    answer = whmcs.admin().get("/admin/index.php")
    assert answer.status_code == 500
    assert "Illuminate\\Database\\QueryException: gone away" in answer.text
    assert len(whmcs.table("tbltickets")) == 1  # the tests' own readings do not fail
    whmcs.calm_database()
    assert whmcs.admin().get("/admin/index.php").status_code == 200


def test_a_whole_database_that_fails_takes_whmcs_with_it(whmcs: Whmcs) -> None:
    whmcs.disturb_database("", error="gone away")
    assert whmcs.stranger().get("/index.php").status_code == 500
    assert whmcs.cron().status == 255


def test_the_admin_folder_may_have_another_name() -> None:
    if missing():
        pytest.skip(missing())
    with running_whmcs(admin_folder="backoffice") as whmcs:
        assert whmcs.admin().get(whmcs.admin_path("supporttickets.php")).status_code == 200
        assert whmcs.admin().get("/admin/supporttickets.php").status_code == 404


def test_times_are_local_to_the_install() -> None:
    if missing():
        pytest.skip(missing())
    with running_whmcs(timezone="Pacific/Kiritimati") as whmcs:
        whmcs.add_hook_file("zone.php", "header('X-Zone: ' . date_default_timezone_get());")
        assert whmcs.stranger().get("/index.php").headers["X-Zone"] == "Pacific/Kiritimati"


def test_it_works_without_a_home(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    program = (
        "from tests.doubles.whmcs_server import PROBE, running_whmcs\n"
        "with running_whmcs([PROBE]) as whmcs:\n"
        "    whmcs.activate('probe')\n"
        "    assert whmcs.cron().status == 0\n"
        "    print(len(whmcs.table('tbltickets')))\n"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": "", "PYTHONPATH": str(PROBE.parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_no_network_but_loopback_is_listened_on(whmcs: Whmcs) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.2:{port_of(whmcs)}/index.php", timeout=2)

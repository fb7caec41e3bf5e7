"""Every recorded `smartctl -j`, and what it must be taken for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.ssh.smart import Disk, parse_smart
from tests.shared import shared


def disk(name: str) -> Disk:
    found = parse_smart(shared(f"fixtures/health/smartctl/{name}.json").read_text("utf-8"), "/dev/given")
    assert found is not None
    return found


HEALTHY = ["ata_hgst_exit64_passed_errorlog", "nvme_intel_used75pct", "nvme_samsung_ok", "scsi_hitachi_ok"]


@pytest.mark.parametrize("name", [*HEALTHY, "ata_kingston_exit4_no_attr5"])
def test_a_healthy_disk_is_healthy_whatever_its_exit_status(name: str) -> None:
    found = disk(name)
    assert (found.known, found.passed, found.failing) == (True, True, False)
    assert not any(found.counters.values())


@pytest.mark.parametrize(
    ("name", "counters"),
    [
        ("ata_seagate_realloc304_passed_exit0", {"reallocated": 304}),
        ("ata_hp_187eq1_passed", {"uncorrectable": 1}),
        ("ata_pending10_passed", {"reallocated": 10, "pending": 10, "offline_uncorrectable": 10}),
        ("megaraid_realloc387_passed_exit4", {"reallocated": 387}),
        ("scsi_grown_defects56_passed", {"grown_defects": 56}),
    ],
)
def test_a_disk_that_passes_may_count_damage(name: str, counters: dict[str, int]) -> None:
    found = disk(name)
    assert (found.known, found.passed, found.failing) == (True, True, False)
    assert {key: value for key, value in found.counters.items() if value} == counters


def test_a_disk_that_says_so_itself_is_failing() -> None:
    found = disk("ata_usb_FAILED_exit216")
    assert (found.passed, found.failing) == (False, True)
    assert found.counters == {"reallocated": 1975, "pending": 8, "offline_uncorrectable": 0}
    nvme = disk("nvme_samsung_FAILED_cw16_exit8")
    assert (nvme.passed, nvme.failing, nvme.critical_warning) == (False, True, 16)


@pytest.mark.parametrize("name", ["open_device_failed_exit2", "raid_volume_no_smart_exit4", "virtio_vm_own"])
def test_a_disk_that_tells_nothing_is_unknown_not_bad(name: str) -> None:
    found = disk(name)
    assert (found.known, found.failing) == (False, False)


def test_attributes_count_where_the_verdict_is_missing() -> None:
    found = disk("sat_no_smart_status_key")
    assert (found.known, found.passed, found.failing) == (True, None, False)
    assert found.counters["reallocated"] == 0


@pytest.mark.parametrize(
    ("name", "wear"),
    [
        ("nvme_intel_used75pct", 75),
        ("nvme_samsung_ok", 16),
        ("ata_kingston_exit4_no_attr5", 2),
        ("ata_hgst_exit64_passed_errorlog", None),
    ],
)
def test_the_wear_of_an_ssd(name: str, wear: int | None) -> None:
    assert disk(name).wear_percent == wear


def test_disks_behind_a_controller_have_names_of_their_own() -> None:
    assert disk("megaraid_realloc387_passed_exit4").device == "/dev/sda #1"
    assert disk("virtio_vm_own").device == "/dev/given"


def test_a_packed_value_is_read_by_the_number_that_is_written_first() -> None:
    raw = {"value": 53_416_508_262_463, "string": "2111 (12437 0)"}
    said = {"ata_smart_attributes": {"table": [{"id": 5, "name": "Reallocated_Sector_Ct", "raw": raw}]}}
    found = parse_smart(json.dumps(said))
    assert found is not None and found.counters == {"reallocated": 2111}


def test_below_its_threshold_now_is_failing_and_in_the_past_is_not() -> None:
    for status, failing in ((16, True), (32, False), (8, True), (64, False), (128, False)):
        found = parse_smart(json.dumps({"smartctl": {"exit_status": status}, "smart_status": {"passed": True}}))
        assert found is not None and found.failing is failing, status


@pytest.mark.parametrize("text", ["", "sudo: a password is required", "[]", "{}", "null", '{"smartctl": 3}'])
def test_what_is_not_smartctl_s_json_gives_nothing(text: str) -> None:
    assert parse_smart(text) is None


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "smartctl": _json,
            "device": _json,
            "smart_status": _json,
            "ata_smart_attributes": st.fixed_dictionaries({"table": st.lists(_json, max_size=2)}) | _json,
            "nvme_smart_health_information_log": _json,
            "scsi_error_counter_log": _json,
        },
    )
)
def test_no_json_makes_the_parser_fail(said: dict[str, object]) -> None:
    parse_smart(json.dumps(said))

"""Each parser on real output of its tool, with the values read out of it by somebody else where there are such."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.ssh import df, load, mdstat, memory, mounts, oom, systemd
from tests.shared import shared

FIXTURES = "fixtures/health"
KIB = 1024


def text(name: str) -> str:
    return shared(f"{FIXTURES}/{name}").read_text("utf-8")


# --- df


@pytest.mark.parametrize("name", ["centos77", "ubuntu1804"])
def test_df_reads_what_another_reader_reads(name: str) -> None:
    expected = json.loads(text(f"df/df_{name}.expected_jc.json"))
    rows = df.parse_df(text(f"df/df_{name}.txt"))
    assert [
        {
            "filesystem": row.device,
            "1k_blocks": row.total // KIB,
            "used": row.used // KIB,
            "available": row.free // KIB,
            "mounted_on": row.point,
            "use_percent": row.percent,
        }
        for row in rows
    ] == expected


def test_the_percentage_is_that_of_df_not_used_by_size() -> None:
    root = next(row for row in df.parse_df(text("df/df_P_debian12_own.txt")) if row.point == "/")
    assert root.percent == 29
    assert round(100 * root.used / root.total) == 11
    assert root.free == 76_356_640 * KIB


def test_inodes_are_counted_not_blocks() -> None:
    root = next(row for row in df.parse_df(text("df/df_Pi_debian12_own.txt"), inodes=True) if row.point == "/")
    assert (root.total, root.used, root.free, root.percent) == (16_777_216, 468_660, 16_308_556, 3)


def test_a_column_of_types_and_a_dash_for_the_percentage_are_read() -> None:
    root, proc, sysfs = df.parse_df(text("df/df_PT_long_dash_capacity.txt"))
    assert (root.device, root.percent, root.point) == ("/dev/mapper/VolGroup00-LogVol00", 21, "/")
    assert (proc.device, proc.percent, proc.point) == ("proc", None, "/proc")
    assert sysfs.percent is None
    own = df.parse_df(text("df/df_PT_debian12_own.txt"))
    assert [row.device for row in own] == ["devtmpfs", "tmpfs", "/dev/vda", "model_tools_unavailable", "tmpfs"]


def test_mount_points_and_devices_with_spaces_are_read() -> None:
    rows = {row.point: row for row in df.parse_df(text("df/df_macos_512blocks_inodes.txt"))}
    assert len(rows) == 8
    assert rows["/"].free == 660_310_352 * 512
    assert rows["/net"].device == "map -hosts"
    backup = "/Volumes/com.apple.TimeMachine.localsnapshots/Backups.backupdb/kbrazil-mac/2019-11-29-075900/Macintosh HD"
    assert rows[backup].percent == 30


def test_a_wrapped_line_is_one_row() -> None:
    (row,) = df.parse_df(
        "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
        "/dev/mapper/a-very-long-volume-name\n"
        "                       6030784   1147932   4571556  21% /srv/the data\n"
    )
    assert (row.device, row.percent, row.point) == ("/dev/mapper/a-very-long-volume-name", 21, "/srv/the data")


def test_memory_and_images_are_no_disks() -> None:
    assert [row.point for row in df.disks(df.parse_df(text("df/df_ubuntu1804.txt")), {})] == ["/"]
    assert [row.point for row in df.disks(df.parse_df(text("df/df_centos77.txt")), {})] == ["/", "/boot"]
    listed = df.parse_df(
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sr0x 10 10 0 100% /media/cd\n"
    )
    image = mounts.parse_mounts("/dev/sr0x /media/cd iso9660 ro,nosuid 0 0\n")
    assert df.disks(listed, image) == ()
    assert df.disks(listed, {}) == listed


def test_a_file_system_mounted_twice_is_told_once() -> None:
    rows = df.parse_df(
        "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        "/dev/sda1 1000 900 100 90% /var/lib/docker/volumes/x\n"
        "/dev/sda1 1000 900 100 90% /\n"
    )
    assert [row.point for row in df.disks(rows, {})] == ["/"]


def test_mounts_know_spaces_and_what_is_read_only() -> None:
    found = mounts.parse_mounts(
        "/dev/sda1 / ext4 rw,relatime,errors=remount-ro 0 0\n/dev/sdb1 /srv/my\\040data ext4 ro,relatime 0 0\nbroken\n"
    )
    assert not found["/"].read_only
    assert found["/srv/my data"].read_only


# --- memory, load


def test_meminfo_is_read_field_by_field() -> None:
    assert memory.fields(text("procfs/meminfo")) == json.loads(text("procfs/meminfo.expected_jc.json"))


def test_what_is_left_of_memory() -> None:
    found = memory.parse_meminfo(text("procfs/meminfo"))
    assert found == memory.Memory(3_997_272 * KIB, 3_386_876 * KIB, 3_996_668 * KIB, 3_996_668 * KIB)
    own = memory.parse_meminfo(text("procfs/meminfo_own"))
    assert own is not None and round(own.available_percent, 1) == 97.8


def test_an_old_kernel_does_not_say_what_is_available_so_it_is_guessed() -> None:
    found = memory.parse_meminfo(text("procfs/meminfo_node_exporter"))
    assert found is not None
    assert found.available == (225_472 + 22_040 + 930_888 + 44_772 - 593_840) * KIB


def test_the_kernel_s_count_of_kills() -> None:
    assert memory.parse_oom_count("nr_free_pages 1\noom_kill 3\npgfault 9\n") == 3
    assert memory.parse_oom_count("nr_free_pages 1\n") is None


@pytest.mark.parametrize(("name", "expected"), [("loadavg", (0.0, 0.01, 0.03)), ("loadavg_own", (1.23, 1.43, 0.80))])
def test_the_load_is_read(name: str, expected: tuple[float, float, float]) -> None:
    found = load.parse_load(text(f"procfs/{name}"))
    assert found is not None and (found.one, found.five, found.fifteen) == expected


def test_uptime_and_cores() -> None:
    assert load.parse_uptime("350735.47 234388.90\n") == 350_735
    assert load.parse_cores("8\n") == 8
    assert load.parse_uptime("up 3 days") is load.parse_cores("many") is load.parse_cores("0") is None


# --- md


STATES = {"recovery": "recovering", "resync": "resyncing", "check": "checking", "reshape": "reshaping"}


def test_eighteen_arrays_are_read_as_the_oracle_reads_them() -> None:
    expected = json.loads(text("mdstat/mdstat_procfs.expected.json"))
    found = {array.name: array for array in mdstat.parse_mdstat(text("mdstat/mdstat_procfs.txt"))}
    assert set(found) == set(expected) and len(found) == 18
    for name, array in found.items():
        oracle = expected[name]
        state = STATES.get(array.sync, "active" if array.active else "inactive")
        assert (array.level or "unknown", state) == (oracle["Type"], oracle["ActivityState"]), name
        assert (array.up, array.wanted) == (oracle["DisksActive"], oracle["DisksTotal"]), name
        assert len(array.failed) == oracle["DisksFailed"], name
        assert len(array.spares) == oracle["DisksSpare"], name
        assert (array.blocks, array.synced) == (oracle["BlocksTotal"], oracle["BlocksSynced"]), name
        assert array.percent == oracle["BlocksSyncedPct"], name
        assert list(array.members) == oracle["Devices"], name
        assert array.short is (oracle["DisksDown"] > 0), name


def test_the_short_ones_and_the_containers_are_known() -> None:
    for name in ("mdstat_procfs.txt", "mdstat_18arrays_mixed.txt"):
        arrays = mdstat.parse_mdstat(text(f"mdstat/{name}"))
        assert {array.name for array in arrays if array.short} - {"md42"} == {"md6", "md7"}
        assert [array.name for array in arrays if array.container] == ["md219"]


# --- systemd, oom


@pytest.mark.parametrize("name", ["failed_plain_nolegend_systemd252_own", "failed_default_bullets_systemd252_own"])
def test_failed_units_are_read_with_and_without_marks(name: str) -> None:
    assert systemd.parse_failed(text(f"systemctl/{name}.txt")) == (
        systemd.Unit("app-demo@1", "Демо: worker №1 “кавычки”"),
        systemd.Unit("web-demo", "Demo web server with a bad binary"),
    )


def test_of_a_whole_listing_only_the_failed_units_count() -> None:
    assert systemd.parse_failed(text("systemctl/systemctl_ubuntu1804.txt")) == ()
    assert [unit.name for unit in systemd.parse_failed(text("systemctl/systemctl_centos77.txt"))] == []


def test_kills_are_read_from_either_log() -> None:
    log = (
        "[  100.000001] Out of memory: Kill process 77 (mysqld) score 900 or sacrifice child\n"
        "[12345.678901] Out of memory: Killed process 1234 (my sqld) total-vm:1kB, anon-rss:2kB\n"
        "[  200.500000] web1 kernel: Memory cgroup out of memory: Killed process 9 (php-fpm8.2) total-vm:1kB\n"
        "[  300.000000] oom-kill:constraint=CONSTRAINT_NONE,task=mysqld,pid=1234,uid=0\n"
    )
    assert oom.parse_kills(log) == (oom.Kill("mysqld", 100), oom.Kill("php-fpm8.2", 200), oom.Kill("my sqld", 12345))


@given(st.text(max_size=400))
def test_no_text_makes_a_parser_fail(given_text: str) -> None:
    df.parse_df(given_text)
    df.parse_df(f"Filesystem\n{given_text} 1 2 3 4% /x")
    mounts.parse_mounts(given_text)
    memory.parse_meminfo(given_text)
    load.parse_load(given_text)
    load.parse_uptime(given_text)
    load.parse_cores(given_text)
    mdstat.parse_mdstat(f"md0 : active {given_text}")
    systemd.parse_failed(given_text)
    oom.parse_kills(given_text)

"""Configuration: the environment wins, and every wrong value is named, with what was found and what is allowed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.health.settings import HealthSchema
from adapters.zendesk.settings import ZendeskSchema
from deskside import settings
from deskside.errors import ConfigurationError
from deskside.settings import CORE, Settings
from deskside.settings.queue import DAYS

NOWHERE = Path("/dev/null")
CANARY = "canary-7f3a"
PLUGINS = {"health": HealthSchema, "zendesk": ZendeskSchema}

# (section, key, a wrong value, what the error says is allowed); a value as TOML gives it.
WRONG: list[tuple[str, str, Any, str]] = [
    ("", "language", "fr", "en, ru"),
    ("", "language", 3, "valid string"),
    ("database", "url", "mysql://host/name", "postgresql+psycopg://"),
    ("database", "url", "postgresql://host/name", "postgresql+psycopg://"),
    ("database", "url", "sqlite://", "SQLite file"),
    ("database", "url", "sqlite:///:memory:", "SQLite file"),
    ("database", "url", "nonsense", "SQLite file"),
    ("database", "url", "postgresql+psycopg://host:port/name", "postgresql+psycopg://"),
    ("database", "url", 5, "valid string"),
    ("web", "host", 5, "valid string"),
    ("web", "port", 0, "greater than or equal to 1"),
    ("web", "port", 65536, "less than or equal to 65535"),
    ("web", "port", "http", "valid integer"),
    ("web", "port", 80.5, "valid integer"),
    ("web", "port", True, "valid integer"),
    ("web", "base_url", "deskside.example.com", "such as https://"),
    ("web", "base_url", "ftp://deskside.example.com", "such as https://"),
    ("web", "secret_key", CANARY * 30, "Longer than maximum length 200"),
    ("web", "secret_key", [CANARY], "valid string"),
    ("web", "threads", 1, "greater than or equal to 2"),
    ("web", "threads", 65, "less than or equal to 64"),
    ("web", "workers", 0, "greater than or equal to 1"),
    ("web", "workers", 17, "less than or equal to 16"),
    ("web", "trusted_proxies", -1, "greater than or equal to 0"),
    ("web", "trusted_proxies", 6, "less than or equal to 5"),
    ("jobs", "threads", 0, "greater than or equal to 1"),
    ("jobs", "threads", 65, "less than or equal to 64"),
    ("jobs", "reconcile_seconds", 0, "greater than or equal to 1"),
    ("jobs", "reconcile_seconds", 3601, "less than or equal to 3600"),
    ("jobs", "quiet_seconds", -0.5, "greater than or equal to 0"),
    ("jobs", "quiet_seconds", 601, "less than or equal to 600"),
    ("jobs", "quiet_seconds", "soon", "valid number"),
    ("jobs", "quiet_seconds", float("nan"), "numeric values"),
    ("jobs", "stalled_seconds", 0.5, "greater than or equal to 1"),
    ("jobs", "stalled_seconds", 3601, "less than or equal to 3600"),
    ("jobs", "stalled_seconds", "soon", "valid number"),
    ("jobs", "keep_days", 0, "greater than or equal to 1"),
    ("jobs", "keep_days", 3651, "less than or equal to 3650"),
    ("queue", "commercial_minutes", -1, "greater than or equal to 0"),
    ("queue", "commercial_minutes", 100_001, "less than or equal to 100000"),
    ("queue", "contract_minutes", 100, "not be less than commercial_minutes (240)"),
    ("queue", "contract_minutes", 5000, "nor more than emergency_minutes (4320)"),
    ("queue", "contract_minutes", 100_001, "less than or equal to 100000"),
    ("queue", "emergency_minutes", -1, "greater than or equal to 0"),
    ("queue", "emergency_minutes", 1_000_001, "less than or equal to 1000000"),
    ("queue", "max_overtaken", -1, "greater than or equal to 0"),
    ("queue", "vip_tags", 5, "valid list"),
    ("queue", "vip_tags", [["vip"]], "valid string"),
    ("queue", "vip_minutes", -1, "greater than or equal to 0"),
    ("queue", "reopened_minutes", -1, "greater than or equal to 0"),
    ("queue", "carried_minutes", -1, "greater than or equal to 0"),
    ("queue", "plan_field", 7, "valid string"),
    ("queue", "plan_minutes", 7, "valid mapping"),
    ("queue", "plan_minutes", [1], "valid mapping"),
    ("queue", "calendar", "always", "Invalid input type"),
    ("queue", "calendars", 7, "valid mapping"),
    ("queue", "boosts", "9 EUR", "Invalid input type"),
    (
        "queue",
        "pools",
        [{"name": "linux", "calendar": "night"}],
        "the pool linux has the calendar night; there are none",
    ),
    ("queue", "complaint_tags", 5, "valid list"),
    ("queue", "complaint_minutes", -1, "greater than or equal to 0"),
    ("queue", "contact_tags", 5, "valid list"),
    ("queue", "contact_minutes", -1, "greater than or equal to 0"),
    ("queue", "since_field", 7, "valid string"),
    ("queue", "tenure_minutes", 1.5, "valid integer"),
    ("queue", "spend_field", 7, "valid string"),
    ("queue", "spend_minutes", -1, "greater than or equal to 0"),
    ("queue", "seldom_minutes", -1, "greater than or equal to 0"),
    ("queue", "incident_minutes", -1, "greater than or equal to 0"),
    ("queue", "unfairness_minutes", -1, "greater than or equal to 0"),
    ("queue", "claim_minutes", 0, "greater than or equal to 1"),
    ("health", "deadline_seconds", 0, "greater than or equal to 1"),
    ("health", "deadline_seconds", 61, "less than or equal to 60"),
    ("health", "allow_networks", ["10.0.0.0/33"], "192.0.2.0/24"),
    ("health", "deny_networks", ["everything"], "192.0.2.0/24"),
    ("health", "anchors", ["example.com"], "an IP address"),
    ("health", "nameservers", ["192.0.2.1:99999"], "an IP address"),
    ("health", "probes", 5, "list of texts"),
    ("health", "target_fields", {"a": 1}, "list of texts"),
    ("health", "vantage", "x" * 61, "Longer than maximum length 60"),
    ("health", "sweep_seconds", 5, "found 5; allowed is 0 (off), or 10 to 3600"),
    ("health", "sweep_packets_per_second", -1, "greater than or equal to 0"),
    ("health", "vault_keys", "too short", "vault_keys"),
    ("health", "vault_key_file", "/nowhere/vault.keys", "cannot be read"),
    ("health", "concurrent", 0, "greater than or equal to 1"),
    ("health", "concurrent", 201, "less than or equal to 200"),
    ("health", "share_seconds", -1, "greater than or equal to 0"),
    ("health", "share_seconds", 3601, "less than or equal to 3600"),
    ("health", "limits", 4, "valid mapping"),
    ("health", "limits", {"tcp_hours": 1}, "tcp_seconds"),
    ("health", "rbl_lists", 5, "valid list"),
    ("health", "spamhaus_key", "no key!", "letters and digits"),
    ("health", "rdap_bootstrap", 5, "valid string"),
    ("health", "budgets", {"client_enrichments_per_week": 1}, "client_enrichments_per_day"),
    ("health", "vantages", [{"name": "FRA", "url": "https://x", "secret": CANARY}], "number 1, secret: Length must be"),
    ("health", "vantages", [{"name": "FRA", "url": "ftp://x", "secret": CANARY * 4}], "https://prober.example.net"),
    ("health", "vantages", CANARY, "is no JSON"),
    ("zendesk", "url", "http://acme.zendesk.com", "https://"),
    ("zendesk", "url", "https://acme.zendesk.com/agent", "https://<subdomain>.zendesk.com"),
    ("zendesk", "url", "acme", "https://<subdomain>.zendesk.com"),
    ("zendesk", "client_id", 5, "valid string"),
    ("zendesk", "client_secret", [CANARY], "valid string"),
    ("zendesk", "scope", "", "Shorter than minimum length 1"),
    ("zendesk", "email", 5, "valid string"),
    ("zendesk", "api_token", 5, "valid string"),
    ("zendesk", "webhook_secret", {"a": CANARY}, "valid string"),
    ("zendesk", "webhook_secret_previous", [CANARY], "valid string"),
    ("zendesk", "connect_timeout", 11, "less than or equal to 10"),
    ("zendesk", "read_timeout", 0, "greater than or equal to 0.1"),
    ("zendesk", "service_field", "perhaps", "valid boolean"),
]
GOOD = {"zendesk": {"url": "https://acme.zendesk.com", "client_id": "deskside", "client_secret": "s3"}}


def load(text: str = "", environment: dict[str, str] | None = None, folder: Path | None = None) -> Settings:
    if folder is None:
        return settings.load(NOWHERE, environment or {})
    file = folder / "deskside.toml"
    file.write_text(text, "utf-8")
    return settings.load(file, environment or {})


def toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
        case _:
            return str(value)


def refused(section: str, values: dict[str, Any], folder: Path) -> str:
    """The error for a file with these values in this section."""
    lines = [f"{key} = {toml(value)}" for key, value in values.items()]
    with pytest.raises(ConfigurationError) as error:
        loaded = load("\n".join([f"[{section}]"] * bool(section) + lines), folder=folder)
        loaded.section(section, PLUGINS[section])
    return str(error.value)


@pytest.mark.parametrize(("section", "key", "value", "allowed"), WRONG)
def test_a_wrong_value_is_named_with_what_was_found_and_what_is_allowed(
    section: str, key: str, value: Any, allowed: str, tmp_path: Path
) -> None:
    said = refused(section, {**GOOD.get(section, {}), key: value}, tmp_path)
    assert (f"[{section}] {key}" if section else key) in said
    assert allowed in said
    assert CANARY not in said
    if not any(word in key for word in ("secret", "token", "vantages", "spamhaus_key", "vault")):
        parts = value if isinstance(value, list) else [value]
        assert any(str(part) in said for part in parts) or str(value) in said


def test_what_is_wrong_inside_a_pool_or_a_calendar_is_named(tmp_path: Path) -> None:
    assert "pools: number 1, name: Missing data" in refused("queue", {"pools": [{"groups": ["Support"]}]}, tmp_path)
    two_clocks = {"calendars": {"night": {}}, "pools": [{"name": "a"}, {"name": "a", "calendar": "night"}]}
    assert "the pool a has two calendars" in refused("queue", two_clocks, tmp_path)
    said = refused("queue", {"calendars": {"night": {"mon": "late"}}}, tmp_path)
    assert "night" in said and "must look like 09:00-18:00" in said


def test_nothing_is_sold_before_there_is_a_price(tmp_path: Path) -> None:
    assert load().queue["boosts"] == {"front": {}, "second": {}, "taxed": False, "open_hours": 24}
    sold = load("[queue.boosts]\nfront = { EUR = 9, usd = 9.5 }", folder=tmp_path).queue["boosts"]
    assert sold["front"] == {"EUR": Decimal("9.00"), "USD": Decimal("9.50")}
    named = load(environment={"DESKSIDE_QUEUE__BOOSTS__SECOND__EUR": "4.50"}).queue["boosts"]
    assert named["second"] == {"EUR": Decimal("4.50")}


@pytest.mark.parametrize("price", [0, -1, 0.001, 2_000_000, "much"])
def test_a_price_is_an_amount_above_nothing(price: object, tmp_path: Path) -> None:
    assert "boosts.front.EUR" in refused("queue", {"boosts": {"front": {"EUR": price}}}, tmp_path)


def test_every_key_of_every_section_has_a_wrong_value_above() -> None:
    named = {(section, key) for section, key, _, _ in WRONG}
    schemas = {**CORE, **PLUGINS, "": settings.TopSchema}
    assert {(name, key) for name, schema in schemas.items() for key in schema().fields} == named


@pytest.mark.parametrize("key", ["password", "client_secrett", "passwrd"])
def test_an_unknown_key_is_an_error_that_lists_the_known_ones_and_does_not_show_what_may_be_a_secret(
    key: str, tmp_path: Path
) -> None:
    said = refused("zendesk", {**GOOD["zendesk"], key: CANARY}, tmp_path)
    assert f"[zendesk] {key}" in said
    assert "client_id, client_secret" in said
    assert CANARY not in said


@pytest.mark.parametrize("section", sorted(CORE))
def test_an_unknown_key_of_the_core_lists_the_known_ones(section: str, tmp_path: Path) -> None:
    said = refused(section, {"nonsense": 1}, tmp_path)
    assert f"[{section}] nonsense is no key Deskside knows" in said
    for key in CORE[section]().fields:
        assert key in said


def test_an_unknown_key_outside_the_sections_is_an_error(tmp_path: Path) -> None:
    assert "nonsense is no key Deskside knows; there are language" in refused("", {"nonsense": 1}, tmp_path)


@pytest.mark.parametrize("section", sorted(CORE))
def test_a_section_that_is_a_plain_value_is_an_error(section: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=rf"write \[{section}\]"):
        load(f"{section} = 3", folder=tmp_path)


def test_an_unknown_section_is_an_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    loaded = load("[zendeks]\nurl = 'x'", folder=tmp_path)
    with pytest.raises(ConfigurationError) as error:
        loaded.claim({"zendesk", "health"})
    said = str(error.value)
    assert "[zendeks]" in said
    assert "database, health, jobs, queue, web, zendesk" in said


def test_an_unknown_section_of_the_environment_is_named_as_a_variable() -> None:
    with pytest.raises(ConfigurationError, match="DESKSIDE_ZENDEKS__"):
        load(environment={"DESKSIDE_ZENDEKS__URL": "x"}).claim({"zendesk"})


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ("nine to six", "must look like 09:00-18:00"),
        ("09:00", "must look like 09:00-18:00"),
        ("18:00-09:00", "must open before it closes"),
        ("09:00-09:00", "must open before it closes"),
        ("25:00-26:00", "must look like 09:00-18:00"),
        ("09:00+01:00 - 18:00+01:00", "must look like 09:00-18:00"),
        ("", "must look like 09:00-18:00"),
    ],
)
@pytest.mark.parametrize("day", DAYS)
def test_a_wrong_window_names_its_day(day: str, window: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(f'[queue.calendar]\n{day} = "{window}"', folder=tmp_path)
    assert f"[queue] calendar.{day} (found {window!r})" in str(error.value)
    assert said in str(error.value)


def test_a_wrong_zone_is_named_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"calendar.timezone \(found 'Mars/Base'\).*Europe/Berlin"):
        load('[queue.calendar]\ntimezone = "Mars/Base"', folder=tmp_path)


@pytest.mark.parametrize("holidays", ['["2026-13-01"]', "[5]", '"Christmas"'])
def test_a_wrong_holiday_is_named(holidays: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"calendar.holidays \(found .*valid date"):
        load(f"[queue.calendar]\nholidays = {holidays}", folder=tmp_path)


def test_a_wrong_number_of_a_plan_names_the_plan(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\[queue\] plan_minutes.gold \(found 'many'\): Not a valid integer"):
        load('[queue.plan_minutes]\ngold = "many"\nsilver = 3', folder=tmp_path)


def test_every_wrong_value_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        load("[web]\nport = 0\nthreads = 0", folder=tmp_path)
    assert "port" in str(error.value)
    assert "threads" in str(error.value)


def test_an_error_names_the_variable_that_would_cure_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DESKSIDE_QUEUE__CALENDAR__MON"):
        load('[queue.calendar]\nmon = "x"', folder=tmp_path)


def test_a_missing_key_of_a_plugin_names_its_variable() -> None:
    with pytest.raises(ConfigurationError, match=r"\[zendesk\] url.*DESKSIDE_ZENDESK__URL"):
        load(environment={"DESKSIDE_ZENDESK__CLIENT_ID": "x"}).section("zendesk", ZendeskSchema)


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://deskside:{CANARY}@host/name",
        f"postgresql+psycopg://deskside:{CANARY}@host:port/name",
        f"mysql://host/name?password={CANARY}",
    ],
)
def test_the_password_of_a_database_is_not_shown(url: str, tmp_path: Path) -> None:
    assert CANARY not in refused("database", {"url": url}, tmp_path)


def test_settings_do_not_show_their_secrets() -> None:
    loaded = load(
        environment={
            "DESKSIDE_WEB__SECRET_KEY": CANARY,
            "DESKSIDE_ZENDESK__CLIENT_SECRET": CANARY,
            "DESKSIDE_DATABASE__URL": f"postgresql+psycopg://deskside:{CANARY}@host/name",
        }
    )
    assert CANARY not in repr(loaded) + str(loaded)


def test_a_file_that_is_not_toml_is_named_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"deskside.toml is not valid TOML: .*line 2"):
        load("[web]\nport 8642", folder=tmp_path)


def test_a_file_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "deskside.toml"
    file.write_bytes(b"[web]\nhost = '\xff'")
    with pytest.raises(ConfigurationError, match="is not valid TOML"):
        settings.load(file, {})


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "deskside.toml"
    file.write_text("[web]\nport = 1234", "utf-8-sig")
    assert settings.load(file, {}).web["port"] == 1234


@pytest.mark.parametrize("name", ["missing.toml", ""])
def test_a_named_file_that_cannot_be_read_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the configuration"):
        settings.load(tmp_path / name, {})
    with pytest.raises(ConfigurationError, match="cannot read the configuration"):
        settings.load(None, {"DESKSIDE_CONFIG": str(tmp_path / name)})


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = settings.load(environment={})
    assert loaded.base_url == "http://127.0.0.1:8642"
    assert loaded.queue["vip_tags"] == ["vip"]
    assert loaded.working_time.windows == {}


def test_the_file_of_the_working_directory_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deskside.toml").write_text("[web]\nport = 1234")
    assert settings.load(environment={}).web["port"] == 1234


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    loaded = load("[web]\nport = 1\nhost = 'kept'", {"DESKSIDE_WEB__PORT": "2"}, tmp_path)
    assert (loaded.web["port"], loaded.web["host"]) == (2, "kept")


def test_the_environment_reaches_every_kind_of_key(tmp_path: Path) -> None:
    environment = {
        "DESKSIDE_LANGUAGE": "ru",
        "DESKSIDE_QUEUE__VIP_TAGS": "vip, gold,",
        "DESKSIDE_QUEUE__PLAN_MINUTES__BUSINESS": "30",
        "DESKSIDE_QUEUE__CALENDAR__TIMEZONE": "Europe/Berlin",
        "DESKSIDE_QUEUE__CALENDAR__MON": "09:00-24:00",
        "DESKSIDE_QUEUE__CALENDAR__HOLIDAYS": "2026-12-26, 2026-12-25",
        "DESKSIDE_HEALTH__PROBES": "tcp,http",
        "DESKSIDE_HEALTH__LIMITS__TCP_PORTS": "3",
    }
    loaded = load("[queue.plan_minutes]\nEnterprise = 90\n[queue.calendar]\ntue = '10:00-11:00'", environment, tmp_path)
    assert loaded.language == "ru"
    assert loaded.queue["vip_tags"] == ["vip", "gold"]
    assert loaded.queue["plan_minutes"] == {"Enterprise": 90, "business": 30}
    assert str(loaded.working_time.zone) == "Europe/Berlin"
    assert sorted(loaded.working_time.windows) == [0, 1]
    assert [day.isoformat() for day in loaded.working_time.holidays] == ["2026-12-25", "2026-12-26"]
    health = loaded.section("health", HealthSchema)
    assert health.probes == ("tcp", "http")
    assert health.limits["tcp_ports"] == 3


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DESKSIDE_WEB__PORT": "http"}, r"\[web\] port \(found 'http'\).*valid integer"),
        ({"DESKSIDE_WEB__PRT": "1"}, r"\[web\] prt is no key Deskside knows; there are base_url, host, port"),
        ({"DESKSIDE_QUEUE__CALENDAR__MONDAY": "9"}, r"\[queue\] calendar.monday is no key Deskside knows; .*mon"),
        ({"DESKSIDE_QUEUE__CALENDAR": "9", "DESKSIDE_QUEUE__CALENDAR__MON": "9"}, "queue.calendar is no table"),
        ({"DESKSIDE_LANGUAGE": "xx"}, "language.*en, ru.*DESKSIDE_LANGUAGE"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_too(environment: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(environment=environment)


@pytest.mark.parametrize(
    "name", ["DESKSIDE_CONFIG_", "DESKSIDE_CRASH_AT", "DESKSIDE___X", "DESKSIDE_WEB__", "OTHER_WEB__PORT"]
)
def test_a_variable_that_is_no_key_changes_nothing(name: str) -> None:
    assert load(environment={name: "x"}) == load()


@given(
    st.fixed_dictionaries(
        {},
        optional={
            ("web", "port"): st.integers(1, 65535),
            ("jobs", "threads"): st.integers(1, 64),
            ("jobs", "quiet_seconds"): st.floats(0, 600),
            ("jobs", "stalled_seconds"): st.floats(1, 3600),
            ("queue", "vip_minutes"): st.integers(0, 10_000),
            ("queue", "max_overtaken"): st.integers(0, 10_000),
        },
    )
)
def test_a_good_value_means_the_same_in_the_file_and_in_the_environment(values: dict[tuple[str, str], Any]) -> None:
    environment = {f"DESKSIDE_{section}__{key}".upper(): str(value) for (section, key), value in values.items()}
    loaded = load(environment=environment)
    for (section, key), value in values.items():
        assert getattr(loaded, section)[key] == value

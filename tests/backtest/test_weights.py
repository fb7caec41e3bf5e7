"""Weights from a file: what they give a ticket, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deskside.backtest.history import HistoryTicket
from deskside.backtest.weights import parse_weights, read_weights
from deskside.errors import ConfigurationError
from deskside.model.place import Band
from deskside.order.key import Caps

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "weights.toml"


def ticket(**values: Any) -> HistoryTicket:
    return HistoryTicket("1", datetime(2026, 3, 2, tzinfo=UTC), **values)


def minutes(document: dict[str, Any], **values: Any) -> float:
    return parse_weights(document).place(ticket(**values), 1_000_000).head_start / 60


def test_classes_tags_columns_and_promises_add_up_under_their_caps() -> None:
    document = {
        "class": {"VIP": 60},
        "tag": {"reopened": 45},
        "column": {"plan": {"Business": 30}},
        "sla": {"within": 480},
    }
    assert minutes(document) == 0
    assert minutes(document, kind="vip") == 60
    assert minutes(document, kind="VIP", tags=frozenset({"Reopened", "other"})) == 105
    assert minutes(document, values={"plan": "business"}) == 30
    assert minutes(document, sla_minutes=30) == 450
    assert minutes(document, sla_minutes=900) == 0
    assert minutes(document, kind="vip", sla_minutes=30) == 480
    assert minutes({"class": {"vip": 500}}, kind="vip") == 240


def test_an_emergency_has_its_own_cap_and_band() -> None:
    weights = parse_weights({"class": {"down": {"minutes": 4320, "scale": "emergency"}}})
    place = weights.place(ticket(kind="down"), 1_000_000)
    assert (place.head_start, place.band) == (4320 * 60, Band.EMERGENCY)


def test_caps_are_those_of_the_queue_unless_told() -> None:
    assert parse_weights({}).caps == Caps()
    assert parse_weights({"caps": {"overtaken": 0, "commercial": 10}}).caps == Caps(commercial=10, overtaken=0)


def test_a_weight_that_no_ticket_has_is_named() -> None:
    weights = parse_weights({"class": {"VIP": 60, "vpi": 60}, "tag": {"late": 5}, "column": {"plan": {"Gold": 1}}})
    history = (ticket(kind="Vip", tags=frozenset({"LATE"}), values={"plan": "Silver"}),)
    assert weights.unused(history) == ["[class] vpi", "[column.plan] gold"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"klass": {}}, r"\[klass\] is no section of weights; there are class, tag, column, sla, caps"),
        ({"class": 5}, r"class must be a section"),
        ({"column": {"plan": 5}}, r"\[column\] plan must be a section: write \[column.plan\]"),
        ({"class": {"vip": -5}}, r"\[class\] vip \(found -5\): must be a whole number from 0 to"),
        ({"class": {"vip": "60"}}, r"\[class\] vip \(found '60'\): must be a whole number"),
        ({"class": {"vip": True}}, r"\[class\] vip \(found True\): must be a whole number"),
        ({"class": {"vip": 1.5}}, r"\[class\] vip \(found 1.5\): must be a whole number"),
        ({"class": {"vip": 1, "VIP": 2}}, r"\[class\] VIP is there twice"),
        (
            {"class": {"vip": {"minutes": 5, "scale": "x"}}},
            r"scale \(found 'x'\) must be one of commercial, contract, emer",
        ),
        ({"class": {"vip": {"scale": "contract"}}}, r"must be minutes, or"),
        ({"sla": {"with": 5}}, r"\[sla\] with is no key; there are within"),
        ({"caps": {"contract": 100}}, r"\[caps\] contract \(found 100\): must not be less than commercial \(240\)"),
    ],
)
def test_a_mistake_names_the_key_what_was_found_and_what_is_allowed(document: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_weights(document)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text("[class\n")
    with pytest.raises(ConfigurationError, match="is not valid TOML"):
        read_weights(path)
    with pytest.raises(ConfigurationError, match="cannot read the weights"):
        read_weights(tmp_path / "nowhere.toml")


def test_the_example_of_the_guide_is_valid() -> None:
    weights = read_weights(EXAMPLE)
    assert weights.kinds["vip"].minutes == 60
    assert weights.caps == Caps()

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.demo.whmcs import php

KEYED_BY_AN_ARRAY = base64.b64encode(b"a:1:{a:0:{}i:1;}").decode()


def serialize(values: dict[str, str]) -> str:
    """PHP's `base64_encode(serialize($values))` for texts."""
    inner = "".join(f's:{len(text.encode())}:"{text}";' for pair in values.items() for text in pair)
    return base64.b64encode(f"a:{len(values)}:{{{inner}}}".encode()).decode()


def test_brackets_nest_and_empty_ones_count() -> None:
    pairs = [("a[0][label]", "x"), ("a[0][value]", "y"), ("b[]", "1"), ("b[]", "2"), ("c", "1"), ("c", "2")]
    assert php.form(pairs) == {"a": {"0": {"label": "x", "value": "y"}}, "b": {"0": "1", "1": "2"}, "c": "2"}


@pytest.mark.parametrize(("text", "true"), [("", False), ("0", False), ("false", True), ("1", True), ("00", True)])
def test_false_is_true(text: str, true: bool) -> None:
    assert php.truthy(text) is true


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("12abc", 12), ("abc", 0), ("", 0), (" -3", -3)])
def test_a_number_is_what_stands_at_the_beginning(text: str, number: int) -> None:
    assert php.number(text) == number


@given(st.dictionaries(st.text(), st.text()))
def test_a_serialised_array_is_read(values: dict[str, str]) -> None:
    assert php.unserialize(serialize(values)) == values


def test_numbers_and_null_in_a_serialised_array_are_read() -> None:
    data = b'a:4:{i:1;s:6:"Google";i:2;i:5;s:1:"x";N;i:3;b:1;}'
    assert php.unserialize(base64.b64encode(data).decode()) == {"1": "Google", "2": "5", "x": "", "3": "1"}


@given(st.binary())
def test_anything_else_is_refused_and_breaks_nothing(data: bytes) -> None:
    try:
        php.unserialize(base64.b64encode(data).decode())
    except ValueError:
        return
    assert data.startswith(b"a:")


@pytest.mark.parametrize(
    "text", ['{"1": "Google"}', base64.b64encode(b'{"1": "x"}').decode(), "czoxOiJ4Ijs=", KEYED_BY_AN_ARRAY]
)
def test_json_and_a_single_text_are_no_array(text: str) -> None:
    with pytest.raises(ValueError, match=r"no base64|unknown type|no serialised array|array as a key"):
        php.unserialize(text)

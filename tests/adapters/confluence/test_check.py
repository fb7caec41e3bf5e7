from datetime import UTC, datetime, timedelta

import pytest

from adapters.confluence.source import ConfluenceSource
from tests.adapters.confluence.conftest import MakeSource
from tests.doubles.confluence.wiki import TOKEN, Wiki


def test_account_and_spaces_are_named(wiki: Wiki, source: ConfluenceSource) -> None:
    found = source.check()
    assert [result.ok for result in found] == [True, True, True]
    assert "Robot" in found[0].message
    assert "Space DOC" in found[1].message


def test_a_refused_token_has_its_cure_and_does_not_show(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.token_ended = True
    first, *_ = source.check()
    assert not first.ok
    assert "scopes" in first.cure
    assert TOKEN not in f"{first.message}{first.cure}"


def test_each_space_that_cannot_be_seen_is_named(wiki: Wiki, connect: MakeSource, kind: str) -> None:
    wiki.space("OPS")
    wiki.lacking_spaces.add("OPS")
    found = {result.name: result for result in connect(kind, spaces=("DOC", "OPS")).check()}
    assert found["wiki: space DOC"].ok
    assert not found["wiki: space OPS"].ok
    assert found["wiki: space OPS"].cure


def test_a_scope_that_is_missing_is_found_before_it_is_needed(wiki: Wiki, source: ConfluenceSource) -> None:
    wiki.fault("restriction", 401, times=9)
    found = source.check()
    assert not found[1].ok
    assert "restriction" in found[1].message


@pytest.mark.parametrize(("days", "fine"), [(100, True), (31, True), (29, False), (-1, False)])
def test_the_end_of_a_token_is_told_30_days_before(connect: MakeSource, days: int, fine: bool) -> None:
    last = datetime.now(UTC).date() + timedelta(days=days)
    found = connect(token_expires=last).check()[-1]
    assert found.ok == fine
    assert str(last) in found.message

"""A text that the database would cut or change is refused, and said so beforehand."""

import pytest

from deskside.errors import Permanent
from deskside.model.article import Filing, Text
from tests.adapters.whmcs.knowledge.conftest import Base

OLD = "ALTER TABLE tblknowledgebase CONVERT TO CHARACTER SET utf8mb3"


def test_an_old_install_takes_no_emoji_and_says_so(base_on_mariadb: Base) -> None:
    base = base_on_mariadb
    base.whmcs.execute(OLD)
    assert not base.target.limits().four_byte_characters
    assert any("emoji" in result.message for result in base.target.preflight([]))
    ours = base.shown("m-1", "<p>Ещё текст</p>")
    for text in (Text("en", "T 🚀", "<p>x</p>"), Text("en", "T", "<p>before 🚀 after</p>")):
        for draft in (True, False):
            with pytest.raises(Permanent, match="emoji"):
                base.target.write_text(ours, Text("en", text.title, text.html, draft))
    assert base.target.read(ours).texts["en"].html == "<p>Ещё текст</p>"


def test_text_has_65535_bytes_and_not_one_more(base_on_mariadb: Base) -> None:
    base = base_on_mariadb
    assert base.target.limits().body_bytes == 65535
    ours = base.target.create("m-1", Filing("1"), Text("en", "T", ""))
    most = "<p>" + "я" * 32764 + "</p>"
    assert len(most.encode()) == 65535
    base.target.write_text(ours, Text("en", "T", most))
    assert base.target.read(ours).texts["en"].html == most
    with pytest.raises(Permanent, match="65535"):
        base.target.write_text(ours, Text("en", "T", most.replace("<p>", "<p>a")))
    assert base.target.read(ours).texts["en"].html == most


def test_a_larger_column_takes_more(base_on_mariadb: Base) -> None:
    base = base_on_mariadb
    base.whmcs.execute("ALTER TABLE tblknowledgebase MODIFY article MEDIUMTEXT NOT NULL, MODIFY title VARCHAR(100)")
    limits = base.target.limits()
    assert (limits.body_bytes, limits.title_characters) == (16777215, 100)
    html = "<p>" + "x" * 200_000 + "</p>"
    assert base.target.read(base.shown("m-1", html)).texts["en"].html == html
    with pytest.raises(Permanent, match="at most 100"):
        base.target.create("m-2", Filing("1"), Text("en", "t" * 101, ""))


def test_what_the_database_makes_something_else_of_is_taken_back(base_on_mariadb: Base) -> None:
    base = base_on_mariadb
    ours = base.shown("m-1")
    cut = "SET NEW.article = LEFT(NEW.article, 8)"
    base.whmcs.execute(f"CREATE TRIGGER cut BEFORE UPDATE ON tblknowledgebase FOR EACH ROW {cut}")
    with pytest.raises(Permanent, match="did not keep"):
        base.target.write_text(ours, Text("en", "T", "<p>A longer text</p>"))
    assert base.target.read(ours).texts["en"].html == "<p>How it is done</p>"
